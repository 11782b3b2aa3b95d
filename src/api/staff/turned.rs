//! Who gets something else than the page that they asked for.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use tracing::error;

use super::door::HEADS;
use super::language::Language;
use crate::api::answer::Refusal;
use crate::pages::staff::{Notice, NoticePage};

/// Where one signs in.
pub(super) const SIGN_IN: &str = "/anmelden";

/// The sign-in that leads on to `wanted`.
pub(super) fn sign_in_for(wanted: &str) -> String {
    let mut place = format!("{SIGN_IN}?weiter=");
    for byte in wanted.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                place.push(char::from(byte));
            }
            _ => place.push_str(&format!("%{byte:02X}")),
        }
    }
    place
}

/// Something else than the page: a sign-in, or a notice.
pub(crate) enum Turned {
    /// Nobody is signed in.
    SignIn,
    /// There is no such page, or not for this person.
    NotThere(Language),
    /// A form that did not come from this page, or too late.
    Stale(Language),
    /// The unit refused; the text says why and what to do.
    Refused(Refusal, Language),
    /// A template failed.
    Fault,
}

impl Turned {
    /// A refusal in somebody's language.
    pub(crate) fn refused(refusal: impl Into<Refusal>, language: Language) -> Self {
        Self::Refused(refusal.into(), language)
    }
}

impl From<askama::Error> for Turned {
    fn from(error: askama::Error) -> Self {
        error!(%error, "the page could not be made");
        Self::Fault
    }
}

impl From<Refusal> for Turned {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal, Language::German)
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        let (language, notice, status, text) = match self {
            Self::SignIn => return Redirect::to(SIGN_IN).into_response(),
            Self::NotThere(own) => (own, Notice::NotThere, StatusCode::NOT_FOUND, None),
            Self::Stale(own) => (own, Notice::Stale, StatusCode::FORBIDDEN, None),
            Self::Fault => {
                (Language::German, Notice::Fault, StatusCode::INTERNAL_SERVER_ERROR, None)
            }
            Self::Refused(refusal, own) if refusal.status() == StatusCode::NOT_FOUND => {
                (own, Notice::NotThere, StatusCode::NOT_FOUND, None)
            }
            Self::Refused(refusal, own) => {
                let problem = refusal.problem();
                let text = (problem.code, problem.detail.clone());
                (own, Notice::Refused, refusal.status(), Some(text))
            }
        };
        let page = NoticePage { language, notice, text };
        let Ok(html) = askama::Template::render(&page) else { return status.into_response() };
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        (status, HEADS, kind, html).into_response()
    }
}

/// What a browser sees where there is nothing; programs get the problem.
pub(crate) fn not_there(headers: &HeaderMap) -> Response {
    let wants_html = headers
        .get(header::ACCEPT)
        .and_then(|own| own.to_str().ok())
        .is_some_and(|own| own.contains("text/html"));
    if wants_html {
        return Turned::NotThere(Language::of(headers)).into_response();
    }
    Refusal::not_found().into_response()
}

#[cfg(test)]
mod tests {
    use super::sign_in_for;

    #[test]
    fn the_way_back_is_one_value() {
        assert_eq!(sign_in_for("/a/b?c=d&e=ä"), "/anmelden?weiter=/a/b%3Fc%3Dd%26e%3D%C3%A4");
    }
}
