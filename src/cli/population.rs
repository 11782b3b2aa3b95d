//! Public numbers of residents: bring a publisher's file into the normal form, and see what can be
//! divided by it.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use policy::{GroupKeys, Indicator, Name, PolicySet, Purpose};
use publication::{Asked, Hints, Pooled, Population, PopulationFormat};

use crate::{rate_rule, read_population};

/// Import or check residents.
#[derive(Subcommand)]
pub(crate) enum PopulationCommand {
    /// Bring a publisher's file into the form of docs/formats/population.md
    Import(Box<Import>),
    /// Tell which rates of the policies a file gives, and why not others
    Check(Check),
}

#[derive(Args)]
#[command(after_help = "Example:\n  milchglas population import --from genesis-ffcsv \
                  12411-02-03-5_flat.csv --table 12411-02-03-5 \\\n    --publisher \"Statistische \
                  Ämter des Bundes und der Länder\" --licence dl-de/by-2-0 \\\n    --attribution \
                  \"© Statistische Ämter des Bundes und der Länder, 2026\" \\\n    --retrieved \
                  2026-11-12 --prefix 06432 --out population.csv")]
pub(crate) struct Import {
    /// The publisher's file
    file: PathBuf,
    /// Its format
    #[arg(long, value_parser = format())]
    from: PopulationFormat,
    /// Where to write the normal form; a new file
    #[arg(long)]
    out: PathBuf,
    /// Title of what was taken, where the file does not say it
    #[arg(long)]
    source: Option<String>,
    /// Who published it
    #[arg(long)]
    publisher: String,
    /// Its licence, such as dl-de/by-2-0
    #[arg(long)]
    licence: String,
    /// The words by which the licence wants the publisher named
    #[arg(long)]
    attribution: String,
    /// Number of the table, such as 12411-02-03-5
    #[arg(long)]
    table: Option<String>,
    /// Day of the download, such as 2026-11-12
    #[arg(long)]
    retrieved: jiff::civil::Date,
    /// Day whose knowledge or boundaries the numbers have
    #[arg(long)]
    status: Option<jiff::civil::Date>,
    /// Year of the 31 December, where rows have none
    #[arg(long)]
    year: Option<u16>,
    /// Only municipalities whose key begins so; may be repeated
    #[arg(long)]
    prefix: Vec<String>,
}

/// A file against the policies.
#[derive(Args)]
#[command(
    after_help = "Example:\n  milchglas population check population.csv --policies policies/"
)]
pub(crate) struct Check {
    /// A file in the normal form
    file: PathBuf,
    /// The policies folder
    #[arg(long)]
    policies: PathBuf,
}

fn format() -> impl TypedValueParser<Value = PopulationFormat> {
    let names = PopulationFormat::EACH.map(PopulationFormat::name);
    PossibleValuesParser::new(names).try_map(|name| {
        let known = PopulationFormat::EACH.into_iter().find(|format| format.name() == name);
        known.ok_or("not a known format")
    })
}

impl PopulationCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Import(import) => import.run(),
            Self::Check(check) => check.run(),
        }
    }
}

impl Import {
    fn run(self) -> anyhow::Result<()> {
        let bytes = read(&self.file)?;
        let hints = Hints {
            year: self.year,
            prefixes: self.prefix,
            title: self.source,
            publisher: Some(self.publisher),
            licence: Some(self.licence),
            attribution: Some(self.attribution),
            table: self.table,
            retrieved: Some(self.retrieved),
            status: self.status,
        };
        let imported = self
            .from
            .import(&bytes, &hints)
            .with_context(|| format!("{} as {}", self.file.display(), self.from.name()))?;
        let population = &imported.population;
        // Somebody else's numbers are not overwritten.
        let mut out = std::fs::File::create_new(&self.out)
            .with_context(|| format!("cannot create {}; name a new file", self.out.display()))?;
        out.write_all(population.to_csv().as_bytes())?;
        for note in &imported.notes {
            println!("{note}");
        }
        println!("{}", summary(population, &self.out));
        Ok(())
    }
}

fn summary(population: &Population, path: &Path) -> String {
    let years: Vec<String> = population.years().map(|year| year.to_string()).collect();
    format!(
        "{}: {} municipalities, 31 December of {}",
        path.display(),
        population.places().len(),
        years.join(", ")
    )
}

/// One byte more than allowed, so that a longer file is refused and not cut.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let most = u64::try_from(Population::MAX_BYTES)?.saturating_add(1);
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let policies = PolicySet::load(&self.policies)?;
        let population = read_population(&self.file)?;
        println!("{}", summary(&population, &self.file));
        println!("{}", population.source().german());
        let mut asked = 0_usize;
        for purpose in policies.purposes.values() {
            for indicator in purpose.indicators.iter().filter(|own| own.per.is_some()) {
                asked += 1;
                print!("{}", told(&policies, purpose, indicator, &population)?);
            }
        }
        if asked == 0 {
            bail!("no indicator of {} has `per`", self.policies.display());
        }
        Ok(())
    }
}

