//! Why something is not proposed, approved or begun.

use submission::{Problem, ProblemCode};
use thiserror::Error;

/// A refusal with its stable code, or a fault of the unit.
#[derive(Debug, Error)]
pub enum ApprovalError {
    /// The caller has to change something.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Problem),
    /// The rules of access contradict the schema or themselves.
    #[error("policies/access: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Rules(Vec<access::Fault>),
    /// A policy has no digest.
    #[error(transparent)]
    Policy(#[from] policy::PolicyError),
    /// The database failed.
    #[error(transparent)]
    Store(store::Error),
    /// The random source failed.
    #[error("the system's random source is not available")]
    Random,
}

impl ApprovalError {
    pub(crate) fn refuse(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused(Problem::new(code, detail))
    }
}

impl From<store::Error> for ApprovalError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotApproved => Self::refuse(ProblemCode::ApprovalNeeded, NEEDED),
            other => Self::Store(other),
        }
    }
}

pub(crate) const NEEDED: &str = "propose exactly this (`milchglas propose --help`) and have somebody \
    else approve it; an approval counts once, for what was proposed, and for fourteen days";
