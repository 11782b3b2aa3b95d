//! What whoever runs a unit keeps and looks at: backup, restore, doctor.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde_json::json;
use submission::Clock;

use crate::UnitConfig;
use crate::operation::{self, Grade};

/// Copy a unit's database into a new file while it works.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas backup --config /etc/milchglas/statistics.toml \
                  --output /backup/statistics-2026-11-28.sqlite\n\nThe copy is as the database \
                  stood at one moment. The key store and the keys are not in it, so that what was \
                  erased stays erased in every backup: keep the file of the unit data key \
                  somewhere else, and never the key store beside the copy. A PostgreSQL database \
                  is backed up with pg_dump.")]
pub(crate) struct Backup {
    /// Configuration of the unit (TOML)
    #[arg(long)]
    config: PathBuf,
    /// The new file; never overwrites
    #[arg(long)]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = UnitConfig::read(&self.config)?;
        let done = runtime()?.block_on(operation::back_up(&config, &self.output))?;
        if self.json {
            println!("{}", serde_json::to_string(&done)?);
            return Ok(());
        }
        println!(
            "{} ({} bytes, log up to entry {})",
            done.file.display(),
            done.bytes,
            done.sequence
        );
        println!("sha256 {}", done.sha256);
        Ok(())
    }
}

/// Put a backup in the place of a database that is gone.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas restore --config /etc/milchglas/statistics.toml \
                  --from /backup/statistics-2026-11-28.sqlite\n\nThe unit is stopped, and its old \
                  database is moved away first. Where the other unit has witnessed more than the \
                  backup holds, the unit does not start afterwards until operator and officer have \
                  burnt the difference: milchglas audit restore --help.")]
pub(crate) struct Restore {
    /// Configuration of the unit (TOML)
    #[arg(long)]
    config: PathBuf,
    /// The backup
    #[arg(long)]
    from: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = UnitConfig::read(&self.config)?;
        let sequence = runtime()?.block_on(operation::put_back(&config, &self.from))?;
        if self.json {
            println!("{}", json!({ "restored": true, "sequence": sequence }));
            return Ok(());
        }
        println!("The database is in its place, with the log up to entry {sequence}.");
        println!(
            "Now start the unit. If it says that the other unit has witnessed more: \
             milchglas audit restore --help"
        );
        Ok(())
    }
}

/// Look over an installation: files, keys, policies, people, database, witness, disk, clock.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas doctor --config /etc/milchglas/statistics.toml\n\n\
                  May run beside the unit. Exit status: 0 nothing wrong or warnings only, 1 \
                  something is wrong.")]
pub(crate) struct Doctor {
    /// Configuration of the unit (TOML)
    #[arg(long)]
    config: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = UnitConfig::read(&self.config)?;
        let findings = runtime()?.block_on(operation::examine(&config, &Clock::System));
        if self.json {
            println!("{}", serde_json::to_string(&findings)?);
        } else {
            for own in &findings {
                let mark = match own.grade {
                    Grade::Ok => "ok     ",
                    Grade::Warning => "warning",
                    Grade::Error => "ERROR  ",
                };
                println!("{mark}  {:<16} {}", own.what, own.said);
            }
        }
        let wrong = findings.iter().filter(|own| own.grade == Grade::Error).count();
        if wrong > 0 {
            bail!("{wrong} of {} things are wrong; see above", findings.len());
        }
        Ok(())
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
