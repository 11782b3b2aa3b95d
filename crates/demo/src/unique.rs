//! How many made-up people are alone with what travels about them: for an impact assessment, which
//! must not count real ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;
use submission::Clock;

use crate::county::{Settings, World};
use crate::installation::Installation;
use crate::reading::Alone;
use crate::run::YEAR;
use crate::usefulness::read_facts;

/// What the measurement is asked for.
pub struct UniqueSettings {
    /// Residents of both counties together.
    pub persons: u32,
    /// The same seed makes the same people.
    pub seed: u64,
    /// Where to write the figures.
    pub output: PathBuf,
}

/// Measures and writes a file for `milchglas papers --uniqueness`.
///
/// # Errors
/// Where a setting is out of range, a party refuses another, or the file cannot be written.
pub fn unique(settings: &UniqueSettings) -> anyhow::Result<()> {
    let UniqueSettings { persons, seed, output } = settings;
    let county = Settings { persons: *persons, seed: *seed, dirty_per_mille: 0, quarters: 1 };
    let world = World::generate(&county)?;
    let folder = tempfile::Builder::new().prefix("milchglas-unique-").tempdir()?;
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let installation = Installation::create(folder.path(), &policies, &world)?;
    let mut found: BTreeMap<String, Alone> = BTreeMap::new();
    let mut of = 0;
    let usual = ["municipality", "age_group", "sex"];
    for (project, county) in installation.projects.iter().zip(world.counties()) {
        let reading = read_facts(&installation, project, county)?;
        let mut add = |columns: String, own: Alone| {
            let sum = found.get(&columns).map_or(own, |sum| sum.plus(own));
            found.insert(columns, sum);
        };
        let everything = reading.alone_with_everything(YEAR);
        of += everything.of;
        add(
            "0 Gemeinde, Altersgruppe, Geschlecht".into(),
            reading.alone_with_dimensions(YEAR, &usual),
        );
        for (name, own) in reading.alone_by_dataset(YEAR) {
            let label = &installation.policies.catalogue.datasets[name].label;
            add(format!("1 alle Zeilen des Verfahrens {label}"), own);
        }
        add("2 alle Zeilen aller Verfahren zusammen".into(), everything);
        eprintln!("{}: {} people", county.name(), everything.of);
    }
    let shares: Vec<_> = found
        .iter()
        .map(|(columns, own)| {
            let columns = columns.split_once(' ').map_or("", |(_, rest)| rest);
            json!({"columns": columns, "unique_per_mille": own.per_mille()})
        })
        .collect();
    let source = format!("`milchglas-demo unique --persons {persons} --seed {seed}`");
    let made_on = Clock::System.today().to_string();
    let figures = json!({"source": source, "made_on": made_on, "persons": of, "shares": shares});
    std::fs::write(output, format!("{}\n", serde_json::to_string_pretty(&figures)?))
        .with_context(|| format!("cannot write {}", output.display()))?;
    println!("{}", output.display());
    Ok(())
}
