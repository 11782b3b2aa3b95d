//! What the statistics unit does by itself: erases what is marked or past its retention, and runs
//! release plans as they become due.

use std::time::Duration;

use statistics_unit::{Erased, PlanEvent, StatisticsUnit};
use tokio::sync::watch;
use tracing::{error, info, warn};

/// How often the statistics unit looks whether the day of a plan's run has come.
pub(super) const PLAN_INTERVAL: Duration = Duration::from_secs(60);

/// Runs release plans as they become due, until the unit ends; a run under way is finished first.
pub(super) async fn run_plans(unit: StatisticsUnit, mut stopped: watch::Receiver<bool>) {
    loop {
        match unit.erase().await {
            Ok(erased) if erased != Erased::default() => {
                let Erased { replaced, withdrawn, expired } = erased;
                info!(replaced, withdrawn, expired, "erased what no longer counts or is kept");
            }
            Ok(_) => {}
            Err(error) => error!(%error, "cannot erase; tries again"),
        }
        for event in unit.run_plans().await {
            match event {
                PlanEvent::Released { run, sequence, rho_nano, tables } => {
                    info!(run, sequence, rho_nano, tables, "released by plan");
                }
                PlanEvent::Failed { run, sequence } => {
                    error!(run, sequence, "the run of a plan failed; its charge stays");
                }
                PlanEvent::Refused { run, because } => warn!(run, because, "the plan does not run"),
                PlanEvent::Fault { run, error } => {
                    error!(run, %error, "the run of a plan could not be looked at");
                }
            }
        }
        tokio::select! {
            () = unit.plans_may_be_due() => {}
            // An error means that the sender is gone, which ends the unit too.
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}
