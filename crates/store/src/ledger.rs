//! The ledger of the statistics unit: what was spent, on what, and what was answered.
//!
//! `docs/formats/ledger.md` is normative. The order is [`commit`] (one transaction: idempotency
//! key, cache, all caps, charge, log entry), [`mark_drawing`], the draw, [`store_answer`], then
//! [`charge`] reads back what is sent. [`recover`] runs once at start.

mod answer;
mod before;
mod caps;
mod charge;
mod commit;
#[cfg(test)]
mod lookups;
mod parts;
mod period;
mod reserve;
mod spending;
mod spent;
mod totals;

pub use answer::{Answer, Recovery, mark_drawing, recover, store_answer};
pub use caps::{Cap, Caps, Exceeded, Horizon, Quarterly};
pub use charge::{Charge, NewCharge, NewPart, State, charge, charge_by_key, charges};
pub use commit::{CLOCK_TOLERANCE, Outcome, commit};
pub use parts::{Wanted, best_part, framed};
pub use period::Quarter;
pub use reserve::{Held, Reserved, held};
pub use spending::{Spending, spending};
pub use spent::{spent, spent_by_analyst, spent_by_purpose, spent_by_year, spent_in_quarter};

/// An amount of privacy budget, in integers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// zCDP rho in units of 1e-9.
    pub rho: u64,
    /// Threshold delta in units of 1e-15.
    pub delta: u64,
}

impl Price {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self { rho: 0, delta: 0 };
}

/// Longest name, id or idempotency key in bytes.
pub const NAME_LIMIT: usize = 128;
/// Longest request in bytes.
pub const REQUEST_LIMIT: usize = 64 << 10;
/// Longest answer in bytes.
pub const ANSWER_LIMIT: usize = 16 << 20;
/// Most event years of one charge.
pub const YEARS_LIMIT: usize = 64;
/// Most datasets of one charge.
pub const DATASETS_LIMIT: usize = 64;
/// Most tables of one charge.
pub const PARTS_LIMIT: usize = 64;
