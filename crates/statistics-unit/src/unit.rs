//! What the statistics unit is made of, its snapshots and its start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::{Identity, ProposalKind, RELEASE_PLAN, Registry};
use approval::{Bound, Desk};
use intake::{Expected, Intake};
use policy::{Name, PolicySet};
use ring::hmac;
use ring::rand::SystemRandom;
use statistics::{FAILED_ANSWER, PersonTable};
use store::{Db, Head, ledger, snapshots};
use submission::{
    Clock, Half, LinkMap, PendingMap, ProblemCode, SealedLinkMap, SignedMapRequest, SigningKey,
    SnapshotId, SnapshotStatement, VerifyingKey,
};
use tokio::sync::{Notify, RwLock, watch};

use crate::plans::{Refusals, StoredRun, looks_back};
use crate::query::StoredRequest;
use crate::slot::Pace;
use crate::witness::Gate;
use crate::workers::Workers;
use crate::{AcceptedMap, UnitError, accept, facts};

/// What a statistics unit is made of.
pub struct Setup {
    /// Its database.
    pub db: Db,
    /// The parties' agreement.
    pub policies: Arc<PolicySet>,
    /// The linkage schema of each project it serves; names which projects there are.
    pub schemas: BTreeMap<Name, Name>,
    /// Who is who.
    pub registry: Registry,
    /// What two people agreed to.
    pub desk: Desk,
    /// Its own signing key.
    pub key: Arc<SigningKey>,
    /// The linkage unit's public key.
    pub linkage_unit: VerifyingKey,
    /// Secret from which the rank key of each snapshot is derived.
    pub rank_secret: [u8; 32],
    /// How the two units are separated, in a sentence that stands in every release.
    pub separation: String,
    /// Where it takes the time from.
    pub clock: Clock,
    /// How often it looks, beside after each accepted link map, whether a run of a plan is due.
    pub plan_interval: Duration,
    /// How long the slots of answers are.
    pub pace: Pace,
    /// What a charge passes before its draw.
    pub gate: Gate,
}

/// The statistics unit. Cheap to clone.
#[derive(Clone)]
pub struct StatisticsUnit(Arc<Inner>);

struct Inner {
    db: Db,
    policies: Arc<PolicySet>,
    intake: Intake,
    registry: Registry,
    desk: Desk,
    key: Arc<SigningKey>,
    linkage_unit: VerifyingKey,
    rank_secret: hmac::Key,
    separation: String,
    clock: Clock,
    random: SystemRandom,
    /// What each project has asked for and not yet got.
    pending: Mutex<BTreeMap<(Name, SnapshotId), PendingMap>>,
    tables: tokio::sync::Mutex<BTreeMap<SnapshotId, Arc<PersonTable>>>,
    refusals: Refusals,
    looks_back: BTreeMap<Name, BTreeSet<u16>>,
    accepted: Notify,
    /// Goes up whenever something was released.
    released: watch::Sender<u64>,
    plan_interval: Duration,
    pace: Pace,
    gate: Gate,
    workers: Workers,
    /// Facts are read under it, what is erased is erased alone.
    readers: RwLock<()>,
}

impl StatisticsUnit {
    /// Requests for a map that a project may have open at once.
    const MOST_PENDING: usize = 16;
    /// Person tables kept in memory.
    const KEPT_TABLES: usize = 4;

