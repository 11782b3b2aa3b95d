//! The ledger on stable storage, as the accounting sees it.
//!
//! This is the only implementation of [`Durable`]; a test of the workspace counts them.

use std::time::Duration;

use policy::{Budget, Digest, Name};
use ring::rand::{SecureRandom, SystemRandom};
use statistics::{Charge, Durable, Part, Receipt};
use store::Db;
use store::ledger::{
    self, Cap, Caps, Exceeded, Horizon, NewCharge, NewPart, Outcome, Price, Quarterly, Reserved,
    State,
};
use submission::ProblemCode;
use tokio::time::Instant;

use crate::UnitError;
use crate::query::StoredRequest;
use crate::request::QueryRequest;
use crate::witness::Gate;

/// The ledger of one unit under the caps of one purpose.
pub(crate) struct Ledger<'a> {
    pub(crate) db: &'a Db,
    pub(crate) budget: &'a Budget,
    pub(crate) request: String,
    pub(crate) asked: Asked<'a>,
    pub(crate) random: &'a SystemRandom,
    pub(crate) now: i64,
    /// A wait before the mark that something is drawn.
    pub(crate) between_steps: Duration,
    /// What the charge passes before its draw.
    pub(crate) gate: &'a Gate,
    /// Until when its receipt is waited for, where somebody waits for the answer.
    pub(crate) until: Option<Instant>,
}

/// On whose behalf a charge is made.
pub(crate) enum Asked<'a> {
    /// An analyst's question; it must leave alone what is kept for the plans.
    Question { request: &'a QueryRequest, reserved: &'a [Reserved] },
    /// A run of a plan; it is nobody's own and what is kept is kept for it.
    Run,
}

/// Why there is nothing to draw.
pub(crate) enum NotDrawn {
    /// The same was charged before: here is that charge, and the place of the table in it.
    Before(Box<ledger::Charge>, usize),
    /// Nothing was charged.
    Refused(UnitError),
}

impl From<UnitError> for NotDrawn {
    fn from(error: UnitError) -> Self {
        Self::Refused(error)
    }
}

impl From<store::Error> for NotDrawn {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl Durable for Ledger<'_> {
    type Error = NotDrawn;

    async fn commit(&mut self, charge: &Charge) -> Result<Receipt, NotDrawn> {
        let new = NewCharge {
            charge: self.fresh_id()?,
            project: charge.project().to_string(),
            snapshot: charge.snapshot().to_string(),
            purpose: charge.purpose().to_string(),
            analyst: charge.analyst().to_string(),
            query_digest: *charge.query_digest().as_bytes(),
            idempotency_key: charge.idempotency_key().to_owned(),
            request: self.request.clone(),
            price: Price { rho: charge.rho().get(), delta: charge.delta().get() },
            years: charge.lineages().iter().map(|lineage| lineage.year).collect(),
            datasets: charge.datasets().iter().map(ToString::to_string).collect(),
            parts: charge.parts().iter().map(new_part).collect(),
        };
        match ledger::commit(self.db, &new, &self.caps(), self.now).await? {
            Outcome::Committed(charge) => self.witnessed(charge).await,
            Outcome::Existing(charge) if charge.state == State::Committed => {
                self.witnessed(charge).await
            }
            Outcome::Existing(charge) => Err(NotDrawn::Before(Box::new(charge), 0)),
            // While that charge is open it is somebody else's to draw, as a whole.
            Outcome::ExistingPart(charge, place) => Err(NotDrawn::Before(Box::new(charge), place)),
            // Asked again without naming a snapshot, and a newer one came in between: the answer
            // that was lost is still the one that was paid.
            Outcome::IdempotencyConflict(earlier) if self.asked_before(&earlier) => {
                Err(NotDrawn::Before(Box::new(earlier), 0))
            }
            Outcome::IdempotencyConflict(_) => Err(NotDrawn::Refused(UnitError::refuse(
                ProblemCode::IdempotencyConflict,
                "this idempotency key was used for another request; use a new one",
            ))),
            Outcome::ClockBehind { latest } => {
                Err(NotDrawn::Refused(UnitError::clock_behind(self.now, latest)))
            }
            Outcome::CapExceeded(Exceeded {
                which: Cap::UnwitnessedRho { .. } | Cap::UnwitnessedDelta { .. },
                ..
            }) => Err(NotDrawn::Refused(self.gate.refusal(false))),
            Outcome::CapExceeded(exceeded) => Err(NotDrawn::Refused(too_expensive(&exceeded))),
        }
    }

