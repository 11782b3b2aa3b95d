//! From a configuration to a listening unit.

mod bi;
mod plans;
mod seat;
pub(crate) mod site;
pub(crate) mod watched;

pub use site::read_population;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use access::Registry;
use anyhow::Context;
use approval::Desk;
use audit::Installation;
use axum::middleware::from_fn_with_state;
use linkage_unit::LinkageUnit;
use policy::{Name, PolicySet};
use statistics_unit::{Gate, Pace, StatisticsUnit};
use store::Db;
use store::seal::Sealing;
use submission::Clock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::operation::Counted;
use crate::witness::Log;
use crate::{ProjectEntry, UnitConfig, UnitName, api, keys};
use seat::Seat;
use watched::Watched;

/// A unit that listens; dropping it does not stop it, [`Served::stop`] does.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
    stopped: watch::Receiver<bool>,
    worker: JoinHandle<()>,
    watcher: JoinHandle<Result<(), String>>,
    db: Db,
    _seat: Seat,
}

impl Served {
    /// Ends the unit: running requests are answered, the database is closed.
    ///
    /// # Errors
    /// What ended the listener early, or what the witness contradicted.
    pub async fn stop(self) -> anyhow::Result<()> {
        // Nobody listening any more is what is wanted.
        let _ = self.stop.send(true);
        self.task.await??;
        self.worker.await?;
        let watched = self.watcher.await?;
        self.db.close().await;
        watched.map_err(anyhow::Error::msg)
    }

    /// Waits until the unit ends by itself or by the signal that `stop` gives.
    ///
    /// # Errors
    /// What ended the listener.
    pub async fn until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tokio::select! {
            () = stop => {}
            () = ended(self.stopped.clone()) => {}
        }
        self.stop().await
    }
}

/// Opens the database, recovers what a crash left, and listens.
///
/// # Errors
/// Says what of configuration, policies, keys or database does not fit, or that the other unit runs
/// in this very process: the two belong to two administrations.
pub async fn serve(config: UnitConfig, clock: Clock) -> anyhow::Result<Served> {
    let seat = Seat::alone(config.unit)?;
    serve_from(seat, config, clock).await
}

/// As [`serve`], beside the other unit in one process: for a demonstration with invented people and
/// for tests. No configuration leads here, and the program `milchglas` does not call it.
///
/// # Errors
/// As [`serve`].
pub async fn serve_together(config: UnitConfig, clock: Clock) -> anyhow::Result<Served> {
    let seat = Seat::take(config.unit);
    serve_from(seat, config, clock).await
}

async fn serve_from(seat: Seat, config: UnitConfig, clock: Clock) -> anyhow::Result<Served> {
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
    let registry = Registry::new(config.identities.clone())?;
    let key = Arc::new(keys::signing_key(&config.signing_key)?);
    let installation: Installation = config.installation.parse()?;
    let location = config.location()?;
    let unit_key = keys::read_data_key(&config.data_key)?;
    let sealing = Sealing { key_store: config.key_store.clone(), unit_key };
    let (stop, stopped) = watch::channel(false);
    let db = Db::open(&location, watched::kind(config.unit), &installation, &sealing).await?;
    let log = watched::log(&db, &key, &clock, config.peer_public_key, &policies);
    let own = Watched::check(log, config.witness.as_ref(), config.anchor.as_deref()).await?;
    let desk = desk(&db, &policies, &schemas, &clock).await?;
    let parts = Parts {
        log: own.log.clone(),
        gate: own.gate.clone(),
        separation: config.separation.as_deref().map(|stated| own.separation(stated)),
        policies,
        schemas,
        registry,
        desk,
        stopped: stopped.clone(),
    };
    let (unit, listen, metrics) = (config.unit, config.listen, config.metrics_listen);
    let folder = config.database.as_deref().and_then(Path::parent).map(Path::to_owned);
    let watched_log = own.log.clone();
    // Before the recovery: a charge that is drawn by it wants its receipt too.
    let watcher = own.carry_on(stop.clone());
    let (router, worker, listener) = match built(config, parts, listen).await {
        Ok(built) => built,
        Err(error) => {
            watcher.abort();
            return Err(error);
        }
    };
    let address = listener.local_addr()?;
    let counted = Arc::new(Counted::default());
    let router = router.layer(from_fn_with_state(Arc::clone(&counted), api::count));
    if let Some(own) = metrics {
        serve_figures(own, watched_log, counted, folder, &stopped).await?;
    }
    let worker = tokio::spawn(worker);
    let ending = ended(stopped.clone());
    let task =
        tokio::spawn(
            async move { axum::serve(listener, router).with_graceful_shutdown(ending).await },
        );
    info!(%address, ?unit, "listening");
    Ok(Served { address, stop, task, stopped, worker, watcher, db, _seat: seat })
}

/// Opens the door for figures; it closes with the unit.
async fn serve_figures(
    listen: SocketAddr,
    log: Log,
    counted: Arc<Counted>,
    folder: Option<PathBuf>,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("metrics_listen: cannot use {listen}"))?;
    let (router, ending) = (api::figures(log, counted, folder), ended(stopped.clone()));
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(ending).await;
        if let Err(error) = served {
            warn!(%error, "nobody can fetch figures any more");
        }
    });
    Ok(())
}

