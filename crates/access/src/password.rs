//! Passwords of people, known to a unit only by their Argon2id hash.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::SecureRandom;
use serde::Deserialize;

use crate::AccessError;

/// Fewest characters of a password that people choose.
const SHORTEST: usize = 12;
/// Most bytes that are hashed; a longer text is nobody's password.
const LONGEST: usize = 512;
/// 64 MiB and three passes, one lane: the second recommendation of RFC 9106, section 4, with one
/// lane instead of four, since other people's requests run beside it.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// Most memory and passes that a hash of a configuration may ask for.
const MOST_MEMORY_KIB: u32 = 256 << 10;
const MOST_PASSES: u32 = 10;
const SALT_BYTES: usize = 16;
/// A hash of nobody's password, so that an unknown name takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The Argon2id hash of a password (RFC 9106) as a PHC string. It is no secret like the password,
/// but it can be guessed at, so it has no [`Display`](fmt::Display) and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PasswordDigest(String);

impl PasswordDigest {
    /// Hashes a password with a fresh salt and returns the line for the configuration.
    ///
    /// # Errors
    /// [`AccessError::ShortPassword`] below twelve characters, [`AccessError::LongPassword`] above
    /// 512 bytes, [`AccessError::Random`] where the system gives no randomness.
    pub fn line(password: &str, random: &dyn SecureRandom) -> Result<String, AccessError> {
        if password.chars().count() < SHORTEST {
            return Err(AccessError::ShortPassword);
        }
        if password.len() > LONGEST {
            return Err(AccessError::LongPassword);
        }
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt).map_err(|_| AccessError::Random)?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
            .map_err(|_| AccessError::PasswordDigest)?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let hash = hasher
            .hash_password_customized(password.as_bytes(), &salt, None, None, params)
            .map_err(|_| AccessError::PasswordDigest)?;
        Ok(hash.to_string())
    }

    /// Whether it is the hash of this password. Takes some 100 ms and 64 MiB.
    #[must_use]
    pub fn is_of(&self, password: &str) -> bool {
        if password.len() > LONGEST {
            return false;
        }
        Argon2::default().verify_password(password.as_bytes(), self.0.as_str()).is_ok()
    }

    /// Takes as long as [`PasswordDigest::is_of`] and says no.
    pub fn of_nobody(password: &str) {
        let _ = Self(NOBODY.to_owned()).is_of(password);
    }
}

impl TryFrom<String> for PasswordDigest {
    type Error = AccessError;
    fn try_from(text: String) -> Result<Self, AccessError> {
        let hash = PasswordHash::new(&text).map_err(|_| AccessError::PasswordDigest)?;
        let params = Params::try_from(&hash).map_err(|_| AccessError::PasswordDigest)?;
        let fits = params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES;
        if hash.algorithm.as_str() != "argon2id" || hash.hash.is_none() || !fits {
            return Err(AccessError::PasswordDigest);
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for PasswordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordDigest(..)")
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    #[test]
    fn a_hash_is_of_its_password_only() {
        let line = PasswordDigest::line("zwölf Zeichen sind es", &SystemRandom::new()).unwrap();
        assert!(line.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{line}");
        let digest = PasswordDigest::try_from(line.clone()).unwrap();
        assert!(digest.is_of("zwölf Zeichen sind es"));
        assert!(!digest.is_of("zwölf Zeichen sind es "));
        assert!(!digest.is_of(&"x".repeat(LONGEST + 1)));
        assert_eq!(format!("{digest:?}"), "PasswordDigest(..)");
        let again = PasswordDigest::line("zwölf Zeichen sind es", &SystemRandom::new()).unwrap();
        assert_ne!(line, again, "a salt of its own");
    }

    #[test]
    fn short_passwords_and_other_hashes_are_refused() {
        let random = SystemRandom::new();
        assert!(matches!(
            PasswordDigest::line("elf Zeichen", &random),
            Err(AccessError::ShortPassword)
        ));
        let long = "x".repeat(LONGEST + 1);
        assert!(matches!(PasswordDigest::line(&long, &random), Err(AccessError::LongPassword)));
        let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for text in [
            String::new(),
            "password".to_owned(),
            format!("$argon2i$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA${hash}"),
            format!("$argon2id$v=19$m=4294967295,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA${hash}"),
            "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ] {
            assert!(PasswordDigest::try_from(text.clone()).is_err(), "{text}");
        }
        assert!(PasswordDigest::try_from(NOBODY.to_owned()).is_ok());
    }
}
