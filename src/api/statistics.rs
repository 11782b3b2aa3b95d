//! Routes of the statistics unit, and its public start page.

use std::sync::Arc;

use access::{Action, Role};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use statistics_unit::{QueryRequest, ReleaseFilter, StatisticsUnit};
use submission::{ProblemCode, SealedLinkMap};

use super::answer::Refusal;
use super::caller::{caller, json, segment};
use super::public::Site;
use super::staff::{Door, analysis};
use super::{audit, deliveries, log, proposals, public, ready, rollup, staff};
use crate::witness::Log;

/// Largest sealed link map over HTTP: about eight million subjects.
const MAP_BYTES: usize = 384 << 20;

/// All routes of a statistics unit.
pub(crate) fn router(unit: StatisticsUnit, site: Site, door: &Door, own_log: Log) -> Router {
    let site = Arc::new(site);
    let maps = Router::new()
        .route("/v1/link-maps", post(accept_map).get(accepted_maps))
        .layer(DefaultBodyLimit::max(MAP_BYTES));
    let pages = Router::new()
        .merge(staff::deliveries::routes(door))
        .merge(staff::proposals::routes(door))
        .merge(staff::oversight::routes(door, &own_log))
        .merge(staff::oversight::with_ledger(door, &own_log))
        .merge(staff::operation::statistics(door))
        .merge(analysis::routes(unit.clone(), door, Arc::clone(&site)));
    Router::new()
        .route("/v1/link-maps/{snapshot}/request", post(request_map))
        .route("/v1/snapshots", get(snapshots))
        .route("/v1/queries/price", post(price))
        .route("/v1/queries", post(query))
        .route("/v1/releases", get(releases))
        .route("/v1/releases/rollup", get(rollup::rollup))
        .route("/v1/budget", get(budget))
        .route("/v1/plans", get(plans))
        .merge(maps)
        .merge(deliveries::routes())
        .merge(log::routes())
        .merge(audit::routes(unit.clone(), own_log))
        .merge(proposals::routes())
        .merge(public::routes(&site))
        .merge(staff::routes(door, pages))
        .merge(ready::routes())
        .fallback(async |headers: HeaderMap| staff::not_there(&headers))
        .with_state(unit)
}

async fn request_map(
    State(unit): State<StatisticsUnit>,
    Path(snapshot): Path<String>,
    headers: HeaderMap,
    // Read although nothing is expected: an unread body would cost the caller the connection.
    _body: Bytes,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::TransferMap)?;
    Ok(Json(unit.request_map(&operator, segment(&snapshot)?).await?).into_response())
}

async fn accept_map(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::TransferMap)?;
    let sealed: SealedLinkMap = json(&body)?;
    let accepted = unit.accept_map(&operator, &sealed).await?;
    Ok((StatusCode::CREATED, Json(accepted)).into_response())
}

/// What the operator has to know to carry nothing twice: whose maps are here.
async fn accepted_maps(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let operator = caller(&unit, &headers, Action::TransferMap)?;
    let accepted = unit.snapshots(&operator.project).await?;
    Ok(Json(json!({ "project": operator.project, "accepted": accepted })).into_response())
}

async fn snapshots(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = caller(&unit, &headers, Action::Price)?;
    Ok(Json(json!({ "snapshots": unit.snapshots(&reader.project).await? })).into_response())
}

async fn price(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let analyst = caller(&unit, &headers, Action::Price)?;
    let (project, name) = (&analyst.project, &analyst.name);
    let shape: Shape = json(&body)?;
    if shape.queries.is_some() {
        return Ok(Json(unit.price_batch(project, name, json(&body)?).await?).into_response());
    }
    let request: QueryRequest = json(&body)?;
    Ok(Json(unit.price(project, name, request).await?).into_response())
}

/// Whether a body asks for the price of one question or of several, so that a fault in either is
/// told at its place.
#[derive(Deserialize)]
struct Shape {
    queries: Option<IgnoredAny>,
}

async fn query(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let analyst = caller(&unit, &headers, Action::Query)?;
    let request: QueryRequest = json(&body)?;
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let key = key.ok_or_else(|| {
        let detail = "send an Idempotency-Key header, so that a lost answer is not paid twice";
        Refusal::new(ProblemCode::MalformedRequest, detail)
    })?;
    let asked = unit.query(&analyst.project, &analyst.name, key, request).await?;
    let status = if asked.released { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    let stored = if asked.stored_before { "true" } else { "false" };
    let heads = [(header::CONTENT_TYPE.as_str(), "application/json"), ("milchglas-stored", stored)];
    Ok((status, heads, asked.body).into_response())
}

/// The stored releases as they were released, one per line; `?indicator=&year=&period=` choose.
async fn releases(
    State(unit): State<StatisticsUnit>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = caller(&unit, &headers, Action::ReadReleases)?;
    let filter = Query::<ReleaseFilter>::try_from_uri(&uri).map_err(|_| {
        let detail = "choose releases by indicator, year and period, such as \
                      ?indicator=overlap&year=2025&period=2025-q4";
        Refusal::new(ProblemCode::MalformedRequest, detail)
    })?;
    let mut lines = Vec::new();
    for release in unit.releases_of(&reader.project, &filter).await? {
        lines.extend_from_slice(&release);
        lines.push(b'\n');
    }
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], lines).into_response())
}

async fn budget(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = caller(&unit, &headers, Action::ReadLedger)?;
    // Who asks how much is for the officer; to an analyst the others have no name.
    let only = (reader.role != Role::Dpo).then_some(&reader.name);
    Ok(Json(unit.budget_seen_by(&reader.project, only).await?).into_response())
}

/// The release plans and where their runs stand.
async fn plans(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = caller(&unit, &headers, Action::ReadLedger)?;
    let plans = unit.plans(&reader.project).await?;
    Ok(Json(json!({ "project": reader.project, "plans": plans })).into_response())
}
