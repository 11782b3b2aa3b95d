//! One byte form per value, so that a digest or signature means the same to everybody.

use std::fmt;

use data_encoding::HEXLOWER;
use ring::digest;
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// SHA-256 of something public or already pseudonymised; written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_parts(&[bytes])
    }

    /// The digest of the concatenation of `parts`.
    #[must_use]
    pub fn from_parts(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }

    /// The digest of a value's canonical JSON (RFC 8785).
    ///
    /// # Errors
    /// [`PolicyError::Form`] where the value has no JSON form.
    pub fn of_json<T: Serialize>(value: &T) -> Result<Self, PolicyError> {
        Ok(Self::of(&canonical_json(value)?))
    }

    /// Takes the 32 bytes of a digest computed elsewhere.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Digest {
    type Error = PolicyError;
    fn try_from(text: String) -> Result<Self, PolicyError> {
        HEXLOWER
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .map(Self)
            .ok_or_else(|| PolicyError::Form {
                path: "digest".into(),
                reason: "expected 64 lower-case hexadecimal digits".into(),
            })
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// A value's canonical JSON bytes: RFC 8785 (JSON Canonicalization Scheme).
///
/// # Errors
/// [`PolicyError::Form`] where the value has no JSON form.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, PolicyError> {
    serde_json_canonicalizer::to_vec(value)
        .map_err(|e| PolicyError::Form { path: "value".into(), reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_read_back_and_refuse_other_lengths() {
        let digest = Digest::of(b"milchglas");
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
        assert!(serde_json::from_str::<Digest>("\"abcd\"").is_err());
        assert!(serde_json::from_str::<Digest>(&json.to_uppercase()).is_err());
    }

    #[test]
    fn canonical_json_sorts_keys() {
        let value = serde_json::json!({"b": 1, "a": [true, null]});
        assert_eq!(canonical_json(&value).unwrap(), br#"{"a":[true,null],"b":1}"#);
    }
}
