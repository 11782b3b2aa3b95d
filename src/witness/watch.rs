//! Carries a unit's statements to its witness, from the start until the unit ends.

use std::time::Duration;

use anyhow::bail;
use statistics_unit::Gate;
use tokio::sync::watch::Receiver;
use tracing::{error, info, warn};

use super::check::contradiction;
use super::log::{Log, Lost, Way};

/// How often what nobody waits for is witnessed.
const USUAL: Duration = Duration::from_secs(10);
/// How often a witness that is away is tried.
const AWAY: Duration = Duration::from_secs(2);

/// What a start found.
pub(crate) enum Start {
    /// The witness was reached, and knows this very log.
    Confirmed,
    /// It was not reached.
    Away,
}

/// Asks the witness once, before a unit serves.
///
/// # Errors
/// Where the witness knows another log than this one: the unit must not start.
pub(crate) async fn start(log: &Log, way: &Way, gate: &Gate) -> anyhow::Result<Start> {
    match confirm(log, way, gate).await {
        Ok(()) => Ok(Start::Confirmed),
        Err(Lost::Away(why)) => {
            warn!(why, "the other unit does not answer: nothing is charged before it did once");
            Ok(Start::Away)
        }
        Err(Lost::Contradicts(why)) => bail!(why),
        Err(Lost::Fault(error)) => Err(error),
    }
}

/// Compares with the newest that the witness keeps, and sends what it does not keep yet.
async fn confirm(log: &Log, way: &Way, gate: &Gate) -> Result<(), Lost> {
    let answer = log.ask(way).await?;
    if let Some(why) = contradiction(&log.db, &log.peer.oversight, &answer).await? {
        return Err(Lost::Contradicts(why));
    }
    log.send_due(way).await?;
    let newest = store::witness::newest_receipt(&log.db).await.map_err(anyhow::Error::from)?;
    gate.witnessed(newest.map_or(0, |own| own.head.sequence));
    Ok(())
}

/// Sends what is due. Where nothing is, asks: a witness that has gone is noticed before the next
/// charge and not by it.
async fn carry(log: &Log, way: &Way, gate: &Gate) -> Result<(), Lost> {
    match log.send_due(way).await? {
        Some(head) => gate.witnessed(head.sequence),
        // It was reached, and has no more to confirm.
        None => {
            log.ask(way).await?;
            gate.witnessed(0);
        }
    }
    Ok(())
}

/// Has the log witnessed until the unit ends. Why it has to end, where the witness turns out to
/// know another log.
pub(crate) async fn watch(
    log: Log,
    way: Way,
    gate: Gate,
    start: Start,
    mut stopped: Receiver<bool>,
) -> Result<(), String> {
    let mut here = matches!(start, Start::Confirmed);
    loop {
        let pause = if here { USUAL } else { AWAY };
        tokio::select! {
            () = gate.wanted() => {}
            () = tokio::time::sleep(pause) => {}
            // An error means that the sender is gone, which ends the unit too.
            _ = stopped.wait_for(|stop| *stop) => return Ok(()),
        }
        let done =
            if here { carry(&log, &way, &gate).await } else { confirm(&log, &way, &gate).await };
        match done {
            Ok(()) if here => {}
            Ok(()) => {
                info!("the other unit witnesses again");
                here = true;
            }
            Err(Lost::Away(why)) => {
                if here {
                    warn!(why, "the other unit does not witness; it is tried again");
                }
                here = false;
                gate.away();
            }
            Err(Lost::Contradicts(why)) => {
                error!(why, "the witness knows another log; the unit ends");
                gate.contradicted(why.clone());
                return Err(why);
            }
            Err(Lost::Fault(error)) => error!("the log could not be witnessed: {error:#}"),
        }
    }
}
