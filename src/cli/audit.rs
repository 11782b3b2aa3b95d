//! The log as officer and operators handle it; verification is in `milchglas-audit`.

mod restore;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::UnitArgs;

/// Export the log, countersign it, restore it.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Export the log for milchglas-audit (officer)
    Export(Export),
    /// Show where the log stands, who has witnessed and countersigned it (officer)
    Status(Status),
    /// Lay down a countersignature at a unit (officer)
    Countersign(Countersign),
    /// Go on after a backup was put back: request, approve, apply (operator)
    #[command(subcommand)]
    Restore(restore::RestoreCommand),
}

impl AuditCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export(command) => command.run(),
            Self::Status(command) => command.run(),
            Self::Countersign(command) => command.run(),
            Self::Restore(command) => command.run(),
        }
    }
}

/// Export the log.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas audit export --url http://127.0.0.1:8702 \
                  --token-file officer.token --output log.jsonl\n  milchglas-audit verify log.jsonl")]
pub(crate) struct Export {
    #[command(flatten)]
    unit: UnitArgs,
    /// Where to write it
    #[arg(long)]
    output: PathBuf,
}

impl Export {
    fn run(self) -> anyhow::Result<()> {
        let lines = self.unit.client()?.get_bytes("/v1/log")?;
        std::fs::write(&self.output, &lines)
            .with_context(|| format!("cannot write {}", self.output.display()))?;
        println!(
            "{} lines in {}",
            lines.iter().filter(|b| **b == b'\n').count(),
            self.output.display()
        );
        Ok(())
    }
}

/// Show where the log stands.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas audit status --url http://127.0.0.1:8702 \
                  --token-file officer.token\n\nThe noted head (number and sixteen letters) can be \
                  written on paper: it is an anchor.")]
pub(crate) struct Status {
    #[command(flatten)]
    unit: UnitArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    fn run(self) -> anyhow::Result<()> {
        let status: Value = self.unit.client()?.get("/v1/audit")?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&status)?);
            return Ok(());
        }
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        println!("unit            {} of {}", word(&status["unit"]), word(&status["installation"]));
        println!("head            {}", word(&status["head"]));
        println!("to note down    {}", word(&status["short"]));
        if status["generation"].as_u64().unwrap_or(0) > 0 {
            println!("restored        {} times", status["generation"]);
        }
        match &status["witnessed"] {
            Value::Null => println!("witnessed       never"),
            own => println!("witnessed       {} ({})", word(&own["head"]), day(&own["at"])),
        }
        for own in status["unwitnessed"].as_array().into_iter().flatten() {
            println!(
                "  unwitnessed   {} {}: {} nano-rho",
                word(&own["project"]),
                own["year"],
                own["rho"]
            );
        }
        match &status["countersigned"] {
            Value::Null => println!("countersigned   never"),
            own => println!(
                "countersigned   {} by {} ({})",
                word(&own["head"]),
                word(&own["officer"]),
                day(&own["at"])
            ),
        }
        if let Some(days) = status["late_days"].as_i64() {
            println!(
                "LATE            the countersignature is {days} days late (due every {} days); \
                 nothing stops for it",
                status["countersign_days"]
            );
        }
        Ok(())
    }
}

fn day(at: &Value) -> String {
    let at = at.as_i64().and_then(|own| jiff::Timestamp::from_second(own).ok());
    at.map_or_else(|| "?".into(), |own| own.to_string())
}

/// Lay down a countersignature.
#[derive(Args)]
#[command(after_help = "Example, once at each unit, so that each keeps it for the other:\n  \
                  milchglas-audit countersign log.jsonl --name datenschutz-06432 \
                  --key datenschutz.key --output signed.json\n  \
                  milchglas audit countersign signed.json --url http://127.0.0.1:8701 \
                  --token-file officer.token\n\n\
                  From paper, for that unit's own log alone:\n  \
                  milchglas audit countersign --short \"1234 K7QF-2M9X-PB04-T6ZA\" --url …")]
pub(crate) struct Countersign {
    /// The file that milchglas-audit countersign wrote
    #[arg(required_unless_present = "short")]
    file: Option<PathBuf>,
    /// Number and sixteen letters from paper instead of a file
    #[arg(long, conflicts_with = "file")]
    short: Option<String>,
    #[command(flatten)]
    unit: UnitArgs,
}

impl Countersign {
    fn run(self) -> anyhow::Result<()> {
        let body = match (self.file, self.short) {
            (Some(path), _) => {
                let shown = path.display();
                let size =
                    std::fs::metadata(&path).with_context(|| format!("cannot read {shown}"))?;
                anyhow::ensure!(size.len() < 1 << 20, "{shown} is too long for a countersignature");
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {shown}"))?;
                serde_json::from_str(&text).with_context(|| format!("in {shown}"))?
            }
            (None, short) => json!({ "short": short }),
        };
        let kept: Value = self.unit.client()?.post("/v1/countersignatures", &body)?;
        let word = |key: &str| kept[key].as_str().unwrap_or_default().to_owned();
        println!("{} log, entry {}, by {}", word("unit"), word("head"), word("officer"));
        Ok(())
    }
}
