//! Who calls, and what they sent.

use access::{Action, Identity};
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use submission::ProblemCode;

use super::answer::Refusal;
use super::unit::Unit;

/// The caller behind a bearer token (RFC 6750), if they may do `action`.
pub(crate) fn caller<U: Unit>(
    unit: &U,
    headers: &HeaderMap,
    action: Action,
) -> Result<Identity, Refusal> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let known = token.and_then(|token| unit.registry().identify(token));
    known.filter(|own| unit.desk().may(own, action, None)).cloned().ok_or_else(Refusal::not_found)
}

/// Reads a JSON body; the message names the place, never the content.
pub(crate) fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let detail = match error.classify() {
            serde_json::error::Category::Data => {
                format!("at line {line}, column {column}: {error}")
            }
            _ => format!("line {line}, column {column} is not JSON"),
        };
        Refusal::new(ProblemCode::MalformedRequest, detail)
    })
}

/// Reads one part of an address.
pub(crate) fn segment<T: std::str::FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::not_found())
}
