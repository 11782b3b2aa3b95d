//! The statistics unit: holds coded facts, the link map, the ledger and the releases.
//!
//! It never sees a name, a key or an encoding, and it has no dependency that could. What it holds
//! is a profile per person across departments, so nothing exact leaves it: an analyst asks what a
//! purpose allows, the price is charged and on the disk before noise is drawn, and what is sent is
//! what was stored. An error after the charge looks the same whatever its cause.
//!
//! This is the service without its surface; the HTTP routes are in the server's `src/api`.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod accept;
mod budget;
mod error;
mod facts;
mod ledger;
mod query;
mod unit;

pub use accept::AcceptedMap;
pub use budget::{BudgetReport, LineageReport, PurposeReport};
pub use error::UnitError;
pub use query::{Asked, Priced, QueryRequest};
pub use unit::{Setup, StatisticsUnit};
