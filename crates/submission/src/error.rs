//! What can be wrong with a message.

use thiserror::Error;

/// A message that is refused; holds no value from it.
#[derive(Debug, Error)]
pub enum SubmissionError {
    /// Something other than the expected number of bytes.
    #[error("{what} must have {expected} bytes, not {found}")]
    Length {
        /// What was read.
        what: &'static str,
        /// Bytes that it has by its format.
        expected: usize,
        /// Bytes that were there.
        found: usize,
    },
    /// A text that is not the expected encoding of bytes.
    #[error("{0} must be lower-case hexadecimal digits")]
    Hex(&'static str),
    /// A chunk that is not the Arrow IPC stream with the agreed columns.
    #[error("chunk does not have the agreed form: {0}; encode it again with this version")]
    Chunk(String),
    /// A fact outside the catalogue.
    #[error("row {row}: {why}; only what the catalogue names may travel")]
    Fact {
        /// Position of the row in its chunk.
        row: usize,
        /// Column and rule, without the value.
        why: String,
    },
    /// A value outside the catalogue's keys, bounds or steps.
    #[error("row {row}: {why}; only the catalogue's classes may travel")]
    Class {
        /// Position of the row in its chunk.
        row: usize,
        /// Column and rule, without the value.
        why: String,
    },
    /// A manifest whose own fields contradict each other.
    #[error("manifest: {0}")]
    Manifest(String),
    /// A limit on something from outside.
    #[error("{what} is above the limit of {limit}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A signature by another key or over other bytes.
    #[error("signature does not verify: the message was altered or signed with another key")]
    Signature,
    /// A key that is not one.
    #[error("{0} is not usable: create a new one with `keygen`")]
    Key(&'static str),
    /// A sealed message that does not open.
    #[error("sealed message does not open: it was altered, or meant for another request")]
    Sealed,
    /// The random source failed.
    #[error("the system's random source is not available")]
    Random,
    /// A value without canonical form.
    #[error(transparent)]
    Policy(#[from] policy::PolicyError),
}
