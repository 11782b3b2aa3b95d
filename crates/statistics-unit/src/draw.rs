//! From a grant to the stored answer: drawn on a thread of its own, stored, read back.

use policy::{Name, Plan, Withholding};
use statistics::{Aggregate, Context, FAILED_ANSWER, Grant, Table};
use store::ledger::{self, Answer};

use crate::UnitError;
use crate::unit::StatisticsUnit;
use tokio::time::{Instant, sleep, timeout_at};

/// One table whose exact answer is known to nobody yet.
pub(crate) struct Computed {
    pub(crate) aggregate: Aggregate,
    pub(crate) plan: Plan,
    pub(crate) context: Context,
}

impl StatisticsUnit {
    /// Draws all tables of a grant and stores their documents, or the uniform failure for all of
    /// them; returns the charge as it then stands in the ledger. What is not drawn by `until` has
    /// failed: it is thrown away when it comes and never released.
    pub(crate) async fn draw(
        &self,
        grant: Grant,
        tables: Vec<Computed>,
        until: Option<Instant>,
    ) -> Result<ledger::Charge, UnitError> {
        let charge = grant.charge_id().clone();
        sleep(self.pace().between_steps).await;
        let drawn = match until {
            Some(until) if until <= Instant::now() => None,
            Some(until) => {
                let drawn = self.workers().run(move || documents(grant, tables));
                timeout_at(until, drawn).await.ok().and_then(Result::ok)
            }
            None => self.workers().run(move || documents(grant, tables)).await.ok(),
        };
        let body = drawn.flatten().filter(|body| body.len() <= ledger::ANSWER_LIMIT);
        let answer = match &body {
            Some(body) => Answer::Released(body),
            None => Answer::Failed(FAILED_ANSWER.as_bytes()),
        };
        ledger::store_answer(self.db(), charge.as_str(), answer, self.now()).await?;
        self.say_released();
        let gone = || UnitError::Store(store::Error::Damaged("charge"));
        ledger::charge(self.db(), charge.as_str()).await?.ok_or_else(gone)
    }

    /// What a release says about itself.
    pub(crate) fn context(
        &self,
        indicator: Name,
        label: String,
        withholding: Option<Withholding>,
    ) -> Context {
        Context {
            indicator,
            label,
            policy: self.policies_ref().digest,
            separation: self.separation().to_owned(),
            withholding,
        }
    }
}

/// Whatever fails here ends in the same answer, so its cause is told to nobody.
fn documents(grant: Grant, tables: Vec<Computed>) -> Option<Vec<u8>> {
    let mut parts = Vec::with_capacity(tables.len());
    let mut plans = Vec::with_capacity(tables.len());
    for Computed { aggregate, plan, context } in tables {
        plans.push(plan);
        parts.push((aggregate, context));
    }
    let tables = plans.iter().zip(parts);
    let tables = tables.map(|(plan, (aggregate, context))| Table { aggregate, plan, context });
    let releases = statistics::release(grant, tables.collect()).ok()?;
    let documents: Result<Vec<_>, _> = releases.iter().map(statistics::Release::to_bytes).collect();
    ledger::framed(&documents.ok()?).ok()
}
