//! Style and script of the pages, compressed once.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest;

use crate::pages::STYLE as PUBLIC;
use crate::pages::staff::{KERN, KERN_DARK, OFFICE_STYLE, SCRIPT, STYLE, analysis};

/// A file that does not change while the program runs.
struct Asset {
    kind: &'static str,
    plain: Vec<u8>,
    /// Gzip (RFC 1952); empty where compressing failed.
    packed: Vec<u8>,
    etag: String,
}

impl Asset {
    fn new(kind: &'static str, parts: &[&str]) -> Self {
        let plain = parts.concat().into_bytes();
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let packed = packer.write_all(&plain).and_then(|()| packer.finish()).unwrap_or_default();
        let hash = digest::digest(&digest::SHA256, &plain);
        let short = hash.as_ref().get(..16).unwrap_or_default();
        let etag = format!("\"{}\"", data_encoding::HEXLOWER.encode(short));
        Self { kind, plain, packed, etag }
    }

    fn answer(&'static self, headers: &HeaderMap) -> Response {
        let heads = [
            (header::CONTENT_TYPE, self.kind),
            (header::CACHE_CONTROL, "public, max-age=3600"),
            (header::VARY, "Accept-Encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::ETAG, &self.etag),
        ];
        let has = |name, text: &str| {
            let value = headers.get(name).and_then(|own: &header::HeaderValue| own.to_str().ok());
            value.is_some_and(|own| own.contains(text))
        };
        if has(header::IF_NONE_MATCH, &self.etag) {
            return (StatusCode::NOT_MODIFIED, heads).into_response();
        }
        if has(header::ACCEPT_ENCODING, "gzip") && !self.packed.is_empty() {
            let packed = [(header::CONTENT_ENCODING, "gzip")];
            return (heads, packed, self.packed.as_slice()).into_response();
        }
        (heads, self.plain.as_slice()).into_response()
    }
}

const CSS: &str = "text/css; charset=utf-8";
static KERN_CSS: LazyLock<Asset> = LazyLock::new(|| Asset::new(CSS, &[KERN, "\n", KERN_DARK]));
static STAFF_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(CSS, &[PUBLIC, "\n", STYLE, "\n", analysis::STYLE, "\n", OFFICE_STYLE])
});
static STAFF_JS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", &[SCRIPT]));

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/kern.css", get(async |headers: HeaderMap| KERN_CSS.answer(&headers)))
        .route("/staff.css", get(async |headers: HeaderMap| STAFF_CSS.answer(&headers)))
        .route("/staff.js", get(async |headers: HeaderMap| STAFF_JS.answer(&headers)))
}
