//! How useful the tables of both counties' purposes are, at the size that the counties have.
//!
//! Everything but linkage happens as in a county: the generator writes clean extracts, departments
//! read, map and coarsen them and write batches, and the facts of the batches are counted under the
//! generator's persons. Noise and the size of cells decide here, not links. No answer is drawn: the
//! widths follow from prices, the values from counting.

mod facts;
mod page;
mod prevalence;
mod table;
mod widths;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use policy::{Indicator, Name, NanoRho, PolicySet, Purpose, ReleasePlan};
use serde::Serialize;
use submission::Clock;

use crate::county::{Settings, World};
use crate::installation::Installation;
use crate::summary::peak_memory;
pub(crate) use facts::read as read_facts;
use prevalence::Prevalence;
use table::TableFigures;

/// What the measurement is asked for.
pub struct UsefulnessSettings {
    /// Residents of both counties together; 617,956 are the real ones.
    pub persons: u32,
    /// The same seed makes the same people.
    pub seed: u64,
    /// Where to write the page.
    pub page: Option<PathBuf>,
    /// Where to write the figures.
    pub json: Option<PathBuf>,
}

/// Everything that was measured.
#[derive(Serialize)]
struct Figures {
    date: String,
    persons: u32,
    seed: u64,
    counties: Vec<CountyFigures>,
    generate_seconds: f64,
    peak_memory_bytes: u64,
}

#[derive(Serialize)]
struct CountyFigures {
    county: &'static str,
    ags: &'static str,
    /// At the end of the last year.
    residents: usize,
    /// Fact rows of all departments.
    rows: usize,
    /// From the first extract to the last fact, and from there to the last figure.
    facts_seconds: f64,
    count_seconds: f64,
    /// Cap of an event year, and what all its runs together charge it, as rho.
    cap: f64,
    prevalence: Vec<Prevalence>,
    tables: Vec<TableFigures>,
}

/// Measures and writes.
///
/// # Errors
/// Where a setting is out of range, a party refuses another, or a file cannot be written.
pub fn usefulness(settings: &UsefulnessSettings) -> anyhow::Result<()> {
    let started = Instant::now();
    let county = Settings {
        persons: settings.persons,
        seed: settings.seed,
        dirty_per_mille: 0,
        quarters: 1,
    };
    let world = World::generate(&county)?;
    let generate_seconds = started.elapsed().as_secs_f64();
    eprintln!("generated in {generate_seconds:.1} s");
    let folder = tempfile::Builder::new().prefix("milchglas-usefulness-").tempdir()?;
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let installation = Installation::create(folder.path(), &policies, &world)?;
    let mut counties = Vec::new();
    for (project, county) in installation.projects.iter().zip(world.counties()) {
        let reading_from = Instant::now();
        let reading = facts::read(&installation, project, county)?;
        let facts_seconds = reading_from.elapsed().as_secs_f64();
        eprintln!("{}: {} rows in {facts_seconds:.1} s", county.name(), reading.rows());
        let counting_from = Instant::now();
        let purpose = &installation.policies.purposes[&project.purpose];
        let tables = table::all(&reading, &installation.policies, purpose)?;
        counties.push(CountyFigures {
            county: county.name(),
            ags: county.ags(),
            residents: county.residents(crate::county::Month::LAST),
            rows: reading.rows(),
            facts_seconds,
            count_seconds: counting_from.elapsed().as_secs_f64(),
            cap: purpose.budget.lineage_cap_nano_rho.as_rho(),
            prevalence: prevalence::measure(&reading, purpose, &installation.policies, county)?,
            tables,
        });
    }
    let figures = Figures {
        date: Clock::System.today().to_string(),
        persons: settings.persons,
        seed: settings.seed,
        counties,
        generate_seconds,
        peak_memory_bytes: peak_memory(),
    };
    let page = page::write(&figures);
    match &settings.page {
        Some(path) => write(path, &page)?,
        None => println!("{page}"),
    }
    if let Some(path) = &settings.json {
        write(path, &serde_json::to_string_pretty(&figures)?)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Where a table runs by itself: the plan and the most that a run gives it.
struct Planned<'a> {
    plan: &'a ReleasePlan,
    rho: NanoRho,
}

/// The greatest part that a plan gives a table, if any does.
fn planned<'a>(
    policies: &'a PolicySet,
    purpose: &Purpose,
    indicator: &Indicator,
    group_by: &[Name],
) -> Option<Planned<'a>> {
    let plans = policies.release_plans.values().filter(|plan| plan.purpose == purpose.id);
    let parts = plans.flat_map(|plan| {
        let releases = plan.releases.iter().filter(|own| {
            let grouping = own.group_by.as_deref().unwrap_or(&indicator.query.group_by);
            own.indicator == indicator.id && grouping == group_by
        });
        releases.flat_map(move |own| {
            plan.runs.iter().map(move |run| Planned { plan, rho: own.part_of(run.rho_nano) })
        })
    });
    parts.max_by_key(|own| own.rho)
}