    async fn start_drawing(&mut self, receipt: &Receipt) -> Result<(), NotDrawn> {
        tokio::time::sleep(self.between_steps).await;
        match ledger::mark_drawing(self.db, receipt.charge.as_str()).await {
            Ok(()) => Ok(()),
            // Somebody else with the same receipt was faster and draws.
            Err(store::Error::ChargeState) => {
                let charge = ledger::charge(self.db, receipt.charge.as_str()).await?;
                let gone = || UnitError::Store(store::Error::Damaged("charge"));
                Err(NotDrawn::Before(Box::new(charge.ok_or_else(gone)?), 0))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Ledger<'_> {
    fn caps(&self) -> Caps<'_> {
        let budget = self.budget;
        let (analyst_rho, quarter, reserved) = match self.asked {
            Asked::Question { reserved, .. } => {
                let quarter = budget.quarter_cap_nano_rho;
                let quarter =
                    quarter.map(|cap| Quarterly { rho: cap.get(), apart: access::RELEASE_PLAN });
                (Some(budget.analyst_cap_nano_rho.get()), quarter, reserved)
            }
            Asked::Run => (None, None, &[][..]),
        };
        let years = budget.horizon_years;
        Caps {
            lineage: Price {
                rho: budget.lineage_cap_nano_rho.get(),
                delta: budget.lineage_cap_delta_femto.get(),
            },
            horizon: budget.horizon_cap_nano_rho.map(|cap| Horizon { years, rho: cap.get() }),
            quarter,
            purpose_rho: budget.purpose_cap_nano_rho.get(),
            analyst_rho,
            unwitnessed: self.gate.tranche(budget),
            reserved,
        }
    }

    /// Lets a paid charge pass to its draw: witnessed, or small enough to do without. Otherwise it
    /// stays paid and undrawn until the witness is back.
    async fn witnessed(&self, charge: ledger::Charge) -> Result<Receipt, NotDrawn> {
        let passed = self.gate.pass(charge.head.sequence, self.until, self.budget).await;
        if let Err(tranche) = passed {
            let since = store::witness::spent_unwitnessed(self.db).await?;
            let beyond = since.iter().any(|own| {
                let paying = own.project == charge.project && charge.years.contains(&own.year);
                paying && (own.price.rho > tranche.rho || own.price.delta > tranche.delta)
            });
            if beyond {
                return Err(NotDrawn::Refused(self.gate.refusal(true)));
            }
        }
        Ok(receipt(&charge)?)
    }

    /// Whether `earlier` answers what is asked now: a run that was made on another snapshot or by
    /// an earlier plan, or a question about the newest snapshot of its time.
    fn asked_before(&self, earlier: &ledger::Charge) -> bool {
        let Asked::Question { request: now, .. } = self.asked else { return true };
        let Ok(stored) = serde_json::from_str::<StoredRequest>(&earlier.request) else {
            return false;
        };
        // Which snapshot was the newest then is the one thing that may differ, and whether a
        // released table would have done.
        let then = QueryRequest { snapshot: None, fresh: now.fresh, ..stored.request };
        then == *now
    }

    fn fresh_id(&self) -> Result<String, UnitError> {
        let mut bytes = [0; 16];
        self.random
            .fill(&mut bytes)
            .map_err(|_| UnitError::Message(submission::SubmissionError::Random))?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn new_part(part: &Part) -> NewPart {
    NewPart {
        query_digest: *part.query_digest().as_bytes(),
        question: *part.question_digest().as_bytes(),
        price: Price { rho: part.rho().get(), delta: part.delta().get() },
    }
}

fn receipt(charge: &ledger::Charge) -> Result<Receipt, UnitError> {
    Ok(Receipt {
        charge: Name::new(charge.charge.clone())?,
        sequence: charge.head.sequence,
        head: Digest::from_bytes(charge.head.hash),
    })
}

fn too_expensive(exceeded: &Exceeded) -> UnitError {
    let which = match exceeded.which {
        Cap::LineageRho { year }
        | Cap::LineageDelta { year }
        | Cap::UnwitnessedRho { year }
        | Cap::UnwitnessedDelta { year } => format!("of event year {year}"),
        Cap::Horizon { from, to } => format!("of the years {from} to {to}"),
        Cap::Quarter(quarter) => format!("of this purpose in the quarter {quarter}"),
        Cap::Purpose => "of this purpose".into(),
        Cap::Analyst => "of this analyst".into(),
    };
    let kept = match exceeded.reserved {
        0 => String::new(),
        reserved => format!(", {reserved} is kept for release plans"),
    };
    let unit =
        if matches!(exceeded.which, Cap::LineageDelta { .. }) { "1e-15 delta" } else { "nano-rho" };
    let advice = match exceeded.which {
        Cap::Quarter(_) => "ask again in the next quarter, use what was released",
        _ => "there is no refresh: use what was released",
    };
    let detail = format!(
        "the cap {which} is {}, {} is spent{kept} and this costs {} (all in {unit}); {advice}, \
         or have two people raise the cap in the purpose",
        exceeded.cap, exceeded.spent, exceeded.asked
    );
    UnitError::refuse(ProblemCode::BudgetExceeded, detail)
}
