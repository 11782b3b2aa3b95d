//! Runs: started by hand or by rule, one at a time per project, asked for by their snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use access::Identity;
use linkage::{Progress, Threshold};
use policy::{LinkageSchema, Name, SchedulePeriod};
use ring::rand::SystemRandom;
use store::batches::{self, LiveBatch, Mode};
use store::pairs::{self, Kept, NewComparison};
use store::snapshots;
use submission::{LinkMap, Problem, ProblemCode, SnapshotId};

use crate::job::{JobState, LinkProgress, LinkReport, PeriodReport};
use crate::keeper::Failure;
use crate::kept::{self, Basis, Course, Earlier, KeptPairs, KeptSink, Spill};
use crate::order::{LinkOrder, Solving};
use crate::schedule::{self, Live};
use crate::state::{self, RunState};
use crate::{LinkageUnit, UnitError, load, run};

/// A run in this process.
pub(crate) struct Job {
    project: Name,
    period: Option<Name>,
    progress: Arc<Progress>,
    started: Instant,
    outcome: Option<Result<LinkReport, Problem>>,
}

pub(crate) type Jobs = BTreeMap<SnapshotId, Job>;

/// What a run is about.
struct Work {
    snapshot: SnapshotId,
    project: Name,
    epoch: Name,
    period: Option<SchedulePeriod>,
    order: Option<LinkOrder>,
}

impl Job {
    fn state(&self, snapshot: SnapshotId) -> RunState {
        let (compared, total) = self.progress.compared();
        let spent = self.started.elapsed().as_millis();
        let rest = u128::from(total.saturating_sub(compared));
        let eta = (spent * rest).checked_div(u128::from(compared));
        let eta_seconds = eta.and_then(|millis| u64::try_from(millis.div_ceil(1000)).ok());
        RunState { snapshot, period: self.period.clone(), compared, total, eta_seconds }
    }
}

impl LinkageUnit {
    /// Finished runs that are kept for asking; older failures are forgotten, snapshots stay.
    const KEPT_JOBS: usize = 100;

    /// Starts linking all complete batches of an epoch and returns the snapshot to come. No schedule
    /// leads to it, so somebody proposed exactly these deliveries and somebody else approved.
    ///
    /// # Errors
    /// [`ProblemCode::EpochUnknown`], [`ProblemCode::ApprovalNeeded`], or [`ProblemCode::Busy`] while a run of the project goes on.
    pub async fn start_link(
        &self,
        operator: &Identity,
        order: &LinkOrder,
    ) -> Result<SnapshotId, UnitError> {
        let (project, epoch) = (&operator.project, &order.epoch);
        self.expected().schema(project)?;
        let known = store::epochs::get(self.db(), project.as_str(), epoch.as_str()).await?;
        if known.is_none_or(|own| own.state == store::epochs::State::Closed) {
            let detail = format!("epoch `{epoch}` is not open; ask the custodian to open it");
            return Err(UnitError::refuse(ProblemCode::EpochUnknown, detail));
        }
        if !self.desk().joint_holds(project) {
            let detail = "this links people of several counties; the officers of all of them approve \
                          it first (`milchglas propose cross-county`)";
            return Err(UnitError::refuse(ProblemCode::ApprovalNeeded, detail));
        }
        let live = batches::live(self.db(), project.as_str(), epoch.as_str()).await?;
        // Asked again when it is used up: what arrives meanwhile was not approved.
        drop(self.desk().require(&self.snapshot_bound(project, order, &live)?).await?);
        self.start(project, epoch, None, Some(order))
    }

