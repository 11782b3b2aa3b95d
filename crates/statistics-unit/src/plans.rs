//! Release plans: what they would cost, what is kept for them, and the request a run is charged by.
//!
//! A run is named by plan, period and event year; that name is its idempotency key, so that it is
//! charged once whatever restarts, arrives twice or is linked anew.

mod approved;
mod run;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use policy::{
    Digest, Indicator, Name, NanoRho, Plan, PlanRun, PlannedRelease, PolicySet, Purpose,
    ReleasePlan,
};
use serde::{Deserialize, Serialize};
use statistics::Price;
use store::ledger::Reserved;
use submission::{ProblemCode, SnapshotId};

pub use run::PlanEvent;
pub(crate) use run::Refusals;
pub use state::{PlanReport, RunCharge, RunReport, RunState};

use crate::UnitError;
use crate::unit::StatisticsUnit;

/// What the runs of a plan would cost, from public parameters alone.
#[derive(Serialize)]
pub struct PricedPlan {
    /// The plan.
    pub plan: Name,
    /// The purpose that pays.
    pub purpose: Name,
    /// Its runs.
    pub runs: Vec<PricedRun>,
}

/// What one run would cost.
#[derive(Serialize)]
pub struct PricedRun {
    /// The period after whose snapshot it runs.
    pub period: Name,
    /// The event year that pays.
    pub event_year: u16,
    /// What it may cost, in nano-rho.
    pub most_nano_rho: u64,
    /// What it will cost, in nano-rho, if every dataset was delivered.
    pub rho_nano: u64,
    /// Its tables.
    pub tables: Vec<PricedTable>,
}

/// What one table would cost and how wide its intervals would be.
#[derive(Serialize)]
pub struct PricedTable {
    /// The indicator.
    pub indicator: Name,
    /// What a reader sees.
    pub label: String,
    /// The dimensions whose keys form the cells.
    pub group_by: Vec<Name>,
    /// Price and width.
    pub price: Price,
}

/// Prices all runs of a plan; reads no record.
///
/// # Errors
/// [`UnitError::Refused`] where the purpose does not allow a table.
pub fn price_plan(policies: &PolicySet, plan: &ReleasePlan) -> Result<PricedPlan, UnitError> {
    let purpose = purpose_of(policies, &plan.purpose)?;
    let mut runs = Vec::with_capacity(plan.runs.len());
    for run in &plan.runs {
        let mut tables = Vec::with_capacity(plan.releases.len());
        let mut sum = 0_u64;
        for planned in &plan.releases {
            let wanted = RunTable::of(planned, run, purpose)?;
            let Resolved { indicator, price, .. } = wanted.resolve(policies, purpose)?;
            sum = sum.saturating_add(price.rho().get());
            tables.push(PricedTable {
                indicator: indicator.id.clone(),
                label: indicator.label.clone(),
                group_by: wanted.group_by,
                price,
            });
        }
        runs.push(PricedRun {
            period: run.period.clone(),
            event_year: run.event_year,
            most_nano_rho: run.rho_nano.get(),
            rho_nano: sum,
            tables,
        });
    }
    Ok(PricedPlan { plan: plan.id.clone(), purpose: plan.purpose.clone(), runs })
}

/// A run as it stands in the ledger: all that a restart needs, whatever became of the plan's file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredRun {
    pub(crate) plan: Name,
    pub(crate) digest: Digest,
    pub(crate) purpose: Name,
    pub(crate) period: Name,
    pub(crate) event_year: u16,
    pub(crate) snapshot: SnapshotId,
    pub(crate) most: NanoRho,
    pub(crate) tables: Vec<RunTable>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<LeftOut>,
}

/// One table of a run.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunTable {
    pub(crate) indicator: Name,
    pub(crate) group_by: Vec<Name>,
    pub(crate) rho: NanoRho,
}

/// A planned table for which a dataset was not delivered in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The indicator.
    pub indicator: Name,
    /// The dataset that the snapshot lacks.
    pub dataset: Name,
}

/// A table resolved against the policies: public cells and a price.
pub(crate) struct Resolved<'a> {
    pub(crate) indicator: &'a Indicator,
    pub(crate) plan: Plan,
    pub(crate) price: Price,
}

