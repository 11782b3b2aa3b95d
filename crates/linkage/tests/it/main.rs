//! Comparison and solvers from outside, as the linkage unit uses them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod anonlink;
mod assess;
mod compare;
mod county;
mod limits;
mod solve;