    /// Starts a run in the background: one by rule, with its period, or one that was ordered.
    pub(crate) fn start(
        &self,
        project: &Name,
        epoch: &Name,
        period: Option<&SchedulePeriod>,
        order: Option<&LinkOrder>,
    ) -> Result<SnapshotId, UnitError> {
        let snapshot = SnapshotId::random(self.random())?;
        let progress = Arc::new(Progress::new());
        let work = Arc::new(Work {
            snapshot,
            project: project.clone(),
            epoch: epoch.clone(),
            period: period.cloned(),
            order: order.cloned(),
        });
        self.admit(&work, &progress)?;
        let (unit, about) = (self.clone(), Arc::clone(&work));
        let run = tokio::spawn(async move { unit.link(&about, &progress).await });
        let unit = self.clone();
        // A task of its own: whatever becomes of the run, the project is free again.
        tokio::spawn(async move {
            let done = run.await.unwrap_or(Err(UnitError::Worker));
            unit.ended(&work, done);
        });
        Ok(snapshot)
    }

    fn admit(&self, work: &Work, progress: &Arc<Progress>) -> Result<(), UnitError> {
        let mut jobs = self.jobs();
        if jobs.values().any(|job| job.project == work.project && job.outcome.is_none()) {
            let detail = "a linkage run of this project is going on; wait for it";
            return Err(UnitError::refuse(ProblemCode::Busy, detail));
        }
        if jobs.len() >= Self::KEPT_JOBS {
            jobs.retain(|_, job| job.outcome.is_none());
        }
        let job = Job {
            project: work.project.clone(),
            period: work.period.as_ref().map(|period| period.id.clone()),
            progress: Arc::clone(progress),
            started: Instant::now(),
            outcome: None,
        };
        jobs.insert(work.snapshot, job);
        Ok(())
    }

    async fn link(&self, work: &Work, progress: &Arc<Progress>) -> Result<LinkReport, UnitError> {
        let _reading = self.readers().read().await;
        let found = self.link_once(work, progress).await;
        match found {
            // Another process kept the same pairs meanwhile: what it kept can be read.
            Err(UnitError::Store(store::Error::NotFound(store::Subject::Comparison))) => {
                self.link_once(work, progress).await
            }
            found => found,
        }
    }

    async fn link_once(
        &self,
        work: &Work,
        progress: &Arc<Progress>,
    ) -> Result<LinkReport, UnitError> {
        let (project, epoch) = (&work.project, &work.epoch);
        let schema = self.expected().schema(project)?.clone();
        let digest = schema.digest()?;
        let started = Instant::now();
        let live = batches::live(self.db(), project.as_str(), epoch.as_str()).await?;
        let period =
            work.period.as_ref().map(|own| self.still_due(work, own, &live)).transpose()?;
        let approved = match &work.order {
            None => None,
            Some(order) => {
                let bound = self.snapshot_bound(project, order, &live)?;
                Some(self.desk().require(&bound).await?)
            }
        };
        let loaded = load::load(self.db(), &schema, (project, epoch), live).await?;
        let earlier = self.latest_map(project, epoch).await?;
        let agreed = Solving::agreed(&schema);
        let solving = work.order.as_ref().map_or(agreed, |order| Solving::ordered(&schema, order));
        let course = self.course((project, epoch), &schema, &loaded, solving).await?;
        let (loading, progress) = (started.elapsed(), Arc::clone(progress));
        let compute = move || {
            let (schema, earlier) = (&schema, earlier.as_ref());
            let (progress, random) = (&*progress, &SystemRandom::new());
            let way = run::Way { schema, solving, course, earlier, progress, random };
            run::link(loaded, loading, way)
        };
        let mut linked =
            tokio::task::spawn_blocking(compute).await.map_err(|_| UnitError::Worker)??;
        linked.report.period = period;
        let agreed = (project, epoch, digest);
        run::freeze(self.db(), work.snapshot, agreed, (&linked, approved), self.now()).await?;
        Ok(linked.report)
    }