    /// Builds the unit. Call [`StatisticsUnit::recover`] before serving.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let looks_back = looks_back(&setup.policies);
        let Setup { db, policies, schemas, registry, desk, key, linkage_unit, .. } = setup;
        let expected = Expected { half: Half::Measures, policies: Arc::clone(&policies), schemas };
        let intake =
            Intake::new(db.clone(), Arc::new(expected), Arc::clone(&key), setup.clock.clone());
        Self(Arc::new(Inner {
            db,
            policies,
            intake,
            registry,
            desk,
            key,
            linkage_unit,
            rank_secret: hmac::Key::new(hmac::HMAC_SHA256, &setup.rank_secret),
            separation: setup.separation,
            clock: setup.clock,
            random: SystemRandom::new(),
            pending: Mutex::default(),
            tables: tokio::sync::Mutex::default(),
            refusals: Refusals::default(),
            looks_back,
            accepted: Notify::new(),
            released: watch::Sender::new(0),
            plan_interval: setup.plan_interval,
            pace: setup.pace,
            gate: setup.gate,
            workers: Workers::new(),
            readers: RwLock::default(),
        }))
    }

    /// Who is who here.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// What two people agreed to.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// Completes what somebody proposes to what exactly would happen.
    ///
    /// # Errors
    /// [`ProblemCode::MalformedRequest`] for what the linkage unit does.
    pub fn bound(
        &self,
        project: &Name,
        kind: ProposalKind,
        about: serde_json::Value,
    ) -> Result<Bound, UnitError> {
        match kind {
            ProposalKind::Policy => Ok(self.0.desk.folder(project)?),
            ProposalKind::CrossCounty => Ok(self.0.desk.joint(project)?),
            ProposalKind::Snapshot | ProposalKind::KeyRelease => {
                let detail = "snapshots and keys are proposed at the linkage unit";
                Err(UnitError::refuse(ProblemCode::MalformedRequest, detail))
            }
            _ => Ok(Bound::new(kind, project, about)),
        }
    }

    /// Says that pieces of policy came into force: runs of plans may be due.
    pub fn agreed(&self) {
        self.0.accepted.notify_one();
    }

    /// How batches arrive.
    #[must_use]
    pub fn intake(&self) -> &Intake {
        &self.0.intake
    }

    /// The unit's database, for the log.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The unit's signing key, for checkpoints.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.0.key
    }

    /// The parties' agreement.
    #[must_use]
    pub fn policies(&self) -> Arc<PolicySet> {
        Arc::clone(&self.0.policies)
    }

    pub(crate) fn policies_ref(&self) -> &PolicySet {
        &self.0.policies
    }

    /// Unix seconds, as this unit takes them.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.0.clock.today()
    }

    pub(crate) fn random(&self) -> &SystemRandom {
        &self.0.random
    }

    pub(crate) fn looks_back(&self) -> &BTreeMap<Name, BTreeSet<u16>> {
        &self.0.looks_back
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    /// Says that a delivery is complete, which may have marked something to erase.
    pub fn delivered(&self) {
        self.0.accepted.notify_one();
    }

    /// Goes up whenever the releases may have become more, so that what is made of them is made
    /// anew only then.
    #[must_use]
    pub fn released(&self) -> watch::Receiver<u64> {
        self.0.released.subscribe()
    }

    /// Says that the releases may have become more.
    pub(crate) fn say_released(&self) {
        self.0.released.send_modify(|own| *own = own.wrapping_add(1));
    }

    /// What says that a link map was accepted, and how long to wait for it.
    pub(crate) fn plan_signal(&self) -> (&Notify, Duration) {
        (&self.0.accepted, self.0.plan_interval)
    }

    pub(crate) fn pace(&self) -> Pace {
        self.0.pace
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// The linkage unit's public key, which receipts are verified with.
    #[must_use]
    pub fn linkage_unit(&self) -> &VerifyingKey {
        &self.0.linkage_unit
    }

    pub(crate) fn workers(&self) -> &Workers {
        &self.0.workers
    }

    /// Refuses to go on while the clock stands before the latest entry of the log: an expired
    /// purpose would live again, and a quarter's cap be spent twice.
    pub(crate) async fn clock_stands(&self) -> Result<(), UnitError> {
        let latest = store::chain::latest(&self.0.db).await?;
        match latest {
            Some(latest) if self.now() < latest.saturating_sub(ledger::CLOCK_TOLERANCE) => {
                Err(UnitError::clock_behind(self.now(), latest))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn separation(&self) -> &str {
        &self.0.separation
    }

    /// Settles what a crash left: interrupted draws become void for ever, paid and undrawn charges
    /// are answered now. Returns how many of each.
    ///
    /// # Errors
    /// [`UnitError::Store`]; the unit must not serve then.
    pub async fn recover(&self) -> Result<(usize, usize), UnitError> {
        let now = self.now();
        let found = ledger::recover(&self.0.db, now, FAILED_ANSWER.as_bytes()).await?;
        let (voided, committed) = (found.voided.len(), found.committed.len());
        for charge in found.committed {
            let damaged = |_| UnitError::Store(store::Error::Damaged("charge.request"));
            // A purpose that ended meanwhile leaves its charge paid and unanswered.
            let answered = if charge.analyst == RELEASE_PLAN {
                let run: StoredRun = serde_json::from_str(&charge.request).map_err(damaged)?;
                self.charge_run(&run).await.map(drop)
            } else {
                let stored: StoredRequest =
                    serde_json::from_str(&charge.request).map_err(damaged)?;
                let project = Name::new(charge.project)?;
                self.query(&project, &stored.analyst, &stored.idempotency_key, stored.request)
                    .await
                    .map(drop)
            };
            match answered {
                Ok(()) | Err(UnitError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((voided, committed))
    }

    /// Draws a fresh key and asks for the map of a snapshot; the operator carries the request.
    ///
    /// # Errors
    /// [`ProblemCode::SnapshotKnown`] where it was accepted before, [`ProblemCode::Busy`].
    pub async fn request_map(
        &self,
        operator: &Identity,
        snapshot: SnapshotId,
    ) -> Result<SignedMapRequest, UnitError> {
        // Whether another project has a snapshot of that id is nobody's business here.
        let accepted = snapshots::accepted(&self.0.db, &snapshot.to_string()).await?;
        if accepted.is_some_and(|own| own.content.project == operator.project.as_str()) {
            return Err(store::Error::AlreadyAccepted.into());
        }
        let (pending, asked) = PendingMap::request(snapshot, &self.0.key, &self.0.random)?;
        let mut open = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (operator.project.clone(), snapshot);
        let others = open.keys().filter(|own| own.0 == place.0 && **own != place).count();
        if others >= Self::MOST_PENDING {
            let detail = "too many link maps are asked for at once; accept or restart";
            return Err(UnitError::refuse(ProblemCode::Busy, detail));
        }
        open.insert(place, pending);
        Ok(asked)
    }

    /// Opens the answer, checks it against this unit's own subjects and accepts it once.
    ///
    /// # Errors
    /// [`ProblemCode::RequestUsed`] without a pending request, [`ProblemCode::SignatureInvalid`],
    /// [`ProblemCode::SnapshotKnown`], [`ProblemCode::SnapshotInconsistent`].
    pub async fn accept_map(
        &self,
        operator: &Identity,
        sealed: &SealedLinkMap,
    ) -> Result<AcceptedMap, UnitError> {
        let snapshot = sealed.statement.snapshot;
        if sealed.statement.project != operator.project {
            let detail = "ask for the list of snapshots";
            return Err(UnitError::refuse(ProblemCode::SnapshotUnknown, detail));
        }
        let place = (operator.project.clone(), snapshot);
        let pending = self.0.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(&place);
        let pending = pending.ok_or_else(|| {
            let detail = "ask for the map again: each request is answered once, none outlives a \
                          restart";
            UnitError::refuse(ProblemCode::RequestUsed, detail)
        })?;
        let map = pending.open(sealed, &self.0.linkage_unit).map_err(|_| {
            let detail = "the map was altered, or answers another request or unit; ask again";
            UnitError::refuse(ProblemCode::SignatureInvalid, detail)
        })?;
        let _reading = self.readers().read().await;
        let loaded = self.load(&sealed.statement, &map).await?;
        accept::check(self, &sealed.statement, &map, &loaded).await?;
        let accepted = accept::store(self, &sealed.statement, &map).await?;
        self.keep(snapshot, Arc::new(loaded.table)).await;
        self.0.accepted.notify_one();
        Ok(accepted)
    }

    /// The accepted snapshots of a project, oldest first.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn snapshots(&self, project: &Name) -> Result<Vec<String>, UnitError> {
        Ok(snapshots::accepted_of(&self.0.db, project.as_str()).await?)
    }

    pub(crate) async fn snapshot(
        &self,
        project: &Name,
        wanted: Option<SnapshotId>,
    ) -> Result<SnapshotId, UnitError> {
        let known = self.snapshots(project).await?;
        let found = match wanted {
            Some(id) => known.into_iter().find(|own| *own == id.to_string()),
            None => known.into_iter().next_back(),
        };
        let unknown = || {
            let detail = "no such snapshot in this project; link and accept a link map first";
            UnitError::refuse(ProblemCode::SnapshotUnknown, detail)
        };
        Ok(SnapshotId::try_from(found.ok_or_else(unknown)?)?)
    }

    pub(crate) async fn table(&self, snapshot: SnapshotId) -> Result<Arc<PersonTable>, UnitError> {
        if let Some(table) = self.0.tables.lock().await.get(&snapshot) {
            return Ok(Arc::clone(table));
        }
        let _reading = self.readers().read().await;
        let (statement, map) = self.statement(snapshot).await?;
        let map = LinkMap::from_bytes(&map)?;
        let table = Arc::new(self.load(&statement, &map).await?.table);
        self.keep(snapshot, Arc::clone(&table)).await;
        Ok(table)
    }

    /// What was accepted as a snapshot, with the bytes of its link map.
    async fn statement(
        &self,
        snapshot: SnapshotId,
    ) -> Result<(SnapshotStatement, Vec<u8>), UnitError> {
        let accepted = snapshots::accepted(&self.0.db, &snapshot.to_string()).await?;
        let unknown = store::Error::NotFound(store::Subject::Snapshot);
        let content = accepted.ok_or(unknown)?.content;
        let damaged = |_| UnitError::Store(store::Error::Damaged("snapshot.statement"));
        let statement = serde_json::from_str(&content.statement).map_err(damaged)?;
        Ok((statement, content.link_map))
    }

    /// Keeps a table that was made up in memory, so that this unit can be measured at a size that
    /// nobody delivers for a measurement. Only for a snapshot that names no batch: what departments
    /// delivered is never replaced.
    ///
    /// # Errors
    /// [`ProblemCode::SnapshotInconsistent`] where the snapshot names a batch, and
    /// [`ProblemCode::SnapshotUnknown`] where it was not accepted.
    pub async fn keep_made_up(
        &self,
        snapshot: SnapshotId,
        table: Arc<PersonTable>,
    ) -> Result<(), UnitError> {
        if !self.statement(snapshot).await?.0.batches.is_empty() {
            let detail = "the snapshot has batches of departments; its table is read from them";
            return Err(UnitError::refuse(ProblemCode::SnapshotInconsistent, detail));
        }
        self.keep(snapshot, table).await;
        Ok(())
    }

    async fn load(
        &self,
        statement: &SnapshotStatement,
        map: &LinkMap,
    ) -> Result<facts::LoadedTable, UnitError> {
        let catalogue = &self.0.policies.catalogue;
        facts::load(&self.0.db, catalogue, statement, map, &self.0.rank_secret).await
    }

    pub(crate) fn readers(&self) -> &RwLock<()> {
        &self.0.readers
    }

    /// Forgets what was read before something was erased; it is read again when it is asked for.
    pub(crate) async fn forget_tables(&self) {
        self.0.tables.lock().await.clear();
    }

    async fn keep(&self, snapshot: SnapshotId, table: Arc<PersonTable>) {
        let mut tables = self.0.tables.lock().await;
        while tables.len() >= Self::KEPT_TABLES {
            tables.pop_first();
        }
        tables.insert(snapshot, table);
    }

    /// Number and hash of the last log entry.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn head(&self) -> Result<Head, UnitError> {
        Ok(store::chain::head(&self.0.db).await?)
    }
}
