//! What linkage does where the truth is known, written down for those who do not know it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use policy::{LinkageSchema, PolicySet};
use publication::{Calibration, ClassCount, PairCount, RecordCount, Run};
use ring::rand::SystemRandom;
use submission::{Period, PersonId};

use crate::county::{County, Dataset, PersonNumber, Settings, World};
use crate::installation::SCHEMA;
use crate::policies_folder;
use crate::rehearsal::{Rehearsal, Workplace};
use crate::run::FIRST_MONTH;

/// What a calibration is asked for.
pub struct CalibrateSettings {
    /// Residents of both counties together; one world for each.
    pub persons: Vec<u32>,
    /// Seeds of the generator.
    pub seeds: Vec<u64>,
    /// Shares of person records with an error.
    pub dirty_per_mille: Vec<u16>,
    /// The file to write.
    pub output: PathBuf,
    /// Whether to print JSON.
    pub json: bool,
}

/// Links synthetic counties and writes what came of it.
///
/// # Errors
/// Where a setting is out of range or the file cannot be written.
pub fn calibrate(settings: &CalibrateSettings) -> anyhow::Result<()> {
    let folder = policies_folder();
    let policies = PolicySet::load(&folder)?;
    let schema = &policies.schemas[SCHEMA];
    let place = Workplace {
        policies: &policies,
        folder: &folder,
        schema,
        random: &SystemRandom::new(),
        period: whole_window()?,
        year: None,
    };
    let mut datasets = Dataset::ALL;
    datasets.sort_by_key(|own| own.code());
    let worlds = combinations(settings).len();
    let bar = ProgressBar::new((worlds * (2 * datasets.len() - 1)) as u64);
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} extracts, {eta} left")?);
    let mut runs = Vec::new();
    for asked in combinations(settings) {
        let world = World::generate(&asked)?;
        for county in world.counties() {
            let rehearsal = place.rehearse(county, || bar.inc(1))?;
            let run = measure(&rehearsal, county, &datasets, &asked);
            bar.suspend(|| {
                if !settings.json {
                    print(&run);
                }
            });
            runs.push(run);
        }
    }
    bar.finish_and_clear();
    let calibration = of(schema, &datasets, runs)?;
    write(&calibration, &settings.output)?;
    if settings.json {
        println!("{}", serde_json::to_string(&calibration)?);
    }
    Ok(())
}

/// The look-back window of a full delivery.
pub(crate) fn whole_window() -> anyhow::Result<Period> {
    Ok(Period { from: FIRST_MONTH.parse()?, to: "2025-12".parse()? })
}

/// One world per size, dirtiness and seed.
fn combinations(settings: &CalibrateSettings) -> Vec<Settings> {
    let mut found = Vec::new();
    for persons in &settings.persons {
        for dirty in &settings.dirty_per_mille {
            found.extend(settings.seeds.iter().map(|seed| Settings {
                persons: *persons,
                seed: *seed,
                dirty_per_mille: *dirty,
                quarters: 1,
            }));
        }
    }
    found
}

fn of(schema: &LinkageSchema, datasets: &[Dataset], runs: Vec<Run>) -> anyhow::Result<Calibration> {
    let name = (schema.name.to_string(), schema.digest()?.to_string());
    let generator = format!("milchglas-demo {}", env!("CARGO_PKG_VERSION"));
    let datasets = datasets.iter().map(|own| own.code().to_owned()).collect();
    Ok(Calibration::new(name, generator, datasets, runs)?)
}

/// One run per line, so that a person can read the file and a change shows.
fn write(calibration: &Calibration, output: &Path) -> anyhow::Result<()> {
    let mut text = serde_json::to_string(calibration)?;
    text = text.replace("\"runs\":[{", "\"runs\":[\n{").replace("},{\"county\"", "},\n{\"county\"");
    if let Some(folder) = output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(output, text + "\n")
        .with_context(|| format!("cannot write {}", output.display()))
}

