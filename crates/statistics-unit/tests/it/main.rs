//! The statistics unit with a real database, deliveries and sealed link maps, and a clock that the
//! test sets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod county;
mod crash;
mod erasure;
mod free;
mod law;
mod made_up;
mod measure;
mod plans;
mod pricing;
mod private;
mod reserve;
mod slots;
