//! What a feed answers to a question it cannot answer, in the form of OData JSON 4.0, section 19.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A question that cannot be answered.
#[derive(Debug)]
pub(super) struct Bad {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Bad {
    /// Not OData, or not about a column of the feed.
    pub(super) fn asked(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "BadRequest", message: message.into() }
    }

    /// OData that this feed does not speak.
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_IMPLEMENTED,
            code: "NotImplemented",
            message: message.into(),
        }
    }

    pub(super) fn missing() -> Self {
        let message = "there is nothing here; the service document /odata/ names what there is";
        Self { status: StatusCode::NOT_FOUND, code: "NotFound", message: message.to_owned() }
    }

    pub(super) fn fault() -> Self {
        let message = "try again; the operator finds the cause in the log";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, code: "InternalServerError", message: message.to_owned() }
    }
}

impl IntoResponse for Bad {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        let heads = [(header::CONTENT_TYPE, "application/json;odata.metadata=minimal")];
        (self.status, super::HEADS, heads, body.to_string()).into_response()
    }
}
