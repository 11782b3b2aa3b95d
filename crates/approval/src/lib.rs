//! What needs a second person, in either unit.
//!
//! Somebody proposes, somebody else approves, and what was approved happens once and exactly as it
//! was proposed: a proposal binds it by digest. The proposer never approves, whatever the rules of
//! access say. A folder of policies is proposed like everything else, project by project, and its
//! pieces hold only as far as they were approved; so nobody widens a purpose, a cap or a rule alone.
//!
//! - The **operator** lays a folder down and proposes; they cannot bring it into force.
//! - **Approver** and **data protection officer** bring it into force, each not their own.
//! - Nobody learns here of another project's proposals.
//!
//! An act asks [`Desk::require`] and gives the [`store::proposals::Approved`] to the transaction
//! that carries it out. The crate holds no record and no key.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod bound;
mod desk;
mod error;
mod force;
mod shown;
mod words;

pub use bound::Bound;
pub use desk::{Desk, Setup};
pub use error::ApprovalError;
pub use shown::{ShownApproval, ShownProposal, Standing};
pub use words::{ForcePart, InForce};

#[cfg(test)]
mod tests;
