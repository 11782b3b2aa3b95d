//! What the shipped rules can never permit, proved.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod proof;