/// A line per grouping and year: of how many cells the residents are known, and why not of others.
fn told(
    policies: &PolicySet,
    purpose: &Purpose,
    indicator: &Indicator,
    population: &Population,
) -> anyhow::Result<String> {
    let Some(rate) = indicator.per else { return Ok(String::new()) };
    let rule = rate_rule(&policies.catalogue, purpose, rate);
    let mut text = format!("{} {}\n", purpose.id, indicator.id);
    let usual = [indicator.query.group_by.clone()];
    for group_by in usual.iter().chain(&indicator.groupings) {
        let query = indicator.grouped(Some(group_by))?;
        let plan = purpose.plan(&query, &policies.catalogue)?;
        let pooled = plan.group_by.iter().filter_map(pooled).collect();
        let filter =
            plan.filter.iter().map(|own| (own.dimension.to_string(), own.keys.clone())).collect();
        let dimensions: Vec<String> = plan.dimensions().iter().map(Name::to_string).collect();
        for year in population.years() {
            let residents = |cell: &policy::Cell| {
                let asked: Asked = rule.asked(year, &filter, (&dimensions, &cell.keys), &pooled)?;
                population.persons(&asked)
            };
            let answers: Vec<_> = plan.cells.iter().map(residents).collect();
            let known = answers.iter().filter(|own| own.is_ok()).count();
            let group: Vec<&str> = group_by.iter().map(Name::as_str).collect();
            text += &format!(
                "  {year} [{}]: {known} of {} cells\n",
                group.join(", "),
                plan.cells.len()
            );
            if let Some(Err(gap)) = answers.iter().find(|own| own.is_err()) {
                text += &format!("    {}\n", gap.german());
            }
        }
    }
    Ok(text)
}

/// What the groups of a pooled dimension stand for.
fn pooled(keys: &GroupKeys) -> Option<(String, Pooled)> {
    let own = keys.pooled.as_ref()?;
    let groups = own.groups.iter().map(|group| (group.key.clone(), group.keys.clone())).collect();
    Some((keys.dimension.to_string(), Pooled { of: own.of.to_string(), groups }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both counties' municipalities with these classes of both sexes; invented.
    fn population(policies: &PolicySet, classes: &[&str]) -> Population {
        let mut text = "# format: milchglas/population/v1\n# source: a\n# publisher: b\n\
                        # licence: c\n# attribution: d\n# retrieved: 2026-01-31\n\
                        year;municipality;age;sex;persons\n"
            .to_owned();
        for key in &policies.catalogue.dimensions["municipality"].keys {
            for class in classes {
                for sex in ["m", "w"] {
                    text += &format!("2025;{};{class};{sex};100\n", key.key);
                }
            }
        }
        Population::read(text.as_bytes()).unwrap()
    }

    fn told_of(policies: &PolicySet, population: &Population) -> String {
        let mut text = String::new();
        for purpose in policies.purposes.values() {
            for indicator in purpose.indicators.iter().filter(|own| own.per.is_some()) {
                text += &told(policies, purpose, indicator, population).unwrap();
            }
        }
        text
    }

    #[test]
    fn the_shipped_rates_are_known_where_the_classes_are() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies");
        let policies = PolicySet::load(&folder).unwrap();
        let ages: Vec<String> = (0..90).map(|age| age.to_string()).collect();
        let single: Vec<&str> = ages.iter().map(String::as_str).chain(["90+"]).collect();
        let told = told_of(&policies, &population(&policies, &single));
        let line = |line: &&str| line.starts_with("  2025 [");
        for line in told.lines().filter(line) {
            let words: Vec<&str> = line.rsplit(' ').collect();
            let [_, all, _, known, ..] = words.as_slice() else { panic!("{line}") };
            // Of the sexes official statistics know two of three.
            let by_sex = line.contains("sex");
            assert!(by_sex || all == known, "{line}");
        }
        for id in ["sgb2-children", "sgb2-working-age", "hze-by-form", "old-age-benefit"] {
            assert!(told.contains(&format!("sozialmonitoring-06432 {id}\n")), "{id}");
        }
        assert!(told.contains("weisen „divers oder ohne Angabe“ nicht aus"));
    }

    #[test]
    fn of_the_official_classes_two_groups_cannot_be_formed() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies");
        let policies = PolicySet::load(&folder).unwrap();
        let official = [
            "0-2", "3-5", "6-9", "10-14", "15-17", "18-19", "20-24", "25-29", "30-34", "35-39",
            "40-44", "45-49", "50-54", "55-59", "60-64", "65-74", "75+",
        ];
        let told = told_of(&policies, &population(&policies, &official));
        assert!(told.contains("06432 sgb2-children\n  2025 [municipality]: 23 of 23 cells\n"));
        assert!(told.contains("  2025 [age_group]: 2 of 4 cells\n"), "{told}");
        assert!(told.contains("ergeben „18 bis 20“ nicht genau, nur „18 bis 24“"), "{told}");
        assert!(told.contains("06440 hze-by-form\n"));
    }
}
