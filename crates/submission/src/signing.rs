//! Ed25519 over canonical JSON (RFC 8032, RFC 8785).

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use policy::{Digest, canonical_json};
use ring::rand::SecureRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::SubmissionError;

/// A party's signing key. No Serialize, Clone or Debug: it leaves its file as PKCS#8 only.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Creates a key and returns it as PKCS#8 bytes for a file.
    ///
    /// # Errors
    /// [`SubmissionError::Random`] where the system gives no randomness.
    pub fn generate(random: &dyn SecureRandom) -> Result<Vec<u8>, SubmissionError> {
        let document =
            Ed25519KeyPair::generate_pkcs8(random).map_err(|_| SubmissionError::Random)?;
        Ok(document.as_ref().to_vec())
    }

    /// Reads a key from PKCS#8 bytes.
    ///
    /// # Errors
    /// [`SubmissionError::Key`] for anything else.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SubmissionError> {
        Ed25519KeyPair::from_pkcs8(bytes)
            .map(Self)
            .map_err(|_| SubmissionError::Key("the signing key"))
    }

    /// The key that others verify with.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        VerifyingKey(bytes)
    }

    /// The key pair itself, for the log's checkpoints, which have a form of their own.
    #[must_use]
    pub fn key_pair(&self) -> &Ed25519KeyPair {
        &self.0
    }

    /// Signs `context ‖ 0 ‖ canonical JSON of value`; the context keeps kinds of messages apart.
    ///
    /// # Errors
    /// [`SubmissionError::Policy`] where the value has no JSON form.
    pub fn sign<T: Serialize>(
        &self,
        context: &str,
        value: &T,
    ) -> Result<Signature, SubmissionError> {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.0.sign(&message(context, value)?).as_ref());
        Ok(Signature(bytes))
    }
}

/// A party's public key; 64 hexadecimal digits in files and JSON.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// Whether `signature` was made by this key over `context` and `value`.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] where it was not.
    pub fn verify<T: Serialize>(
        &self,
        context: &str,
        value: &T,
        signature: &Signature,
    ) -> Result<(), SubmissionError> {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(&message(context, value)?, &signature.0)
            .map_err(|_| SubmissionError::Signature)
    }

    /// A short public name of the key: the first 16 hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn id(&self) -> String {
        Digest::of(&self.0).to_string().chars().take(16).collect()
    }
}

impl TryFrom<String> for VerifyingKey {
    type Error = SubmissionError;
    fn try_from(text: String) -> Result<Self, SubmissionError> {
        let bytes = HEXLOWER
            .decode(text.trim().as_bytes())
            .map_err(|_| SubmissionError::Hex("public key"))?;
        <[u8; 32]>::try_from(bytes.as_slice()).map(Self).map_err(|_| SubmissionError::Length {
            what: "public key",
            expected: 32,
            found: bytes.len(),
        })
    }
}

impl From<VerifyingKey> for String {
    fn from(key: VerifyingKey) -> Self {
        HEXLOWER.encode(&key.0)
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An Ed25519 signature; base64 in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signature([u8; 64]);

impl TryFrom<String> for Signature {
    type Error = SubmissionError;
    fn try_from(text: String) -> Result<Self, SubmissionError> {
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| SubmissionError::Signature)?;
        <[u8; 64]>::try_from(bytes.as_slice()).map(Self).map_err(|_| SubmissionError::Signature)
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> Self {
        BASE64.encode(&signature.0)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

fn message<T: Serialize>(context: &str, value: &T) -> Result<Vec<u8>, SubmissionError> {
    let mut bytes = context.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(&canonical_json(value)?);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_binds_context_and_value() {
        let pkcs8 = SigningKey::generate(&ring::rand::SystemRandom::new()).unwrap();
        let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
        let signature = key.sign("a", &1).unwrap();
        assert!(key.public().verify("a", &1, &signature).is_ok());
        assert!(key.public().verify("b", &1, &signature).is_err());
        assert!(key.public().verify("a", &2, &signature).is_err());
    }
}
