//! Why a batch is not taken.

use submission::{Problem, ProblemCode, SubmissionError};
use thiserror::Error;

/// A refusal with its stable code, or a fault of the unit.
#[derive(Debug, Error)]
pub enum IntakeError {
    /// The sender has to change something.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Problem),
    /// The unit failed; the sender may try again.
    #[error(transparent)]
    Store(store::Error),
}

impl IntakeError {
    pub(crate) fn refuse(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused(Problem::new(code, detail))
    }

    /// A message that does not have the agreed form, under the given code.
    pub(crate) fn message(code: ProblemCode) -> impl Fn(SubmissionError) -> Self {
        move |error| match error {
            SubmissionError::Signature => {
                Self::refuse(ProblemCode::SignatureInvalid, SIGNATURE_HINT)
            }
            SubmissionError::Class { .. } => {
                Self::refuse(ProblemCode::ValueUnknown, error.to_string())
            }
            other => Self::refuse(code, other.to_string()),
        }
    }
}

const SIGNATURE_HINT: &str = "the manifest was altered or signed with another key than the one \
    registered for this department; register the public key that `keygen signing` printed";

impl From<store::Error> for IntakeError {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        use store::Subject;
        match error {
            E::Conflict(Subject::Chunk) => Self::refuse(
                ProblemCode::ChunkAltered,
                "another chunk lies at this position; encode the batch again and submit that",
            ),
            E::Conflict(_) => Self::refuse(
                ProblemCode::BatchAltered,
                "a batch id is used once; encode the extract again to get a new one",
            ),
            E::EpochClosed => Self::refuse(ProblemCode::EpochUnknown, E::EpochClosed.to_string()),
            E::NotFound(_) => {
                Self::refuse(ProblemCode::NotFound, "announce the batch with its manifest first")
            }
            E::Incomplete { missing } => Self::refuse(
                ProblemCode::BatchIncomplete,
                format!("{missing} chunks are missing; send them and complete again"),
            ),
            E::Limit { what, limit } => {
                Self::refuse(ProblemCode::TooLarge, format!("{what} is above {limit}"))
            }
            other => Self::Store(other),
        }
    }
}
