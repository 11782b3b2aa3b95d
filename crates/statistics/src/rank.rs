//! Keyed ranks of rows: which row decides where several are equally recent.

use ring::{hmac, rand::SecureRandom};
use zeroize::{Zeroize, Zeroizing};

use crate::Error;

/// The key of one snapshot's row ranks.
///
/// Without a key a department could choose row numbers so that its row always wins a tie. The key
/// is drawn when a snapshot is frozen and sealed with it. Missing on purpose: `Clone`, `Debug`,
/// `Serialize`.
///
/// The HMAC key is prepared once: a county has millions of rows, and half of the hashing of a short
/// message is the key's. Its copy inside `ring` cannot be overwritten.
pub struct RankKey {
    bytes: Zeroizing<[u8; 32]>,
    prepared: hmac::Key,
}

impl RankKey {
    /// Draws a fresh key.
    ///
    /// # Errors
    /// [`Error::Random`] where the system gives no randomness.
    pub fn random(random: &dyn SecureRandom) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        random.fill(&mut bytes).map_err(|_| Error::Random)?;
        Ok(Self::take(&mut bytes))
    }

    /// Takes the key of a frozen snapshot; `bytes` is overwritten with zeros.
    #[must_use]
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let prepared = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let key = Self { bytes: Zeroizing::new(*bytes), prepared };
        bytes.zeroize();
        key
    }

    /// The bytes, for sealing.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The first 64 bits, big-endian, of HMAC-SHA256(key, subject ‖ row number in 4 bytes
    /// big-endian).
    ///
    /// `subject` is the random id of a person's case in one batch, `row` the number of the row
    /// within it.
    #[must_use]
    pub fn rank(&self, subject: &[u8; 16], row: u32) -> u64 {
        let mut context = hmac::Context::with_key(&self.prepared);
        context.update(subject);
        context.update(&row.to_be_bytes());
        let tag = context.sign();
        tag.as_ref().iter().take(8).fold(0, |rank, byte| rank << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with the hmac module of Python 3.11.
    #[test]
    fn the_rank_is_the_documented_one() {
        let key = RankKey::take(&mut [7; 32]);
        assert_eq!(key.rank(&[1; 16], 5), 0x918f_8457_bd3a_04f8);
    }

    #[test]
    fn a_taken_key_leaves_no_copy() {
        let mut bytes = [7; 32];
        let _key = RankKey::take(&mut bytes);
        assert_eq!(bytes, [0; 32]);
    }

    #[test]
    fn ranks_depend_on_key_subject_and_row() {
        let key = RankKey::take(&mut [7; 32]);
        let rank = key.rank(&[1; 16], 0);
        assert_eq!(rank, key.rank(&[1; 16], 0));
        assert_ne!(rank, key.rank(&[1; 16], 1));
        assert_ne!(rank, key.rank(&[2; 16], 0));
        assert_ne!(rank, RankKey::take(&mut [8; 32]).rank(&[1; 16], 0));
    }
}
