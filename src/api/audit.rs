//! Routes between the units, and those by which an officer watches over the log.

use access::Action;
use audit::{ShortHead, UnitKind};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use store::witness::{Countersigned, hash_at, standing};
use submission::{ProblemCode, Signed, WitnessMessage, WitnessQuestion};

use super::answer::Refusal;
use super::caller::{caller, json};
use super::unit::Unit;
use crate::witness::{self, Log};

const DAY: i64 = 86_400;

/// A unit with its log.
#[derive(Clone)]
struct Watched<U> {
    unit: U,
    log: Log,
}

/// The routes, for a router of any state.
pub(crate) fn routes<U: Unit, S>(unit: U, log: Log) -> Router<S> {
    Router::new()
        .route("/v1/witness", post(keep::<U>))
        .route("/v1/witness/newest", post(newest::<U>))
        .route("/v1/countersignatures", post(countersign::<U>))
        .route("/v1/audit", get(status::<U>))
        .with_state(Watched { unit, log })
}

/// What does not read as a message of the other unit is a stranger's.
fn message<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::not_found())
}

async fn keep<U: Unit>(State(own): State<Watched<U>>, body: Bytes) -> Result<Response, Refusal> {
    let message: WitnessMessage = message(&body)?;
    Ok(Json(witness::keep(&own.log, &message).await?).into_response())
}

async fn newest<U: Unit>(State(own): State<Watched<U>>, body: Bytes) -> Result<Response, Refusal> {
    let asked: Signed<WitnessQuestion> = message(&body)?;
    Ok(Json(witness::answer(&own.log, &asked).await?).into_response())
}

/// A head that an officer read from paper.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    short: String,
}

async fn countersign<U: Unit>(
    State(own): State<Watched<U>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let officer = caller(&own.unit, &headers, Action::Countersign)?;
    let value: Value = json(&body)?;
    let kept = match value.get("short") {
        Some(_) => typed(&own.log, officer.name.as_str(), &json::<Typed>(&body)?.short).await?,
        None => {
            let document = std::str::from_utf8(&body).map_err(|_| Refusal::not_found())?;
            witness::countersign(&own.log, document.trim()).await?
        }
    };
    let told = json!({
        "unit": kept.unit.as_str(), "officer": kept.officer, "head": kept.head.to_string(),
    });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

/// A typed head has no signature; the officer's token stands for it. It counts for this unit's own
/// log alone.
pub(super) async fn typed(log: &Log, officer: &str, short: &str) -> Result<Countersigned, Refusal> {
    let wrong = |detail: String| Refusal::new(ProblemCode::MalformedRequest, detail);
    let short: ShortHead = short.parse().map_err(|error: audit::Error| wrong(error.to_string()))?;
    let (unit, installation) = (log.db.unit(), log.db.installation());
    let hash = hash_at(&log.db, short.sequence).await?;
    let head = hash.map(|hash| store::Head { sequence: short.sequence, hash });
    let Some(head) = head.filter(|head| short.is_of(unit, installation, *head)) else {
        let detail = "this log holds no such entry; compare the letters with the paper, and if they \
                      are right tell the operators of both units: it is another log, or an older one";
        return Err(Refusal::new(ProblemCode::LogBehind, detail));
    };
    let now = log.clock.now();
    let new = Countersigned {
        unit,
        generation: standing(&log.db).await?.generation,
        head,
        officer: officer.to_owned(),
        document: json!({ "typed": short.to_string() }).to_string(),
        signed_at: now,
    };
    store::witness::countersign(&log.db, &new, now).await?;
    Ok(new)
}

/// Where the log stands, who has confirmed it and whether the officer is late.
async fn status<U: Unit>(
    State(own): State<Watched<U>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    caller(&own.unit, &headers, Action::ReadLog)?;
    Ok(Json(stands(&own.log).await?).into_response())
}

/// Where the log stands, as `GET /v1/audit` says it.
pub(super) async fn stands(log: &Log) -> Result<Value, store::Error> {
    let db = &log.db;
    let standing = standing(db).await?;
    let receipt = store::witness::newest_receipt(db).await?;
    let signed = store::witness::newest_countersigned(db, db.unit()).await?;
    let late = late_days(log).await?;
    let unwitnessed = match db.unit() {
        UnitKind::Statistics => store::witness::spent_unwitnessed(db).await?,
        UnitKind::Linkage => Vec::new(),
    };
    let unwitnessed: Vec<Value> = unwitnessed
        .iter()
        .map(|own| json!({"project": own.project, "year": own.year, "rho": own.price.rho}))
        .collect();
    Ok(json!({
        "unit": db.unit().as_str(),
        "installation": db.installation().as_str(),
        "generation": standing.generation,
        "head": standing.head.to_string(),
        "short": ShortHead::of(db.unit(), db.installation(), standing.head).to_string(),
        "witnessed": receipt.map(|own| json!({"head": own.head.to_string(), "at": own.at})),
        "unwitnessed": unwitnessed,
        "countersigned": signed.map(|own| json!({
            "head": own.head.to_string(), "officer": own.officer, "at": own.signed_at,
        })),
        "countersign_days": log.peer.oversight.countersign_days,
        "late_days": late,
    }))
}

/// By how many days the next countersignature is late; `None` where it is not, or where nobody is
/// named who could sign.
pub(crate) async fn late_days(log: &Log) -> Result<Option<i64>, store::Error> {
    let oversight = &log.peer.oversight;
    if !oversight.signers.iter().any(|own| own.role.is_officer()) {
        return Ok(None);
    }
    let newest = store::witness::newest_countersigned(&log.db, log.db.unit()).await?;
    let since = match newest {
        Some(own) => Some(own.signed_at),
        None => store::chain::first_at(&log.db).await?,
    };
    let Some(since) = since else { return Ok(None) };
    let days = log.clock.now().saturating_sub(since) / DAY - i64::from(oversight.countersign_days);
    Ok((days > 0).then_some(days))
}
