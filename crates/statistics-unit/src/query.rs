//! The answer to a question: charged, drawn, stored, sent.

use std::sync::Arc;

use policy::Name;
use serde::{Deserialize, Serialize};
use statistics::{Charge, Durable, PersonTable};
use store::ledger::{self, State};
use submission::ProblemCode;
use tokio::time::{Instant, sleep, timeout_at};

use crate::UnitError;
use crate::draw::Computed;
use crate::ledger::{self as own, Ledger, NotDrawn};
use crate::request::{Allowed, QueryRequest};
use crate::slot::Slot;
use crate::unit::StatisticsUnit;

/// The stored answer of a charge.
pub struct Asked {
    /// The bytes of the release, or of the uniform failure.
    pub body: Vec<u8>,
    /// Whether it is a release.
    pub released: bool,
    /// Whether it was stored before, so that nothing was charged now.
    pub stored_before: bool,
}

impl StatisticsUnit {
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
            gate: self.gate(),
            // What is settled waits for nobody.
            until: Some(Instant::now()),
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
        self.gate().look().await;
        let slot = Slot::begin(self.pace().slot_of(&allowed.plan, &allowed.price));
        ledger.until = Some(slot.to_witness());
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
                let context =
                    self.context(allowed.name.clone(), allowed.label.clone(), allowed.withholding);
                let table = Computed { aggregate, plan: allowed.plan.clone(), context };
                let charge = self.draw(grant, vec![table], Some(slot.to_draw())).await?;
                sleep(self.pace().between_steps).await;
                Ok(Asked { stored_before: false, ..stored(&charge, 0)? })
            }
            Err(NotDrawn::Before(charge, place)) => stored(&charge, place),
            Err(NotDrawn::Refused(error)) => Err(error),
        }
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
