//! The crate through its public face.

mod clkhash;
mod generated;
mod others_schemas;
mod strange;
