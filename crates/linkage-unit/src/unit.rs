//! What the linkage unit does for whom.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access::{Identity, Registry};
use approval::Desk;
use intake::{Expected, Intake};
use jiff::civil::Date;
use policy::{Digest, Name, PartKind, PolicySet, SimilarityThreshold};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use store::{Db, Head, snapshots};
use submission::{
    Clock, Half, KeyCheckValue, ProblemCode, SealedLinkMap, SignedMapRequest, SigningKey,
    SnapshotStatement, VerifyingKey,
};
use tokio::sync::{Notify, RwLock};

use crate::UnitError;
use crate::keeper::Failures;
use crate::runs::Jobs;

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
    /// What two people agreed to.
    pub desk: Desk,
    /// Its own signing key.
    pub key: Arc<SigningKey>,
    /// The statistics unit's public key.
    pub statistics_unit: VerifyingKey,
    /// Where it takes the time from.
    pub clock: Clock,
    /// How often it looks at the schedules without being told.
    pub look_every: Duration,
    /// Least similarity of the pairs that are kept, by project; where none is named, .02 below the
    /// threshold.
    pub pair_floors: BTreeMap<Name, SimilarityThreshold>,
}

/// The linkage unit. Cheap to clone.
#[derive(Clone)]
pub struct LinkageUnit(Arc<Inner>);

struct Inner {
    db: Db,
    expected: Arc<Expected>,
    intake: Intake,
    registry: Registry,
    desk: Desk,
    key: Arc<SigningKey>,
    statistics_unit: VerifyingKey,
    clock: Clock,
    random: SystemRandom,
    look_every: Duration,
    look: Notify,
    jobs: Mutex<Jobs>,
    failures: Mutex<Failures>,
    pair_floors: BTreeMap<Name, SimilarityThreshold>,
    /// Runs read under it, what is erased is erased alone.
    readers: RwLock<()>,
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
    /// Builds the unit.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let Setup { db, policies, schemas, registry, desk, key, .. } = setup;
        let Setup { statistics_unit, clock, look_every, .. } = setup;
        let expected = Arc::new(Expected { half: Half::Linkable, policies, schemas });
        let intake =
            Intake::new(db.clone(), Arc::clone(&expected), Arc::clone(&key), clock.clone());
        Self(Arc::new(Inner {
            db,
            expected,
            intake,
            registry,
            desk,
            key,
            statistics_unit,
            clock,
            random: SystemRandom::new(),
            look_every,
            look: Notify::new(),
            jobs: Mutex::default(),
            failures: Mutex::default(),
            pair_floors: setup.pair_floors,
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

    /// The folder that it reads.
    #[must_use]
    pub fn policies(&self) -> Arc<PolicySet> {
        Arc::clone(&self.0.expected.policies)
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

    /// Opens an epoch with the schema and key-check value that every batch must have: what two people
    /// agreed to, the schema as a piece of policy and the key by a proposal of its own.
    ///
    /// # Errors
    /// [`ProblemCode::ApprovalNeeded`], [`ProblemCode::EpochConflict`] where it is open with other values, or
    /// [`ProblemCode::SchemaDiffers`] where the schema is not the project's.
    pub async fn open_epoch(
        &self,
        custodian: &Identity,
        epoch: &Name,
        values: &OpenEpoch,
    ) -> Result<(), UnitError> {
        let schema = self.0.expected.schema(&custodian.project)?;
        let own = schema.digest()?;
        if own != values.schema {
            let detail = "this unit's policies hold another linkage schema for the project";
            return Err(UnitError::refuse(ProblemCode::SchemaDiffers, detail));
        }
        if !self.0.desk.holds(&custodian.project, PartKind::Schema, &schema.name) {
            let detail = "the linkage schema waits for the approval of two people";
            return Err(UnitError::refuse(ProblemCode::ApprovalNeeded, detail));
        }
        let place = (custodian.project.as_str(), epoch.as_str());
        let fresh = store::epochs::get(&self.0.db, place.0, place.1).await?.is_none();
        let approved = match fresh {
            true => {
                let bound = crate::bound::key_bound(&custodian.project, epoch, values);
                Some(self.0.desk.require(&bound).await?)
            }
            false => None,
        };
        let value = values.key_check_value.as_bytes();
        let values = (values.schema.as_bytes(), Some(value.as_slice()));
        store::epochs::open_approved(&self.0.db, place, values, approved, self.0.clock.now())
            .await?;
        Ok(())
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

    pub(crate) fn expected(&self) -> &Expected {
        &self.0.expected
    }

    pub(crate) fn random(&self) -> &dyn SecureRandom {
        &self.0.random
    }

    pub(crate) fn today(&self) -> Date {
        self.0.clock.today()
    }

    pub(crate) fn look_every(&self) -> Duration {
        self.0.look_every
    }

    /// The configured floor of a project's kept pairs.
    pub(crate) fn pair_floor(&self, project: &Name) -> Option<SimilarityThreshold> {
        self.0.pair_floors.get(project).copied()
    }

    pub(crate) fn readers(&self) -> &RwLock<()> {
        &self.0.readers
    }

    pub(crate) fn look_soon(&self) {
        self.0.look.notify_one();
    }

    pub(crate) async fn look_wanted(&self) {
        self.0.look.notified().await;
    }

    pub(crate) fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
