//! From a configuration to a listening unit.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use access::Registry;
use anyhow::Context;
use audit::{Installation, UnitKind};
use linkage_unit::LinkageUnit;
use policy::{Name, PolicySet};
use statistics_unit::{PlanEvent, StatisticsUnit};
use store::{Db, Location};
use submission::Clock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::{UnitConfig, UnitName, api, keys};

/// A unit that listens; dropping it does not stop it, [`Served::stop`] does.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
    plans: Option<JoinHandle<()>>,
    db: Db,
}

impl Served {
    /// Ends the unit: running requests are answered, the database is closed.
    ///
    /// # Errors
    /// What ended the listener early.
    pub async fn stop(self) -> anyhow::Result<()> {
        // Nobody listening any more is what is wanted.
        let _ = self.stop.send(true);
        self.task.await??;
        if let Some(plans) = self.plans {
            plans.await?;
        }
        self.db.close().await;
        Ok(())
    }

    /// Waits until the unit ends by itself or by the signal that `stop` gives.
    ///
    /// # Errors
    /// What ended the listener.
    pub async fn until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        stop.await;
        self.stop().await
    }
}

/// Opens the database, recovers what a crash left, and listens.
///
/// # Errors
/// Says what of configuration, policies, keys or database does not fit.
pub async fn serve(config: UnitConfig, clock: Clock) -> anyhow::Result<Served> {
    let policies = Arc::new(PolicySet::load(&config.policies)?);
    for project in &config.projects {
        policies.schemas.get(&project.schema).with_context(|| {
            format!(
                "project `{}`: no policy holds linkage schema `{}`",
                project.name, project.schema
            )
        })?;
    }
    let schemas: BTreeMap<Name, Name> =
        config.projects.iter().map(|p| (p.name.clone(), p.schema.clone())).collect();
    let registry = Registry::new(config.identities)?;
    let key = Arc::new(keys::signing_key(&config.signing_key)?);
    let installation: Installation = config.installation.parse()?;
    let location = Location::Sqlite(config.database);
    let (db, router, planned) = match config.unit {
        UnitName::Linkage => {
            let db = Db::open(&location, UnitKind::Linkage, &installation).await?;
            let unit = LinkageUnit::new(linkage_unit::Setup {
                db: db.clone(),
                policies,
                schemas,
                registry,
                key,
                statistics_unit: config.peer_public_key,
                clock,
            });
            (db, api::linkage(unit), None)
        }
        UnitName::Statistics => {
            let db = Db::open(&location, UnitKind::Statistics, &installation).await?;
            let rank_key = config.rank_key.context("rank_key is missing")?;
            let unit = StatisticsUnit::new(statistics_unit::Setup {
                db: db.clone(),
                policies,
                schemas,
                registry,
                key,
                linkage_unit: config.peer_public_key,
                rank_secret: keys::read_rank_key(&rank_key)?,
                separation: config.separation.context("separation is missing")?,
                clock,
                plan_interval: PLAN_INTERVAL,
            });
            let (voided, resumed) = unit.recover().await?;
            info!(voided, resumed, "settled what an earlier end left");
            (db, api::statistics(unit.clone(), config.synthetic), Some(unit))
        }
    };
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let (stop, mut stopped) = watch::channel(false);
    let plans = planned.map(|unit| tokio::spawn(run_plans(unit, stopped.clone())));
    let task = tokio::spawn(async move {
        let stop = async move {
            // An error means that the sender is gone, which ends the unit too.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        axum::serve(listener, router).with_graceful_shutdown(stop).await
    });
    info!(%address, unit = ?config.unit, "listening");
    Ok(Served { address, stop, task, plans, db })
}

/// How often the statistics unit looks whether the day of a plan's run has come.
const PLAN_INTERVAL: Duration = Duration::from_secs(60);

/// Runs release plans as they become due, until the unit ends; a run under way is finished first.
async fn run_plans(unit: StatisticsUnit, mut stopped: watch::Receiver<bool>) {
    loop {
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
