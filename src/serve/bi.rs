//! Keeps what BI tools read as new as the releases.

use std::sync::Arc;
use std::time::Duration;

use statistics_unit::StatisticsUnit;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::api::Kept;
use crate::bi::{self, BiConfig};

/// How long it waits for further releases before it writes: several often come at once.
const GATHERING: Duration = Duration::from_millis(500);
/// How long it waits after a failure.
const AGAIN: Duration = Duration::from_secs(60);

/// Writes the releases at the start and after each release, until the unit ends. A failure is told
/// in the log and tried again; nobody's answer waits for it.
pub(super) async fn keep(
    unit: StatisticsUnit,
    kept: Arc<Kept>,
    config: BiConfig,
    mut stopped: watch::Receiver<bool>,
) {
    if !config.writes() {
        return;
    }
    let mut released = unit.released();
    loop {
        released.mark_unchanged();
        let is_written = write(&unit, &kept, &config).await;
        // What failed in one place must not keep the next release from the other.
        let again = async {
            if is_written { std::future::pending().await } else { tokio::time::sleep(AGAIN).await }
        };
        let wait = async {
            tokio::select! {
                // An error means that the unit is gone, and then it ends by `stopped`.
                _ = released.changed() => tokio::time::sleep(GATHERING).await,
                () = again => {}
            }
        };
        tokio::select! {
            () = wait => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Whether everything was written.
async fn write(unit: &StatisticsUnit, kept: &Kept, config: &BiConfig) -> bool {
    let all = match kept.of(unit).await {
        Ok(all) => all,
        Err(error) => {
            warn!(error = format!("{error:#}"), "the releases could not be read for BI tools");
            return false;
        }
    };
    let mut is_written = true;
    for target in [&config.sqlite, &config.postgres_url_file] {
        let Some(path) = target else { continue };
        let written = if config.sqlite.as_ref() == Some(path) {
            bi::write_sqlite(path, &all.table).await
        } else {
            bi::write_postgres(path, &all.table).await
        };
        match written {
            Ok(own) => info!(into = own.into, rows = own.rows, "wrote the releases for BI tools"),
            Err(error) => {
                is_written = false;
                let error = format!("{error:#}");
                warn!(error, "the releases were not written for BI tools; tries again in a minute");
            }
        }
    }
    is_written
}
