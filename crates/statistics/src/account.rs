//! From a charge to the right to draw once: only what is durable may be drawn.

use policy::{Digest, Name};

use crate::Charge;

/// What the ledger says about a committed charge.
#[derive(Clone)]
pub struct Receipt {
    /// The ledger's name of the charge.
    pub charge: Name,
    /// Number of the log entry that committed it.
    pub sequence: u64,
    /// Hash of that entry.
    pub head: Digest,
}

/// A ledger on stable storage. Exactly the store behind the statistics unit implements it.
pub trait Durable {
    /// Why a charge was not committed: a cap, a used idempotency key, a database.
    type Error;

    /// Commits a charge and flushes it, or finds the same charge committed already.
    ///
    /// A charge that a crash left in the state `committed` is found again by its idempotency key
    /// and its receipt returned. In every other state (`drawing`, `released`, `failed`, `void`)
    /// this is an error that says where its stored answer is.
    fn commit(
        &mut self,
        charge: &Charge,
    ) -> impl Future<Output = Result<Receipt, Self::Error>> + Send;

    /// Moves the committed charge to `drawing` and flushes it; an error in any other state.
    ///
    /// Of two callers that hold the same receipt one gets through.
    fn start_drawing(
        &mut self,
        receipt: &Receipt,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The right to draw the answer of one charge, once: all of its tables together.
///
/// Missing on purpose: a public constructor, `Clone`, `Deserialize`, a way back to budget.
/// Dropping one loses the charge.
#[must_use = "the charge is spent; hand the grant to `release`"]
pub struct Grant {
    charge: Charge,
    receipt: Receipt,
}

/// Commits a charge and marks it as being drawn. The only way to a [`Grant`].
///
/// The second step belongs here: while a charge is merely committed, two callers could find it,
/// both draw, and the difference of the two answers would have been paid for by nobody.
///
/// # Errors
/// What the ledger says; then nothing may be drawn.
pub async fn charge<L: Durable>(ledger: &mut L, charge: Charge) -> Result<Grant, L::Error> {
    let receipt = ledger.commit(&charge).await?;
    ledger.start_drawing(&receipt).await?;
    Ok(Grant { charge, receipt })
}

impl Grant {
    /// The ledger's name of the charge, under which the answer is stored.
    #[must_use]
    pub fn charge_id(&self) -> &Name {
        &self.receipt.charge
    }

    pub(crate) fn into_parts(self) -> (Charge, Receipt) {
        (self.charge, self.receipt)
    }
}
