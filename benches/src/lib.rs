//! Benchmarks; may link anything, never shipped.
//!
//! Holds made-up people only. The measurements are in `benches/`.

pub mod people;
pub mod rows;
pub mod table;
