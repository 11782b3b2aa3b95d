//! `milchglas-demo noise`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use demo::noise::{Fault, NoiseSettings, Part, PeersSettings, audit, peers};

/// What is audited and how thoroughly.
#[derive(Args)]
#[command(after_help = "Examples:\n  milchglas-demo noise --draws 50000\n  milchglas-demo noise \
                        --draws 1000000 --coverage-draws 20000 --releases 100000 --page noise.md\n  \
                        milchglas-demo noise --only bound --draws 50000 --plant two-cells   # must \
                        fail")]
pub(crate) struct Noise {
    /// Parts to run; all of them where none is named
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Of>,
    /// Only the intervals, as --only coverage
    #[arg(long)]
    coverage: bool,
    /// Trials per pair of neighbouring inputs; half of them per price for the probabilities
    #[arg(long, default_value_t = 100_000)]
    draws: u32,
    /// Trials per kind of answer for the intervals
    #[arg(long, default_value_t = 20_000)]
    coverage_draws: u32,
    /// Releases whose time is taken
    #[arg(long, default_value_t = 2_000)]
    releases: u32,
    /// Makes the slots of all answers longer by this factor; an answer that is not ready in its slot
    /// ends the audit, which happens on a busy machine
    #[arg(long, default_value_t = 1)]
    patience: u32,
    /// Probability that an audit of faultless noise fails, all tests together
    #[arg(long, default_value_t = 1e-6)]
    false_alarm: f64,
    /// Seed of the coin that says which invented persons there are
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Plant a fault that the audit has to find
    #[arg(long, value_enum)]
    plant: Option<Plant>,
    /// Write the result as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write the report as a page in Markdown
    #[arg(long)]
    page: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// Probabilities of the noise
    Fit,
    /// What one person shows
    Bound,
    /// Intervals
    Coverage,
    /// Time and noise
    Time,
}

#[derive(Clone, Copy, ValueEnum)]
enum Plant {
    /// Half of the stated noise is drawn
    HalfNoise,
    /// A person counts in two cells
    TwoCells,
    /// An answer takes longer the greater its noise is
    SlowNoise,
}

impl Noise {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let report = audit(&self.settings())?;
        print!("{}", report.page());
        if report.failures().is_empty() {
            return Ok(());
        }
        anyhow::bail!("{} tests of the noise failed", report.failures().len())
    }

    fn settings(self) -> NoiseSettings {
        let all = vec![Part::Fit, Part::Bound, Part::Coverage, Part::Time];
        let named = self.only.iter().map(|own| match own {
            Of::Fit => Part::Fit,
            Of::Bound => Part::Bound,
            Of::Coverage => Part::Coverage,
            Of::Time => Part::Time,
        });
        let parts = match (self.coverage, self.only.is_empty()) {
            (true, _) => vec![Part::Coverage],
            (false, true) => all,
            (false, false) => named.collect(),
        };
        NoiseSettings {
            parts,
            draws: self.draws,
            coverage: self.coverage_draws,
            releases: self.releases,
            patience: self.patience,
            false_alarm: self.false_alarm,
            seed: self.seed,
            plant: self.plant.map(|own| match own {
                Plant::HalfNoise => Fault::HalfNoise,
                Plant::TwoCells => Fault::TwoCells,
                Plant::SlowNoise => Fault::SlowNoise,
            }),
            quiet: false,
            json: self.json,
            page: self.page,
        }
    }
}

/// What other programs are compared with.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas-demo peers /tmp/peers --rho-nano 50000000 --draws \
                        100000\nbenches/peers/run does this and runs the others.")]
pub(crate) struct Peers {
    /// Folder for persons.csv, cells.csv and ours.json; made where missing
    folder: PathBuf,
    /// Residents of both synthetic counties together, 100 to 2,000,000
    #[arg(long, default_value_t = 10_000)]
    persons: u32,
    /// Budget of a release in 1e-9 rho; several by commas
    #[arg(long, value_delimiter = ',', required = true)]
    rho_nano: Vec<u64>,
    /// Noised cells per budget
    #[arg(long, default_value_t = 100_000)]
    draws: u32,
}

impl Peers {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        peers(&PeersSettings {
            persons: self.persons,
            folder: self.folder,
            rho_nano: self.rho_nano,
            draws: self.draws,
        })
    }
}
