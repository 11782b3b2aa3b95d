//! The department as a whole, through its public interface and its program.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod amend;
mod bad_input;
mod ceremony;
mod clks;
mod desk;
mod encoding;
mod facts;
mod fuzzed;
mod guess;
mod leaks;
mod mappings;
mod program;
mod sql;
mod station;
mod submit;
mod unit;
mod workbook;
