//! Figures about a unit for Prometheus, without personal data.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tracing::error;

use crate::operation::{Counted, Watched, figures};
use crate::witness::Log;

/// Counts an answer on its way out.
pub(crate) async fn count(
    State(counted): State<Arc<Counted>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    counted.add(response.status().as_u16());
    response
}

/// `/metrics`, for a door of its own. `folder` is where the database lies, if in a file.
pub(crate) fn routes(log: Log, counted: Arc<Counted>, folder: Option<PathBuf>) -> Router {
    let watched = Watched::new(log, counted, folder);
    Router::new().route("/metrics", get(metrics)).with_state(watched)
}

/// OpenMetrics 1.0 text.
async fn metrics(State(own): State<Watched>) -> Response {
    match figures(&own).await {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => {
            error!(%error, "the figures could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
