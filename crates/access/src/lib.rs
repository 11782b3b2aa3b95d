//! Who may do what, in either unit.
//!
//! A department delivers and sees its own deliveries, the custodian opens epochs, the operator
//! links and transfers, an analyst prices and asks, the data protection officer reads log and
//! ledger, and an approver is the second person. Who may do what stands in `policies/access/`, in
//! Cedar; whatever no [`Rules`] permit is refused, and a refusal looks like a thing that does not
//! exist, so that nobody learns by asking. Budgets are not decided here.
//!
//! The crate sees tokens and passwords only as digests and holds no record.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod identity;
mod password;
mod role;
mod rules;
mod token;

pub use identity::{AccessError, Identity, RELEASE_PLAN, Registry};
pub use password::PasswordDigest;
pub use role::{Action, ProposalKind, Role};
pub use rules::{Asker, Fault, Note, Rules};
pub use token::{TokenDigest, new_token};
