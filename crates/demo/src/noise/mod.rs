//! Whether the noise is what the releases say, seen from outside.
//!
//! The audit plays an analyst of a real statistics unit on loopback: it delivers invented people
//! whose every number it knows, asks through `/v1/queries`, and reads documents, nothing else. Then
//! it asks four things: does the noise have the stated probabilities ([`fit`]), does a person show
//! more than the stated rho allows ([`bound`]), do intervals hold the true values as often as they
//! say ([`coverage`]), and does the time of an answer tell its noise ([`time`]). A fault can be
//! planted to see that the audit finds it.

mod bed;
mod bound;
mod coverage;
mod fit;
mod frontier;
mod german;
mod kinds;
mod law;
mod odds;
mod pairs;
mod peers;
mod place;
mod policies;
mod reading;
mod report;
mod time;

use std::path::PathBuf;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

pub use peers::{PeersSettings, peers};
pub use report::Report;

/// What the audit looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Probabilities of the noise.
    Fit,
    /// What a person shows.
    Bound,
    /// Intervals.
    Coverage,
    /// Time and noise.
    Time,
}

/// A fault that the audit has to find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Half of the stated noise is drawn.
    HalfNoise,
    /// A person counts in two cells.
    TwoCells,
    /// An answer takes longer the greater its noise is.
    SlowNoise,
}

/// What is asked of the audit.
pub struct NoiseSettings {
    /// The parts that are run.
    pub parts: Vec<Part>,
    /// Trials per pair of neighbouring inputs; half of it per price for the probabilities.
    pub draws: u32,
    /// Trials per kind of answer for the intervals.
    pub coverage: u32,
    /// Releases whose time is taken.
    pub releases: u32,
    /// Factor of all slots: on a busy machine an answer that is not ready in its slot ends the audit.
    pub patience: u32,
    /// The probability that an audit of faultless noise fails.
    pub false_alarm: f64,
    /// Seed of the coin that says which small county has the person more.
    pub seed: u64,
    /// The fault that is planted.
    pub plant: Option<Fault>,
    /// Whether progress is shown.
    pub quiet: bool,
    /// Where to write the result as JSON.
    pub json: Option<PathBuf>,
    /// Where to write the report as a page.
    pub page: Option<PathBuf>,
}

/// The settings, as the parts of the audit use them.
struct Campaign {
    draws: u32,
    coverage: u32,
    releases: u32,
    patience: u64,
    seed: u64,
    plant: Option<Fault>,
    quiet: bool,
    /// Of each part.
    false_alarm: f64,
}

impl Campaign {
    fn new(settings: &NoiseSettings) -> anyhow::Result<Self> {
        if settings.parts.is_empty() {
            bail!("name at least one part of the audit");
        }
        if !(1e-12..=0.05).contains(&settings.false_alarm) {
            bail!("the false-alarm rate lies between 1e-12 and 0.05");
        }
        let within = |what: &str, number: u32, least: u32, most: u32| {
            if (least..=most).contains(&number) {
                return Ok(());
            }
            bail!("{what} must be {least} to {most}")
        };
        within("--patience", settings.patience, 1, 100)?;
        within("--draws", settings.draws, 2_000, 2_000_000)?;
        within("--coverage-draws", settings.coverage, 640, 100_000)?;
        within("--releases", settings.releases, 100, 1_000_000)?;
        Ok(Self {
            draws: settings.draws,
            coverage: settings.coverage,
            releases: settings.releases,
            patience: settings.patience.into(),
            seed: settings.seed,
            plant: settings.plant,
            quiet: settings.quiet,
            false_alarm: settings.false_alarm / settings.parts.len() as f64,
        })
    }

    /// The false-alarm rate of one of so many tests. (Bonferroni's inequality.)
    fn share(&self, tests: usize) -> f64 {
        self.false_alarm / tests.max(1) as f64
    }

    /// What is asked for: with half of the noise planted, four times what is then said.
    fn price(&self, rho_nano: u64) -> u64 {
        match self.plant {
            Some(Fault::HalfNoise) => (4 * rho_nano).min(statistics::Price::MAX_RHO_NANO),
            _ => rho_nano,
        }
    }

    /// The document as the auditor gets it.
    fn as_stated(&self, document: reading::Document) -> reading::Document {
        match self.plant {
            Some(Fault::HalfNoise) => document.claiming_twice_the_noise(),
            _ => document,
        }
    }

    fn bar(&self, what: &str, steps: u64) -> ProgressBar {
        if self.quiet {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(steps);
        if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:30} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.with_message(what.to_owned())
    }
}

/// Audits the noise and shows what was found.
///
/// # Errors
/// Where a setting is out of range, the unit refuses, or a document is not what its format says.
pub fn audit(settings: &NoiseSettings) -> anyhow::Result<Report> {
    let campaign = Campaign::new(settings)?;
    let has = |part| settings.parts.contains(&part);
    let mut report = Report::new(settings);
    if has(Part::Fit) {
        report.fit = Some(fit::fit(&campaign)?);
    }
    if has(Part::Bound) {
        report.bound = Some(bound::bound(&campaign)?);
    }
    if has(Part::Coverage) {
        report.coverage = Some(coverage::coverage(&campaign)?);
    }
    if has(Part::Time) {
        report.time = Some(time::time(&campaign)?);
    }
    report.judge();
    let written = |path: &PathBuf, text: String| {
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    if let Some(path) = &settings.json {
        written(path, serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(path) = &settings.page {
        written(path, report.page())?;
    }
    Ok(report)
}
