//! One encoding of one record in one view.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::SubmissionError;

/// A filter as it travels: little-endian bits, byte 0 holds bits 0 to 7.
///
/// No `Display`, and `Debug` shows the length only: with the key an encoding is a name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Encoding(Box<[u8]>);

impl Encoding {
    /// Longest filter in bytes (8,192 bits).
    pub const MAX_BYTES: usize = 1024;

    /// Takes the bytes of a filter.
    ///
    /// # Errors
    /// [`SubmissionError::Length`] for an empty or over-long filter or a broken multiple of eight.
    pub fn new(bytes: &[u8]) -> Result<Self, SubmissionError> {
        if bytes.is_empty() || bytes.len() > Self::MAX_BYTES || !bytes.len().is_multiple_of(8) {
            return Err(SubmissionError::Length {
                what: "encoding",
                expected: 128,
                found: bytes.len(),
            });
        }
        Ok(Self(bytes.into()))
    }

    /// The bytes of the filter.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Number of set bits.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoding({} bits)", self.0.len() * 8)
    }
}

impl TryFrom<String> for Encoding {
    type Error = SubmissionError;
    fn try_from(text: String) -> Result<Self, SubmissionError> {
        let bytes = BASE64
            .decode(text.as_bytes())
            .map_err(|_| SubmissionError::Chunk("encoding is not base64".into()))?;
        Self::new(&bytes)
    }
}

impl From<Encoding> for String {
    fn from(encoding: Encoding) -> Self {
        BASE64.encode(&encoding.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(format!("{:?}", Encoding::new(&[7; 128]).unwrap()), "Encoding(1024 bits)");
    }

    #[test]
    fn lengths_are_checked_on_every_way_in() {
        for bad in [0, 7, 9, 1032] {
            let bytes = vec![1; bad];
            assert!(Encoding::new(&bytes).is_err(), "{bad}");
            let json = format!("\"{}\"", BASE64.encode(&bytes));
            assert!(serde_json::from_str::<Encoding>(&json).is_err(), "{bad}");
        }
    }
}
