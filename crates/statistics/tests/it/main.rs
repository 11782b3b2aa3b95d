//! The path from facts to a release, through the public interface alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bounded;
mod county;
mod document;
mod indicators;
mod ledger;
mod margins;
mod naive;
mod path;
mod run;
