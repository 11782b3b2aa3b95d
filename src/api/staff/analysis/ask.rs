//! Asking for good: charged once, however often the form is sent.

use std::time::Duration;

use access::Action;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use statistics_unit::QueryRequest;

use super::Desk;
use crate::api::staff::Turned;

/// Where the answer to a key is waited for.
pub(super) fn address(key: &str) -> String {
    format!("/auswertung/anfrage/{key}")
}

/// The form below a price.
#[derive(Deserialize)]
struct Form {
    /// The idempotency key, made when the price was shown.
    schluessel: String,
    /// The question that was priced, as JSON.
    frage: String,
}

pub(super) async fn ask(
    State(desk): State<Desk>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::Query)?;
    let form: Form = desk.door.form(&member, &headers, &body)?;
    let stale = || Turned::Stale(member.language);
    let request: QueryRequest = serde_json::from_str(&form.frage).map_err(|_| stale())?;
    let key = form.schluessel;
    if !is_key(&key) {
        return Err(stale());
    }
    let refused = |error: statistics_unit::UnitError| Turned::refused(error, member.language);
    let who = &member.identity;
    let priced = desk.unit.price(&who.project, &who.name, request.clone()).await;
    let slot = Duration::from_millis(priced.map_err(refused)?.slot_millis);
    desk.askings.ask(&desk.unit, who, &key, request, slot).map_err(refused)?;
    Ok(Redirect::to(&address(&key)).into_response())
}

/// Whether it may stand in an address and in the ledger; keys made here may.
pub(super) fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (16..=128).contains(&key.len()) && key.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn keys_are_long_and_plain() {
        assert!(is_key("0123456789abcdef"));
        for bad in ["", "short", "0123456789abcde/", "0123456789abcdé", &"a".repeat(129)] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
