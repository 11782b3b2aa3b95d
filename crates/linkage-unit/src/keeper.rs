//! Who looks whether a period is due: after each delivery, after each run, and now and then for
//! the sake of dates. One look starts at most one run per project.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use policy::{Name, Schedule};
use store::{batches, snapshots};
use submission::Problem;

use crate::schedule::{self, Live};
use crate::{LinkageUnit, UnitError};

/// Runs by rule that failed, by project and period.
pub(crate) type Failures = BTreeMap<(Name, Name), Failure>;

/// A run by rule that failed, and when it may be tried again.
pub(crate) struct Failure {
    times: u32,
    pub(crate) not_before: i64,
    pub(crate) problem: Problem,
}

impl Failure {
    /// Seconds to wait after the first failure; each further one doubles them.
    const FIRST_PAUSE: i64 = 30;
    /// Longest wait in seconds.
    const LONGEST_PAUSE: i64 = 3600;

    /// The failure after `earlier`.
    pub(crate) fn after(earlier: Option<&Self>, problem: Problem, now: i64) -> Self {
        let times = earlier.map_or(1, |own| own.times.saturating_add(1));
        let factor = 1_i64.checked_shl(times.min(16) - 1).unwrap_or(1);
        let pause = (Self::FIRST_PAUSE * factor).min(Self::LONGEST_PAUSE);
        Self { times, not_before: now.saturating_add(pause), problem }
    }
}

impl LinkageUnit {
    /// How often the unit looks without being told, unless its setup says otherwise.
    pub const LOOK_EVERY: Duration = Duration::from_secs(30);

    /// Says that a batch is complete; the unit looks soon, or after the run that goes on.
    pub fn delivered(&self) {
        self.look_soon();
    }

    /// Links by the schedules until `stop`, then stops the runs that go on: a run that did not
    /// freeze is begun anew at the next start.
    pub async fn keep_schedules(&self, stop: impl Future<Output = ()>) {
        self.warn_of_strangers();
        tokio::pin!(stop);
        loop {
            self.look().await;
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = self.look_wanted() => {}
                () = tokio::time::sleep(self.look_every()) => {}
            }
        }
        self.end_runs().await;
    }

    /// Looks at every project once, after what is to be erased.
    pub(crate) async fn look(&self) {
        if let Err(error) = self.erase().await {
            tracing::error!(%error, "cannot erase; tries again");
        }
        for schedule in self.schedules() {
            if let Err(error) = self.look_at(schedule).await {
                tracing::error!(project = %schedule.project, %error, "cannot look at the schedule");
            }
        }
    }

    async fn look_at(&self, schedule: &Schedule) -> Result<(), UnitError> {
        let project = &schedule.project;
        let live = self.live(project).await?;
        let frozen = self.frozen_periods(project).await?;
        let Some(due) = schedule::due(schedule, &frozen, &live, self.today()) else {
            return Ok(());
        };
        let place = (project.clone(), due.id.clone());
        let waits = |failure: &Failure| failure.not_before > self.now();
        if self.failures().get(&place).is_some_and(waits) {
            return Ok(());
        }
        match self.start(project, &due.epoch, Some(due), None) {
            Ok(snapshot) => {
                tracing::info!(%project, period = %due.id, %snapshot, "links by rule");
                Ok(())
            }
            // Whatever runs there looks again when it ends.
            Err(UnitError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The schedules of the projects that this unit serves, as far as two people approved them.
    pub(crate) fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        let served = |schedule: &&Schedule| self.expected().schema(&schedule.project).is_ok();
        let agreed = |schedule: &&Schedule| self.desk().schedule_holds(&schedule.project);
        self.expected().policies.schedules.values().filter(served).filter(agreed)
    }

    pub(crate) async fn live(&self, project: &Name) -> Result<Vec<Live>, UnitError> {
        let delivered = batches::delivered(self.db(), project.as_str()).await?;
        delivered.into_iter().map(Live::of).collect()
    }

    async fn frozen_periods(&self, project: &Name) -> Result<BTreeSet<Name>, UnitError> {
        let lines = snapshots::lines(self.db(), project.as_str()).await?;
        let periods = lines.into_iter().filter_map(|line| line.made.period);
        Ok(periods.map(Name::new).collect::<Result<_, _>>()?)
    }

    /// A delivery that nobody can make keeps a period waiting for ever, or until its day.
    fn warn_of_strangers(&self) {
        for schedule in self.schedules() {
            for expected in self.unregistered(schedule) {
                let (project, department) = (&schedule.project, &expected.department);
                let dataset = &expected.dataset;
                tracing::warn!(
                    %project, %department, %dataset,
                    "the schedule expects a delivery of somebody who is not registered here"
                );
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
