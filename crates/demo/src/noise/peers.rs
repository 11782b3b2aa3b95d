//! The same table for other programs: its persons as a file, and what our releases of it are off by.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use indicatif::ProgressBar;
use serde::Serialize;

use super::place::{Place, Row};
use super::policies::{Agreement, Question, WIDE_SLOT, YEARS};
use super::reading::Document;
use crate::county::{Settings, World, truth};

/// The county of the table, and its event year.
const COUNTY: &str = "06432";
const YEAR: i16 = 2025;

/// What is compared.
pub struct PeersSettings {
    /// Residents of both synthetic counties together.
    pub persons: u32,
    /// Folder for `persons.csv`, `cells.csv` and `ours.json`.
    pub folder: PathBuf,
    /// Budgets of a release, in 1e-9 rho.
    pub rho_nano: Vec<u64>,
    /// Noised cells per budget, at least.
    pub draws: u32,
}

/// What our releases were off by at one budget.
#[derive(Serialize)]
struct Ours {
    asked_rho_nano: u64,
    rho_nano: u64,
    eps: f64,
    delta: f64,
    sigma: f64,
    draws: u64,
    mean_absolute_error: f64,
    /// By the stated law alone.
    expected_error: f64,
}

/// The persons of the table, and how many are truly in each cell.
struct Table {
    persons: Vec<(usize, usize)>,
    municipalities: Vec<String>,
    exact: Vec<u64>,
}

