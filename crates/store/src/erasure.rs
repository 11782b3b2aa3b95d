//! What is deleted, and that it was: rows, deliveries, epochs.
//!
//! The order is always the same: the transaction that drops a piece, with its entry in the log,
//! ends first; then the key of the piece is destroyed. A crash between the two leaves a key that
//! nothing refers to, which the next start destroys. Entries name batches and counts, no subject.

mod epoch;
mod facts;
mod rows;

pub use epoch::{Closed, close_epoch};
pub use facts::{Expired, KeptFacts, expire, kept_facts, vanished};
pub use rows::{
    ChunkPlace, Tombstone, chunks_of, erase_batch, replace_chunk, superseded, tombstoned,
    tombstones,
};
