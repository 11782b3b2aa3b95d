use crate::{Error, Head, UnitKind, export};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::Serialize;
use std::str::FromStr;

const DOMAIN: &[u8] = b"milchglas/log/v1/checkpoint\0";

/// The Ed25519 public key that checkpoints are verified with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key from its 32 raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 raw bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    /// From 64 hexadecimal digits; surrounding white space, as in a key file, is ignored.
    fn from_str(text: &str) -> Result<Self, Error> {
        export::unhex(text.trim()).map(Self).ok_or(Error::PublicKey)
    }
}

/// A signed statement that a unit's chain had a given head at a given time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose chain.
    pub unit: UnitKind,
    /// The head that is vouched for.
    pub head: Head,
    /// When it was signed, in Unix seconds.
    pub at: i64,
    /// Ed25519 over `milchglas/log/v1/checkpoint\0` and the canonical form of the rest.
    pub signature: [u8; 64],
}

/// The signed members.
#[derive(Serialize)]
struct Signed {
    at: i64,
    head: String,
    sequence: u64,
    unit: &'static str,
}

impl Checkpoint {
    /// Signs `head` with the unit's key.
    ///
    /// # Errors
    /// When `at` or the number lies beyond what JSON carries exactly.
    pub fn sign(unit: UnitKind, head: Head, at: i64, key: &Ed25519KeyPair) -> Result<Self, Error> {
        let mut signature = [0; 64];
        signature.copy_from_slice(key.sign(&message(unit, head, at)?).as_ref());
        Ok(Self { unit, head, at, signature })
    }

    /// Whether `key` signed exactly this statement.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        message(self.unit, self.head, self.at).is_ok_and(|message| {
            UnparsedPublicKey::new(&ED25519, key.0).verify(&message, &self.signature).is_ok()
        })
    }
}

/// A signature without a domain could be replayed as that of another document under the same key.
fn message(unit: UnitKind, head: Head, at: i64) -> Result<Vec<u8>, Error> {
    if head.sequence > crate::NUMBER_LIMIT || at.unsigned_abs() > crate::NUMBER_LIMIT {
        return Err(Error::Number);
    }
    let signed =
        Signed { at, head: export::hex(&head.hash), sequence: head.sequence, unit: unit.as_str() };
    let canonical = serde_json_canonicalizer::to_string(&signed).map_err(|_| Error::Canonical)?;
    Ok([DOMAIN, canonical.as_bytes()].concat())
}
