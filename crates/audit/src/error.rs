use thiserror::Error;

/// What stops an entry, a checkpoint or a key from being made.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// The kind is not a dotted word.
    #[error("an entry kind is a dotted lower-case word such as batch.received, at most 64 long")]
    Kind,
    /// The body holds a number outside ±(2^53−1) or with a fraction.
    #[error("a log body holds whole numbers up to 2^53-1 only; write other values as text")]
    Number,
    /// The body is not an object.
    #[error("a log body is a json object")]
    BodyShape,
    /// The export line of the entry would be longer than [`crate::LINE_LIMIT`].
    #[error("a log entry takes at most 64 KiB as one line; log a digest instead of the content")]
    TooLong,
    /// The chain has reached the largest number that JSON carries exactly.
    #[error("the log has reached its last number; open a new installation")]
    Exhausted,
    /// The installation id has another shape.
    #[error("an installation id is 1 to 64 of a-z, 0-9 and hyphen")]
    Installation,
    /// The unit's name is not known.
    #[error("a unit is either linkage or statistics")]
    Unit,
    /// The text is not a public key.
    #[error("an ed25519 public key is written as 64 hexadecimal digits")]
    PublicKey,
    /// The text is not a head.
    #[error("a head is written as number:hash, the hash as 64 hexadecimal digits")]
    Head,
    /// The text is not a head as it is noted down.
    #[error(
        "a noted head is the number of the entry and sixteen letters, such as 1234 K7QF-2M9X-PB04-T6ZA"
    )]
    Short,
    /// A file that is not what it should be.
    #[error("the text is not {0} of this version")]
    Document(&'static str),
    /// Approvals that are too few or not of this request.
    #[error(
        "the restore needs two valid approvals of exactly this request: one by the data protection \
         officer or a deputy, one by an operator, each named in oversight.toml with a key of their own"
    )]
    Approvals,
    /// The entry could not be written in canonical form.
    #[error("the entry has no canonical json form")]
    Canonical,
}
