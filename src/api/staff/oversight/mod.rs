//! The pages of a data protection officer.

mod budget;
mod log;
mod overview;
mod papers;
mod policies;
mod reports;
mod verified;

use axum::Router;
use axum::routing::{get, post};
use statistics_unit::StatisticsUnit;

use super::Door;
use crate::api::unit::Unit;
use crate::witness::Log;

/// What both units have: overview, policies, log and reports.
pub(crate) fn routes<U: Unit>(door: &Door, log: &Log) -> Router<U> {
    let at = || (door.clone(), log.clone());
    let (overview, listed, exported, signed) = (at(), at(), at(), at());
    let (policies, reports, report) = (door.clone(), door.clone(), door.clone());
    Router::new()
        .route("/aufsicht", get(move |u, h| overview::page::<U>(u, h, overview)))
        .route("/aufsicht/regeln", get(move |u, q, h| policies::page::<U>(u, q, h, policies)))
        .route("/aufsicht/protokoll", get(move |u, q, h| log::page::<U>(u, q, h, listed)))
        .route("/aufsicht/protokoll.jsonl", get(move |u, h| log::export::<U>(u, h, exported)))
        .route(
            "/aufsicht/protokoll/gegenzeichnung",
            post(move |u, h, body| log::countersign::<U>(u, h, body, signed)),
        )
        .route("/aufsicht/berichte", get(move |u, h| reports::list::<U>(u, h, reports)))
        .route("/aufsicht/berichte/{name}", get(move |u, p, h| reports::one::<U>(u, p, h, report)))
}

/// What only the unit with ledger and releases has.
pub(crate) fn with_ledger(door: &Door, log: &Log) -> Router<StatisticsUnit> {
    let (budget, papers) = (door.clone(), door.clone());
    let paper = (door.clone(), log.clone());
    Router::new()
        .route("/aufsicht/budget", get(move |u, h| budget::page(u, h, budget)))
        .route("/aufsicht/papiere", get(move |u, h| papers::list(u, h, papers)))
        .route("/aufsicht/papiere/{name}", get(move |u, p, h| papers::one(u, p, h, paper)))
}
