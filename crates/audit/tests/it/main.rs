//! The chain as an auditor meets it: as lines, and through the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;
mod tampering;
mod vector;
