//! The binary `milchglas-demo`: two synthetic counties on one machine, from extract to release.

mod attack_command;
mod noise_command;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Two synthetic counties on one machine: departments encode, two units link and count.
#[derive(Parser)]
#[command(
    name = "milchglas-demo",
    version,
    about,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  milchglas-demo\n  milchglas-demo --persons 200000 --once --json \
                  summary.json\n  milchglas-demo extracts /tmp/extracts\n  milchglas-demo noise \
                  --draws 50000"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Subcommand)]
enum Command {
    /// Only write the dirty extracts of both counties' departments
    Extracts(Extracts),
    /// Lay made-up extracts into a folder that `milchglas init --uebung` wrote
    Uebung(Uebung),
    /// Measure linkage on synthetic counties and write what is needed to judge it elsewhere
    Calibrate(Calibrate),
    /// Set the threshold that is recommended without knowing the truth beside the best one
    Assess(Assess),
    /// Set overlaps of synthetic counties, released and corrected, beside the truth
    Overlaps(Overlaps),
    /// Audit the noise of releases as an outsider; ends with 1 where a test fails
    Noise(noise_command::Noise),
    /// Write a table for other programs and release it; see benches/peers
    Peers(noise_command::Peers),
    /// Measure how useful the tables of both purposes are at the size of the real counties
    Usefulness(Usefulness),
    /// Count how many made-up people are alone with what travels about them
    Unique(Unique),
    /// Attack encodings of made-up people as an outsider would
    Attack(Box<attack_command::Attack>),
    /// Kill a statistics unit at every step, again and again, and check what it leaves
    Crash(Crash),
    /// The process that `crash` kills
    #[command(hide = true)]
    CrashChild(CrashChild),
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  milchglas-demo crash --iterations 1000\n  milchglas-demo crash --iterations \
                  1000 --power-cut --json"
)]
struct Crash {
    /// How often it is killed, 1 to 1,000,000
    #[arg(long, default_value_t = 1_000)]
    iterations: u32,
    /// Let each death also take the writes that were not flushed; needs the C compiler `cc`
    #[arg(long)]
    power_cut: bool,
    /// Seed of the moments at which it is killed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct CrashChild {
    /// Folder with policies and keys
    folder: PathBuf,
    /// The database
    database: PathBuf,
    /// Which life this is
    life: u64,
}

