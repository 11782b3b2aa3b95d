//! The crate through its public face.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![expect(clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod clkhash_strange;
mod encoding;
mod key_check;
mod normaliser;
mod people;
mod shipped;
mod strange;
