//! From a price to a durable charge, and from that to the right to draw once.

use policy::{Digest, Femto, Name, NanoRho, Plan};
use serde::Serialize;

use crate::{Error, price::Price};

/// Who asks, for what, about which year of which snapshot.
pub struct Request {
    /// The project whose lineages are charged.
    pub project: Name,
    /// The frozen snapshot.
    pub snapshot: Name,
    /// The purpose that allows the question.
    pub purpose: Name,
    /// The person who asks.
    pub analyst: Name,
    /// The caller's key: the same key with the same question is the same charge.
    pub idempotency_key: String,
    /// The event year that is read.
    pub year: u16,
}

/// An amount of budget on its way into the ledger.
pub struct Charge {
    request: Request,
    price: Price,
    query: Digest,
    lineages: Vec<Lineage>,
}

/// What is charged: one event year of one project.
///
/// A new snapshot, a correction or a new epoch opens no lineage, so a person's loss for a year
/// stays below one cap for ever.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lineage {
    /// The project.
    pub project: Name,
    /// The event year.
    pub year: u16,
}

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

/// The right to draw the answer of one charge, once.
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

/// The digest under which an answer is stored and found again: plan, event year and the budget
/// asked for, whoever asks.
///
/// # Errors
/// [`Error::Policy`], which a resolved plan does not give.
pub fn query_digest(plan: &Plan, year: u16, asked: NanoRho) -> Result<Digest, Error> {
    #[derive(Serialize)]
    struct Query<'a> {
        format: &'static str,
        plan: &'a Plan,
        rho_nano: NanoRho,
        year: u16,
    }
    let query = Query { format: "milchglas/query/v1", plan, rho_nano: asked, year };
    Ok(Digest::of_json(&query)?)
}

impl Charge {
    /// Longest idempotency key, in bytes.
    pub const MAX_KEY: usize = 128;

    /// Prepares the charge of `price` for answering `plan`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where the price is another plan's, [`Error::Charge`] where the
    /// idempotency key is empty, too long or not plain visible ASCII.
    pub fn new(request: Request, plan: &Plan, price: Price) -> Result<Self, Error> {
        if Digest::of_json(plan)? != price.plan() {
            return Err(Error::Mismatch("the price is of another plan"));
        }
        let key = request.idempotency_key.as_bytes();
        let plain = key.iter().all(u8::is_ascii_graphic);
        if key.is_empty() || key.len() > Self::MAX_KEY || !plain {
            return Err(Error::Charge("use 1 to 128 visible ASCII characters as idempotency key"));
        }
        let query = query_digest(plan, request.year, price.asked())?;
        let lineages = vec![Lineage { project: request.project.clone(), year: request.year }];
        Ok(Self { request, price, query, lineages })
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &Name {
        &self.request.project
    }

    /// The snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Name {
        &self.request.snapshot
    }

    /// The purpose.
    #[must_use]
    pub fn purpose(&self) -> &Name {
        &self.request.purpose
    }

    /// The analyst.
    #[must_use]
    pub fn analyst(&self) -> &Name {
        &self.request.analyst
    }

    /// The idempotency key.
    #[must_use]
    pub fn idempotency_key(&self) -> &str {
        &self.request.idempotency_key
    }

    /// The event year.
    #[must_use]
    pub fn year(&self) -> u16 {
        self.request.year
    }

    /// The digest of the question.
    #[must_use]
    pub fn query_digest(&self) -> Digest {
        self.query
    }

    /// What each lineage is charged.
    #[must_use]
    pub fn rho(&self) -> NanoRho {
        self.price.rho()
    }

    /// The threshold delta that each lineage is charged.
    #[must_use]
    pub fn delta(&self) -> Femto {
        self.price.delta()
    }

    /// Every lineage that the answer reads; each is charged in full.
    #[must_use]
    pub fn lineages(&self) -> &[Lineage] {
        &self.lineages
    }

    pub(crate) fn price(&self) -> &Price {
        &self.price
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{YEAR, name, overlap_plan, persons_plan};

    fn request(key: &str) -> Request {
        Request {
            project: name("p"),
            snapshot: name("s"),
            purpose: name("early-help"),
            analyst: name("planner"),
            idempotency_key: key.into(),
            year: YEAR,
        }
    }

    fn price(plan: &Plan) -> Price {
        let delta = Femto::new(1_000_000_000).unwrap();
        Price::of(plan, NanoRho::new(50_000_000).unwrap(), delta).unwrap()
    }

    #[test]
    fn a_charge_names_its_lineage_and_no_more_than_was_asked() {
        let plan = persons_plan();
        let charge = Charge::new(request("k1"), &plan, price(&plan)).unwrap();
        assert!(charge.lineages() == [Lineage { project: name("p"), year: YEAR }]);
        assert!(charge.rho() <= NanoRho::new(50_000_000).unwrap());
        assert_eq!(charge.delta(), Femto::ZERO);
    }

    #[test]
    fn another_plans_price_and_odd_keys_are_refused() {
        let plan = persons_plan();
        let other = Charge::new(request("k1"), &plan, price(&overlap_plan()));
        assert!(matches!(other, Err(Error::Mismatch(_))));
        for key in ["", " ", "ü", "a\nb", &"k".repeat(129)] {
            let odd = Charge::new(request(key), &plan, price(&plan));
            assert!(matches!(odd, Err(Error::Charge(_))), "{key:?}");
        }
    }

    #[test]
    fn questions_differ_by_plan_year_and_budget() {
        let rho = NanoRho::new(1_000_000).unwrap();
        let digest = query_digest(&persons_plan(), YEAR, rho).unwrap();
        assert_eq!(digest, query_digest(&persons_plan(), YEAR, rho).unwrap());
        assert_ne!(digest, query_digest(&overlap_plan(), YEAR, rho).unwrap());
        assert_ne!(digest, query_digest(&persons_plan(), YEAR - 1, rho).unwrap());
        assert_ne!(digest, query_digest(&persons_plan(), YEAR, rho.half()).unwrap());
    }
}
