//! Where a project's schedule stands; for its operator only.

use std::collections::{BTreeMap, BTreeSet};

use access::{Identity, Role};
use jiff::civil::Date;
use policy::{Expectation, LastMonth, Name, Schedule, SchedulePeriod};
use serde::{Deserialize, Serialize};
use store::snapshots::{self, FrozenLine};
use submission::{Problem, SnapshotId, SnapshotStatement};

use crate::job::LinkReport;
use crate::schedule::{self, Live};
use crate::{Delivery, LinkageUnit, UnitError};

/// A frozen snapshot in the list.
#[derive(Clone, Serialize, Deserialize)]
pub struct SnapshotLine {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// The epoch whose batches went in.
    pub epoch: Name,
    /// The period by whose rule it was made; none where somebody started it.
    #[serde(default)]
    pub period: Option<Name>,
    /// When it was frozen, in Unix seconds.
    pub frozen_at: i64,
    /// How often its link map was handed over.
    pub transfers: u64,
}

/// A project's schedule, and what became of it.
#[derive(Serialize, Deserialize)]
pub struct ScheduleState {
    /// The project.
    pub project: Name,
    /// Whether it has a schedule; one without is linked by hand.
    pub scheduled: bool,
    /// The run that goes on, by rule or by hand.
    pub run: Option<RunState>,
    /// Expected deliveries for which nobody is registered at this unit.
    pub unregistered: Vec<Expectation>,
    /// The periods, oldest first.
    pub periods: Vec<PeriodState>,
}

/// A run that goes on.
#[derive(Clone, Serialize, Deserialize)]
pub struct RunState {
    /// The snapshot that it makes.
    pub snapshot: SnapshotId,
    /// The period by whose rule it runs; none where somebody started it.
    pub period: Option<Name>,
    /// Filter pairs decided so far.
    pub compared: u64,
    /// Filter pairs to decide in all; 0 until the encodings are loaded.
    pub total: u64,
    /// Seconds that the rest may take, once it can be said.
    pub eta_seconds: Option<u64>,
}

/// Where a period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodStage {
    /// A delivery is missing.
    Waiting,
    /// It is due; a run that goes on, or the pause after a failed one, keeps it.
    Ready,
    /// Its run goes on.
    Linking,
    /// It has its snapshot.
    Frozen,
    /// A newer period is due or has its snapshot; this one gets none.
    Overtaken,
}

/// A period of a schedule.
#[derive(Serialize, Deserialize)]
pub struct PeriodState {
    /// Its name.
    pub period: Name,
    /// The epoch whose batches count.
    pub epoch: Name,
    /// Last month that every delivery must reach.
    pub last_month: LastMonth,
    /// Day from which one links with what is there.
    pub link_on: Option<Date>,
    /// Where it stands.
    pub state: PeriodStage,
    /// What it expects, with what counts; of a frozen one, what went in.
    pub deliveries: Vec<Delivery>,
    /// Its snapshot, once frozen.
    pub snapshot: Option<SnapshotId>,
    /// When that was frozen, in Unix seconds.
    pub frozen_at: Option<i64>,
    /// Why its last run failed.
    pub problem: Option<Problem>,
    /// When it is tried again at the earliest, in Unix seconds.
    pub try_again_at: Option<i64>,
    /// Batches that came after its snapshot and wait for the next period; of the newest snapshot.
    pub later: Vec<Delivery>,
}

