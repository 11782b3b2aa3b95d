//! What the linkage unit answers when it does not do what it was asked.

use approval::ApprovalError;
use intake::IntakeError;
use submission::{Problem, ProblemCode, SubmissionError};
use thiserror::Error;

/// A refusal with its stable code, or a fault of the unit.
#[derive(Debug, Error)]
pub enum UnitError {
    /// The caller has to change something.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Problem),
    /// The database failed.
    #[error(transparent)]
    Store(store::Error),
    /// The comparison failed.
    #[error(transparent)]
    Linkage(linkage::Error),
    /// A message could not be made.
    #[error(transparent)]
    Message(#[from] SubmissionError),
    /// A policy file contradicts itself.
    #[error(transparent)]
    Policy(#[from] policy::PolicyError),
    /// The period has its snapshot by now, or a delivery was replaced by a shorter one.
    #[error("the period is not due any more; nothing was frozen")]
    NotDue,
    /// A worker ended early.
    #[error("the linkage run ended early; start it again")]
    Worker,
}

impl UnitError {
    pub(crate) fn refuse(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused(Problem::new(code, detail))
    }

    /// The refusal as it travels; a fault of the unit says nothing about its cause.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.clone(),
            Self::NotDue => Problem::new(ProblemCode::Busy, self.to_string()),
            Self::Store(store::Error::DiskFull) => {
                Problem::new(ProblemCode::Internal, self.to_string())
            }
            _ => Problem::new(ProblemCode::Internal, "try again; the operator finds it in the log"),
        }
    }
}

impl From<ApprovalError> for UnitError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Refused(problem) => Self::Refused(problem),
            ApprovalError::Store(error) => Self::Store(error),
            other => Self::refuse(ProblemCode::Internal, other.to_string()),
        }
    }
}

impl From<IntakeError> for UnitError {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Refused(problem) => Self::Refused(problem),
            IntakeError::Store(error) => Self::Store(error),
        }
    }
}

impl From<store::Error> for UnitError {
    fn from(error: store::Error) -> Self {
        use store::{Error as E, Subject};
        match error {
            E::Conflict(what @ (Subject::Schema | Subject::KeyCheckValue)) => Self::refuse(
                ProblemCode::EpochConflict,
                format!("the epoch was opened with another {what}; open a new epoch for a new one"),
            ),
            E::Conflict(Subject::EpochKey) => Self::refuse(
                ProblemCode::EpochConflict,
                "another epoch of the project was opened with this key-check value, so it has the \
                 same key; derive the key of this epoch (`keys rotate`) and send its value",
            ),
            E::Conflict(Subject::Period) => Self::NotDue,
            E::NotFound(Subject::Epoch) => {
                Self::refuse(ProblemCode::EpochUnknown, "the project has no epoch of this name")
            }
            E::EpochClosed => Self::refuse(ProblemCode::EpochUnknown, E::EpochClosed.to_string()),
            E::NotApproved => ApprovalError::from(E::NotApproved).into(),
            E::NotFound(Subject::Snapshot) => {
                Self::refuse(ProblemCode::SnapshotUnknown, "ask for the list of snapshots")
            }
            other => Self::Store(other),
        }
    }
}

impl From<linkage::Error> for UnitError {
    fn from(error: linkage::Error) -> Self {
        match error {
            linkage::Error::TooManyPairs { .. } => Self::refuse(
                ProblemCode::TooManyPairs,
                format!(
                    "{error}; pairs are kept from `pair_floor` up: raise it in the unit's \
                         configuration, or the threshold in the linkage schema"
                ),
            ),
            linkage::Error::Sink(cause) | linkage::Error::Read(cause) => {
                match cause.downcast::<store::Error>() {
                    Ok(error) => (*error).into(),
                    Err(cause) => Self::Linkage(linkage::Error::Sink(cause)),
                }
            }
            other => Self::Linkage(other),
        }
    }
}
