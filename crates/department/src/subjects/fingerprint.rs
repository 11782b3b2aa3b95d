//! Keyed fingerprints for grouping: equal texts meet without being kept in memory.

use ring::hmac;
use ring::rand::SecureRandom;

use crate::error::Error;

/// 128 bits of HMAC-SHA256 under a key of this run.
pub(crate) type Fingerprint = [u8; 16];

/// Makes fingerprints that mean nothing outside this run.
pub(crate) struct Fingerprinter(hmac::Key);

impl Fingerprinter {
    pub(crate) fn new(random: &dyn SecureRandom) -> Result<Self, Error> {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        random.fill(&mut *key).map_err(|_| Error::Random)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &*key)))
    }

    /// The fingerprint of a list of texts; a text's length is part of it.
    pub(crate) fn of<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        for text in texts {
            context.update(&(text.len() as u64).to_le_bytes());
            context.update(text.as_bytes());
        }
        let mut half = [0; 16];
        for (to, from) in half.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        half
    }
}
