//! How far the runs of a plan have come, and what they wait for.

use jiff::civil::Date;
use policy::{Digest, Name, PlanRun, PolicySet, Purpose, ReleasePlan, Schedule};
use serde::Serialize;
use store::ledger::{self, State};
use submission::{SnapshotId, SnapshotStatement};

use super::approved::Approval;
use super::{LeftOut, PricedTable, StoredRun, price_plan, run_key};
use crate::UnitError;
use crate::unit::StatisticsUnit;

/// A release plan and its runs.
#[derive(Serialize)]
pub struct PlanReport {
    /// The plan.
    pub plan: Name,
    /// The purpose that pays.
    pub purpose: Name,
    /// SHA-256 of the plan's canonical JSON.
    pub digest: Digest,
    /// Its runs, in the order of the plan.
    pub runs: Vec<RunReport>,
}

/// Where one run stands.
#[derive(Serialize)]
pub struct RunReport {
    /// The period after whose snapshot it runs.
    pub period: Name,
    /// The event year that pays.
    pub event_year: u16,
    /// What it may cost, in nano-rho; kept for it until it is charged.
    pub most_nano_rho: u64,
    /// Day before which it does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Date>,
    /// Where it stands.
    pub state: RunState,
    /// What it waits for, or why it does not run; a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The snapshot that it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// Its charge, from the commit on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge: Option<RunCharge>,
    /// Its tables with price and width, as the plan stands now.
    pub tables: Vec<PricedTable>,
}

/// The charge of a run.
#[derive(Serialize)]
pub struct RunCharge {
    /// Number of the log entry that committed it.
    pub sequence: u64,
    /// What it cost, in nano-rho.
    pub rho_nano: u64,
    /// How many tables it pays for.
    pub tables: usize,
    /// Planned tables whose datasets were not delivered in time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Whether the plan was another when it was charged. It does not run again for that.
    pub plan_changed: bool,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// No snapshot of its period was accepted yet.
    WaitingForPeriod,
    /// Its snapshot is there, its day has not come.
    WaitingForDate,
    /// It runs at the next look.
    Due,
    /// It does not run as things are; nothing was charged.
    Refused,
    /// It is paid and has not been drawn.
    Paid,
    /// It is being drawn.
    Drawing,
    /// Its tables are released.
    Released,
    /// It is spent and its answer is the uniform error.
    Failed,
    /// A crash interrupted the draw: spent, and never drawn again.
    Void,
}

/// What there is to know about a run before it is looked at more closely.
pub(super) struct Standing {
    pub(super) state: RunState,
    pub(super) because: Option<String>,
    /// The snapshot that it may read.
    pub(super) snapshot: Option<SnapshotStatement>,
    pub(super) charge: Option<Charged>,
}

/// A run that was charged.
pub(super) struct Charged {
    pub(super) charge: ledger::Charge,
    pub(super) stored: StoredRun,
}

impl Standing {
    fn waiting(state: RunState, because: Option<String>) -> Self {
        Self { state, because, snapshot: None, charge: None }
    }

    fn charged(charge: ledger::Charge) -> Result<Self, UnitError> {
        let damaged = |_| UnitError::Store(store::Error::Damaged("charge.request"));
        let stored: StoredRun = serde_json::from_str(&charge.request).map_err(damaged)?;
        let state = match charge.state {
            State::Committed => RunState::Paid,
            State::Drawing => RunState::Drawing,
            State::Released => RunState::Released,
            State::Failed => RunState::Failed,
            State::Void => RunState::Void,
        };
        let because = match state {
            RunState::Failed => Some("the draw failed; the charge stays".into()),
            RunState::Void => {
                Some("an end of the unit interrupted the draw; the charge stays".into())
            }
            _ => None,
        };
        let charge = Some(Charged { charge, stored });
        Ok(Self { state, because, snapshot: None, charge })
    }
}

