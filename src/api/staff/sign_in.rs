//! In and out.

use access::Identity;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tracing::{error, info};

use super::door::{Door, from_here, read, show};
use super::language::{Language, cookie};
use super::turned::{SIGN_IN, Turned};
use crate::api::unit::Unit;
use crate::pages::staff::{SignInFault, SignInPage};

/// Passwords that are checked at once: each takes 64 MiB.
static CHECKS: Semaphore = Semaphore::const_new(2);

/// Largest name and secret together.
const SIGN_IN_BYTES: usize = 4 << 10;

pub(super) fn routes<U: Unit>(door: &Door) -> Router<U> {
    let (asked, tried, left) = (door.clone(), door.clone(), door.clone());
    Router::new()
        .route(
            SIGN_IN,
            get(async move |State(unit): State<U>, query: RawQuery, headers: HeaderMap| {
                ask(&asked, &unit, query, &headers)
            })
            .post(
                async move |State(unit): State<U>, headers: HeaderMap, body: Bytes| {
                    enter(&tried, &unit, &headers, &body).await
                },
            ),
        )
        .route(
            "/abmelden",
            post(async move |State(unit): State<U>, headers: HeaderMap, body: Bytes| {
                leave(&left, &unit, &headers, &body)
            }),
        )
        .route("/sprache", get(speak))
        .layer(DefaultBodyLimit::max(SIGN_IN_BYTES))
}

#[derive(Deserialize, Default)]
struct Onward {
    #[serde(default)]
    weiter: String,
    #[serde(default)]
    zu: String,
}

impl Onward {
    fn of(query: RawQuery) -> Self {
        let RawQuery(query) = query;
        query.and_then(|own| serde_html_form::from_str(&own).ok()).unwrap_or_default()
    }

    /// A page of this unit, never another host's.
    fn place(&self) -> Option<&str> {
        let own = self.weiter.as_str();
        let inside = own.starts_with('/') && !own.starts_with("//");
        let plain = own.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        (inside && plain && own.len() < 2000).then_some(own)
    }
}

fn ask<U: Unit>(
    door: &Door,
    unit: &U,
    query: RawQuery,
    headers: &HeaderMap,
) -> Result<Response, Turned> {
    let onward = Onward::of(query);
    if let Some(member) = door.anybody(unit, headers) {
        let first = first(door, unit, &member.identity);
        return Ok(Redirect::to(onward.place().unwrap_or(&first)).into_response());
    }
    show(&page(door, headers, String::new(), onward.weiter, None))
}

fn page(
    door: &Door,
    headers: &HeaderMap,
    name: String,
    onward: String,
    fault: Option<SignInFault>,
) -> SignInPage {
    let language = Language::of(headers);
    SignInPage { language, synthetic: door.is_synthetic(), unit: door.unit(), name, onward, fault }
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    secret: String,
    #[serde(default)]
    weiter: String,
}

async fn enter<U: Unit>(
    door: &Door,
    unit: &U,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Turned> {
    if !from_here(headers) {
        return Err(Turned::Stale(Language::of(headers)));
    }
    let Some(entry) = read::<Entry>(body) else {
        return Err(Turned::Stale(Language::of(headers)));
    };
    let name = entry.name.trim().to_owned();
    let again = |status, fault| -> Result<Response, Turned> {
        let page = page(door, headers, name.clone(), entry.weiter.clone(), Some(fault));
        Ok((status, show(&page)?).into_response())
    };
    let now = unit.now();
    if let Err(seconds) = door.0.throttle.enter(&name, now) {
        return again(StatusCode::TOO_MANY_REQUESTS, SignInFault::Wait(seconds));
    }
    let Some(identity) = check(unit, &name, entry.secret).await else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, SignInFault::Unknown);
    };
    door.0.throttle.forget(&name);
    let value = door.0.sessions.open(&identity.name, now).map_err(|error| {
        error!(%error, "no session could be opened");
        Turned::Fault
    })?;
    info!(who = %identity.name, "signed in");
    let onward = Onward { weiter: entry.weiter, zu: String::new() };
    let first = first(door, unit, &identity);
    let place = onward.place().unwrap_or(&first);
    Ok((set_cookie(door, &value), Redirect::to(place)).into_response())
}

/// Whose name and secret these are.
async fn check<U: Unit>(unit: &U, name: &str, secret: String) -> Option<Identity> {
    let _turn = CHECKS.acquire().await.ok()?;
    let (unit, name) = (unit.clone(), name.to_owned());
    let checked = tokio::task::spawn_blocking(move || {
        let secret = zeroize::Zeroizing::new(secret);
        unit.registry().sign_in(&name, secret.trim()).cloned()
    });
    checked.await.ok().flatten()
}

/// The first page that somebody may see.
fn first<U: Unit>(door: &Door, unit: &U, identity: &Identity) -> String {
    let may = |action| unit.desk().may(identity, action, None);
    crate::pages::staff::Place::first(door.unit(), may).unwrap_or("/").to_owned()
}

fn leave<U: Unit>(
    door: &Door,
    unit: &U,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Turned> {
    let Some(member) = door.anybody(unit, headers) else {
        return Ok(Redirect::to(SIGN_IN).into_response());
    };
    let _: serde::de::IgnoredAny = door.form(&member, headers, body)?;
    if let Some(value) = cookie(headers, door.cookie_name()) {
        door.0.sessions.close(value);
    }
    Ok((set_cookie(door, ""), Redirect::to(SIGN_IN)).into_response())
}

/// Chooses a language and goes back.
async fn speak(query: RawQuery) -> Response {
    let onward = Onward::of(query);
    let code = if onward.zu == "en" { "en" } else { "de" };
    let name = Language::COOKIE;
    let line = format!("{name}={code}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    let place = onward.place().unwrap_or(SIGN_IN).to_owned();
    ([(header::SET_COOKIE, line)], Redirect::to(&place)).into_response()
}

/// The cookie of a session; an empty value takes it away. `Lax`, so that a link in a message leads
/// to the page and not to the sign-in; what changes something is a form with a word of its session.
fn set_cookie(door: &Door, value: &str) -> [(header::HeaderName, String); 1] {
    let name = door.cookie_name();
    let secure = if door.is_secure() { "; Secure" } else { "" };
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    [(header::SET_COOKIE, format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"))]
}