    /// Whether the pairs of these records are there, are there in part, or have to be compared.
    async fn course(
        &self,
        (project, epoch): (&Name, &Name),
        schema: &LinkageSchema,
        loaded: &load::Loaded,
        solving: Solving,
    ) -> Result<Course, UnitError> {
        if loaded.sources.iter().all(|source| source.subjects.is_empty()) {
            return Ok(Course::Rehearse);
        }
        let wanted = solving.threshold.millionths();
        let below = schema.threshold.millionths().saturating_sub(kept::MARGIN).max(1);
        let floor = self.pair_floor(project).map_or(below, |own| own.millionths()).min(wanted);
        let basis = Basis::of(&loaded.sources, schema);
        let (db, now) = (self.db().clone(), self.now());
        let kept = pairs::kept(&db, project.as_str(), epoch.as_str()).await?;
        let same = |own: &&Kept| own.basis == *basis.digest.as_bytes();
        let ready = kept.iter().find(|own| same(own) && own.complete && own.floor <= wanted);
        if let Some(own) = ready {
            let floor = Threshold::from_per_million(own.floor)?;
            let handle = tokio::runtime::Handle::current();
            let kept = KeptPairs::new(db, handle, own.comparison.clone(), floor);
            return Ok(Course::Reuse(kept));
        }
        let complete = kept.iter().find(|own| own.complete && own.floor == floor);
        let earlier = match complete {
            Some(own) => {
                let subjects = pairs::sources(&db, &own.comparison).await?;
                Earlier::new(own, &subjects, &loaded.sources).map(|earlier| (own, earlier))
            }
            None => None,
        };
        let after = earlier.as_ref().map(|(own, _)| own.comparison.as_str());
        let tiling = kept::tiling(after);
        let goes_on =
            |own: &&Kept| same(own) && !own.complete && own.floor == floor && own.tiling == tiling;
        let (comparison, place) = match kept.iter().find(goes_on) {
            Some(own) => (own.comparison.clone(), (own.next_tile, own.pairs)),
            None => {
                let comparison = SnapshotId::random(self.random())?.to_string();
                let new = NewComparison {
                    comparison: comparison.clone(),
                    project: project.to_string(),
                    epoch: epoch.to_string(),
                    basis: *basis.digest.as_bytes(),
                    tiling,
                    floor,
                    sources: basis.sources,
                };
                pairs::begin(&db, new, now).await?;
                (comparison, (0, 0))
            }
        };
        let floor = Threshold::from_per_million(floor)?;
        let sink = KeptSink::new(db, (comparison, floor), place, Spill::USUAL, now);
        Ok(Course::Compare(sink, earlier.map(|(_, earlier)| earlier)))
    }

    /// What is linked is what was judged: the batches that this very run reads.
    fn still_due(
        &self,
        work: &Work,
        period: &SchedulePeriod,
        live: &[LiveBatch],
    ) -> Result<PeriodReport, UnitError> {
        let own = self.schedules().find(|own| own.project == work.project);
        let schedule = own.ok_or(UnitError::NotDue)?;
        let of = |batch: &LiveBatch| Live::of_batch(&work.epoch, batch);
        // As in `batches::delivered`: an amendment that only withdraws completes no delivery.
        let live = live.iter().filter(|batch| batch.mode == Mode::Full || batch.rows > 0);
        let live: Vec<Live> = live.map(of).collect::<Result<_, _>>()?;
        let deliveries = schedule::deliveries(schedule, period, &live);
        if schedule::is_due(period, &deliveries, self.today()) {
            Ok(PeriodReport { period: period.id.clone(), deliveries })
        } else {
            Err(UnitError::NotDue)
        }
    }

    async fn latest_map(&self, project: &Name, epoch: &Name) -> Result<Option<LinkMap>, UnitError> {
        let lines = snapshots::lines(self.db(), project.as_str()).await?;
        let Some(line) = lines.iter().rev().find(|line| line.epoch == epoch.as_str()) else {
            return Ok(None);
        };
        let frozen = snapshots::frozen(self.db(), &line.snapshot).await?;
        let bytes = frozen.map(|frozen| frozen.content.link_map);
        Ok(bytes.map(|bytes| LinkMap::from_bytes(&bytes)).transpose()?)
    }

