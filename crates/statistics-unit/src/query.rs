//! Price and answer of an indicator.

use policy::{Indicator, Name, Plan, Purpose, canonical_json};
use serde::{Deserialize, Serialize};
use statistics::{Aggregate, Charge, Context, FAILED_ANSWER, Grant, Price, Request};
use store::ledger::{self, Answer, State};
use submission::{ProblemCode, SnapshotId};

use crate::UnitError;
use crate::ledger::{Ledger, NotDrawn};
use crate::unit::StatisticsUnit;

/// What an analyst asks: an indicator that a purpose allows, for one event year.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The purpose.
    pub purpose: Name,
    /// The indicator.
    pub indicator: Name,
    /// The event year.
    pub year: u16,
    /// The snapshot; the newest accepted one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
}

/// What an answer would cost and how wide its intervals would be; from public facts alone.
#[derive(Serialize)]
pub struct Priced {
    /// The price.
    pub price: Price,
    /// Cap per lineage in nano-rho.
    pub cap_nano_rho: u64,
    /// What the lineage of this year has spent so far, in nano-rho.
    pub spent_nano_rho: u64,
    /// The snapshot that would be read.
    pub snapshot: SnapshotId,
}

/// The stored answer of a charge.
pub struct Asked {
    /// The bytes of the release, or of the uniform failure.
    pub body: Vec<u8>,
    /// Whether it is a release.
    pub released: bool,
    /// Whether it was stored before, so that nothing was charged now.
    pub stored_before: bool,
}

/// A request that a policy allows, with everything public that follows from it.
pub(crate) struct Allowed<'a> {
    purpose: &'a Purpose,
    indicator: &'a Indicator,
    plan: Plan,
    price: Price,
    request: QueryRequest,
    snapshot: SnapshotId,
}

impl StatisticsUnit {
    /// Prices a request; spends nothing and touches no record.
    ///
    /// # Errors
    /// [`ProblemCode::PurposeUnknown`], [`ProblemCode::PurposeExpired`],
    /// [`ProblemCode::QueryRefused`] or [`ProblemCode::SnapshotUnknown`].
    pub async fn price(&self, project: &Name, request: QueryRequest) -> Result<Priced, UnitError> {
        let allowed = self.allow(project, request).await?;
        let year = allowed.request.year;
        let spent = ledger::spent(self.db(), project.as_str(), year).await?;
        Ok(Priced {
            price: allowed.price,
            cap_nano_rho: allowed.purpose.budget.lineage_cap_nano_rho.get(),
            spent_nano_rho: spent.rho,
            snapshot: allowed.snapshot,
        })
    }

    /// Answers a request: charged and on the disk first, then drawn, stored, read back.
    ///
    /// The same question about the same snapshot gives the stored bytes at no charge, whoever
    /// asks and under whichever key.
    ///
    /// # Errors
    /// As [`StatisticsUnit::price`], and [`ProblemCode::BudgetExceeded`],
    /// [`ProblemCode::IdempotencyConflict`] or [`ProblemCode::Busy`]. Nothing is charged then.
    pub async fn query(
        &self,
        project: &Name,
        analyst: &Name,
        idempotency_key: &str,
        request: QueryRequest,
    ) -> Result<Asked, UnitError> {
        let allowed = self.allow(project, request).await?;
        let table = self.table(allowed.snapshot).await?;
        let (policies, plan, year) = (self.policies(), allowed.plan.clone(), allowed.request.year);
        let work = move || statistics::aggregate(&table, &policies.catalogue, &plan, year);
        let aggregate =
            tokio::task::spawn_blocking(work).await.map_err(|_| UnitError::Worker)??;
        let charge = allowed.charge(project, analyst, idempotency_key)?;
        let mut ledger = Ledger {
            db: self.db(),
            budget: &allowed.purpose.budget,
            request: allowed.stored_request(idempotency_key, analyst)?,
            asked: &allowed.request,
            random: self.random(),
            now: self.now(),
        };
        match statistics::charge(&mut ledger, charge).await {
            Ok(grant) => self.draw(&allowed, aggregate, grant).await,
            Err(NotDrawn::Before(charge)) => stored(*charge),
            Err(NotDrawn::Refused(error)) => Err(error),
        }
    }

