//! Which snapshot of a period a plan may run on.
//!
//! Two people approved the schedule and with it every snapshot that its rule leads to. That the
//! rule was kept is the linkage unit's word, so this unit looks at its own half of the deliveries
//! as well: where the two disagree nothing runs by itself.

use policy::{Expectation, LastMonth, Schedule, SchedulePeriod};
use store::batches::{self, BatchKey};
use submission::{BatchStatement, SignedManifest, SnapshotStatement};

use crate::UnitError;
use crate::unit::StatisticsUnit;

/// What the accepted snapshots of a period say to a plan.
pub(crate) enum Approval {
    /// None was made yet.
    None,
    /// This one may be read.
    Approved(Box<SnapshotStatement>),
    /// There is one, but what this unit holds does not bear it out.
    Doubtful { snapshot: Box<SnapshotStatement>, because: String },
}

impl StatisticsUnit {
    /// The newest snapshot of a period that this unit's own deliveries bear out; `statements` are
    /// oldest first.
    pub(crate) async fn approval(
        &self,
        schedule: &Schedule,
        period: &SchedulePeriod,
        statements: &[SnapshotStatement],
    ) -> Result<Approval, UnitError> {
        let mut doubt = None;
        for statement in statements.iter().rev() {
            if statement.period.as_ref() != Some(&period.id) {
                continue;
            }
            let Some(because) = self.doubt(schedule, period, statement).await? else {
                return Ok(Approval::Approved(Box::new(statement.clone())));
            };
            doubt.get_or_insert_with(|| Approval::Doubtful {
                snapshot: Box::new(statement.clone()),
                because,
            });
        }
        Ok(doubt.unwrap_or(Approval::None))
    }

    /// Why a snapshot does not keep the schedule's rule, as far as this unit can see.
    async fn doubt(
        &self,
        schedule: &Schedule,
        period: &SchedulePeriod,
        statement: &SnapshotStatement,
    ) -> Result<Option<String>, UnitError> {
        if statement.epoch != period.epoch {
            return Ok(Some(format!(
                "the snapshot is of epoch `{}`, the schedule expects `{}`",
                statement.epoch, period.epoch
            )));
        }
        let mut missing = Vec::new();
        for expected in &schedule.expected {
            if !self.reaches(statement, expected, period.last_month).await? {
                missing.push(format!("`{}` of `{}`", expected.dataset, expected.department));
            }
        }
        let some = missing.len() < schedule.expected.len();
        let late = period.link_on.is_some_and(|day| self.today() >= day);
        if missing.is_empty() || (late && some) {
            return Ok(None);
        }
        let month = String::from(period.last_month);
        let or_date = match period.link_on {
            Some(day) if some => format!(", or from {day} on"),
            _ => String::new(),
        };
        Ok(Some(format!(
            "the snapshot says that the period is complete, but here it has no delivery up to \
             {month} of {}; the plan runs once a snapshot with them is accepted{or_date}",
            missing.join(", ")
        )))
    }

    /// Whether a delivery in the snapshot, as this unit holds it, reaches the month.
    async fn reaches(
        &self,
        statement: &SnapshotStatement,
        expected: &Expectation,
        month: LastMonth,
    ) -> Result<bool, UnitError> {
        let due = |batch: &&BatchStatement| {
            batch.department == expected.department && batch.dataset == expected.dataset
        };
        for batch in statement.batches.iter().filter(due) {
            let key = BatchKey {
                project: statement.project.to_string(),
                department: batch.department.to_string(),
                batch: batch.batch.to_string(),
            };
            let Some(status) = batches::status(self.db(), &key).await? else { continue };
            if status.state == batches::State::Receiving {
                continue;
            }
            let damaged = |_| UnitError::Store(store::Error::Damaged("batch.manifest"));
            // One that was erased reaches no month any more.
            let Some(text) = &status.manifest else { continue };
            let signed: SignedManifest = serde_json::from_str(text).map_err(damaged)?;
            let to = signed.manifest.period.to;
            if (to.year, to.month) >= (month.year, month.month) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
