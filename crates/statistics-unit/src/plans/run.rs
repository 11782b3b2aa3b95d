//! Runs what is due: one charge for all tables, drawn and stored together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use policy::{Name, Plan, PlanRun, Purpose, ReleasePlan, canonical_json};
use statistics::{Charge, Price, Request, Run};
use store::ledger::{self, State};
use submission::{ProblemCode, SnapshotId, SnapshotStatement};

use super::state::{RunState, Standing};
use super::{LeftOut, RunTable, StoredRun, purpose_of, run_key};
use crate::UnitError;
use crate::draw::Computed;
use crate::ledger::{Asked, Ledger, NotDrawn};
use crate::unit::StatisticsUnit;

/// What became of a run that was due.
pub enum PlanEvent {
    /// Its tables are released.
    Released {
        /// The idempotency key of the run.
        run: String,
        /// Number of the log entry of its charge.
        sequence: u64,
        /// What it cost, in nano-rho.
        rho_nano: u64,
        /// How many tables it released.
        tables: usize,
    },
    /// It is spent and its answer is the uniform error.
    Failed {
        /// The idempotency key of the run.
        run: String,
        /// Number of the log entry of its charge.
        sequence: u64,
    },
    /// It does not run as things are; it is tried again on another snapshot or after a restart.
    Refused {
        /// The idempotency key of the run.
        run: String,
        /// Why.
        because: String,
    },
    /// The unit failed; it is tried again at the next look.
    Fault {
        /// The idempotency key of the run, or the project whose runs could not be looked at.
        run: String,
        /// The fault.
        error: UnitError,
    },
}

/// What was refused on which snapshot, so that it is not tried again before something changes.
///
/// In memory on purpose: policies change by a restart, and then everything is tried once more.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<String, (SnapshotId, String)>>);

impl Refusals {
    /// Why a run was refused, on that snapshot or on any.
    pub(super) fn of(&self, run: &str, snapshot: Option<SnapshotId>) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (on, because) = known.get(run)?;
        snapshot.is_none_or(|own| own == *on).then(|| because.clone())
    }

    fn keep(&self, run: &str, snapshot: SnapshotId, because: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(run.to_owned(), (snapshot, because.to_owned()));
    }
}

impl StatisticsUnit {
    /// Waits until runs may have become due: a link map was accepted, or the interval is over.
    pub async fn plans_may_be_due(&self) {
        let (changed, interval) = self.plan_signal();
        // Either end of the wait is reason enough to look.
        let _ = tokio::time::timeout(interval.max(LEAST_INTERVAL), changed.notified()).await;
    }

    /// Runs every run of every plan that is due, once, and says what became of each.
    ///
    /// Safe to call at any time and by several at once: a run is charged once, under its own key.
    pub async fn run_plans(&self) -> Vec<PlanEvent> {
        let policies = self.policies();
        let mut projects: Vec<&Name> =
            policies.purposes.values().map(|purpose| &purpose.project).collect();
        projects.sort();
        projects.dedup();
        let mut events = Vec::new();
        for project in projects {
            if let Err(error) = self.run_plans_of(project, &mut events).await {
                events.push(PlanEvent::Fault { run: project.to_string(), error });
            }
        }
        events
    }

    async fn run_plans_of(
        &self,
        project: &Name,
        events: &mut Vec<PlanEvent>,
    ) -> Result<(), UnitError> {
        if self.plans_of(project).next().is_none() {
            return Ok(());
        }
        let statements = self.statements(project).await?;
        for (plan, purpose) in self.plans_of(project) {
            for run in &plan.runs {
                let standing = self.standing(plan, run, purpose, &statements).await?;
                events.extend(self.take(plan, run, purpose, standing).await);
            }
        }
        Ok(())
    }

    /// Runs one run if it is due, or paid and not drawn.
    async fn take(
        &self,
        plan: &ReleasePlan,
        run: &PlanRun,
        purpose: &Purpose,
        standing: Standing,
    ) -> Option<PlanEvent> {
        let key = run_key(&plan.id, &run.period, run.event_year);
        let (snapshot, stored) = match standing {
            Standing { state: RunState::Due, snapshot: Some(statement), .. } => {
                (statement.snapshot, self.compose(plan, run, purpose, &statement))
            }
            Standing { state: RunState::Paid, because: None, charge: Some(paid), .. } => {
                (paid.stored.snapshot, Ok(paid.stored))
            }
            _ => return None,
        };
        let done = match stored {
            Ok(stored) => self.charge_run(&stored).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(charge) => event(key, &charge),
            // Somebody else draws it right now.
            Err(UnitError::Refused(problem)) if problem.code == ProblemCode::Busy => None,
            // It is due again once the clock is right or the witness back, without a restart.
            Err(UnitError::Refused(problem)) if passes(problem.code) => {
                Some(PlanEvent::Refused { run: key, because: problem.detail })
            }
            Err(UnitError::Refused(problem)) => {
                self.refusals().keep(&key, snapshot, &problem.detail);
                Some(PlanEvent::Refused { run: key, because: problem.detail })
            }
            Err(error) => Some(PlanEvent::Fault { run: key, error }),
        }
    }

