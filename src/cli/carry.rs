//! Link maps on their way: one at a time by hand, or all of them by the courier.

use std::path::PathBuf;
use std::sync::mpsc;

use clap::Args;
use policy::Name;
use serde_json::{Value, json};
use submission::SnapshotId;

use super::UnitArgs;
use super::operator::{interrupted, log_to_stderr};
use crate::transfer::transfer;
use crate::{Courier, CourierConfig, Errand};

/// Carry a link map.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas transfer --snapshot 1f…9c \
                  --from http://127.0.0.1:8701 --from-token-file operator-linkage.token \\\n    \
                  --to http://127.0.0.1:8702 --to-token-file operator-statistics.token\n\n\
                  The map is sealed on the way: this program cannot read it.")]
pub(crate) struct Transfer {
    /// The snapshot that `link` printed
    #[arg(long)]
    snapshot: SnapshotId,
    /// Address of the linkage unit
    #[arg(long)]
    from: String,
    /// Token file for the linkage unit
    #[arg(long)]
    from_token_file: PathBuf,
    /// Address of the statistics unit
    #[arg(long)]
    to: String,
    /// Token file for the statistics unit
    #[arg(long)]
    to_token_file: PathBuf,
}

impl Transfer {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let open = |url: String, token_file: PathBuf| UnitArgs { url, token_file }.client();
        let linkage = open(self.from, self.from_token_file)?;
        let statistics = open(self.to, self.to_token_file)?;
        println!("accepted, log entry {}", transfer(&linkage, &statistics, self.snapshot)?);
        Ok(())
    }
}

/// Carry link maps as they come.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas carry --config /etc/milchglas/courier.toml\n\n\
                  courier.toml (paths are relative to it):\n  \
                  interval_seconds = 15\n\n  \
                  [[project]]\n  \
                  name = \"county-06432\"\n  \
                  linkage = { url = \"https://linkage.example\", token_file = \"linkage.token\" }\n  \
                  statistics = { url = \"https://statistics.example\", \
                  token_file = \"statistics.token\" }\n\n\
                  Snapshots that somebody started with `link` are carried where the project says\n\
                  by_hand = true. authority = \"ca.pem\" beside url names a county's own \
                  certificate authority.")]
pub(crate) struct Carry {
    /// Configuration of the courier (TOML)
    #[arg(long)]
    config: PathBuf,
    /// Make one round, print what became of it and end
    #[arg(long)]
    once: bool,
    /// Print JSON, one line per snapshot
    #[arg(long, requires = "once")]
    json: bool,
    /// What to log: error, warn, info, debug
    #[arg(long, default_value = "info", conflicts_with = "once")]
    log: String,
}

impl Carry {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let courier = Courier::new(&CourierConfig::read(&self.config)?)?;
        if self.once {
            return once(courier, self.json);
        }
        log_to_stderr(&self.log)?;
        let (stop, stopped) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(interrupted());
            // Nobody listening any more is what is wanted.
            let _ = stop.send(());
        });
        courier.run(&stopped);
        Ok(())
    }
}

/// Prints every errand; the first failure decides the exit code.
fn once(mut courier: Courier, json: bool) -> anyhow::Result<()> {
    let errands = courier.round();
    if errands.is_empty() && !json {
        println!("nothing to carry");
    }
    let mut first = None;
    for errand in errands {
        if json {
            println!("{}", line(&errand));
        }
        let place = place(&errand);
        match errand.outcome {
            Ok(_) if json => {}
            Ok(entry) => println!("{place}: accepted, log entry {entry}"),
            Err(error) if first.is_none() => first = Some(error.context(place)),
            Err(error) => eprintln!("milchglas: {place}: {error:#}"),
        }
    }
    first.map_or(Ok(()), Err)
}

fn place(errand: &Errand) -> String {
    let Some(snapshot) = errand.snapshot else { return errand.project.to_string() };
    let period = errand.period.as_ref().map_or("by hand", Name::as_str);
    format!("{} snapshot {snapshot} ({period})", errand.project)
}

fn line(errand: &Errand) -> Value {
    let (entry, problem) = match &errand.outcome {
        Ok(entry) => (Some(entry), None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    json!({ "project": errand.project, "snapshot": errand.snapshot, "period": errand.period,
            "entry": entry, "problem": problem })
}
