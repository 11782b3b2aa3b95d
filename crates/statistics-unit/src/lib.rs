//! The statistics unit: holds coded facts, the link map, the ledger and the releases.
//!
//! It never sees a name, a key or an encoding, and it has no dependency that could. What it holds
//! is a profile per person across departments, so nothing exact leaves it: an analyst asks what a
//! purpose allows, the price is charged and on the disk before noise is drawn, and what is sent is
//! what was stored. An error after the charge looks the same whatever its cause. Release plans run by
//! themselves, as one charge per run, after each snapshot that this unit's own deliveries bear out.
//!
//! This is the service without its surface; the HTTP routes are in the server's `src/api`.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod accept;
mod budget;
mod draw;
mod erase;
mod error;
mod facts;
mod history;
mod ledger;
mod plans;
mod pricing;
mod query;
mod releases;
mod request;
mod slot;
mod unit;
mod witness;
mod workers;

pub use accept::AcceptedMap;
pub use budget::{
    AnalystReport, BudgetReport, HorizonReport, LineageReport, PurposeReport, QuarterReport,
    SpendingReport,
};
pub use erase::Erased;
pub use error::UnitError;
pub use history::{AskedBy, Asking, PastCharge};
pub use plans::{
    LeftOut, PlanEvent, PlanReport, PricedPlan, PricedRun, PricedTable, RunCharge, RunReport,
    RunState, price_plan,
};
pub use pricing::{Batch, CapLeft, Priced, PricedBatch};
pub use query::Asked;
pub use releases::{DatedRelease, ReleaseFilter, ReleasedTable};
pub use request::QueryRequest;
pub use slot::Pace;
pub use statistics::{GroupLoss, HalfWidth, group_losses};
pub use unit::{Setup, StatisticsUnit};
pub use witness::{Gate, part_of_cap};
