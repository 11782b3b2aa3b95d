//! What the data protection officer does here; verification is in `milchglas-audit`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::UnitArgs;

/// Export the log.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas log --url http://127.0.0.1:8702 \
                  --token-file officer.token --output log.jsonl\n  milchglas-audit verify log.jsonl")]
pub(crate) struct Log {
    #[command(flatten)]
    unit: UnitArgs,
    /// Where to write it
    #[arg(long)]
    output: PathBuf,
}

impl Log {
    pub(crate) fn run(self) -> anyhow::Result<()> {
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
