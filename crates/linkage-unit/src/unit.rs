//! What the linkage unit does for whom.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use access::{Identity, Registry};
use intake::{Expected, Intake};
use linkage::Progress;
use policy::{Digest, Name, PolicySet};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use store::{Db, Head, snapshots};
use submission::{
    Clock, Half, KeyCheckValue, LinkMap, Problem, ProblemCode, SealedLinkMap, SignedMapRequest,
    SigningKey, SnapshotId, SnapshotStatement, VerifyingKey,
};

use crate::job::{JobState, LinkProgress, LinkReport};
use crate::{UnitError, load, run};

/// What a linkage unit is made of.
pub struct Setup {
    /// Its database.
    pub db: Db,
    /// The parties' agreement.
    pub policies: Arc<PolicySet>,
    /// The linkage schema of each project it serves.
    pub schemas: BTreeMap<Name, Name>,
    /// Who is who.
    pub registry: Registry,
    /// Its own signing key.
    pub key: Arc<SigningKey>,
    /// The statistics unit's public key.
    pub statistics_unit: VerifyingKey,
    /// Where it takes the time from.
    pub clock: Clock,
}

/// The linkage unit. Cheap to clone.
#[derive(Clone)]
pub struct LinkageUnit(Arc<Inner>);

struct Inner {
    db: Db,
    expected: Arc<Expected>,
    intake: Intake,
    registry: Registry,
    key: Arc<SigningKey>,
    statistics_unit: VerifyingKey,
    clock: Clock,
    random: SystemRandom,
    jobs: Mutex<BTreeMap<SnapshotId, Job>>,
}

struct Job {
    project: Name,
    progress: Arc<Progress>,
    outcome: Option<Result<LinkReport, Problem>>,
}

/// What the custodian registers when an epoch opens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenEpoch {
    /// Digest of the linkage schema.
    pub schema: Digest,
    /// Key-check value of the epoch's key under that schema.
    pub key_check_value: KeyCheckValue,
}

impl LinkageUnit {
    /// Finished runs that are kept for asking; older ones are forgotten, their snapshots stay.
    const KEPT_JOBS: usize = 100;

