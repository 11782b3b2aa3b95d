//! The linkage unit: holds encodings, finds who is the same person, hands out the link map.
//!
//! It never sees a name, a key or an attribute, and it has no dependency that could: measures go
//! to another unit on another host. What it learns all the same (which sources a person is in,
//! exact overlaps) stays here: a department gets receipts, the operator gets counts, and the map
//! leaves only sealed to the statistics unit.
//!
//! Where a project has a schedule, the unit links by itself (`keeper.rs`): whoever approved the
//! schedule approved its snapshots, and a department that delivers can start one run per period
//! at most.
//!
//! What it holds ends: rows of withdrawn subjects and replaced deliveries are taken out
//! (`erase.rs`), candidate pairs are kept sealed for the epoch (`kept.rs`), and closing an epoch
//! destroys all of it but for the link maps.
//!
//! This is the service without its surface; the HTTP routes are in the server's `src/api`.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod bound;
mod diagnostics;
mod erase;
mod error;
mod job;
mod keeper;
mod kept;
mod load;
mod order;
mod persons;
mod rehearsal;
mod run;
mod runs;
mod schedule;
mod state;
mod unit;

pub use diagnostics::{Diagnostics, Similarities, SimilarityClass};
pub use erase::ClosedEpoch;
pub use error::UnitError;
pub use job::{
    JobState, LinkProgress, LinkReport, PairsReport, PeriodReport, SourceReport, StageReport,
};
pub use order::{LinkOrder, Solver};
pub use rehearsal::{RehearsalSource, rehearse};
pub use schedule::{Arrived, Delivery};
pub use state::{PeriodStage, PeriodState, RunState, ScheduleState, SnapshotLine};
pub use unit::{LinkageUnit, OpenEpoch, Setup};