/// Counts the links of one county beside the truth.
pub(crate) fn measure(
    rehearsal: &Rehearsal,
    county: &County,
    datasets: &[Dataset],
    asked: &Settings,
) -> Run {
    let links = rehearsal.map.links();
    let mut clusters: BTreeMap<PersonId, (u8, Vec<(PersonNumber, Dataset)>)> = BTreeMap::new();
    for link in links {
        let entry = clusters.entry(link.person).or_insert((link.band, Vec::new()));
        entry.1.extend(rehearsal.subjects.get(&link.subject));
    }
    let mut classes = vec![ClassCount::default(); Calibration::CLASSES];
    for (band, members) in clusters.values() {
        let class = if members.len() < 2 { 0 } else { usize::from(*band) + 1 };
        let pairs = |count: usize| (count * count.saturating_sub(1) / 2) as u64;
        let mut same: HashMap<PersonNumber, usize> = HashMap::new();
        for (person, _) in members {
            *same.entry(*person).or_default() += 1;
        }
        classes[class].persons += 1;
        classes[class].right += u64::from(same.len() <= 1);
        classes[class].links += pairs(members.len());
        classes[class].right_links += same.values().map(|own| pairs(*own)).sum::<u64>();
    }
    let (pairs, repeated) = by_person(clusters.into_values().map(|own| own.1), datasets);
    Run {
        county: county.ags().to_owned(),
        residents: asked.persons,
        seed: asked.seed,
        dirty_per_mille: asked.dirty_per_mille,
        records: links.len() as u64,
        classes,
        pairs,
        repeated,
    }
}

/// What became of each human being: in which pairs of datasets it was found to be one.
fn by_person(
    clusters: impl Iterator<Item = Vec<(PersonNumber, Dataset)>>,
    datasets: &[Dataset],
) -> (Vec<PairCount>, Vec<RecordCount>) {
    let place = |dataset: Dataset| datasets.iter().position(|own| *own == dataset);
    // Per person and cluster the datasets of its records.
    let mut people: HashMap<PersonNumber, Vec<BTreeSet<usize>>> = HashMap::new();
    let mut repeated = vec![RecordCount::default(); datasets.len()];
    for members in clusters {
        let mut parts: HashMap<PersonNumber, BTreeSet<usize>> = HashMap::new();
        for (person, dataset) in members {
            let Some(place) = place(dataset) else { continue };
            repeated[place].records += 1;
            parts.entry(person).or_default().insert(place);
        }
        for (person, part) in parts {
            people.entry(person).or_default().push(part);
        }
    }
    let mut pairs = Vec::new();
    for (first, own) in repeated.iter_mut().enumerate() {
        let has = |parts: &&Vec<BTreeSet<usize>>| parts.iter().any(|own| own.contains(&first));
        own.persons = people.values().filter(has).count() as u64;
        for second in first + 1..datasets.len() {
            let has = |parts: &[BTreeSet<usize>], at| parts.iter().any(|own| own.contains(&at));
            let real = people.values().filter(|own| has(own, first) && has(own, second));
            let found = |own: &&Vec<BTreeSet<usize>>| {
                own.iter().any(|part| part.contains(&first) && part.contains(&second))
            };
            let real: Vec<_> = real.collect();
            let found = real.iter().filter(|own| found(own)).count() as u64;
            pairs.push(PairCount { real: real.len() as u64, found });
        }
    }
    (pairs, repeated)
}

fn print(run: &Run) {
    let share = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    let linked = run.classes.iter().skip(1);
    let (persons, right) = linked.fold((0, 0), |sum, own| (sum.0 + own.persons, sum.1 + own.right));
    let (real, found) =
        run.pairs.iter().fold((0, 0), |sum, own| (sum.0 + own.real, sum.1 + own.found));
    println!(
        "{} seed {} dirty {:.1} %: {} records, {persons} linked persons of which {:.4} right, \
         recall over pairs of datasets {:.4}",
        run.county,
        run.seed,
        f64::from(run.dirty_per_mille) / 10.0,
        run.records,
        share(right, persons),
        share(found, real)
    );
}
