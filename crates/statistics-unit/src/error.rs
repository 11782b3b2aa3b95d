//! What the statistics unit answers when it does not do what it was asked.

use approval::ApprovalError;
use intake::IntakeError;
use submission::{Problem, ProblemCode, SubmissionError};
use thiserror::Error;

/// A refusal with its stable code, or a fault of the unit.
#[derive(Debug, Error)]
pub enum UnitError {
    /// The caller has to change something; nothing was charged.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Problem),
    /// The database failed.
    #[error(transparent)]
    Store(store::Error),
    /// Facts or question could not be computed.
    #[error(transparent)]
    Statistics(statistics::Error),
    /// A message could not be made or read.
    #[error(transparent)]
    Message(#[from] SubmissionError),
    /// A worker ended early.
    #[error("the work ended early; ask again with the same idempotency key")]
    Worker,
}

impl UnitError {
    pub(crate) fn refuse(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused(Problem::new(code, detail))
    }

    pub(crate) fn clock_behind(now: i64, latest: i64) -> Self {
        let shown = |seconds| jiff::Timestamp::from_second(seconds).unwrap_or_default();
        let detail = format!(
            "the unit's clock says {}, its log has an entry of {}: nothing is charged before the \
             clock has passed that; have the operator set it right",
            shown(now),
            shown(latest)
        );
        Self::refuse(ProblemCode::ClockBehind, detail)
    }

    /// The refusal as it travels; a fault of the unit says nothing about its cause.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.clone(),
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
            E::AlreadyAccepted => Self::refuse(
                ProblemCode::SnapshotKnown,
                "a link map is accepted once per snapshot; link again for a new snapshot",
            ),
            E::NotFound(Subject::Snapshot) => {
                Self::refuse(ProblemCode::SnapshotUnknown, "ask for the list of snapshots")
            }
            E::Limit { what, limit } => {
                Self::refuse(ProblemCode::TooLarge, format!("{what} is above {limit}"))
            }
            other => Self::Store(other),
        }
    }
}

impl From<policy::PolicyError> for UnitError {
    fn from(error: policy::PolicyError) -> Self {
        let code = match error {
            policy::PolicyError::Budget(_)
            | policy::PolicyError::Query(_)
            | policy::PolicyError::Catalogue(_)
            | policy::PolicyError::Plan(_)
            | policy::PolicyError::Purpose(_) => ProblemCode::QueryRefused,
            _ => ProblemCode::Internal,
        };
        Self::refuse(code, error.to_string())
    }
}

impl From<statistics::Error> for UnitError {
    fn from(error: statistics::Error) -> Self {
        use statistics::Error as E;
        match error {
            E::Year { .. }
            | E::Months { .. }
            | E::Accuracy { .. }
            | E::Dataset(_)
            | E::Plan(_)
            | E::Rho { .. }
            | E::Delta
            | E::Charge(_)
            | E::Policy(_) => Self::refuse(ProblemCode::QueryRefused, error.to_string()),
            other => Self::Statistics(other),
        }
    }
}
