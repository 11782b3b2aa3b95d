//! Routes for departments; the same in both units.

use access::Action;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post, put};
use submission::limits;

use super::answer::Refusal;
use super::caller::{caller, json, segment};
use super::unit::Unit;

pub(crate) fn routes<U: Unit>() -> Router<U> {
    let chunk = usize::try_from(limits::CHUNK_BYTES).unwrap_or(usize::MAX);
    let manifests = Router::new()
        .route("/v1/batches", post(announce::<U>))
        .layer(DefaultBodyLimit::max(limits::MANIFEST_BYTES));
    let chunks = Router::new()
        .route("/v1/batches/{batch}/chunks/{index}", put(put_chunk::<U>))
        .layer(DefaultBodyLimit::max(chunk));
    Router::new()
        .route("/v1/batches/{batch}", get(state::<U>))
        .route("/v1/batches/{batch}/complete", post(complete::<U>))
        .merge(manifests)
        .merge(chunks)
}

async fn announce<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let sender = caller(&unit, &headers, Action::Submit)?;
    let state = unit.intake().announce(&sender, &json(&body)?).await?;
    Ok((StatusCode::CREATED, Json(state)).into_response())
}

async fn put_chunk<U: Unit>(
    State(unit): State<U>,
    Path((batch, index)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let sender = caller(&unit, &headers, Action::Submit)?;
    unit.intake().put_chunk(&sender, segment(&batch)?, segment(&index)?, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn state<U: Unit>(
    State(unit): State<U>,
    Path(batch): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let sender = caller(&unit, &headers, Action::Submit)?;
    Ok(Json(unit.intake().state(&sender, segment(&batch)?).await?).into_response())
}

async fn complete<U: Unit>(
    State(unit): State<U>,
    Path(batch): Path<String>,
    headers: HeaderMap,
    // Read although nothing is expected: an unread body would cost the caller the connection.
    _body: Bytes,
) -> Result<Response, Refusal> {
    let sender = caller(&unit, &headers, Action::Submit)?;
    let receipt = unit.intake().complete(&sender, segment(&batch)?).await?;
    unit.delivered();
    Ok(Json(receipt).into_response())
}