impl RunTable {
    fn of(planned: &PlannedRelease, run: &PlanRun, purpose: &Purpose) -> Result<Self, UnitError> {
        let indicator = purpose.indicator(&planned.indicator)?;
        let query = indicator.grouped(planned.group_by.as_deref())?;
        Ok(Self {
            indicator: indicator.id.clone(),
            group_by: query.group_by,
            rho: planned.part_of(run.rho_nano),
        })
    }

    fn resolve<'a>(
        &self,
        policies: &PolicySet,
        purpose: &'a Purpose,
    ) -> Result<Resolved<'a>, UnitError> {
        let indicator = purpose.indicator(&self.indicator)?;
        let query = indicator.grouped(Some(&self.group_by))?;
        let plan = purpose.plan(&query, &policies.catalogue)?;
        let price = Price::of(&plan, self.rho, purpose.budget.delta_conv_femto)?;
        price.check_withholding(purpose.withholding(indicator))?;
        Ok(Resolved { indicator, plan, price })
    }
}

fn purpose_of<'a>(policies: &'a PolicySet, purpose: &Name) -> Result<&'a Purpose, UnitError> {
    let unknown = || {
        let detail = format!("the plan's purpose `{purpose}` is not in the policies");
        UnitError::refuse(ProblemCode::PurposeUnknown, detail)
    };
    policies.purposes.get(purpose).ok_or_else(unknown)
}

/// The idempotency key of a run: at most 92 visible ASCII characters.
fn run_key(plan: &Name, period: &Name, event_year: u16) -> String {
    format!("plan/{plan}/{period}/{event_year}")
}

/// Per plan by how many years its tables look back. It follows from the policies alone, and every
/// question compares its caps with it, so it is worked out once.
pub(crate) fn looks_back(policies: &PolicySet) -> BTreeMap<Name, BTreeSet<u16>> {
    /// Any year that is far enough from the first one.
    const SOME: u16 = 2_000;
    let of = |plan: &ReleasePlan| {
        let tables = plan.releases.iter().filter_map(|planned| {
            let purpose = policies.purposes.get(&plan.purpose)?;
            let query = purpose.indicator(&planned.indicator).ok()?;
            let query = query.grouped(planned.group_by.as_deref()).ok()?;
            purpose.plan(&query, &policies.catalogue).ok()
        });
        let years = tables.flat_map(|table| table.event_years(SOME));
        years.filter_map(|year| SOME.checked_sub(year)).collect()
    };
    policies.release_plans.values().map(|plan| (plan.id.clone(), of(plan))).collect()
}

impl StatisticsUnit {
    /// What the approved plans of a project have not spent yet, run by run. A plan whose purpose
    /// has ended keeps nothing: it can run no more.
    pub(crate) fn reserved(&self, project: &Name) -> Vec<Reserved> {
        let reserved = |(plan, run): (&ReleasePlan, &PlanRun)| Reserved {
            analyst: access::RELEASE_PLAN.to_owned(),
            idempotency_key: run_key(&plan.id, &run.period, run.event_year),
            purpose: plan.purpose.to_string(),
            years: self.years_paid(plan, run.event_year),
            rho: run.rho_nano.get(),
        };
        self.plans_of(project)
            .filter(|(_, purpose)| self.today() <= purpose.expires)
            .flat_map(|(plan, _)| plan.runs.iter().map(move |run| (plan, run)))
            .map(reserved)
            .collect()
    }

    /// Every event year that a run is charged to: its own, and those its tables look back at.
    fn years_paid(&self, plan: &ReleasePlan, event_year: u16) -> BTreeSet<u16> {
        let back = self.looks_back().get(&plan.id).into_iter().flatten();
        let earlier = back.filter_map(|years| event_year.checked_sub(*years));
        earlier.chain([event_year]).collect()
    }

    /// The plans of a project with the purposes that pay for them.
    fn plans_of(&self, project: &Name) -> impl Iterator<Item = (&ReleasePlan, &Purpose)> {
        let policies = self.policies_ref();
        policies.release_plans.values().filter_map(move |plan| {
            let purpose = policies.purposes.get(&plan.purpose)?;
            (purpose.project == *project).then_some((plan, purpose))
        })
    }
}
