//! How a batch arrives: announced by a signed manifest, chunk by chunk, resumable, receipted.
//!
//! Both units take batches the same way and differ in what they check: the linkage unit compares
//! schema and key-check value with the open epoch and looks only at encodings; the statistics
//! unit compares the catalogue and looks only at coded facts. A department learns whether its
//! own batch arrived, never anything about another's or about a match.
//!
//! The crate knows no HTTP; the units' routers translate. Each step may be repeated: the same
//! content gives the same answer, other content under the same name is refused.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod announce;
mod body;
mod error;
mod intake;
mod refusals;

pub use error::IntakeError;
pub use intake::{Expected, Intake};
pub use refusals::RefusedDelivery;
