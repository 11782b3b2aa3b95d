//! All released cells as an OData 4.0 feed, for Excel and Power BI.
//!
//! Read-only and public, as the pages are. Two entity sets hold the same rows, `Freigaben` with
//! German columns and `Releases` with English ones; a reader chooses a project by its column.

mod bad;
mod filter;
mod options;
mod set;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use publication::LongTable;
use serde_json::Value as Json;
use statistics_unit::StatisticsUnit;
use tracing::error;

use super::Site;
use bad::Bad;
use options::{Options, PAGE};
use set::{EntitySet, metadata, service};

const HEADS: [(HeaderName, &str); 4] = [
    (HeaderName::from_static("odata-version"), "4.0"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];
/// Most options of an address.
const MAX_OPTIONS: usize = 32;

/// The feed below `/odata`.
pub(super) fn routes(site: &Arc<Site>) -> Router<StatisticsUnit> {
    let (root, slash, below) = (Arc::clone(site), Arc::clone(site), Arc::clone(site));
    let handle = |site: Arc<Site>| {
        move |State(unit): State<StatisticsUnit>, headers: HeaderMap, uri: Uri| {
            feed(unit, headers, uri, String::new(), site)
        }
    };
    Router::new().route("/odata", get(handle(root))).route("/odata/", get(handle(slash))).route(
        "/odata/{*path}",
        get(move |State(unit), Path(path): Path<String>, headers, uri| {
            feed(unit, headers, uri, path, below)
        }),
    )
}

async fn feed(
    unit: StatisticsUnit,
    headers: HeaderMap,
    uri: Uri,
    path: String,
    site: Arc<Site>,
) -> Result<Response, Bad> {
    let address = site.address(&headers).map_err(|_| Bad::asked("the request names no host"))?;
    if path.is_empty() {
        return Ok(answer(&service(&address)));
    }
    let released = site.kept.of(&unit).await.map_err(|error| {
        error!(%error, "the feed could not be made");
        Bad::fault()
    })?;
    if path == "$metadata" {
        let kind = [(header::CONTENT_TYPE, "application/xml")];
        return Ok((HEADS, kind, metadata(&released.table)?).into_response());
    }
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(&uri)
        .map_err(|_| Bad::asked("the options of the address cannot be read"))?
        .0;
    let page = page_of(&headers);
    // Filtering a million rows takes a while, which other callers need not wait for.
    let asked = move || ask(&released.table, &path, pairs, (&address, page));
    tokio::task::spawn_blocking(asked).await.map_err(|_| Bad::fault())?
}

/// What stands below the service document: a set, one entity of it, or their number.
fn ask(
    table: &LongTable,
    path: &str,
    pairs: Vec<(String, String)>,
    (address, page): (&str, usize),
) -> Result<Response, Bad> {
    if pairs.len() > MAX_OPTIONS {
        return Err(Bad::asked("an address has at most 32 options"));
    }
    if let Some((name, "$count")) = path.split_once('/') {
        let set = EntitySet::of(name, table)?;
        let count = Options::read(pairs, &set)?.count(&set);
        let kind = [(header::CONTENT_TYPE, "text/plain")];
        return Ok((HEADS, kind, count.to_string()).into_response());
    }
    if let Some((name, key)) = path.split_once('(') {
        let set = EntitySet::of(name, table)?;
        let key = key.strip_suffix(')').ok_or_else(Bad::missing)?;
        let key = key.strip_prefix("id=").unwrap_or(key);
        let key = key.strip_prefix('\'').and_then(|own| own.strip_suffix('\''));
        let options = Options::read(pairs, &set)?;
        let found = options.entity(&set, address, key.ok_or_else(Bad::missing)?);
        return Ok(answer(&found.ok_or_else(Bad::missing)?));
    }
    let set = EntitySet::of(path, table)?;
    Ok(answer(&Options::read(pairs, &set)?.page(&set, address, page)))
}

fn answer(body: &Json) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json;odata.metadata=minimal;charset=utf-8")];
    (HEADS, kind, body.to_string()).into_response()
}

/// How many rows the reader wants at once: `Prefer: odata.maxpagesize=100`.
fn page_of(headers: &HeaderMap) -> usize {
    let preferred = headers.get_all("prefer").iter().filter_map(|own| own.to_str().ok());
    let sizes = preferred.flat_map(|own| own.split(',')).filter_map(|own| {
        let (name, size) = own.split_once('=')?;
        let name = name.trim();
        (name == "odata.maxpagesize" || name == "maxpagesize").then_some(size.trim())?.parse().ok()
    });
    sizes.into_iter().next().map_or(PAGE, |own: usize| own.clamp(1, PAGE))
}
