//! Benchmarks; may link anything, never shipped.
//!
//! Holds made-up people only. The measurements are in `benches/`.

pub mod encode_milchglas;
mod generator;
pub mod people;
pub mod register;
pub mod rows;
pub mod spent;
pub mod table;
