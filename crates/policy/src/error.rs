//! What can be wrong with a policy, and what to do about it.

use thiserror::Error;

/// A policy file that cannot be used; the message names the place and the remedy.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// A name with other characters than `a-z 0-9 - _`, empty or too long.
    #[error("`{0}` is not a name: use 1 to 40 of a-z, 0-9, '-' and '_'")]
    Name(String),
    /// A file or folder that cannot be read.
    #[error("cannot read {path}: {reason}; check that the file exists and may be read")]
    Read {
        /// The path as given.
        path: String,
        /// What the operating system said.
        reason: String,
    },
    /// A file that is not the TOML or JSON that its type asks for.
    #[error("{path} does not have the expected form: {reason}")]
    Form {
        /// The path as given, or the kind of policy where the text came from memory.
        path: String,
        /// Position and cause, as the parser says it.
        reason: String,
    },
    /// A linkage schema whose values are out of range or contradict each other.
    #[error("linkage schema: {0}")]
    Schema(String),
    /// A catalogue whose entries contradict each other.
    #[error("catalogue: {0}")]
    Catalogue(String),
    /// A purpose that names what the catalogue does not have, or lacks what it must say.
    #[error("purpose: {0}")]
    Purpose(String),
    /// A schedule that contradicts itself.
    #[error("schedule: {0}")]
    Schedule(String),
    /// A release plan that its purpose or schedule does not permit.
    #[error("release plan: {0}")]
    Plan(String),
    /// An oversight file that contradicts itself.
    #[error("oversight: {0}")]
    Oversight(String),
    /// A query outside the catalogue or above a limit.
    #[error("query: {0}")]
    Query(String),
    /// An amount of budget that is negative, zero where it must not be, or too large.
    #[error("budget: {0}")]
    Budget(String),
}
