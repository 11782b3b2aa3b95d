//! What goes out: JSON, bytes, or a problem.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use intake::IntakeError;
use submission::{Problem, ProblemCode};
use tracing::error;

/// A refusal on its way out.
pub(crate) struct Refusal(Problem);

impl Refusal {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Problem::new(code, detail))
    }

    /// What everybody gets who may not do this here, and what a missing thing looks like.
    pub(crate) fn not_found() -> Self {
        let detail = "check the address and that your token is for this unit, project and task";
        Self::new(ProblemCode::NotFound, detail)
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What is wrong, for a page that says it in its own words.
    pub(crate) fn problem(&self) -> &Problem {
        &self.0
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, Json(self.0).into_response().into_body()).into_response()
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Refused(problem) => Self(problem),
            IntakeError::Store(error) => Self::fault(&error),
        }
    }
}

impl From<linkage_unit::UnitError> for Refusal {
    fn from(error: linkage_unit::UnitError) -> Self {
        if !matches!(error, linkage_unit::UnitError::Refused(_)) {
            error!(%error, "the unit failed");
        }
        Self(error.problem())
    }
}

impl From<statistics_unit::UnitError> for Refusal {
    fn from(error: statistics_unit::UnitError) -> Self {
        if !matches!(error, statistics_unit::UnitError::Refused(_)) {
            error!(%error, "the unit failed");
        }
        Self(error.problem())
    }
}

impl From<approval::ApprovalError> for Refusal {
    fn from(error: approval::ApprovalError) -> Self {
        match error {
            approval::ApprovalError::Refused(problem) => Self(problem),
            other => {
                error!(error = %other, "the unit failed");
                Self::new(ProblemCode::Internal, "try again; the operator finds it in the log")
            }
        }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Self::fault(&error)
    }
}

impl From<crate::witness::Refused> for Refusal {
    fn from(refused: crate::witness::Refused) -> Self {
        use crate::witness::Refused as R;
        match refused {
            R::Stranger => Self::not_found(),
            R::Problem(problem) => Self(problem),
            R::Store(error) => Self::fault(&error),
        }
    }
}

impl Refusal {
    fn fault(error: &store::Error) -> Self {
        error!(%error, "the unit failed");
        Self::new(ProblemCode::Internal, "try again; the operator finds the cause in the log")
    }
}
