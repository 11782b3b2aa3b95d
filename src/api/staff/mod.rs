//! Pages for those who work with a unit: behind a sign-in, by what the rules of access permit.
//!
//! Public pages and routes below `/v1` need none of this. A page that somebody may not see looks as
//! if it were not there; whoever is not signed in is led to the sign-in and back.

pub(crate) mod analysis;
mod assets;
mod compared;
pub(super) mod deliveries;
mod door;
mod language;
pub(super) mod operation;
pub(super) mod oversight;
pub(super) mod proposals;
mod session;
mod sign_in;
mod throttle;
mod turned;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

pub(crate) use door::{Door, DoorSetup, Member, show};
pub(crate) use language::Language;
pub(crate) use turned::{Turned, not_there};

use super::unit::Unit;

/// The pages of staff in either unit.
pub(crate) fn routes<U: Unit>(door: &Door, pages: Router<U>) -> Router<U> {
    pages.layer(from_fn(back)).merge(sign_in::routes(door)).merge(assets::routes())
}

/// Whoever is led to the sign-in comes back to the page that they asked for.
async fn back(request: Request, next: Next) -> Response {
    let wanted = (request.method() == Method::GET).then(|| request.uri().to_string());
    let mut response = next.run(request).await;
    let to_sign_in = response
        .headers()
        .get(header::LOCATION)
        .is_some_and(|own| own.as_bytes() == turned::SIGN_IN.as_bytes());
    if let (true, Some(wanted)) = (to_sign_in, wanted)
        && let Ok(place) = turned::sign_in_for(&wanted).parse()
    {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}