impl LinkageUnit {
    /// The frozen snapshots of a project, oldest first.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn snapshots(&self, operator: &Identity) -> Result<Vec<SnapshotLine>, UnitError> {
        let line = |line: FrozenLine| {
            Ok(SnapshotLine {
                snapshot: line.snapshot.parse()?,
                epoch: Name::new(line.epoch)?,
                period: line.made.period.map(Name::new).transpose()?,
                frozen_at: line.created_at,
                transfers: line.transfers,
            })
        };
        let lines = snapshots::lines(self.db(), operator.project.as_str()).await?;
        lines.into_iter().map(line).collect()
    }

    /// Where the schedule of the operator's project stands.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn schedule(&self, operator: &Identity) -> Result<ScheduleState, UnitError> {
        let project = &operator.project;
        let run = self.running(project);
        let Some(schedule) = self.schedules().find(|own| own.project == *project) else {
            let (unregistered, periods) = (Vec::new(), Vec::new());
            let project = project.clone();
            return Ok(ScheduleState { project, scheduled: false, run, unregistered, periods });
        };
        let live = self.live(project).await?;
        let mut frozen = BTreeMap::new();
        for line in snapshots::lines(self.db(), project.as_str()).await? {
            if let Some(period) = &line.made.period {
                frozen.insert(Name::new(period.clone())?, line);
            }
        }
        let names: BTreeSet<Name> = frozen.keys().cloned().collect();
        let due = schedule::due(schedule, &names, &live, self.today());
        let place = |id: &Name| schedule.periods.iter().position(|own| own.id == *id);
        let view = View {
            schedule,
            live: &live,
            linking: run.as_ref().and_then(|run| place(run.period.as_ref()?)),
            due: due.and_then(|period| place(&period.id)),
            newest: schedule.periods.iter().rposition(|own| names.contains(&own.id)),
        };
        let mut periods = Vec::with_capacity(schedule.periods.len());
        for (position, period) in schedule.periods.iter().enumerate() {
            let mut state = view.period(position, period, frozen.get(&period.id))?;
            let failure = self.failures();
            if let Some(failure) = failure.get(&(project.clone(), period.id.clone())) {
                state.problem = Some(failure.problem.clone());
                state.try_again_at = Some(failure.not_before);
            }
            periods.push(state);
        }
        let unregistered = self.unregistered(schedule);
        let project = project.clone();
        Ok(ScheduleState { project, scheduled: true, run, unregistered, periods })
    }

    /// The expected deliveries that no registered department can make.
    pub(crate) fn unregistered(&self, schedule: &Schedule) -> Vec<Expectation> {
        let can = |own: &Identity, expected: &Expectation| {
            own.role == Role::Department
                && own.project == schedule.project
                && own.name == expected.department
                && own.datasets.contains(&expected.dataset)
        };
        let nobody =
            |expected: &&Expectation| !self.registry().iter().any(|own| can(own, expected));
        schedule.expected.iter().filter(nobody).cloned().collect()
    }
}

struct View<'a> {
    schedule: &'a Schedule,
    live: &'a [Live],
    linking: Option<usize>,
    due: Option<usize>,
    newest: Option<usize>,
}

impl View<'_> {
    fn period(
        &self,
        position: usize,
        period: &SchedulePeriod,
        frozen: Option<&FrozenLine>,
    ) -> Result<PeriodState, UnitError> {
        let mut state = PeriodState {
            period: period.id.clone(),
            epoch: period.epoch.clone(),
            last_month: period.last_month,
            link_on: period.link_on,
            state: self.stage(position, frozen.is_some()),
            deliveries: schedule::deliveries(self.schedule, period, self.live),
            snapshot: None,
            frozen_at: None,
            problem: None,
            try_again_at: None,
            later: Vec::new(),
        };
        let Some(line) = frozen else { return Ok(state) };
        state.snapshot = Some(line.snapshot.parse()?);
        state.frozen_at = Some(line.created_at);
        if let Some(own) = report(line)?.and_then(|report| report.period) {
            state.deliveries = own.deliveries;
        }
        if self.newest == Some(position) {
            state.later = self.later(line)?;
        }
        Ok(state)
    }

    fn stage(&self, position: usize, frozen: bool) -> PeriodStage {
        if frozen {
            PeriodStage::Frozen
        } else if self.linking == Some(position) {
            PeriodStage::Linking
        } else if [self.newest, self.linking, self.due].iter().flatten().any(|own| *own > position)
        {
            PeriodStage::Overtaken
        } else if self.due == Some(position) {
            PeriodStage::Ready
        } else {
            PeriodStage::Waiting
        }
    }

    fn later(&self, line: &FrozenLine) -> Result<Vec<Delivery>, UnitError> {
        let damaged = |_| UnitError::Store(store::Error::Damaged("snapshot.statement"));
        let statement: SnapshotStatement =
            serde_json::from_str(&line.statement).map_err(damaged)?;
        let linked: BTreeSet<_> =
            statement.batches.iter().map(|own| *own.batch.as_bytes()).collect();
        let later = self.live.iter().filter(|own| {
            own.epoch == line.epoch && !linked.contains(own.arrived.batch.as_bytes())
        });
        let delivery = |own: &Live| {
            Ok(Delivery {
                department: Name::new(own.department.clone())?,
                dataset: Name::new(own.dataset.clone())?,
                arrived: Some(own.arrived.clone()),
            })
        };
        later.map(delivery).collect()
    }
}

/// The stored report of a run; none where an earlier version froze the snapshot.
pub(crate) fn report(line: &FrozenLine) -> Result<Option<LinkReport>, UnitError> {
    let damaged = |_| UnitError::Store(store::Error::Damaged("snapshot.report"));
    line.made.report.as_deref().map(serde_json::from_str).transpose().map_err(damaged)
}
