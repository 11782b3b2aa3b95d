//! What everybody may see: a page per county and the tables on it.
//!
//! Released documents only. A table's address is the number of its charge in the log and its name
//! among the documents of that charge, so that it stays what it is.

mod downloads;
mod everything;
mod odata;
mod page;
mod released;
mod shelf;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use publication::{Boundaries, Calibration, Population, Tolerance};
use statistics_unit::StatisticsUnit;
use submission::ProblemCode;
use tracing::error;

use super::answer::Refusal;
use crate::pages::STYLE;
pub(crate) use released::Kept;
pub(crate) use shelf::{Shelf, names};

/// What an operator decides about the public pages.
pub(crate) struct Site {
    /// Whether every person is made up.
    pub(crate) synthetic: bool,
    /// Where the places of maps lie.
    pub(crate) boundaries: Boundaries,
    /// By what counts are divided, where the operator has it.
    pub(crate) population: Option<Population>,
    /// What is too uncertain to be drawn as known.
    pub(crate) tolerance: Tolerance,
    /// What links are judged by, one calibration per linkage schema.
    pub(crate) calibrations: Vec<Calibration>,
    /// File with a made-up person, read anew for each page.
    pub(crate) exhibit: Option<PathBuf>,
    /// Where readers reach this unit, without a slash at the end, where the operator wrote it down.
    pub(crate) public_address: Option<String>,
    /// Whether a proxy that ends TLS stands before this unit.
    pub(crate) behind_tls_proxy: bool,
    /// All released cells, until something is released.
    pub(crate) kept: Arc<Kept>,
}

/// The public routes of a statistics unit.
pub(crate) fn routes(site: &Arc<Site>) -> Router<StatisticsUnit> {
    let (first, county, table) = (Arc::clone(site), Arc::clone(site), Arc::clone(site));
    let everything = Arc::clone(site);
    Router::new()
        .route("/", get(move |unit| page::first(unit, first)))
        .route("/projects/{name}", get(move |unit, path| page::county(unit, path, county)))
        .route(
            "/releases/{sequence}/{name}",
            get(move |unit, path| downloads::table(unit, path, table)),
        )
        .route(
            "/projects/{name}/{file}",
            get(move |unit, path, headers| everything::file(unit, path, headers, everything)),
        )
        .route("/style.css", get(style))
        .merge(odata::routes(site))
}

const POLICY: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

fn fault(error: &dyn std::error::Error) -> Refusal {
    error!(%error, "the page could not be made");
    Refusal::new(ProblemCode::Internal, "try again; the operator finds the cause in the log")
}
