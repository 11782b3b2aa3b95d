//! What answers would cost, how wide they would be and what would be left, from public facts alone.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Budget, Name};
use serde::{Deserialize, Serialize};
use statistics::Price;
use store::ledger::{self, Held, Quarter};
use submission::SnapshotId;

use crate::UnitError;
use crate::releases::ReleasedTable;
use crate::request::{Allowed, QueryRequest};
use crate::unit::StatisticsUnit;

/// What an answer would cost and how wide its intervals would be.
#[derive(Serialize)]
pub struct Priced {
    /// What a reader will see of the question.
    pub label: String,
    /// The name under which the answer is released.
    pub indicator: Name,
    /// The price of an answer of its own.
    pub price: Price,
    /// Event years that it reads, ascending; each is charged in full.
    pub years: Vec<u16>,
    /// What asking would be charged now, in nano-rho: nothing where a table was released already.
    pub costs_nano_rho: u64,
    /// The table that would be the answer, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<ReleasedTable>,
    /// Cap per lineage in nano-rho.
    pub cap_nano_rho: u64,
    /// What the lineage of this year has spent so far, in nano-rho.
    pub spent_nano_rho: u64,
    /// What the lineage of this year keeps for release plans, in nano-rho.
    pub reserved_nano_rho: u64,
    /// What stands under each cap that the charge would meet.
    pub caps: Vec<CapLeft>,
    /// The snapshot that would be read.
    pub snapshot: SnapshotId,
    /// After how many milliseconds a fresh answer leaves, neither earlier nor later.
    pub slot_millis: u64,
}

/// What is left under a cap. All amounts in nano-rho.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapLeft {
    /// `lineage`, `horizon`, `purpose`, `quarter` or `analyst`.
    pub cap: &'static str,
    /// The event year of a lineage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// The cap.
    pub limit: u64,
    /// Spent for ever.
    pub spent: u64,
    /// Kept for release plans.
    pub reserved: u64,
    /// What may still be asked for.
    pub left: u64,
}

/// Several questions of one purpose, priced together.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The questions, in the order in which they would be asked.
    pub queries: Vec<QueryRequest>,
}

/// What several questions would cost, each and together.
#[derive(Serialize)]
pub struct PricedBatch {
    /// Each by itself, in the order of the request.
    pub queries: Vec<Priced>,
    /// Per event year what all of them would be charged, in nano-rho; one that stands twice or was
    /// released already costs once or nothing.
    pub costs_nano_rho: BTreeMap<u16, u64>,
    /// Whether all of them fit under every cap.
    pub fits: bool,
    /// The caps they would meet, with what is left before them.
    pub caps: Vec<CapLeft>,
}

impl Batch {
    /// Most questions that are priced at once.
    pub const MOST: usize = 64;
}

impl CapLeft {
    fn of(cap: &'static str, year: Option<u16>, limit: u64, spent: u64, reserved: u64) -> Self {
        let left = limit.saturating_sub(spent).saturating_sub(reserved);
        Self { cap, year, limit, spent, reserved, left }
    }
}

impl StatisticsUnit {
    /// Prices a request; spends nothing and touches no record.
    ///
    /// # Errors
    /// [`PurposeUnknown`](submission::ProblemCode::PurposeUnknown),
    /// [`PurposeExpired`](submission::ProblemCode::PurposeExpired),
    /// [`QueryRefused`](submission::ProblemCode::QueryRefused) or
    /// [`SnapshotUnknown`](submission::ProblemCode::SnapshotUnknown).
    pub async fn price(
        &self,
        project: &Name,
        analyst: &Name,
        request: QueryRequest,
    ) -> Result<Priced, UnitError> {
        let allowed = self.allow(project, request).await?;
        self.priced(project, analyst, allowed).await
    }

    /// Prices several requests of one purpose; spends nothing and touches no record.
    ///
    /// # Errors
    /// As [`StatisticsUnit::price`], for the first request that is refused; also for an empty or
    /// too long list, and for one of several purposes.
    pub async fn price_batch(
        &self,
        project: &Name,
        analyst: &Name,
        batch: Batch,
    ) -> Result<PricedBatch, UnitError> {
        let refuse =
            |detail: String| Err(UnitError::refuse(submission::ProblemCode::QueryRefused, detail));
        if batch.queries.is_empty() || batch.queries.len() > Batch::MOST {
            return refuse(format!("price 1 to {} queries at once", Batch::MOST));
        }
        let (mut queries, mut seen) = (Vec::new(), BTreeSet::new());
        let (mut costs, mut once) = (BTreeMap::<u16, u64>::new(), 0_u64);
        let mut purpose = None;
        for request in batch.queries {
            let allowed = self.allow(project, request).await?;
            let asked = (allowed.snapshot.to_string(), allowed.digest()?.to_string());
            let first = *purpose.get_or_insert(allowed.purpose);
            if first.id != allowed.purpose.id {
                return refuse("price the queries of one purpose together".into());
            }
            let priced = self.priced(project, analyst, allowed).await?;
            if seen.insert(asked) {
                once = once.saturating_add(priced.costs_nano_rho);
                for year in &priced.years {
                    let sum = costs.entry(*year).or_default();
                    *sum = sum.saturating_add(priced.costs_nano_rho);
                }
            }
            queries.push(priced);
        }
        let caps = match purpose {
            Some(purpose) => {
                let years: Vec<u16> = costs.keys().copied().collect();
                self.caps_left(project, (&purpose.id, &purpose.budget), analyst, &years).await?
            }
            None => Vec::new(),
        };
        let all = costs.values().fold(0_u64, |sum, own| sum.saturating_add(*own));
        let cost = |cap: &CapLeft| match (cap.cap, cap.year) {
            ("horizon", _) => all,
            (_, Some(year)) => costs.get(&year).copied().unwrap_or(0),
            (_, None) => once,
        };
        let fits = caps.iter().all(|cap| cost(cap) <= cap.left);
        Ok(PricedBatch { queries, costs_nano_rho: costs, fits, caps })
    }