    /// Keeps the outcome, says it in the log, and looks again: something may have come meanwhile.
    fn ended(&self, work: &Work, done: Result<LinkReport, UnitError>) {
        let Work { snapshot, project, .. } = work;
        let period = work.period.as_ref().map(|own| own.id.clone());
        let shown = period.as_ref().map_or("by hand", Name::as_str);
        match &done {
            Ok(report) => {
                let missing = report.period.as_ref().map_or(0, |own| {
                    own.deliveries.iter().filter(|own| own.arrived.is_none()).count()
                });
                tracing::info!(%project, period = shown, %snapshot, missing, "froze a snapshot");
            }
            Err(UnitError::NotDue) => tracing::info!(%project, period = shown, "not due any more"),
            Err(UnitError::Linkage(linkage::Error::Cancelled)) => {
                tracing::info!(%project, period = shown, "stopped; begins anew at the next start");
            }
            Err(error) => tracing::error!(%project, period = shown, %error, "linking failed"),
        }
        if let Some(period) = period {
            self.remember((project.clone(), period), done.as_ref().err());
        }
        if let Some(job) = self.jobs().get_mut(snapshot) {
            job.outcome = Some(done.map_err(|error| error.problem()));
        }
        self.look_soon();
    }

    fn remember(&self, place: (Name, Name), error: Option<&UnitError>) {
        let mut failures = self.failures();
        match error {
            None | Some(UnitError::NotDue | UnitError::Linkage(linkage::Error::Cancelled)) => {
                failures.remove(&place);
            }
            Some(error) => {
                let failure = Failure::after(failures.get(&place), error.problem(), self.now());
                failures.insert(place, failure);
            }
        }
    }

    /// How far the run of a snapshot is, or what it counted; `None` for one of another project,
    /// or one that did not freeze before a restart.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn progress(
        &self,
        operator: &Identity,
        snapshot: SnapshotId,
    ) -> Result<Option<LinkProgress>, UnitError> {
        if let Some(own) = self.job_progress(&operator.project, snapshot) {
            return Ok(Some(own));
        }
        let lines = snapshots::lines(self.db(), operator.project.as_str()).await?;
        let id = snapshot.to_string();
        let Some(line) = lines.iter().find(|line| line.snapshot == id) else { return Ok(None) };
        let report = state::report(line)?;
        let compared = report.as_ref().map_or(0, |own| own.compared);
        let (state, total, eta_seconds, problem) = (JobState::Frozen, compared, None, None);
        Ok(Some(LinkProgress { snapshot, state, compared, total, eta_seconds, report, problem }))
    }

    fn job_progress(&self, project: &Name, snapshot: SnapshotId) -> Option<LinkProgress> {
        let jobs = self.jobs();
        let job = jobs.get(&snapshot).filter(|job| job.project == *project)?;
        let RunState { compared, total, mut eta_seconds, .. } = job.state(snapshot);
        let (state, report, problem) = match &job.outcome {
            None => (JobState::Running, None, None),
            Some(Ok(report)) => (JobState::Frozen, Some(report.clone()), None),
            Some(Err(problem)) => (JobState::Failed, None, Some(problem.clone())),
        };
        if state != JobState::Running {
            eta_seconds = None;
        }
        Some(LinkProgress { snapshot, state, compared, total, eta_seconds, report, problem })
    }

    /// The run of a project that goes on.
    pub(crate) fn running(&self, project: &Name) -> Option<RunState> {
        let jobs = self.jobs();
        let mut own =
            jobs.iter().filter(|(_, job)| job.project == *project && job.outcome.is_none());
        own.next().map(|(snapshot, job)| job.state(*snapshot))
    }

    /// Stops every run and waits until each has ended.
    pub(crate) async fn end_runs(&self) {
        while self.cancel_runs() {
            self.look_wanted().await;
        }
    }

    /// Whether there was one.
    fn cancel_runs(&self) -> bool {
        let jobs = self.jobs();
        let mut running = jobs.values().filter(|job| job.outcome.is_none()).peekable();
        let any = running.peek().is_some();
        running.for_each(|job| job.progress.cancel());
        any
    }
}
