//! The crate through its public face.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod clkhash;
mod generated;
mod others_schemas;
mod strange;