    async fn priced(
        &self,
        project: &Name,
        analyst: &Name,
        allowed: Allowed<'_>,
    ) -> Result<Priced, UnitError> {
        let document = self.released_before(&allowed.sought()?).await?;
        let released = document.as_deref().map(ReleasedTable::of).transpose()?;
        let year = allowed.request.year;
        let years = allowed.plan.event_years(year);
        let purpose = (&allowed.purpose.id, &allowed.purpose.budget);
        let caps = self.caps_left(project, purpose, analyst, &years).await?;
        let own = caps.iter().find(|cap| cap.year == Some(year));
        let slot = self.pace().slot_of(&allowed.plan, &allowed.price);
        Ok(Priced {
            slot_millis: u64::try_from(slot.as_millis()).unwrap_or(u64::MAX),
            costs_nano_rho: if released.is_some() { 0 } else { allowed.price.rho().get() },
            released,
            label: allowed.label,
            indicator: allowed.name,
            price: allowed.price,
            years,
            cap_nano_rho: allowed.purpose.budget.lineage_cap_nano_rho.get(),
            spent_nano_rho: own.map_or(0, |cap| cap.spent),
            reserved_nano_rho: own.map_or(0, |cap| cap.reserved),
            caps,
            snapshot: allowed.snapshot,
        })
    }

    /// Every cap that a charge of an analyst for these years would meet.
    async fn caps_left(
        &self,
        project: &Name,
        (purpose, budget): (&Name, &Budget),
        analyst: &Name,
        years: &[u16],
    ) -> Result<Vec<CapLeft>, UnitError> {
        let held: Held = ledger::held(self.db(), &self.reserved(project)).await?;
        let mut caps = Vec::with_capacity(years.len().saturating_add(2));
        for year in years {
            let spent = ledger::spent(self.db(), project.as_str(), *year).await?.rho;
            let kept = held.years.get(year).copied().unwrap_or(0);
            let limit = budget.lineage_cap_nano_rho.get();
            caps.push(CapLeft::of("lineage", Some(*year), limit, spent, kept));
        }
        if budget.horizon_cap_nano_rho.is_some() {
            let spent = ledger::spent_by_year(self.db(), project.as_str()).await?;
            caps.extend(
                years
                    .iter()
                    .map(|year| horizon(budget, &spent, &held, *year))
                    .min_by_key(|own| own.left),
            );
        }
        let (project, name) = (project.as_str(), purpose.as_str());
        let spent = ledger::spent_by_purpose(self.db(), project, name).await?.rho;
        let kept = held.purposes.get(name).copied().unwrap_or(0);
        caps.push(CapLeft::of("purpose", None, budget.purpose_cap_nano_rho.get(), spent, kept));
        if let Some(limit) = budget.quarter_cap_nano_rho {
            let quarter = Quarter::at(self.now())?;
            let plans = access::RELEASE_PLAN;
            let spent = ledger::spent_in_quarter(self.db(), project, name, quarter, plans).await?;
            caps.push(CapLeft::of("quarter", None, limit.get(), spent, 0));
        }
        let spent = ledger::spent_by_analyst(self.db(), project, analyst.as_str()).await?.rho;
        caps.push(CapLeft::of("analyst", None, budget.analyst_cap_nano_rho.get(), spent, 0));
        Ok(caps)
    }
}

/// The fullest of the consecutive event years that hold `year`.
fn horizon(
    budget: &Budget,
    spent: &BTreeMap<u16, ledger::Price>,
    held: &Held,
    year: u16,
) -> CapLeft {
    let reach = budget.horizon_years.saturating_sub(1);
    let of = |from: u16| {
        let years = from..=from.saturating_add(reach);
        let spent =
            spent.range(years.clone()).fold(0_u64, |sum, own| sum.saturating_add(own.1.rho));
        let kept = held.years.range(years).fold(0_u64, |sum, own| sum.saturating_add(*own.1));
        CapLeft::of("horizon", None, budget.horizon_most(), spent, kept)
    };
    let ahead = (year.saturating_sub(reach)..year).map(of);
    ahead.fold(of(year), |least, own| if own.left < least.left { own } else { least })
}
