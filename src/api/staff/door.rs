//! Who stands at the door, and what they may do.

use std::sync::Arc;

use access::{Action, Identity, TokenDigest};
use askama::Template;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::language::{Language, cookie};
use super::session::Sessions;
use super::throttle::Throttle;
use super::turned::Turned;
use crate::UnitName;
use crate::api::unit::Unit;
use crate::pages::staff::{Frame, Place};

/// Heads of every page of staff. What is on them is for one person.
pub(super) const HEADS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Largest form.
const FORM_BYTES: usize = 64 << 10;

/// What an installation says of itself at the door.
pub(crate) struct DoorSetup {
    /// Which unit it is.
    pub(crate) unit: UnitName,
    /// Whether every person is made up.
    pub(crate) synthetic: bool,
    /// Whether browsers come over TLS, so that the cookie never travels in clear.
    pub(crate) secure: bool,
}

/// The door to a unit's pages.
#[derive(Clone)]
pub(crate) struct Door(pub(super) Arc<Inside>);

pub(super) struct Inside {
    pub(super) setup: DoorSetup,
    pub(super) sessions: Sessions,
    pub(super) throttle: Throttle,
}

/// Somebody who is signed in and may do what they asked for.
pub(crate) struct Member {
    /// Who they are.
    pub(crate) identity: Identity,
    /// The language they chose.
    pub(crate) language: Language,
    csrf: String,
}

#[derive(Deserialize)]
struct Guarded {
    #[serde(default)]
    csrf: String,
}

impl Door {
    pub(crate) fn new(setup: DoorSetup) -> Self {
        let (sessions, throttle) = (Sessions::new(), Throttle::default());
        Self(Arc::new(Inside { setup, sessions, throttle }))
    }

    /// Whether every person of this installation is made up.
    pub(crate) fn is_synthetic(&self) -> bool {
        self.0.setup.synthetic
    }

    pub(super) fn unit(&self) -> UnitName {
        self.0.setup.unit
    }

    pub(super) fn is_secure(&self) -> bool {
        self.0.setup.secure
    }

    /// The cookie's name: that of each unit, since two on one host share their cookies.
    pub(super) fn cookie_name(&self) -> &'static str {
        match (self.0.setup.unit, self.0.setup.secure) {
            (UnitName::Linkage, false) => "milchglas-verknuepfung",
            (UnitName::Statistics, false) => "milchglas-statistik",
            (UnitName::Linkage, true) => "__Host-milchglas-verknuepfung",
            (UnitName::Statistics, true) => "__Host-milchglas-statistik",
        }
    }

    /// Whoever is signed in.
    pub(super) fn anybody<U: Unit>(&self, unit: &U, headers: &HeaderMap) -> Option<Member> {
        let value = cookie(headers, self.cookie_name())?;
        let session = self.0.sessions.find(value, unit.now())?;
        let identity = unit.registry().named(session.name.as_str())?.clone();
        Some(Member { identity, language: Language::of(headers), csrf: session.csrf })
    }

    /// Whoever is signed in, if they may do `action`.
    ///
    /// # Errors
    /// The sign-in where nobody is, and what a missing page looks like where they may not.
    pub(crate) fn member<U: Unit>(
        &self,
        unit: &U,
        headers: &HeaderMap,
        action: Action,
    ) -> Result<Member, Turned> {
        let member = self.anybody(unit, headers).ok_or(Turned::SignIn)?;
        if unit.desk().may(&member.identity, action, None) {
            return Ok(member);
        }
        Err(Turned::NotThere(member.language))
    }

    /// Reads a form that this person filled in on a page of this unit.
    ///
    /// # Errors
    /// [`Turned::Stale`] where it came from elsewhere, is from an earlier session or has other
    /// fields.
    pub(crate) fn form<T: DeserializeOwned>(
        &self,
        member: &Member,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<T, Turned> {
        let stale = || Turned::Stale(member.language);
        if !from_here(headers) || body.len() > FORM_BYTES {
            return Err(stale());
        }
        let guarded: Guarded = read(body).ok_or_else(stale)?;
        // Digests, so that the time that comparing takes says nothing about the text.
        if TokenDigest::of(&guarded.csrf) != TokenDigest::of(&member.csrf) {
            return Err(stale());
        }
        read(body).ok_or_else(stale)
    }
}

impl Member {
    /// What a form of a part of a page has to hold in its field `csrf`.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// What surrounds a page: title, ways to other pages, who is signed in.
    pub(crate) fn frame<U: Unit>(&self, unit: &U, door: &Door, title: &str, here: &str) -> Frame {
        let may = |action| unit.desk().may(&self.identity, action, None);
        Frame {
            title: title.to_owned(),
            language: self.language,
            synthetic: door.is_synthetic(),
            unit: door.0.setup.unit,
            places: Place::all(door.0.setup.unit, self.language, here, may),
            name: self.identity.name.to_string(),
            project: self.identity.project.to_string(),
            role: self.identity.role,
            csrf: self.csrf.clone(),
        }
    }
}

/// A page with its heads.
///
/// # Errors
/// A template that fails.
pub(crate) fn show(page: &impl Template) -> Result<Response, Turned> {
    let html = page.render()?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((HEADS, kind, html).into_response())
}

/// Whether a browser says that a form came from this host; what is no browser says nothing.
pub(super) fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|own| own.to_str().ok());
    if text("sec-fetch-site").is_some_and(|own| own != "same-origin" && own != "none") {
        return false;
    }
    let Some(origin) = text("origin") else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text("host")
}

/// A urlencoded form.
pub(super) fn read<T: DeserializeOwned>(body: &Bytes) -> Option<T> {
    serde_html_form::from_bytes(body).ok()
}
