//! Documents that people sign about a log: one spelling, and a domain that keeps kinds apart.

use crate::{Error, Head, PublicKey, entry, export};
use data_encoding::HEXLOWER;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest document in bytes.
pub const DOCUMENT_LIMIT: usize = 1 << 20;

/// An Ed25519 signature, 128 hexadecimal digits in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub(crate) [u8; 64]);

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let wrong = || D::Error::custom("a signature is written as 128 hexadecimal digits");
        export::unhex(&text).map(Self).ok_or_else(wrong)
    }
}

/// A head in JSON: number and hash in one text, as it is noted down.
pub(crate) mod head {
    use super::{Deserialize, Deserializer, Head, Serializer};
    use serde::de::Error as _;

    pub(crate) fn serialize<S: Serializer>(head: &Head, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(head)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Head, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Text of a `FromStr` and `Display` type in JSON.
pub(crate) mod text {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;
    use std::fmt::Display;
    use std::str::FromStr;

    pub(crate) fn serialize<S: Serializer, T: Display>(own: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(own)
    }

    pub(crate) fn deserialize<'de, D, T>(from: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err = crate::Error>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

pub(crate) fn canonical<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json_canonicalizer::to_string(value).map_err(|_| Error::Canonical)
}

/// A signature without a domain could be replayed as that of another document under the same key.
fn message<T: Serialize>(domain: &str, value: &T) -> Result<Vec<u8>, Error> {
    Ok([domain.as_bytes(), b"\0", canonical(value)?.as_bytes()].concat())
}

pub(crate) fn sign<T: Serialize>(
    domain: &str,
    value: &T,
    key: &Ed25519KeyPair,
) -> Result<Signature, Error> {
    let mut bytes = [0; 64];
    bytes.copy_from_slice(key.sign(&message(domain, value)?).as_ref());
    Ok(Signature(bytes))
}

pub(crate) fn is_signed<T: Serialize>(
    domain: &str,
    value: &T,
    signature: &Signature,
    key: &PublicKey,
) -> bool {
    message(domain, value).is_ok_and(|message| {
        UnparsedPublicKey::new(&ED25519, key.bytes()).verify(&message, &signature.0).is_ok()
    })
}

/// SHA-256 of the canonical form, in hexadecimal digits.
pub(crate) fn digest<T: Serialize>(value: &T) -> Result<String, Error> {
    Ok(export::hex(&entry::digest(&[canonical(value)?.as_bytes()])))
}

/// Reads a document that came as a file.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str, what: &'static str) -> Result<T, Error> {
    if text.len() > DOCUMENT_LIMIT {
        return Err(Error::Document(what));
    }
    serde_json::from_str(text).map_err(|_| Error::Document(what))
}