    /// Names the tables that a snapshot can answer. One whose dataset nobody delivered is left
    /// out: that it is missing is public, and the others need not wait for it.
    fn compose(
        &self,
        plan: &ReleasePlan,
        run: &PlanRun,
        purpose: &Purpose,
        statement: &SnapshotStatement,
    ) -> Result<StoredRun, UnitError> {
        let (mut tables, mut left_out) = (Vec::new(), Vec::new());
        for planned in &plan.releases {
            let table = RunTable::of(planned, run, purpose)?;
            let resolved = table.resolve(self.policies_ref(), purpose)?;
            let delivered =
                |dataset: &&Name| statement.batches.iter().any(|batch| batch.dataset == **dataset);
            match resolved.plan.datasets().iter().find(|dataset| !delivered(dataset)) {
                None => tables.push(table),
                Some(dataset) => left_out.push(LeftOut {
                    indicator: planned.indicator.clone(),
                    dataset: (*dataset).clone(),
                }),
            }
        }
        Ok(StoredRun {
            plan: plan.id.clone(),
            digest: plan.digest()?,
            purpose: purpose.id.clone(),
            period: run.period.clone(),
            event_year: run.event_year,
            snapshot: statement.snapshot,
            most: run.rho_nano,
            tables,
            left_out,
        })
    }

    /// Charges and answers a run; a run that was charged before gives that charge.
    pub(crate) async fn charge_run(&self, run: &StoredRun) -> Result<ledger::Charge, UnitError> {
        let purpose = purpose_of(self.policies_ref(), &run.purpose)?;
        self.clock_stands().await?;
        self.in_force(purpose)?;
        if run.tables.is_empty() {
            let detail = "for each of its tables a dataset is missing in the snapshot";
            return Err(UnitError::refuse(ProblemCode::SnapshotInconsistent, detail));
        }
        let (prices, tables) = self.compute(run, purpose).await?;
        let charge = self.charge_of(run, purpose, prices)?;
        self.gate().look().await;
        let request = String::from_utf8(canonical_json(run)?)
            .map_err(|_| UnitError::Store(store::Error::Damaged("charge.request")))?;
        let mut ledger = Ledger {
            db: self.db(),
            budget: &purpose.budget,
            request,
            asked: Asked::Run,
            random: self.random(),
            now: self.now(),
            between_steps: self.pace().between_steps,
            gate: self.gate(),
            until: None,
        };
        match statistics::charge(&mut ledger, charge).await {
            Ok(grant) => self.draw(grant, tables, None).await,
            Err(NotDrawn::Before(charge, _)) if charge.state == State::Committed => {
                let detail = "it is paid, and the policies have changed since: with the purpose as \
                              it was when it was charged, the next start draws it";
                Err(UnitError::refuse(ProblemCode::QueryRefused, detail))
            }
            Err(NotDrawn::Before(charge, _)) if charge.state == State::Drawing => {
                Err(UnitError::refuse(ProblemCode::Busy, "the run is being drawn"))
            }
            Err(NotDrawn::Before(charge, _)) => Ok(*charge),
            Err(NotDrawn::Refused(error)) => Err(error),
        }
    }

    /// The exact answers; whatever is refused here follows from public facts alone.
    async fn compute(
        &self,
        run: &StoredRun,
        purpose: &Purpose,
    ) -> Result<(Vec<(Plan, Price)>, Vec<Computed>), UnitError> {
        let table = self.table(run.snapshot).await?;
        let (mut prices, mut computed) = (Vec::new(), Vec::new());
        for wanted in &run.tables {
            let resolved = wanted.resolve(self.policies_ref(), purpose)?;
            let (policies, plan, year) = (self.policies(), resolved.plan, run.event_year);
            let indicator = resolved.indicator;
            let rule = purpose.withholding(indicator);
            let context = self.context(indicator.id.clone(), indicator.label.clone(), rule);
            let facts = std::sync::Arc::clone(&table);
            let work = move || {
                let exact = statistics::aggregate(&facts, &policies.catalogue, &plan, year);
                exact.map(|aggregate| Computed { aggregate, plan, context })
            };
            let done = self.workers().run(work).await.map_err(|_| UnitError::Worker)??;
            prices.push((done.plan.clone(), resolved.price));
            computed.push(done);
        }
        Ok((prices, computed))
    }

    fn charge_of(
        &self,
        run: &StoredRun,
        purpose: &Purpose,
        prices: Vec<(Plan, Price)>,
    ) -> Result<Charge, UnitError> {
        let request = Request {
            project: purpose.project.clone(),
            snapshot: Name::new(run.snapshot.to_string())?,
            purpose: purpose.id.clone(),
            analyst: Name::new(access::RELEASE_PLAN)?,
            idempotency_key: run_key(&run.plan, &run.period, run.event_year),
            year: run.event_year,
        };
        let of = Run {
            plan: run.plan.clone(),
            digest: run.digest,
            period: run.period.clone(),
            most: run.most,
        };
        let (plans, prices): (Vec<Plan>, Vec<Price>) = prices.into_iter().unzip();
        Ok(Charge::of_run(request, of, plans.iter().zip(prices).collect())?)
    }
}

/// What is refused for a reason that goes away by itself.
fn passes(code: ProblemCode) -> bool {
    matches!(code, ProblemCode::ClockBehind | ProblemCode::WitnessAway | ProblemCode::LogBehind)
}

/// A shorter interval would be a hot loop.
const LEAST_INTERVAL: Duration = Duration::from_millis(10);

fn event(run: String, charge: &ledger::Charge) -> Option<PlanEvent> {
    let sequence = charge.head.sequence;
    match charge.state {
        State::Released => {
            let tables = charge.documents().count();
            Some(PlanEvent::Released { run, sequence, rho_nano: charge.price.rho, tables })
        }
        State::Failed | State::Void => Some(PlanEvent::Failed { run, sequence }),
        State::Committed | State::Drawing => None,
    }
}
