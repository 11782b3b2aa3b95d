//! Who may do what, in either unit.
//!
//! A department delivers and sees its own deliveries, the custodian opens epochs, the operator
//! links and transfers, an analyst prices and asks, the data protection officer reads log and
//! ledger. Everything that [`Role::permits`] does not name is refused, and a refusal looks like
//! a thing that does not exist, so that nobody learns by asking.
//!
//! The crate sees tokens only as digests and holds no record.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod identity;
mod role;
mod token;

pub use identity::{AccessError, Identity, RELEASE_PLAN, Registry};
pub use role::{Action, Role};
pub use token::{TokenDigest, new_token};
