//! What can go wrong.

/// Why an attack could not be run.
#[derive(Debug, thiserror::Error)]
pub enum AttackError {
    /// The attacker's own encoding failed.
    #[error("the register cannot be encoded: {0}")]
    Encode(#[from] encoder::EncodeError),
    /// An encoding is too short to be folded.
    #[error("the filter cannot be folded: {0}")]
    Fold(#[from] submission::SubmissionError),
    /// Nobody to attack.
    #[error("an attack needs at least {0} records")]
    TooFew(usize),
}
