//! The whole house: who may know whom, and what must not compile.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod architecture;
mod consent;
mod epochs;
mod formats;
mod leaks;
mod link_files;
mod minimal;
mod multiparty;
mod pages;
mod place;
mod plans;
mod rollup;
mod rule;
mod spending;
mod units;
