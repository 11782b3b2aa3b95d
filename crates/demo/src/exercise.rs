//! Made-up people for an exercise that `milchglas init --uebung` laid out.
//!
//! The people are those of the demo's first county, moved to the places of the exercise's county, so
//! that nothing but a folder connects the two programs. What is laid is marked in the column that
//! only an exercise has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use department::keys::{self, KeyKind};
use department::{Source, SourceSettings, Towns};
use policy::{Name, PolicySet, Schedule};
use ring::rand::SystemRandom;
use toml::{Table, Value};

use crate::county::{County, Dataset, Settings, World};

/// The demo's last month lies in this year.
const LAST_YEAR: i32 = 2025;
/// Marks a made-up row.
const MARK: (&str, &str) = ("uebung", "ja");

/// What an exercise is filled with.
pub struct ExerciseSettings {
    /// The folder that `milchglas init --uebung` wrote.
    pub folder: PathBuf,
    /// Residents of the county, 50 to 1,000,000.
    pub persons: u32,
    /// The same seed makes the same people.
    pub seed: u64,
    /// Share of person records with at least one error, per mille.
    pub dirty_per_mille: u16,
}

/// Lays an extract into the folder of every department, and makes the keys that are still missing.
///
/// # Errors
/// Where the folder is no exercise, or a file cannot be written.
pub fn exercise(settings: &ExerciseSettings) -> anyhow::Result<()> {
    let folder = &settings.folder;
    let set = PolicySet::load(&folder.join("policies"))?;
    let places = Places::of(&set, folder)?;
    let own: Vec<(&Name, &Schedule)> = set.schedules.iter().collect();
    let [(project, schedule)] = own.as_slice() else {
        bail!("{} has no schedule, or several", folder.display());
    };
    if !project.as_str().starts_with("uebung-") {
        bail!(
            "project `{project}` is no exercise: made-up people are laid into none but a folder \
             that `milchglas init --uebung` wrote"
        );
    }
    let first = schedule.periods.first().context("the schedule has a period")?;
    let later = i32::from(first.last_month.year) - LAST_YEAR;
    make_keys(folder, schedule)?;
    let world = World::generate(&Settings {
        persons: settings.persons.saturating_mul(2),
        seed: settings.seed,
        dirty_per_mille: settings.dirty_per_mille,
        quarters: 1,
    })?;
    let county = world.counties().first().context("the demo has a county")?;
    for expected in &schedule.expected {
        let dataset = Dataset::from_code(expected.dataset.as_str())
            .with_context(|| format!("nobody is made up for dataset `{}`", expected.dataset))?;
        let mapping = folder.join("policies/mappings").join(format!("{}.toml", dataset.code()));
        let rows = places.moved(county, dataset, &Times::read(&mapping)?, later)?;
        let inbox =
            folder.join("aemter").join(expected.department.as_str()).join("austausch/Eingang");
        fs::create_dir_all(&inbox)?;
        let path = inbox.join(format!("{}.csv", dataset.code()));
        fs::write(&path, rows).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    let residents =
        crate::register::moved(county, later, |own| places.place(own, "", "").key.clone())?;
    lay_residents(&folder.join("statistikstelle"), &residents.to_csv())
}

/// Lets the exercise's page show rates, by as many residents as there are made-up people.
fn lay_residents(unit: &Path, residents: &str) -> anyhow::Result<()> {
    let path = unit.join("population.csv");
    fs::write(&path, residents).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    let config = unit.join("unit.toml");
    let text =
        fs::read_to_string(&config).with_context(|| format!("cannot read {}", config.display()))?;
    if !text.lines().any(|line| line.starts_with("population")) {
        let line = "population = \"population.csv\"\n\n[[project]]";
        fs::write(&config, text.replacen("\n[[project]]", line, 1))?;
    }
    Ok(())
}

/// The linkage key and the register keys, which the server's program does not know.
fn make_keys(folder: &Path, schedule: &Schedule) -> anyhow::Result<()> {
    let random = SystemRandom::new();
    let make = |kind, path: &Path| -> anyhow::Result<()> {
        if !path.exists() {
            keys::generate(kind, path, &random)?;
            println!("{}", path.display());
        }
        Ok(())
    };
    make(KeyKind::Linkage, &folder.join("schluesselstelle/linkage.key"))?;
    let names: BTreeSet<&Name> = schedule.expected.iter().map(|own| &own.department).collect();
    for name in names {
        make(KeyKind::Register, &folder.join("aemter").join(name.as_str()).join("register.key"))?;
    }
    Ok(())
}

/// Which columns hold a time that moves with the exercise's years.
struct Times(BTreeSet<String>);

impl Times {
    fn read(mapping: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(mapping)
            .with_context(|| format!("cannot read {}", mapping.display()))?;
        let table: Table = toml::from_str(&text)?;
        let columns = table.get("columns").and_then(Value::as_table);
        let columns = columns.with_context(|| format!("{} has [columns]", mapping.display()))?;
        if !columns.contains_key(MARK.0) {
            bail!("{} is no mapping of an exercise", mapping.display());
        }
        let time = |own: &Value| own.get("role").and_then(Value::as_str) == Some("time");
        let own = columns.iter().filter(|(_, own)| time(own));
        Ok(Self(own.map(|(name, _)| name.clone()).collect()))
    }
}

/// A municipality of the exercise: key, name and, where one is known, a postcode.
struct Place {
    key: String,
    name: String,
    postcode: Option<String>,
}

/// Where the demo's places lie in the exercise.
struct Places {
    own: Vec<Place>,
    demo: Towns,
}

impl Places {
    fn of(set: &PolicySet, folder: &Path) -> anyhow::Result<Self> {
        let towns = fs::read_to_string(folder.join("policies/mappings/towns.csv"))?;
        let mut postcodes: BTreeMap<&str, &str> = BTreeMap::new();
        for line in towns.lines().skip(1) {
            if let [_, postcode, key] = line.split(';').collect::<Vec<_>>()[..] {
                postcodes.entry(key).or_insert(postcode);
            }
        }
        let dimension = set.catalogue.dimension(&Name::new("municipality")?)?;
        let place = |own: &policy::DimensionKey| Place {
            key: own.key.clone(),
            name: own.label.clone(),
            postcode: postcodes.get(own.key.as_str()).map(|own| (*own).to_owned()),
        };
        let own = dimension.keys.iter().map(place).collect();
        let demo = Towns::load(&crate::policies_folder().join("mappings/towns.csv"))?;
        Ok(Self { own, demo })
    }

    /// The place of a row; rows whose own place nobody can tell go to the first one.
    fn place(&self, ags: &str, town: &str, postcode: &str) -> &Place {
        let key = if ags.is_empty() { self.demo.resolve(town, postcode) } else { Some(ags) };
        let number = key.and_then(|key| key.get(5..)?.parse::<usize>().ok()).unwrap_or(0);
        &self.own[number % self.own.len()]
    }

    /// A dataset's extract with its people in the exercise's places, marked, as UTF-8.
    fn moved(
        &self,
        county: &County,
        dataset: Dataset,
        times: &Times,
        later: i32,
    ) -> anyhow::Result<Vec<u8>> {
        let extract = county.extract(dataset, 1)?;
        let draft = tempfile::NamedTempFile::new()?;
        fs::write(draft.path(), &extract.bytes)?;
        let mut source = Source::open(draft.path(), &SourceSettings::detect())?;
        let header: Vec<String> = source.header().to_vec();
        let at = |name: &str| header.iter().position(|own| own == name).context("a shared column");
        let (ags, town, postcode) = (at("ags")?, at("ort")?, at("plz")?);
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        writer.write_record(header.iter().map(String::as_str).chain([MARK.0]))?;
        while let Some(record) = source.next_record()? {
            if record.cell(0).starts_with("Summe") {
                continue;
            }
            let place = self.place(record.cell(ags), record.cell(town), record.cell(postcode));
            let mut cells: Vec<String> = record.cells().map(str::to_owned).collect();
            cells.resize(header.len(), String::new());
            cells[ags].clone_from(&place.key);
            cells[town].clone_from(&place.name);
            if let Some(own) = &place.postcode {
                cells[postcode].clone_from(own);
            }
            for (name, cell) in header.iter().zip(&mut cells) {
                if times.0.contains(name) {
                    *cell = moved_year(cell, later);
                }
            }
            cells.push(MARK.1.into());
            writer.write_record(&cells)?;
        }
        Ok(writer.into_inner()?)
    }
}

/// A month or day some years later; what holds no year stays as it is.
fn moved_year(cell: &str, later: i32) -> String {
    let year = |own: &&str| own.len() == 4 && own.bytes().all(|digit| digit.is_ascii_digit());
    let Some(found) = cell.split(['.', '-']).find(year) else { return cell.to_owned() };
    match found.parse::<i32>() {
        Ok(number) => cell.replacen(found, &(number + later).to_string(), 1),
        Err(_) => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_moves_where_there_is_one() {
        for (cell, moved) in [
            ("01.2024", "01.2025"),
            ("31.12.2024", "31.12.2025"),
            ("2024-02", "2025-02"),
            ("", ""),
            ("offen", "offen"),
        ] {
            assert_eq!(moved_year(cell, 1), moved);
            assert_eq!(moved_year(cell, 0), cell);
        }
    }
}