/// Writes the table for others and releases it ourselves, through a statistics unit on loopback.
///
/// # Errors
/// Where a setting is out of range, a file cannot be written, or the unit refuses.
pub fn peers(settings: &PeersSettings) -> anyhow::Result<()> {
    ensure!(
        (1..=16).contains(&settings.rho_nano.len()),
        "name 1 to 16 budgets with --rho-nano, such as --rho-nano 50000000"
    );
    ensure!((100..=2_000_000).contains(&settings.draws), "--draws must be 100 to 2000000");
    std::fs::create_dir_all(&settings.folder)
        .with_context(|| format!("cannot create {}", settings.folder.display()))?;
    let table = Table::generate(settings.persons)?;
    table.write(&settings.folder)?;
    let ours = release(&table, settings)?;
    let path = settings.folder.join("ours.json");
    std::fs::write(&path, serde_json::to_string_pretty(&ours)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

impl Table {
    fn generate(persons: u32) -> anyhow::Result<Self> {
        let world =
            World::generate(&Settings { persons, seed: 1, dirty_per_mille: 0, quarters: 1 })?;
        let county = world.counties().iter().find(|own| own.ags() == COUNTY);
        let county = county.context("the synthetic counties have changed")?;
        let mut found = Vec::new();
        for (_, person) in county.true_people(1, YEAR)? {
            if person.received.is_empty() {
                continue;
            }
            let age = YEAR - person.birth.year;
            let group = truth::age_group(age);
            let group = truth::AGE_GROUPS.iter().position(|own| own.0 == group);
            found.push((person.ags.to_owned(), group.context("an age without a group")?));
        }
        let mut municipalities: Vec<String> = world
            .tables()
            .municipalities
            .iter()
            .filter(|own| own.ags.starts_with(COUNTY))
            .map(|own| own.ags.to_string())
            .collect();
        municipalities.sort();
        let ages = truth::AGE_GROUPS.len();
        let mut exact = vec![0; municipalities.len() * ages];
        let place = |(ags, group): (String, usize)| {
            let town = municipalities.binary_search(&ags).ok().context("a town elsewhere")?;
            exact[town * ages + group] += 1;
            Ok((town, group))
        };
        let persons = found.into_iter().map(place).collect::<anyhow::Result<_>>()?;
        Ok(Self { persons, municipalities, exact })
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut persons = csv::Writer::from_path(folder.join("persons.csv"))?;
        persons.write_record(["person", "municipality", "age_group"])?;
        for (number, (town, age)) in self.persons.iter().enumerate() {
            let age = truth::AGE_GROUPS[*age].0;
            persons.write_record([&number.to_string(), &self.municipalities[*town], age])?;
        }
        persons.flush()?;
        let mut cells = csv::Writer::from_path(folder.join("cells.csv"))?;
        cells.write_record(["municipality", "age_group", "persons"])?;
        for (place, exact) in self.exact.iter().enumerate() {
            let (town, age) = (place / truth::AGE_GROUPS.len(), place % truth::AGE_GROUPS.len());
            let age = truth::AGE_GROUPS[age].0;
            cells.write_record([&self.municipalities[town], age, &exact.to_string()])?;
        }
        Ok(cells.flush()?)
    }

    fn rows(&self) -> Vec<Row> {
        let row = |(person, (town, age)): (usize, &(usize, usize))| Row {
            // Everybody is in the first dataset, and one of them in the second, which must not be empty.
            dataset: 0,
            person,
            year: *YEARS.end(),
            months: (1, 12),
            unit: None,
            codes: [*town as u16, *age as u16, 0, 0],
            amount: None,
        };
        let mut rows: Vec<Row> = self.persons.iter().enumerate().map(row).collect();
        let other = rows.first().map(|own| Row { dataset: 1, ..own.clone() });
        rows.extend(other);
        rows
    }
}

/// What one unit may be asked for in all, in 1e-9 rho; its cap is 100.
const MOST: u64 = 99_000_000_000;

fn release(table: &Table, settings: &PeersSettings) -> anyhow::Result<Vec<Ours>> {
    let asks = (settings.draws as usize).div_ceil(table.exact.len());
    let bar = ProgressBar::new((asks * settings.rho_nano.len()) as u64);
    let mut found = Vec::new();
    for rho_nano in &settings.rho_nano {
        let mut errors = (0.0, 0_u64);
        let mut last = None;
        let mut left = asks;
        while left > 0 {
            let some = left.min((MOST / rho_nano.max(&1)).max(1) as usize);
            last = some_releases(table, *rho_nano, some, &mut errors, &bar)?;
            left -= some;
        }
        let document = last.context("nothing was released")?;
        found.push(Ours {
            asked_rho_nano: *rho_nano,
            rho_nano: document.rho_nano,
            eps: document.eps,
            delta: document.delta_conv(),
            sigma: document.law(0)?.parameter(),
            draws: errors.1,
            mean_absolute_error: errors.0 / errors.1 as f64,
            expected_error: document.law(0)?.mass()?.mean_size(),
        });
    }
    bar.finish_and_clear();
    Ok(found)
}

/// Asks a unit of its own, adds up the errors, and returns the last document.
fn some_releases(
    table: &Table,
    rho_nano: u64,
    asks: usize,
    errors: &mut (f64, u64),
    bar: &ProgressBar,
) -> anyhow::Result<Option<Document>> {
    let question = Question {
        id: "peers".into(),
        compute: "{ kind = \"persons\", datasets = [\"wohngeld\"] }".into(),
        group_by: vec!["tract", "block"],
        households: false,
        laplace: false,
        rho_nano,
    };
    let areas = (table.municipalities.len(), truth::AGE_GROUPS.len());
    let mut place = Place::start(&Agreement {
        areas,
        asks,
        slot_millis: WIDE_SLOT,
        questions: vec![question],
    })?;
    place.deliver(&table.rows())?;
    let snapshot = place.accept()?;
    let mut last = None;
    for ask in 1..=asks {
        let document = place.ask(snapshot, &format!("peers-{ask}"), *YEARS.end())?.document;
        for (cell, exact) in document.cells.iter().zip(&table.exact) {
            errors.0 += (cell.value.context("a count is withheld")? - *exact as f64).abs();
            errors.1 += 1;
        }
        last = Some(document);
        bar.inc(1);
    }
    Ok(last)
}
