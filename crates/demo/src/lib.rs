//! Two synthetic counties on one machine; not shipped.
//!
//! The demo plays every party, so it learns everything: that is why nothing in it is a product.
//! It generates people, lays their departments' extracts into the folders that the stations watch,
//! and waits: stations encode and send, the linkage unit links by its schedule, the courier carries
//! the map, the statistics unit runs its release plans. At the end it compares the releases with
//! the links and with the truth, and writes down one person as every party sees it, which no party
//! could.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    reason = "sizes of a synthetic county, far from any limit, and nothing real depends on them"
)]

mod assess;
mod calibrate;
mod compare;
pub mod county;
mod crash;
mod exercise;
mod exhibit;
mod installation;
mod judge;
mod leakage;
pub mod noise;
mod office;
mod overlaps;
mod quality;
mod reading;
mod register;
mod rehearsal;
mod run;
mod stations;
mod summary;
mod unique;
mod usefulness;
mod wait;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;

pub use assess::{AssessSettings, Assessed, assess};
pub use calibrate::{CalibrateSettings, calibrate};
pub use crash::{CrashReport, CrashSettings, crash, crash_child};
pub use exercise::{ExerciseSettings, exercise};

use county::{Settings, World};
use installation::{Installation, Patience};
use milchglas::UnitName;
pub use overlaps::{OverlapSettings, overlaps};
use run::Demo;
use stations::Workers;
use summary::Summary;

pub use leakage::{
    AttackSettings, ENCODINGS, Extent, FrontSettings, Kind, Line, Point, Usefulness, Worth, attack,
    front, links_beside_undiffused,
};
pub use unique::{UniqueSettings, unique};
pub use usefulness::{UsefulnessSettings, usefulness};

/// What the demo is asked for.
pub struct RunSettings {
    /// The people.
    pub county: Settings,
    /// Folder for everything that the parties keep; a fresh temporary one where none is named.
    pub data_dir: Option<PathBuf>,
    /// Whether to end after the summary.
    pub once: bool,
    /// Whether stations and courier look as seldom as they do in a county.
    pub as_installed: bool,
    /// Where to write the summary.
    pub json: Option<PathBuf>,
}

/// Only writes the extracts of every delivery.
///
/// # Errors
/// Where a setting is out of range or a file cannot be written.
pub fn extracts(settings: &Settings, folder: &Path) -> anyhow::Result<()> {
    let world = World::generate(settings)?;
    for quarter in 1..=settings.quarters {
        for path in world.write_extracts(folder, quarter)? {
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// The shipped folder `policies/`.
fn policies_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

/// The whole path.
///
/// # Errors
/// Where a setting is out of range, a file cannot be written, or a party refuses another.
pub fn run(settings: &RunSettings) -> anyhow::Result<()> {
    let started = Instant::now();
    let world = World::generate(&settings.county)?;
    let generated = started.elapsed();
    let folder = match &settings.data_dir {
        Some(folder) => folder.clone(),
        None => tempfile::Builder::new().prefix("milchglas-demo-").tempdir()?.keep(),
    };
    println!("data directory  {}", folder.display());
    let policies = policies_folder();
    let installation = Installation::create(&folder, &policies, &world)?;
    if installation.few {
        println!(
            "release plans   the demo's own: few tables with much budget each, for few people"
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let running = runtime.block_on(run::start(&installation))?;
    println!("linkage unit    {}", running.url(UnitName::Linkage));
    println!("statistics unit {}", running.url(UnitName::Statistics));
    let (linkage, statistics) = (running.url(UnitName::Linkage), running.url(UnitName::Statistics));
    let patience = if settings.as_installed { Patience::AsInstalled } else { Patience::Short };
    installation.write_settings(&linkage, &statistics, patience)?;
    let workers = Workers::start(&installation, settings.as_installed)?;
    let quarters = settings.county.quarters;
    let mut demo = Demo::new(&installation, &world, &running, quarters, generated);
    let done = demo.run(settings.county.persons, settings.county.seed);
    let shown = done.and_then(|summary| show(&summary, settings, &folder));
    if shown.is_ok() && !settings.once {
        println!("start page      {statistics}/   (Ctrl-C ends)");
        if let Some(project) = installation.projects.first() {
            println!("sign in         {statistics}/anmelden   {linkage}/anmelden");
            for role in ["analyst", "dpo", "operator"] {
                let token = project.token_file(role);
                println!(
                    "                as {role}-{} with what stands in {}",
                    project.ags,
                    token.display()
                );
            }
        }
        runtime.block_on(wait_for_end())?;
    }
    workers.end();
    runtime.block_on(async {
        running.linkage.stop().await?;
        running.statistics.stop().await
    })?;
    shown
}

fn show(summary: &Summary, settings: &RunSettings, folder: &Path) -> anyhow::Result<()> {
    summary.print();
    if let Some(path) = &settings.json {
        let json = serde_json::to_string_pretty(summary)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("\nfolders, reports, encodings and releases lie in {}", folder.display());
    Ok(())
}

async fn wait_for_end() -> anyhow::Result<()> {
    if std::io::stdout().is_terminal() {
        return Ok(tokio::signal::ctrl_c().await?);
    }
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}
