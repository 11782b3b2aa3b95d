//! Price and answer of an indicator.

use std::sync::Arc;

use policy::{Indicator, Name, Plan, Purpose, canonical_json};
use serde::{Deserialize, Serialize};
use statistics::{Charge, Durable, PersonTable, Price, Request};
use store::ledger::{self, State};
use submission::{ProblemCode, SnapshotId};
use tokio::time::{sleep, timeout_at};

use crate::UnitError;
use crate::draw::Computed;
use crate::ledger::{self as own, Ledger, NotDrawn};
use crate::releases::{ReleasedTable, Sought};
use crate::slot::Slot;
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
    /// A grouping that the purpose permits for the indicator; its usual one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<Vec<Name>>,
    /// Whether to pay for an own answer although a released table is as exact at least.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fresh: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What an answer would cost and how wide its intervals would be; from public facts alone.
#[derive(Serialize)]
pub struct Priced {
    /// The price of an answer of its own.
    pub price: Price,
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
    /// The snapshot that would be read.
    pub snapshot: SnapshotId,
    /// After how many milliseconds a fresh answer leaves, neither earlier nor later.
    pub slot_millis: u64,
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
        let held = ledger::held(self.db(), &self.reserved(project)).await?;
        let document = self.released_before(&allowed.sought()?).await?;
        let released = document.as_deref().map(ReleasedTable::of).transpose()?;
        let slot = self.pace().slot_of(&allowed.plan, &allowed.price);
        Ok(Priced {
            slot_millis: u64::try_from(slot.as_millis()).unwrap_or(u64::MAX),
            costs_nano_rho: if released.is_some() { 0 } else { allowed.price.rho().get() },
            released,
            price: allowed.price,
            cap_nano_rho: allowed.purpose.budget.lineage_cap_nano_rho.get(),
            spent_nano_rho: spent.rho,
            reserved_nano_rho: held.years.get(&year).copied().unwrap_or(0),
            snapshot: allowed.snapshot,
        })
    }

    /// Answers a request: charged and on the disk first, then drawn, stored, read back.
    ///
    /// The same question about the same snapshot gives the stored bytes at no charge, whoever asks
    /// and under whichever key. So does a table of the same purpose that answers the question and
    /// cost as much at least, unless the request asks for a fresh one; a key that paid before gets
    /// what it paid for.
    ///
    /// # Errors
    /// As [`StatisticsUnit::price`], and [`ProblemCode::BudgetExceeded`],
    /// [`ProblemCode::IdempotencyConflict`], [`ProblemCode::ClockBehind`] or [`ProblemCode::Busy`].
    /// Nothing is charged then.
    pub async fn query(
        &self,
        project: &Name,
        analyst: &Name,
        idempotency_key: &str,
        request: QueryRequest,
    ) -> Result<Asked, UnitError> {
        let unit = self.clone();
        let (project, analyst) = (project.clone(), analyst.clone());
        let key = idempotency_key.to_owned();
        // On a task of its own: a caller who goes away must not take a charge along.
        let asked = async move { unit.ask(&project, &analyst, &key, request).await };
        tokio::spawn(asked).await.map_err(|_| UnitError::Worker)?
    }

    /// Up to the facts everything follows from the request and from what was released, and is
    /// answered at once; from then on everything leaves at the end of the question's slot.
    async fn ask(
        &self,
        project: &Name,
        analyst: &Name,
        idempotency_key: &str,
        request: QueryRequest,
    ) -> Result<Asked, UnitError> {
        let allowed = self.allow(project, request).await?;
        let charge = allowed.charge(project, analyst, idempotency_key)?;
        let reserved = self.reserved(project);
        let mut ledger = Ledger {
            db: self.db(),
            budget: &allowed.purpose.budget,
            request: allowed.stored_request(idempotency_key, analyst)?,
            asked: own::Asked::Question { request: &allowed.request, reserved: &reserved },
            random: self.random(),
            now: self.now(),
            between_steps: self.pace().between_steps,
        };
        let paid = ledger::charge_by_key(self.db(), analyst.as_str(), idempotency_key).await?;
        match paid {
            None => {
                if let Some(body) = self.released_before(&allowed.sought()?).await? {
                    return Ok(Asked { body, released: true, stored_before: true });
                }
                self.clock_stands().await?;
            }
            // What is settled under this key is given back or refused, and never charged.
            Some(paid) if paid.state != State::Committed => {
                return match ledger.commit(&charge).await {
                    Err(NotDrawn::Before(charge, place)) => stored(&charge, place),
                    Err(NotDrawn::Refused(error)) => Err(error),
                    Ok(_) => Err(UnitError::Store(store::Error::Damaged("charge.state"))),
                };
            }
            Some(_) => {}
        }
        // How long it takes to read a snapshot's facts depends on how many there are, and on
        // nothing drawn; the slot begins when they are there.
        let table = self.table(allowed.snapshot).await?;
        let slot = Slot::begin(self.pace().slot_of(&allowed.plan, &allowed.price));
        let answered = self.answer(&mut ledger, charge, &allowed, table, slot).await;
        slot.end().await;
        answered
    }

    async fn answer(
        &self,
        ledger: &mut Ledger<'_>,
        charge: Charge,
        allowed: &Allowed<'_>,
        table: Arc<PersonTable>,
        slot: Slot,
    ) -> Result<Asked, UnitError> {
        let (policies, plan, year) = (self.policies(), allowed.plan.clone(), allowed.request.year);
        let work = move || statistics::aggregate(&table, &policies.catalogue, &plan, year);
        let aggregate = timeout_at(slot.to_compute(), self.workers().run(work)).await;
        let aggregate = aggregate.map_err(|_| too_slow())?.map_err(|_| UnitError::Worker)??;
        match statistics::charge(ledger, charge).await {
            Ok(grant) => {
                let context = self.context(allowed.indicator);
                let table = Computed { aggregate, plan: allowed.plan.clone(), context };
                let charge = self.draw(grant, vec![table], Some(slot.to_draw())).await?;
                sleep(self.pace().between_steps).await;
                Ok(Asked { stored_before: false, ..stored(&charge, 0)? })
            }
            Err(NotDrawn::Before(charge, place)) => stored(&charge, place),
            Err(NotDrawn::Refused(error)) => Err(error),
        }
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
        self.in_force(purpose)?;
        let indicator = purpose.indicator(&request.indicator)?;
        let query = indicator.grouped(request.group_by.as_deref())?;
        let plan = Plan::resolve(&query, &policies.catalogue, &purpose.territory)?;
        let price = Price::of(&plan, indicator.rho_nano, purpose.budget.delta_conv_femto)?;
        let snapshot = self.snapshot(project, request.snapshot).await?;
        Ok(Allowed { purpose, indicator, plan, price, request, snapshot })
    }

    /// Refuses a purpose whose last day is over.
    pub(crate) fn in_force(&self, purpose: &Purpose) -> Result<(), UnitError> {
        if self.today() <= purpose.expires {
            return Ok(());
        }
        let detail = format!("`{}` ended on {}; have it renewed", purpose.id, purpose.expires);
        Err(UnitError::refuse(ProblemCode::PurposeExpired, detail))
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

    /// How the answer is looked for among what was released; a fresh one may only be its own.
    fn sought(&self) -> Result<Sought<'_>, UnitError> {
        let (plan, year) = (&self.plan, self.request.year);
        let fresh = self.request.fresh;
        Ok(Sought {
            snapshot: self.snapshot,
            purpose: &self.purpose.id,
            query: statistics::query_digest(plan, year, self.price.asked())?,
            question: statistics::question_digest(plan, year)?,
            least_rho: if fresh { None } else { Some(self.price.rho().get()) },
        })
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

fn too_slow() -> UnitError {
    let detail = "the facts were not counted within half of the answer's slot; nothing was charged: \
                  ask again later, or have the operator lengthen the slot (answer_slot_millis)";
    UnitError::refuse(ProblemCode::Busy, detail)
}

/// The stored answer of a charge: the document at `place`, or the failure of all.
pub(crate) fn stored(charge: &ledger::Charge, place: usize) -> Result<Asked, UnitError> {
    let running = || {
        let detail = "the same question is being answered right now; ask again in a moment";
        UnitError::refuse(ProblemCode::Busy, detail)
    };
    let whole = charge.answer.as_ref().ok_or_else(running)?;
    let released = charge.state == State::Released;
    let body = if released { charge.documents().nth(place) } else { Some(whole.as_slice()) };
    let gone = || UnitError::Store(store::Error::Damaged("charge.answer"));
    Ok(Asked { body: body.ok_or_else(gone)?.to_vec(), released, stored_before: true })
}
