//! What somebody does with a folder of policies before they approve it.

mod check;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::policies::{Folder, compare, explain, simulate};

/// Check, explain, compare or try out a folder of policies
#[derive(Subcommand)]
#[command(arg_required_else_help = true)]
pub(crate) enum PolicyCommand {
    /// Check a folder and say what it holds
    Check(check::Check),
    /// Say in words who may do what, and what may be asked at which price until when
    Explain(Explain),
    /// Say in words what becomes possible or impossible
    Diff(Diff),
    /// Decide the past year's requests again by another folder
    Simulate(Simulate),
}

impl PolicyCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Check(command) => command.run(),
            Self::Explain(command) => command.run(),
            Self::Diff(command) => command.run(),
            Self::Simulate(command) => command.run(),
        }
    }
}

/// The day, UTC.
fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

fn read(folder: &Path) -> anyhow::Result<Folder> {
    Folder::read(folder).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", faults.join("\n"))
    })
}

/// Explain a folder.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas policy explain policies/\n  \
                  milchglas policy explain policies/ --on 2028-01-01")]
pub(crate) struct Explain {
    /// The folder
    folder: PathBuf,
    /// On which day; today where none is named
    #[arg(long)]
    on: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    fn run(self) -> anyhow::Result<()> {
        let folder = read(&self.folder)?;
        let sections = explain(folder.said(), self.on.unwrap_or_else(today))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&sections)?);
            return Ok(());
        }
        for section in sections {
            println!("{}", section.title);
            for line in section.lines {
                println!("  {line}");
            }
            println!();
        }
        Ok(())
    }
}

/// Compare two folders.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas policy diff policies/ proposed/")]
pub(crate) struct Diff {
    /// The folder in force
    old: PathBuf,
    /// The proposed folder
    new: PathBuf,
    /// As they decide on this day; today where none is named
    #[arg(long)]
    on: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    fn run(self) -> anyhow::Result<()> {
        let (old, new) = (read(&self.old)?, read(&self.new)?);
        let found = compare(old.said(), new.said(), self.on.unwrap_or_else(today))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&found)?);
            return Ok(());
        }
        if found.is_empty() {
            println!("Beide Regelwerke sagen dasselbe.");
        }
        for (title, lines) in [
            ("Möglich wird", &found.possible),
            ("Nicht mehr möglich ist", &found.impossible),
            ("Sonst ändert sich", &found.changed),
        ] {
            if !lines.is_empty() {
                println!("{title}");
                lines.iter().for_each(|line| println!("  {line}"));
            }
        }
        Ok(())
    }
}

/// Replay requests.
#[derive(Args)]
#[command(
    after_help = "Example:\n  milchglas audit export --url http://127.0.0.1:8702 --token-file \
                  officer.token --output log.jsonl\n  milchglas releases --url \
                  http://127.0.0.1:8702 --token-file officer.token > releases.jsonl\n  milchglas \
                  policy simulate proposed/ --log log.jsonl --releases releases.jsonl\n\nThe log \
                  names purpose, years, price and refusals; indicator and grouping stand in the \
                  releases. The cap per analyst is not replayed: the log does not say who asked."
)]
pub(crate) struct Simulate {
    /// The proposed folder
    folder: PathBuf,
    /// The statistics unit's log, as `milchglas log` exports it
    #[arg(long)]
    log: PathBuf,
    /// The releases, as `milchglas releases` prints them
    #[arg(long)]
    releases: Option<PathBuf>,
    /// The day at which the past year ends; today where none is named
    #[arg(long)]
    on: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Simulate {
    fn run(self) -> anyhow::Result<()> {
        let folder = read(&self.folder)?;
        let text = |path: &PathBuf| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let log = text(&self.log)?;
        // What was altered tells nothing about the past.
        if audit::verify(log.lines().map(str::as_bytes), None, Vec::new()).is_err() {
            bail!("{} does not verify; see milchglas-audit verify", self.log.display());
        }
        let releases = self.releases.as_ref().map(text).transpose()?.unwrap_or_default();
        let done = simulate(&folder, &log, &releases, self.on.unwrap_or_else(today))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&done)?);
            return Ok(());
        }
        println!(
            "{} Anfragen des vergangenen Jahres, von {} ist die Kennzahl bekannt; {} würden anders \
             entschieden. Die Obergrenze je fragender Person ist nicht nachgerechnet: das Protokoll \
             nennt niemanden.",
            done.requests,
            done.with_indicator,
            done.otherwise.len()
        );
        for own in done.otherwise {
            let word = if own.answered { "würde beantwortet" } else { "würde abgelehnt" };
            println!(
                "  Eintrag {} vom {}, {}: {word}: {}",
                own.sequence, own.day, own.purpose, own.because
            );
        }
        Ok(())
    }
}