#[derive(Args)]
struct Size {
    /// Residents of both counties together, 100 to 2,000,000
    #[arg(long, default_value_t = 20_000)]
    persons: u32,
    /// The same seed makes the same people and extracts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of person records with at least one error, 0 to 1
    #[arg(long, default_value = "0.35", value_parser = share)]
    dirty: u16,
    /// Quarterly deliveries, 1 to 12; the last reaches to December 2025
    #[arg(long, default_value_t = 2)]
    quarters: u8,
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    size: Size,
    /// New folder for everything that the parties keep; a temporary one where none is named
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// End after the summary instead of serving the start page
    #[arg(long)]
    once: bool,
    /// Let stations and courier look as seldom as they do in a county, to see how long it takes
    #[arg(long)]
    as_installed: bool,
    /// Write the summary as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Args)]
struct Extracts {
    /// Folder to write to; made where missing
    folder: PathBuf,
    #[command(flatten)]
    size: Size,
}

#[derive(Args)]
#[command(after_help = "Example:\n  milchglas init uebung --uebung --answers antworten.toml\n  \
                        milchglas-demo uebung uebung")]
struct Uebung {
    /// The folder
    folder: PathBuf,
    /// Residents of the county, 50 to 1,000,000
    #[arg(long, default_value_t = 10_000)]
    persons: u32,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of person records with at least one error, 0 to 1
    #[arg(long, default_value = "0.35", value_parser = share)]
    dirty: u16,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  milchglas-demo calibrate --persons 20000,100000 --seeds 11,12,13 \
                  --dirty 0.2,0.35,0.5 \\\n    policies/calibration/county-2026.json"
)]
struct Calibrate {
    /// File to write
    output: PathBuf,
    /// Residents of both counties together, 100 to 2,000,000; several with commas between
    #[arg(long, value_delimiter = ',', default_value = "20000,100000")]
    persons: Vec<u32>,
    /// One world per size, seed and share of dirty records
    #[arg(long, value_delimiter = ',', default_value = "11,12,13")]
    seeds: Vec<u64>,
    /// Shares of person records with at least one error, 0 to 1
    #[arg(long, value_delimiter = ',', default_value = "0.2,0.35,0.5", value_parser = share)]
    dirty: Vec<u16>,
    /// Print what was measured as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  milchglas-demo overlaps --seeds 21,22,23,24 --dirty \
                  0.2,0.35,0.5 \\\n    --calibration policies/calibration/county-2026.json")]
struct Overlaps {
    /// Residents of both counties together, 100 to 2,000,000
    #[arg(long, default_value_t = 100_000)]
    persons: u32,
    /// One world per seed; take others than the calibration was made with
    #[arg(long, value_delimiter = ',', default_value = "21,22,23")]
    seeds: Vec<u64>,
    /// Shares of person records with at least one error, by turns
    #[arg(long, value_delimiter = ',', default_value = "0.2,0.35,0.5", value_parser = share)]
    dirty: Vec<u16>,
    /// Standard deviation of the noise of a cell, in persons
    #[arg(long, default_value_t = 3.2)]
    sigma: f64,
    /// The calibration
    #[arg(long)]
    calibration: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  milchglas-demo unique --persons 100000 unique.json\n  \
                  milchglas papers --uniqueness unique.json …")]
struct Unique {
    /// File to write
    output: PathBuf,
    /// Residents of both counties together, 100 to 2,000,000
    #[arg(long, default_value_t = 20_000)]
    persons: u32,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
struct Usefulness {
    /// Residents of both counties together, 100 to 2,000,000; the real ones unless said otherwise
    #[arg(long, default_value_t = 617_956)]
    persons: u32,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the page to this file instead of the terminal
    #[arg(long)]
    page: Option<PathBuf>,
    /// Write the figures as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = "Example:\n  milchglas-demo assess --persons 20000 --seed 2 --json")]
struct Assess {
    #[command(flatten)]
    size: Size,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<u16, String> {
    let wrong = || "write a share from 0 to 1 with at most three decimals, such as 0.35".to_owned();
    let share: f64 = text.parse().map_err(|_| wrong())?;
    let per_mille = share * 1000.0;
    if (0.0..=1000.0).contains(&per_mille) && (per_mille - per_mille.round()).abs() < 1e-9 {
        Ok(per_mille.round() as u16)
    } else {
        Err(wrong())
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Extracts(command)) => {
            demo::extracts(&command.size.settings(), &command.folder)
        }
        Some(Command::Uebung(own)) => demo::exercise(&demo::ExerciseSettings {
            folder: own.folder,
            persons: own.persons,
            seed: own.seed,
            dirty_per_mille: own.dirty,
        }),
        Some(Command::Calibrate(command)) => demo::calibrate(&demo::CalibrateSettings {
            persons: command.persons,
            seeds: command.seeds,
            dirty_per_mille: command.dirty,
            output: command.output,
            json: command.json,
        }),
        Some(Command::Assess(command)) => demo::assess(&demo::AssessSettings {
            county: command.size.settings(),
            json: command.json,
        })
        .map(drop),
        Some(Command::Overlaps(command)) => demo::overlaps(&demo::OverlapSettings {
            persons: command.persons,
            seeds: command.seeds,
            dirty_per_mille: command.dirty,
            sigma: command.sigma,
            calibration: command.calibration,
            json: command.json,
        }),
        Some(Command::Noise(command)) => command.run(),
        Some(Command::Peers(command)) => command.run(),
        Some(Command::Unique(own)) => demo::unique(&demo::UniqueSettings {
            persons: own.persons,
            seed: own.seed,
            output: own.output,
        }),
        Some(Command::Usefulness(own)) => demo::usefulness(&demo::UsefulnessSettings {
            persons: own.persons,
            seed: own.seed,
            page: own.page,
            json: own.json,
        }),
        Some(Command::Attack(command)) => command.run(),
        Some(Command::Crash(command)) => command.run(),
        Some(Command::CrashChild(own)) => demo::crash_child(&own.folder, &own.database, own.life),
        None => demo::run(&demo::RunSettings {
            county: cli.run.size.settings(),
            data_dir: cli.run.data_dir,
            once: cli.run.once,
            as_installed: cli.run.as_installed,
            json: cli.run.json,
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("milchglas-demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Crash {
    fn run(self) -> anyhow::Result<()> {
        let program = std::env::current_exe()?;
        let Self { iterations, seed, power_cut, json } = self;
        let forget_flushes = false;
        let settings =
            demo::CrashSettings { iterations, seed, program, power_cut, forget_flushes, json };
        demo::crash(&settings).map(drop)
    }
}

impl Size {
    fn settings(&self) -> demo::county::Settings {
        demo::county::Settings {
            persons: self.persons,
            seed: self.seed,
            dirty_per_mille: self.dirty,
            quarters: self.quarters,
        }
    }
}
