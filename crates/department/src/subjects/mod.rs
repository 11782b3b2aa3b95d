//! Rows → subjects: one person's case with its identifiers and numbered facts.

mod collect;
mod facts;
mod fingerprint;
mod finish;
mod objections;
mod reason;
mod row;

pub(crate) use collect::{Collection, collect};
pub(crate) use fingerprint::{Fingerprint, Fingerprinter};
pub(crate) use finish::{Collected, FactAt};
pub(crate) use objections::lines;
pub(crate) use row::identify;

pub use finish::Counts;
pub use objections::Objections;
pub use reason::{Reason, Rejected};
