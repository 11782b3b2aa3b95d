//! The linkage unit: holds encodings, finds who is the same person, hands out the link map.
//!
//! It never sees a name, a key or an attribute, and it has no dependency that could: measures go
//! to another unit on another host. What it learns all the same (which sources a person is in,
//! exact overlaps) stays here: a department gets receipts, the operator gets counts, and the map
//! leaves only sealed to the statistics unit.
//!
//! This is the service without its surface; the HTTP routes are in the server's `src/api`.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod error;
mod job;
mod load;
mod persons;
mod run;
mod unit;

pub use error::UnitError;
pub use job::{JobState, LinkProgress, LinkReport, SourceReport, StageReport};
pub use unit::{LinkageUnit, OpenEpoch, Setup};
