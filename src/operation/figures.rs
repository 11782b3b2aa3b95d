//! Figures about a unit for Prometheus, without personal data.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tracing::error;

use super::gauges;
use crate::witness::Log;

/// Answers by class of their status, counted since the start.
#[derive(Default)]
pub(crate) struct Counted([AtomicU64; 6]);

impl Counted {
    fn add(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100);
        if let Some(own) = self.0.get(class) {
            own.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Class and number, such as `("2xx", 17)`.
    pub(super) fn classes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        const NAMES: [&str; 6] = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];
        NAMES
            .into_iter()
            .zip(&self.0)
            .skip(2)
            .map(|(name, own)| (name, own.load(Ordering::Relaxed)))
    }
}

/// Counts an answer on its way out.
pub(crate) async fn count(
    State(counted): State<Arc<Counted>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    counted.add(response.status());
    response
}

/// What the figures are read from.
#[derive(Clone)]
pub(super) struct Watched {
    pub(super) log: Log,
    pub(super) counted: Arc<Counted>,
    pub(super) folder: Option<PathBuf>,
    pub(super) since: Instant,
}

/// `/metrics`, for a door of its own. `folder` is where the database lies, if in a file.
pub(crate) fn routes(log: Log, counted: Arc<Counted>, folder: Option<PathBuf>) -> Router {
    let watched = Watched { log, counted, folder, since: Instant::now() };
    Router::new().route("/metrics", get(metrics)).with_state(watched)
}

/// OpenMetrics 1.0 text.
async fn metrics(State(own): State<Watched>) -> Response {
    match gauges::text(&own).await {
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