impl StatisticsUnit {
    /// The release plans of a project and where their runs stand.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn plans(&self, project: &Name) -> Result<Vec<PlanReport>, UnitError> {
        let statements = self.statements(project).await?;
        let policies = self.policies_ref();
        let mut reports = Vec::new();
        for (plan, purpose) in self.plans_of(project) {
            let digest = plan.digest()?;
            let priced = price_plan(policies, plan)?;
            let mut runs = Vec::with_capacity(plan.runs.len());
            for (run, priced) in plan.runs.iter().zip(priced.runs) {
                let standing = self.standing(plan, run, purpose, &statements).await?;
                runs.push(report(run, standing, digest, priced.tables)?);
            }
            let (plan, purpose) = (plan.id.clone(), plan.purpose.clone());
            reports.push(PlanReport { plan, purpose, digest, runs });
        }
        Ok(reports)
    }

    /// Where a run stands; `statements` are those of its project, oldest first.
    pub(super) async fn standing(
        &self,
        plan: &ReleasePlan,
        run: &PlanRun,
        purpose: &Purpose,
        statements: &[SnapshotStatement],
    ) -> Result<Standing, UnitError> {
        let key = run_key(&plan.id, &run.period, run.event_year);
        let made = ledger::charge_by_key(self.db(), access::RELEASE_PLAN, &key).await?;
        if let Some(charge) = made {
            let mut standing = Standing::charged(charge)?;
            if standing.state == RunState::Paid {
                standing.because = self.refusals().of(&key, None);
            }
            return Ok(standing);
        }
        if let Err(UnitError::Refused(problem)) = self.in_force(purpose) {
            return Ok(Standing::waiting(RunState::Refused, Some(problem.detail)));
        }
        if !self.desk().plan_holds(plan, purpose) {
            let because =
                "plan, purpose, schedule or catalogue wait for the approval of two people";
            return Ok(Standing::waiting(RunState::Refused, Some(because.into())));
        }
        let (schedule, period) = rule(self.policies_ref(), purpose, run)?;
        let statement = match self.approval(schedule, period, statements).await? {
            Approval::Approved(statement) => *statement,
            Approval::None => {
                let because = format!("no snapshot of period {} was accepted yet", run.period);
                return Ok(Standing::waiting(RunState::WaitingForPeriod, Some(because)));
            }
            Approval::Doubtful { because, snapshot } => {
                let refused = Standing::waiting(RunState::Refused, Some(because));
                return Ok(Standing { snapshot: Some(*snapshot), ..refused });
            }
        };
        let (state, because) = match run.not_before {
            Some(day) if self.today() < day => {
                (RunState::WaitingForDate, Some(format!("not before {day}")))
            }
            _ => match self.refusals().of(&key, Some(statement.snapshot)) {
                Some(because) => (RunState::Refused, Some(because)),
                None => (RunState::Due, None),
            },
        };
        Ok(Standing { state, because, snapshot: Some(statement), charge: None })
    }
}

/// Schedule and period of a run; a plan that was read with its policies has both.
fn rule<'a>(
    policies: &'a PolicySet,
    purpose: &Purpose,
    run: &PlanRun,
) -> Result<(&'a Schedule, &'a policy::SchedulePeriod), UnitError> {
    let schedule = policies.schedules.get(&purpose.project);
    let found = schedule.and_then(|schedule| Some((schedule, schedule.period(&run.period)?)));
    found.ok_or_else(|| {
        let detail = format!("the schedule has no period `{}`", run.period);
        UnitError::refuse(submission::ProblemCode::QueryRefused, detail)
    })
}

fn report(
    run: &PlanRun,
    standing: Standing,
    digest: Digest,
    tables: Vec<PricedTable>,
) -> Result<RunReport, UnitError> {
    let Standing { state, because, snapshot, charge } = standing;
    let mut read = snapshot.map(|statement| statement.snapshot);
    let mut shown = None;
    if let Some(Charged { charge, stored }) = charge {
        read = Some(stored.snapshot);
        shown = Some(RunCharge {
            sequence: charge.head.sequence,
            rho_nano: charge.price.rho,
            tables: stored.tables.len(),
            left_out: stored.left_out,
            plan_changed: stored.digest != digest,
        });
    }
    Ok(RunReport {
        period: run.period.clone(),
        event_year: run.event_year,
        most_nano_rho: run.rho_nano.get(),
        not_before: run.not_before,
        state,
        because,
        snapshot: read,
        charge: shown,
        tables,
    })
}
