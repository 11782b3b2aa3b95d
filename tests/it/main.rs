//! The whole house: who may know whom, and what must not compile.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod analysis;
mod architecture;
mod bi;
mod browser;
mod consent;
mod epochs;
mod formats;
mod leaks;
mod link_assess;
mod link_bounds;
mod link_files;
mod link_odd;
mod log_kinds;
mod minimal;
mod multiparty;
mod office;
mod operation;
mod pages;
mod place;
mod plans;
mod postgres;
mod rollup;
mod rule;
mod sign_in;
mod spending;
mod takeover;
mod units;
mod witness;
