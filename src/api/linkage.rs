//! Routes of the linkage unit.

use access::Action;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post, put};
use linkage_unit::{LinkOrder, LinkageUnit};
use serde_json::json;
use submission::SignedMapRequest;

use super::answer::Refusal;
use super::caller::{caller, json, segment};
use super::staff::Door;
use super::{audit, deliveries, log, proposals, ready, staff};
use crate::witness::Log;

/// All routes of a linkage unit.
pub(crate) fn router(unit: LinkageUnit, door: &Door, own_log: Log) -> Router {
    let pages = Router::new()
        .merge(staff::deliveries::routes(door))
        .merge(staff::proposals::routes(door))
        .merge(staff::oversight::routes(door, &own_log))
        .merge(staff::operation::linkage(door));
    Router::new()
        .route("/v1/epochs/{epoch}", put(open_epoch).delete(close_epoch))
        .route("/v1/snapshots", post(link).get(snapshots))
        .route("/v1/snapshots/{snapshot}", get(progress))
        .route("/v1/schedule", get(schedule))
        .route("/v1/link-maps", post(seal_map))
        .merge(deliveries::routes())
        .merge(log::routes())
        .merge(audit::routes(unit.clone(), own_log))
        .merge(proposals::routes())
        .merge(staff::routes(door, pages))
        .merge(ready::routes())
        .fallback(async |headers: HeaderMap| staff::not_there(&headers))
        .with_state(unit)
}

async fn open_epoch(
    State(unit): State<LinkageUnit>,
    Path(epoch): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let custodian = caller(&unit, &headers, Action::OpenEpoch)?;
    unit.open_epoch(&custodian, &segment(&epoch)?, &json(&body)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Two people are to want this: where proposals exist, an approved one is asked for here.
async fn close_epoch(
    State(unit): State<LinkageUnit>,
    Path(epoch): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let custodian = caller(&unit, &headers, Action::CloseEpoch)?;
    let closed = unit.close_epoch(&custodian, &segment(&epoch)?).await?;
    Ok(Json(closed).into_response())
}

async fn link(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::Link)?;
    let order: LinkOrder = json(&body)?;
    let snapshot = unit.start_link(&operator, &order).await?;
    let place = [("location", format!("/v1/snapshots/{snapshot}"))];
    Ok((StatusCode::ACCEPTED, place, Json(json!({ "snapshot": snapshot }))).into_response())
}

async fn snapshots(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::Link)?;
    let snapshots = unit.snapshots(&operator).await?;
    Ok(Json(json!({ "project": operator.project, "snapshots": snapshots })).into_response())
}

async fn schedule(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::Link)?;
    Ok(Json(unit.schedule(&operator).await?).into_response())
}

async fn progress(
    State(unit): State<LinkageUnit>,
    Path(snapshot): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::Link)?;
    let progress = unit.progress(&operator, segment(&snapshot)?).await?;
    let mut progress = progress.ok_or_else(Refusal::not_found)?;
    if !unit.desk().may(&operator, Action::ReadDiagnostics, None) {
        // Exact figures are for whom the officer lists, not for everybody who links.
        progress.report = None;
    }
    Ok(Json(progress).into_response())
}

async fn seal_map(
    State(unit): State<LinkageUnit>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::TransferMap)?;
    let asked: SignedMapRequest = json(&body)?;
    Ok(Json(unit.seal_map(&operator, &asked).await?).into_response())
}
