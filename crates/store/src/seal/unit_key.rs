use std::path::PathBuf;

use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use zeroize::Zeroize;

/// The unit data key, under which a key store wraps its keys. No `Debug`, no `Clone`, no way out.
pub struct UnitKey([u8; 32]);

impl UnitKey {
    /// Takes 32 random bytes and overwrites where they came from.
    #[must_use]
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let own = Self(*bytes);
        bytes.zeroize();
        own
    }

    /// What the wrapping keys of one key store are derived from.
    pub(super) fn of_store(&self, store: &[u8; 16]) -> Prk {
        Salt::new(HKDF_SHA256, store).extract(&self.0)
    }
}

impl Drop for UnitKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Where the keys of a database are, and what opens them.
pub struct Sealing {
    /// The key store's file; made with the database, and never without it.
    pub key_store: PathBuf,
    /// What its keys are wrapped under.
    pub unit_key: UnitKey,
}
