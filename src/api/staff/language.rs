//! German first, English second.

use axum::http::{HeaderMap, header};

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    German,
    English,
}

impl Language {
    /// Name of the cookie that remembers a choice.
    pub(super) const COOKIE: &str = "milchglas-sprache";

    /// What somebody chose; German where they chose nothing.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match cookie(headers, Self::COOKIE) {
            Some("en") => Self::English,
            _ => Self::German,
        }
    }

    /// Its code (BCP 47).
    pub(crate) fn code(self) -> &'static str {
        self.say("de", "en")
    }

    /// The one of two texts that is in this language.
    pub(crate) fn say<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// The value of a cookie (RFC 6265, section 5.4).
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|own| own.to_str().ok());
    pairs
        .flat_map(|own| own.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(own, value)| (own == name).then_some(value))
}
