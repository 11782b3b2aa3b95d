//! Bearer tokens (RFC 6750), known to a unit only by their SHA-256.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::{digest, rand::SecureRandom};
use serde::{Deserialize, Serialize};

use crate::AccessError;

/// SHA-256 of a token. Tokens are random 256-bit values, so no slow hash is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(..)")
    }
}

impl TryFrom<String> for TokenDigest {
    type Error = AccessError;
    fn try_from(text: String) -> Result<Self, AccessError> {
        HEXLOWER
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .map(Self)
            .ok_or(AccessError::TokenDigest)
    }
}

impl From<TokenDigest> for String {
    fn from(digest: TokenDigest) -> Self {
        HEXLOWER.encode(&digest.0)
    }
}

/// Draws a token: `mg_` and 256 random bits.
///
/// # Errors
/// [`AccessError::Random`] where the system gives no randomness.
pub fn new_token(random: &dyn SecureRandom) -> Result<String, AccessError> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes).map_err(|_| AccessError::Random)?;
    Ok(format!("mg_{}", BASE64URL_NOPAD.encode(&bytes)))
}