    async fn draw(
        &self,
        allowed: &Allowed<'_>,
        aggregate: Aggregate,
        grant: Grant,
    ) -> Result<Asked, UnitError> {
        let charge = grant.charge_id().clone();
        let context = Context {
            indicator: allowed.indicator.id.clone(),
            label: allowed.indicator.label.clone(),
            policy: self.policies().digest,
            separation: self.separation().to_owned(),
        };
        let plan = allowed.plan.clone();
        let work = move || {
            let release = statistics::release(aggregate, grant, &plan, context).ok()?;
            release.to_bytes().ok()
        };
        let drawn = tokio::task::spawn_blocking(work).await.ok().flatten();
        let answer = match &drawn {
            Some(bytes) => Answer::Released(bytes),
            None => Answer::Failed(FAILED_ANSWER.as_bytes()),
        };
        ledger::store_answer(self.db(), charge.as_str(), answer, self.now()).await?;
        let gone = || UnitError::Store(store::Error::Damaged("charge"));
        let read = ledger::charge(self.db(), charge.as_str()).await?.ok_or_else(gone)?;
        Ok(Asked { stored_before: false, ..stored(read)? })
    }

    pub(crate) async fn allow(
        &self,
        project: &Name,
        request: QueryRequest,
    ) -> Result<Allowed<'_>, UnitError> {
        let policies = self.policies_ref();
        let unknown = || {
            let detail = format!("no purpose `{}` in project `{project}`", request.purpose);
            UnitError::refuse(ProblemCode::PurposeUnknown, detail)
        };
        let purpose = policies
            .purposes
            .get(&request.purpose)
            .filter(|purpose| purpose.project == *project)
            .ok_or_else(unknown)?;
        if self.today() > purpose.expires {
            let detail = format!("`{}` ended on {}; have it renewed", purpose.id, purpose.expires);
            return Err(UnitError::refuse(ProblemCode::PurposeExpired, detail));
        }
        let indicator = purpose.indicator(&request.indicator)?;
        let plan = Plan::resolve(&indicator.query, &policies.catalogue, &purpose.territory)?;
        let price = Price::of(&plan, indicator.rho_nano, purpose.budget.delta_conv_femto)?;
        let snapshot = self.snapshot(project, request.snapshot).await?;
        Ok(Allowed { purpose, indicator, plan, price, request, snapshot })
    }
}

impl Allowed<'_> {
    fn charge(
        &self,
        project: &Name,
        analyst: &Name,
        idempotency_key: &str,
    ) -> Result<Charge, UnitError> {
        let request = Request {
            project: project.clone(),
            snapshot: Name::new(self.snapshot.to_string())?,
            purpose: self.purpose.id.clone(),
            analyst: analyst.clone(),
            idempotency_key: idempotency_key.to_owned(),
            year: self.request.year,
        };
        Ok(Charge::new(request, &self.plan, self.price.clone())?)
    }

    /// What a restart needs to run a paid but undrawn charge, and what the officer reads.
    fn stored_request(&self, idempotency_key: &str, analyst: &Name) -> Result<String, UnitError> {
        let stored = StoredRequest {
            analyst: analyst.clone(),
            idempotency_key: idempotency_key.to_owned(),
            request: QueryRequest { snapshot: Some(self.snapshot), ..self.request.clone() },
        };
        String::from_utf8(canonical_json(&stored)?)
            .map_err(|_| UnitError::Store(store::Error::Damaged("charge.request")))
    }
}

/// A request as it stands in the ledger.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredRequest {
    pub(crate) analyst: Name,
    pub(crate) idempotency_key: String,
    pub(crate) request: QueryRequest,
}

fn stored(charge: ledger::Charge) -> Result<Asked, UnitError> {
    let running = || {
        let detail = "the same question is being answered right now; ask again in a moment";
        UnitError::refuse(ProblemCode::Busy, detail)
    };
    let released = charge.state == State::Released;
    let body = charge.answer.ok_or_else(running)?;
    Ok(Asked { body, released, stored_before: true })
}
