//! Whether a unit lives, and whether it can work.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::json;

use super::unit::Unit;

/// `/health` answers as long as the process does; `/ready` looks at what it needs to work.
pub(crate) fn routes<U: Unit>() -> Router<U> {
    Router::new()
        .route("/health", get(async || Json(json!({ "alive": true }))))
        .route("/ready", get(ready::<U>))
}

/// 200 where the database answers and rules of access are in force; else 503 with what is missing.
/// Says nothing about contents, so it asks nobody who they are.
async fn ready<U: Unit>(State(unit): State<U>) -> Response {
    let database = store::chain::head(unit.db()).await.is_ok();
    let rules = unit.desk().has_rules();
    let status = if database && rules { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": database && rules, "database": database, "rules": rules });
    (status, Json(body)).into_response()
}
