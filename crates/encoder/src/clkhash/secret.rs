//! The secret that all parties of a clkhash project share.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::EncodeError;

/// Bytes that people agreed on; overwritten on drop. No `Serialize`, `Clone` or `Debug`, and no
/// key-check value: a passphrase can be guessed, and a check value would confirm the guess.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ClkhashSecret(Vec<u8>);

impl ClkhashSecret {
    /// Longest secret in bytes.
    pub const MAX_BYTES: usize = 4096;
    /// Below so many bytes a secret is called short: 128 bits if they were random.
    pub const ENOUGH_BYTES: usize = 16;

    /// Takes the bytes as they are, a line end included.
    ///
    /// # Errors
    /// [`EncodeError::ClkhashSecret`] for none or more than [`Self::MAX_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EncodeError> {
        if bytes.is_empty() || bytes.len() > Self::MAX_BYTES {
            return Err(EncodeError::ClkhashSecret);
        }
        Ok(Self(bytes.to_vec()))
    }

    /// Whether it has fewer than 128 bits, which is worth a warning.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.0.len() < Self::ENOUGH_BYTES
    }

    /// Whether it ends with a line end, which counts and which an editor adds unasked.
    #[must_use]
    pub fn ends_with_line_end(&self) -> bool {
        self.0.ends_with(b"\n")
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