    /// Builds the unit.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let Setup { db, policies, schemas, registry, key, statistics_unit, clock } = setup;
        let expected = Arc::new(Expected { half: Half::Linkable, policies, schemas });
        let intake =
            Intake::new(db.clone(), Arc::clone(&expected), Arc::clone(&key), clock.clone());
        Self(Arc::new(Inner {
            db,
            expected,
            intake,
            registry,
            key,
            statistics_unit,
            clock,
            random: SystemRandom::new(),
            jobs: Mutex::default(),
        }))
    }

    /// Who is who here.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.0.registry
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

    /// Unix seconds, as this unit takes them.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// Opens an epoch with the schema and key-check value that every batch must have.
    ///
    /// # Errors
    /// [`ProblemCode::EpochConflict`] where it is open with other values, or
    /// [`ProblemCode::SchemaDiffers`] where the schema is not the project's.
    pub async fn open_epoch(
        &self,
        custodian: &Identity,
        epoch: &Name,
        values: &OpenEpoch,
    ) -> Result<(), UnitError> {
        let own = self.0.expected.schema(&custodian.project)?.digest()?;
        if own != values.schema {
            let detail = "this unit's policies hold another linkage schema for the project";
            return Err(UnitError::refuse(ProblemCode::SchemaDiffers, detail));
        }
        let (schema, value) = (values.schema.as_bytes(), values.key_check_value.as_bytes());
        let project = custodian.project.as_str();
        store::epochs::open(
            &self.0.db,
            project,
            epoch.as_str(),
            schema,
            Some(value),
            self.0.clock.now(),
        )
        .await?;
        Ok(())
    }

    /// Starts linking all complete batches of an epoch and returns the snapshot to come.
    ///
    /// # Errors
    /// [`ProblemCode::EpochUnknown`], or [`ProblemCode::Busy`] while a run of the project goes on.
    pub async fn start_link(
        &self,
        operator: &Identity,
        epoch: &Name,
    ) -> Result<SnapshotId, UnitError> {
        let project = operator.project.clone();
        self.0.expected.schema(&project)?;
        if store::epochs::get(&self.0.db, project.as_str(), epoch.as_str()).await?.is_none() {
            let detail = format!("epoch `{epoch}` is not open; ask the custodian to open it");
            return Err(UnitError::refuse(ProblemCode::EpochUnknown, detail));
        }
        let snapshot = SnapshotId::random(&self.0.random)?;
        let progress = Arc::new(Progress::new());
        self.admit(snapshot, &project, &progress)?;
        let (unit, epoch) = (self.clone(), epoch.clone());
        tokio::spawn(async move {
            let done = unit.link(snapshot, &project, &epoch, &progress).await;
            let outcome = done.map_err(|error| error.problem());
            if let Some(job) = unit.jobs().get_mut(&snapshot) {
                job.outcome = Some(outcome);
            }
        });
        Ok(snapshot)
    }

    fn admit(
        &self,
        snapshot: SnapshotId,
        project: &Name,
        progress: &Arc<Progress>,
    ) -> Result<(), UnitError> {
        let mut jobs = self.jobs();
        if jobs.values().any(|job| job.project == *project && job.outcome.is_none()) {
            let detail = "a linkage run of this project is going on; wait for it";
            return Err(UnitError::refuse(ProblemCode::Busy, detail));
        }
        if jobs.len() >= Self::KEPT_JOBS {
            jobs.retain(|_, job| job.outcome.is_none());
        }
        let progress = Arc::clone(progress);
        jobs.insert(snapshot, Job { project: project.clone(), progress, outcome: None });
        Ok(())
    }

    async fn link(
        &self,
        snapshot: SnapshotId,
        project: &Name,
        epoch: &Name,
        progress: &Arc<Progress>,
    ) -> Result<LinkReport, UnitError> {
        let schema = self.0.expected.schema(project)?.clone();
        let digest = schema.digest()?;
        let started = Instant::now();
        let loaded = load::load(&self.0.db, &schema, project, epoch).await?;
        let earlier = self.latest_map(project, epoch).await?;
        let (loading, progress) = (started.elapsed(), Arc::clone(progress));
        let work = move || {
            let random = SystemRandom::new();
            run::link(loaded, loading, &schema, earlier.as_ref(), &progress, &random)
        };
        let linked = tokio::task::spawn_blocking(work).await.map_err(|_| UnitError::Worker)??;
        let now = self.0.clock.now();
        run::freeze(&self.0.db, snapshot, (project, epoch, digest), &linked, now).await?;
        Ok(linked.report)
    }

    async fn latest_map(&self, project: &Name, epoch: &Name) -> Result<Option<LinkMap>, UnitError> {
        let ids = snapshots::frozen_of(&self.0.db, project.as_str()).await?;
        for id in ids.iter().rev() {
            let frozen = snapshots::frozen(&self.0.db, id).await?;
            if let Some(frozen) = frozen.filter(|f| f.content.epoch == epoch.as_str()) {
                return Ok(Some(LinkMap::from_bytes(&frozen.content.link_map)?));
            }
        }
        Ok(None)
    }

    /// How far the run of a snapshot is; `None` for one of another project or before a restart.
    #[must_use]
    pub fn progress(&self, operator: &Identity, snapshot: SnapshotId) -> Option<LinkProgress> {
        let jobs = self.jobs();
        let job = jobs.get(&snapshot).filter(|job| job.project == operator.project)?;
        let (compared, total) = job.progress.compared();
        let (state, report, problem) = match &job.outcome {
            None => (JobState::Running, None, None),
            Some(Ok(report)) => (JobState::Frozen, Some(report.clone()), None),
            Some(Err(problem)) => (JobState::Failed, None, Some(problem.clone())),
        };
        Some(LinkProgress { snapshot, state, compared, total, report, problem })
    }

    /// The frozen snapshots of a project, oldest first.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn snapshots(&self, operator: &Identity) -> Result<Vec<String>, UnitError> {
        Ok(snapshots::frozen_of(&self.0.db, operator.project.as_str()).await?)
    }

    /// Seals the link map of a frozen snapshot to the statistics unit's request.
    ///
    /// # Errors
    /// [`ProblemCode::SnapshotUnknown`], or [`ProblemCode::SignatureInvalid`] where somebody else
    /// than the statistics unit asks.
    pub async fn seal_map(
        &self,
        operator: &Identity,
        asked: &SignedMapRequest,
    ) -> Result<SealedLinkMap, UnitError> {
        let unknown =
            || UnitError::refuse(ProblemCode::SnapshotUnknown, "ask for the list of snapshots");
        let id = asked.request.snapshot.to_string();
        let frozen = snapshots::frozen(&self.0.db, &id).await?.ok_or_else(unknown)?;
        if frozen.content.project != operator.project.as_str() {
            return Err(unknown());
        }
        let damaged = |_| UnitError::Store(store::Error::Damaged("snapshot.statement"));
        let statement: SnapshotStatement =
            serde_json::from_str(&frozen.content.statement).map_err(damaged)?;
        let random: &dyn SecureRandom = &self.0.random;
        let (map, peer) = (&frozen.content.link_map, &self.0.statistics_unit);
        let sealed = SealedLinkMap::seal(statement, map, asked, peer, &self.0.key, random)
            .map_err(|_| {
                let detail = "the request is not signed by the registered statistics unit";
                UnitError::refuse(ProblemCode::SignatureInvalid, detail)
            })?;
        snapshots::transferred(&self.0.db, &id, self.0.clock.now()).await?;
        Ok(sealed)
    }

    /// Number and hash of the last log entry.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn head(&self) -> Result<Head, UnitError> {
        Ok(store::chain::head(&self.0.db).await?)
    }

    fn jobs(&self) -> std::sync::MutexGuard<'_, BTreeMap<SnapshotId, Job>> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