/// Opens the desk and says what waits there.
async fn desk(
    db: &Db,
    policies: &Arc<PolicySet>,
    schemas: &BTreeMap<Name, Name>,
    clock: &Clock,
) -> anyhow::Result<Desk> {
    let projects: BTreeSet<Name> = schemas.keys().cloned().collect();
    let desk = Desk::open(approval::Setup {
        db: db.clone(),
        policies: Arc::clone(policies),
        projects: projects.clone(),
        clock: clock.clone(),
    })
    .await?;
    for project in &projects {
        let waiting = desk.waiting(project).len();
        if waiting > 0 {
            warn!(%project, waiting, "pieces of policy wait for the approval of two people");
        }
    }
    for fault in desk.expired() {
        warn!(%fault, "a rule of access permits nothing any more");
    }
    Ok(desk)
}

/// What both units are made of, beside their own configuration.
struct Parts {
    log: Log,
    gate: Gate,
    separation: Option<String>,
    policies: Arc<PolicySet>,
    schemas: BTreeMap<Name, Name>,
    registry: Registry,
    desk: Desk,
    stopped: watch::Receiver<bool>,
}

type Built = (axum::Router, Worker, TcpListener);

async fn built(config: UnitConfig, parts: Parts, listen: SocketAddr) -> anyhow::Result<Built> {
    let (router, worker) = match config.unit {
        UnitName::Linkage => linkage(&config, parts),
        UnitName::Statistics => statistics(config, parts).await?,
    };
    let listener = TcpListener::bind(listen).await;
    Ok((router, worker, listener.with_context(|| format!("cannot listen on {listen}"))?))
}

fn linkage(config: &UnitConfig, parts: Parts) -> (axum::Router, Worker) {
    let floor = |own: &ProjectEntry| Some((own.name.clone(), own.pair_floor?));
    let pair_floors = config.projects.iter().filter_map(floor).collect();
    let unit = LinkageUnit::new(linkage_unit::Setup {
        db: parts.log.db.clone(),
        policies: parts.policies,
        schemas: parts.schemas,
        registry: parts.registry,
        desk: parts.desk,
        key: Arc::clone(&parts.log.key),
        statistics_unit: config.peer_public_key,
        clock: parts.log.clock.clone(),
        look_every: config.look_every_seconds.map_or(LinkageUnit::LOOK_EVERY, Duration::from_secs),
        pair_floors,
    });
    let (keeper, stopped) = (unit.clone(), ended(parts.stopped));
    let keep = async move { keeper.keep_schedules(stopped).await };
    (api::linkage(unit, &door(config), parts.log), Box::pin(keep))
}

/// The door to the pages of those who work with the unit.
fn door(config: &UnitConfig) -> api::Door {
    api::Door::new(api::DoorSetup {
        unit: config.unit,
        synthetic: config.synthetic,
        secure: config.behind_tls_proxy,
    })
}

async fn statistics(config: UnitConfig, parts: Parts) -> anyhow::Result<(axum::Router, Worker)> {
    let door = door(&config);
    let rank_key = config.rank_key.context("rank_key is missing")?;
    let files = site::SiteFiles {
        boundaries: config.boundaries,
        population: config.population,
        exhibit: config.exhibit,
        public_address: config.bi.as_ref().and_then(|own| own.public_address.clone()),
        behind_tls_proxy: config.behind_tls_proxy,
    };
    let bi = config.bi;
    let site = site::site(files, config.synthetic, &parts.policies, &config.policies)?;
    let unit = StatisticsUnit::new(statistics_unit::Setup {
        db: parts.log.db.clone(),
        policies: parts.policies,
        schemas: parts.schemas,
        registry: parts.registry,
        desk: parts.desk,
        key: Arc::clone(&parts.log.key),
        linkage_unit: config.peer_public_key,
        rank_secret: keys::read_rank_key(&rank_key)?,
        separation: parts.separation.context("separation is missing")?,
        clock: parts.log.clock.clone(),
        plan_interval: plans::PLAN_INTERVAL,
        pace: config
            .answer_slot_millis
            .map_or(Pace::USUAL, |slot| Pace::with_slot(Duration::from_millis(slot))),
        gate: parts.gate,
    });
    let (voided, resumed) = unit.recover().await?;
    info!(voided, resumed, "settled what an earlier end left");
    let plans = plans::run_plans(unit.clone(), parts.stopped.clone());
    let kept = Arc::clone(&site.kept);
    let (reader, stopped) = (unit.clone(), parts.stopped);
    let work = async move {
        match bi {
            Some(bi) => drop(tokio::join!(plans, bi::keep(reader, kept, bi, stopped))),
            None => plans.await,
        }
    };
    Ok((api::statistics(unit, site, &door, parts.log), Box::pin(work)))
}

/// What a unit does without being asked, until it ends.
type Worker = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn ended(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, which ends the unit too.
    let _ = stop.wait_for(|stop| *stop).await;
}
