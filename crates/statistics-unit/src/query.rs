//! The answer to a question: charged, drawn, stored, sent.

use policy::Name;
use serde::{Deserialize, Serialize};
use store::ledger::{self, State};
use submission::ProblemCode;

use crate::UnitError;
use crate::draw::Computed;
use crate::ledger::{self as own, Ledger, NotDrawn};
use crate::request::QueryRequest;
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
    /// [`ProblemCode::IdempotencyConflict`] or [`ProblemCode::Busy`]. Nothing is charged then.
    pub async fn query(
        &self,
        project: &Name,
        analyst: &Name,
        idempotency_key: &str,
        request: QueryRequest,
    ) -> Result<Asked, UnitError> {
        let allowed = self.allow(project, request).await?;
        let charge = allowed.charge(project, analyst, idempotency_key)?;
        let paid = ledger::charge_by_key(self.db(), analyst.as_str(), idempotency_key).await?;
        if paid.is_none()
            && let Some(body) = self.released_before(&allowed.sought()?).await?
        {
            return Ok(Asked { body, released: true, stored_before: true });
        }
        let table = self.table(allowed.snapshot).await?;
        let (policies, plan, year) = (self.policies(), allowed.plan.clone(), allowed.request.year);
        let work = move || statistics::aggregate(&table, &policies.catalogue, &plan, year);
        let aggregate =
            tokio::task::spawn_blocking(work).await.map_err(|_| UnitError::Worker)??;
        let reserved = self.reserved(project);
        let mut ledger = Ledger {
            db: self.db(),
            budget: &allowed.purpose.budget,
            request: allowed.stored_request(idempotency_key, analyst)?,
            asked: own::Asked::Question { request: &allowed.request, reserved: &reserved },
            random: self.random(),
            now: self.now(),
        };
        match statistics::charge(&mut ledger, charge).await {
            Ok(grant) => {
                let context = self.context(allowed.name, allowed.label, allowed.withholding);
                let table = Computed { aggregate, plan: allowed.plan, context };
                let charge = self.draw(grant, vec![table]).await?;
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
