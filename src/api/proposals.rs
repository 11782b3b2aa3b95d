//! Routes for what needs a second person; the same in both units.

use access::{Action, ProposalKind};
use approval::ShownProposal;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Refusal;
use super::caller::{caller, json};
use super::unit::Unit;

/// Largest proposal over HTTP.
const PROPOSAL_BYTES: usize = 64 << 10;

pub(crate) fn routes<U: Unit>() -> Router<U> {
    Router::new()
        .route("/v1/proposals", post(propose::<U>).get(list::<U>))
        .route("/v1/proposals/{proposal}/approval", post(approve::<U>))
        .layer(DefaultBodyLimit::max(PROPOSAL_BYTES))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    kind: ProposalKind,
    #[serde(default)]
    about: Option<Value>,
}

async fn propose<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let who = caller(&unit, &headers, Action::Propose)?;
    let Wanted { kind, about } = json(&body)?;
    if !unit.desk().may(&who, Action::Propose, Some(kind)) {
        return Err(Refusal::not_found());
    }
    let about = about.unwrap_or_else(|| json!({}));
    let bound = unit.bound(&who.project, kind, about).await?;
    let made = unit.desk().propose(&who, &bound).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

async fn list<U: Unit>(State(unit): State<U>, headers: HeaderMap) -> Result<Response, Refusal> {
    let who = caller(&unit, &headers, Action::ReadProposals)?;
    let seen = |own: &ShownProposal| unit.desk().may(&who, Action::ReadProposals, Some(own.kind));
    let mut proposals = unit.desk().list(&who.project).await?;
    proposals.retain(seen);
    let waiting: Vec<Value> = unit
        .desk()
        .waiting(&who.project)
        .into_iter()
        .map(|(kind, name)| json!({ "kind": kind, "name": name }))
        .collect();
    let body = json!({ "project": who.project, "waiting": waiting, "proposals": proposals });
    Ok(Json(body).into_response())
}

async fn approve<U: Unit>(
    State(unit): State<U>,
    Path(proposal): Path<String>,
    headers: HeaderMap,
    // Read although nothing is expected: an unread body would cost the caller the connection.
    _body: Bytes,
) -> Result<Response, Refusal> {
    let who = caller(&unit, &headers, Action::Approve)?;
    let own = unit.desk().visible(&who.project, &proposal).await?;
    if !unit.desk().may(&who, Action::Approve, Some(own.kind)) {
        return Err(Refusal::not_found());
    }
    let done = unit.desk().approve(&who, &proposal).await?;
    if done.kind == ProposalKind::Policy {
        unit.agreed();
    }
    Ok(Json(done).into_response())
}
