//! HTTP `/v1`: translation between requests and what a unit does.
//!
//! Every route asks for one [`access::Action`]; whoever may not do it gets the same answer as for
//! a route that does not exist. Refusals are problem details (RFC 9457).

mod answer;
mod audit;
mod caller;
mod deliveries;
mod figures;
mod linkage;
mod log;
mod proposals;
mod public;
mod ready;
mod rollup;
mod staff;
mod statistics;
mod unit;

pub(crate) use audit::late_days;
pub(crate) use figures::{count, routes as figures};
pub(crate) use linkage::router as linkage;
pub(crate) use public::{Kept, Site};
pub(crate) use staff::{Door, DoorSetup, Language};
pub(crate) use statistics::router as statistics;
