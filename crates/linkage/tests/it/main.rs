//! Comparison and solvers from outside, as the linkage unit uses them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod anonlink;
mod assess;
mod best;
mod compare;
mod county;
mod incremental;
mod limits;
mod solve;
