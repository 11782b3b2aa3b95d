//! Pages of those who ask: what is known, what a question costs, asking once, what came of it.
//!
//! The unit decides everything; these handlers only read fields and choose words.

mod ask;
mod asking;
mod builder;
mod catalogue;
mod fields;
mod history;
mod look;
mod messages;
mod need;
mod own_fields;
mod progress;
mod question;
mod result;
mod warning;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use ring::rand::SystemRandom;
use statistics_unit::StatisticsUnit;

use super::Door;
use crate::api::Site;
use asking::Askings;

/// Largest question in a form.
const FORM_BYTES: usize = 64 << 10;

/// What the pages are made with.
#[derive(Clone)]
struct Desk {
    unit: StatisticsUnit,
    door: Door,
    site: Arc<Site>,
    askings: Askings,
    random: Arc<SystemRandom>,
}

/// The analyst's pages.
pub(crate) fn routes<S>(unit: StatisticsUnit, door: &Door, site: Arc<Site>) -> Router<S> {
    let random = Arc::new(SystemRandom::new());
    let desk = Desk { unit, door: door.clone(), site, askings: Askings::default(), random };
    Router::new()
        .route("/auswertung", get(catalogue::catalogue))
        .route("/auswertung/frage", get(builder::builder).post(ask::ask))
        .route("/auswertung/anfrage/{key}", get(progress::progress))
        .route("/auswertung/ergebnis/{sequence}/{table}", get(result::result))
        .route("/auswertung/fruehwarnung", get(warning::warning))
        .route("/auswertung/bedarf", get(need::need))
        .route("/auswertung/verlauf", get(history::history))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(desk)
}
