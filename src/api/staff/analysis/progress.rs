//! An answer on its way.

use access::Action;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use super::asking::Stand;
use super::{Desk, ask, look, messages};
use crate::api::staff::{Turned, show};
use crate::pages::staff::analysis::{ProgressPage, ProgressState, rho};

pub(super) async fn progress(
    State(desk): State<Desk>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::Query)?;
    let language = member.language;
    if !ask::is_key(&key) {
        return Err(Turned::NotThere(language));
    }
    let stand = desk.askings.stand(&desk.unit, &member.identity, &key).await;
    let stand = stand.map_err(|error| Turned::refused(error, language))?;
    let tenths =
        |own: std::time::Duration| u64::try_from(own.as_millis() / 100).unwrap_or(u64::MAX);
    let state = match stand.ok_or(Turned::NotThere(language))? {
        Stand::Answered(sequence, stem) => {
            return Ok(Redirect::to(&look::address_of(sequence, &stem)).into_response());
        }
        Stand::Running(waited, whole) => {
            ProgressState::Running { waited: tenths(waited), whole: tenths(whole) }
        }
        Stand::Failed(entry) => ProgressState::Failed {
            entry: entry.map(|(sequence, paid)| (sequence, rho(paid, language))),
        },
        Stand::Refused(problem) => ProgressState::Refused {
            meaning: messages::meaning(&problem, language).to_owned(),
            advice: messages::advice(problem.code, language).to_owned(),
            detail: problem.detail,
        },
    };
    let title = language.say("Ihre Frage", "Your question");
    show(&ProgressPage {
        frame: member.frame(&desk.unit, &desk.door, title, "/auswertung"),
        address: ask::address(&key),
        state,
    })
}
