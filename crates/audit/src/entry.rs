use crate::{Error, Head, export};
use ring::digest::{Context, SHA256};
use serde::Serialize;
use serde_json::Value;

/// Longest line of an export in bytes, without its newline.
pub const LINE_LIMIT: usize = 64 * 1024;
/// Longest kind in bytes.
pub const KIND_LIMIT: usize = 64;
/// Largest magnitude of a number in an entry: RFC 8785 writes numbers as IEEE 754 doubles, and
/// beyond 2^53−1 two integers share one spelling.
pub const NUMBER_LIMIT: u64 = (1 << 53) - 1;

const DOMAIN: &[u8] = b"milchglas/log/v1\0";

/// One link of the chain.
///
/// An entry exists only in a form that can be logged: its kind is a dotted word, its body an object
/// of whole numbers, texts, booleans, nulls, arrays and objects. It holds no personal value; the
/// type cannot check that, its callers do.
pub struct Entry {
    sequence: u64,
    at: i64,
    kind: String,
    body: Value,
    previous: [u8; 32],
    canonical: String,
    hash: [u8; 32],
}

/// The members of the canonical form.
#[derive(Serialize)]
struct Members<'a> {
    at: i64,
    body: &'a Value,
    kind: &'a str,
    previous: String,
    sequence: u64,
}

impl Entry {
    /// The entry that follows `after`.
    ///
    /// `at` is in Unix seconds, UTC.
    ///
    /// # Errors
    /// When kind, body or size break the rules above, or the numbers are used up.
    pub(crate) fn following(after: Head, at: i64, kind: &str, body: Value) -> Result<Self, Error> {
        let sequence = after.sequence.checked_add(1).ok_or(Error::Exhausted)?;
        if sequence > NUMBER_LIMIT {
            return Err(Error::Exhausted);
        }
        Self::new(sequence, at, kind, body, after.hash)
    }

    pub(crate) fn new(
        sequence: u64,
        at: i64,
        kind: &str,
        body: Value,
        previous: [u8; 32],
    ) -> Result<Self, Error> {
        check_kind(kind)?;
        if !body.is_object() {
            return Err(Error::BodyShape);
        }
        check_numbers(&body)?;
        if sequence > NUMBER_LIMIT || at.unsigned_abs() > NUMBER_LIMIT {
            return Err(Error::Number);
        }
        let members = Members { at, body: &body, kind, previous: export::hex(&previous), sequence };
        let canonical =
            serde_json_canonicalizer::to_string(&members).map_err(|_| Error::Canonical)?;
        let hash = hash(canonical.as_bytes());
        if export::entry_line(&canonical, &hash).len() > LINE_LIMIT {
            return Err(Error::TooLong);
        }
        Ok(Self { sequence, at, kind: kind.to_owned(), body, previous, canonical, hash })
    }

    /// The number in the chain, from 1.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When it was written, in Unix seconds.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.at
    }

    /// What happened, a dotted word.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The particulars, a JSON object.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The hash of the entry before, or the genesis hash.
    #[must_use]
    pub fn previous(&self) -> [u8; 32] {
        self.previous
    }

    /// The canonical form after RFC 8785 that is hashed and stored.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// SHA-256 of `milchglas/log/v1\0` followed by the canonical form.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The chain's head once this entry is its last.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { sequence: self.sequence, hash: self.hash }
    }
}

pub(crate) fn hash(canonical: &[u8]) -> [u8; 32] {
    digest(&[DOMAIN, canonical])
}

pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

fn check_kind(kind: &str) -> Result<(), Error> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    if kind.len() <= KIND_LIMIT && kind.split('.').all(word) { Ok(()) } else { Err(Error::Kind) }
}

fn check_numbers(value: &Value) -> Result<(), Error> {
    match value {
        Value::Number(number) => {
            let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            match whole {
                Some(magnitude) if magnitude <= NUMBER_LIMIT => Ok(()),
                _ => Err(Error::Number),
            }
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(members) => members.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}
