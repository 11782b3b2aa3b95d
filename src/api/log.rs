//! Routes for the data protection officer's eyes, and the sign of life.

use access::Action;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::answer::Refusal;
use super::caller::caller;
use super::unit::Unit;

pub(crate) fn routes<U: Unit>() -> Router<U> {
    Router::new().route("/v1/log", get(export::<U>)).route("/v1/health", get(|| async { "ok\n" }))
}

/// The whole log as JSON Lines, ending with a checkpoint signed now.
async fn export<U: Unit>(State(unit): State<U>, headers: HeaderMap) -> Result<Response, Refusal> {
    caller(&unit, &headers, Action::ReadLog)?;
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], exported(&unit).await?).into_response())
}

/// The whole log as JSON Lines, ending with a checkpoint signed now.
pub(super) async fn exported<U: Unit>(unit: &U) -> Result<String, Refusal> {
    store::chain::checkpoint(unit.db(), unit.now(), unit.key().key_pair()).await?;
    let mut lines = String::new();
    let sink = |line: &str| {
        lines.push_str(line);
        lines.push('\n');
        Ok(())
    };
    store::chain::export(unit.db(), sink).await?;
    Ok(lines)
}
