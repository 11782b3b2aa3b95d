//! The process that is killed: recovers, then asks until it ends.

use std::io::Write;
use std::path::Path;

use statistics_unit::UnitError;
use store::ledger;

use super::place::{ANALYST, PROJECT, name, questions, unit};

/// Asks what was not asked before, and every sixteenth of the rest again. Each line of the output
/// is one event; what a line says was done before.
pub(super) async fn ask(folder: &Path, database: &Path, life: u64) -> anyhow::Result<()> {
    let unit = unit(folder, database).await?;
    let (voided, resumed) = unit.recover().await?;
    say(&format!("ready {voided} {resumed}"))?;
    let (project, analyst) = (name(PROJECT)?, name(ANALYST)?);
    loop {
        let mut fresh = 0;
        for (number, (key, request)) in (0_u64..).zip(questions()?) {
            let before = ledger::charge_by_key(unit.db(), ANALYST, &key).await?;
            if before.is_some() && number % 16 != life % 16 {
                continue;
            }
            match unit.query(&project, &analyst, &key, request).await {
                Ok(asked) => {
                    fresh += u32::from(!asked.stored_before);
                    say(&format!("answer {key} {}", String::from_utf8(asked.body)?))?;
                }
                Err(UnitError::Refused(problem)) => {
                    say(&format!("refused {key} {}", problem.title))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if fresh == 0 {
            say("exhausted")?;
        }
    }
}

/// One write, so that a line is whole or has no end.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()?;
    Ok(())
}
