//! The people and machines a unit knows.

use std::collections::BTreeSet;

use jiff::civil::Date;
use policy::Name;
use serde::Deserialize;
use submission::VerifyingKey;
use thiserror::Error;

use crate::{Asker, PasswordDigest, Role, TokenDigest};

/// The name under which release plans are charged; nobody bears it.
pub const RELEASE_PLAN: &str = "release-plan";

/// What is wrong with a register of identities or a token.
#[derive(Debug, Error)]
pub enum AccessError {
    /// A digest of another form.
    #[error("token_sha256 must be the 64 hexadecimal digits of the token's SHA-256")]
    TokenDigest,
    /// A hash of another form.
    #[error(
        "password_argon2id must be a line that `milchglas password` prints ($argon2id$v=19$...)"
    )]
    PasswordDigest,
    /// A password that can be guessed.
    #[error("the password is too short: at least 12 characters; several words are easy to keep")]
    ShortPassword,
    /// A text that is no password.
    #[error("the password is too long: at most 512 bytes")]
    LongPassword,
    /// Two identities that could not be told apart.
    #[error("identity `{0}` is declared twice, or shares its token with another")]
    Twice(Name),
    /// A name that the ledger uses itself.
    #[error("identity `{0}`: release plans are charged under this name; choose another")]
    Reserved(Name),
    /// A department without signing key or dataset, or somebody else with one.
    #[error("identity `{0}`: a department needs public_key and datasets, others have neither")]
    Department(Name),
    /// The random source failed.
    #[error("the system's random source is not available")]
    Random,
}

/// Somebody a unit knows, in one project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Short name; stands in log and ledger.
    pub name: Name,
    /// What they are.
    pub role: Role,
    /// The project in which they are it.
    pub project: Name,
    /// SHA-256 of their bearer token.
    pub token_sha256: TokenDigest,
    /// Hash of the password with which a person may sign in to the pages instead of the token.
    #[serde(default)]
    pub password_argon2id: Option<PasswordDigest>,
    /// The last day on which they may do anything here; afterwards they are as a stranger.
    #[serde(default)]
    pub valid_until: Option<Date>,
    /// The key that a department signs manifests with.
    #[serde(default)]
    pub public_key: Option<VerifyingKey>,
    /// The datasets that a department delivers.
    #[serde(default)]
    pub datasets: BTreeSet<Name>,
}

impl Identity {
    /// Whether their time here is over.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        self.valid_until.is_some_and(|last| today > last)
    }

    /// Them, as rules see them.
    #[must_use]
    pub fn asker(&self) -> Asker<'_> {
        Asker { name: &self.name, role: self.role, project: &self.project }
    }
}

/// All identities of a unit.
#[derive(Debug, Default)]
pub struct Registry(Vec<Identity>);

impl Registry {
    /// Checks and takes the identities of a configuration.
    ///
    /// # Errors
    /// [`AccessError`] naming the identity that cannot be.
    pub fn new(identities: Vec<Identity>) -> Result<Self, AccessError> {
        for (position, own) in identities.iter().enumerate() {
            if own.name.as_str() == RELEASE_PLAN {
                return Err(AccessError::Reserved(own.name.clone()));
            }
            let department = own.role == Role::Department;
            if own.public_key.is_some() != department || own.datasets.is_empty() == department {
                return Err(AccessError::Department(own.name.clone()));
            }
            let twice =
                |other: &Identity| other.name == own.name || other.token_sha256 == own.token_sha256;
            if identities.iter().skip(position + 1).any(twice) {
                return Err(AccessError::Twice(own.name.clone()));
            }
        }
        Ok(Self(identities))
    }

    /// The identity that a token belongs to.
    #[must_use]
    pub fn identify(&self, token: &str) -> Option<&Identity> {
        let digest = TokenDigest::of(token);
        self.0.iter().find(|own| own.token_sha256 == digest)
    }

    /// The identity of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Identity> {
        self.0.iter().find(|own| own.name.as_str() == name)
    }

    /// Who signs in under `name` with a token or a password. Slow on purpose where a password is
    /// tried, and as slow for a name that nobody bears.
    #[must_use]
    pub fn sign_in(&self, name: &str, secret: &str) -> Option<&Identity> {
        if let Some(own) = self.identify(secret) {
            return Some(own).filter(|own| own.name.as_str() == name);
        }
        let Some((own, digest)) =
            self.named(name).and_then(|own| Some((own, own.password_argon2id.as_ref()?)))
        else {
            PasswordDigest::of_nobody(secret);
            return None;
        };
        digest.is_of(secret).then_some(own)
    }

    /// Every identity, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        identity: Vec<Identity>,
    }

    fn registry(text: &str) -> Result<Registry, AccessError> {
        Registry::new(toml::from_str::<File>(text).unwrap().identity)
    }

    fn entry(name: &str, role: &str, token: &str, rest: &str) -> String {
        let digest = String::from(TokenDigest::of(token));
        format!(
            "[[identity]]\nname = \"{name}\"\nrole = \"{role}\"\nproject = \"p\"\n\
             token_sha256 = \"{digest}\"\n{rest}\n"
        )
    }

    #[test]
    fn a_token_belongs_to_one_identity() {
        let registry = registry(&entry("anna", "analyst", "t1", "")).unwrap();
        assert_eq!(registry.identify("t1").map(|own| own.name.as_str()), Some("anna"));
        assert!(registry.identify("t2").is_none() && registry.identify("").is_none());
    }

    #[test]
    fn the_last_day_counts_and_the_next_does_not() {
        let registry = registry(&entry("anna", "analyst", "t1", "valid_until = \"2026-12-31\""));
        let registry = registry.unwrap();
        let anna = registry.named("anna").unwrap();
        assert!(!anna.is_over(jiff::civil::date(2026, 12, 31)));
        assert!(anna.is_over(jiff::civil::date(2027, 1, 1)));
    }

    #[test]
    fn people_sign_in_under_their_own_name() {
        let random = ring::rand::SystemRandom::new();
        let line = PasswordDigest::line("drei lange Wörter", &random).unwrap();
        let anna = entry("anna", "analyst", "t1", &format!("password_argon2id = \"{line}\""));
        let registry = registry(&format!("{anna}{}", entry("berta", "dpo", "t2", ""))).unwrap();
        let name = |name, secret| registry.sign_in(name, secret).map(|own| own.name.to_string());
        assert_eq!(name("anna", "drei lange Wörter").as_deref(), Some("anna"));
        assert_eq!(name("anna", "t1").as_deref(), Some("anna"));
        assert_eq!(name("berta", "t2").as_deref(), Some("berta"));
        for (who, secret) in [
            ("berta", "t1"),
            ("berta", "drei lange Wörter"),
            ("anna", "drei lange Worte"),
            ("anna", ""),
            ("carla", "drei lange Wörter"),
        ] {
            assert!(registry.sign_in(who, secret).is_none(), "{who}");
        }
    }

    #[test]
    fn registers_that_blur_who_is_who_are_refused() {
        let anna = entry("anna", "analyst", "t1", "");
        assert!(registry(&format!("{anna}{}", entry("berta", "dpo", "t1", ""))).is_err());
        assert!(registry(&format!("{anna}{}", entry("anna", "dpo", "t2", ""))).is_err());
        assert!(registry(&entry("amt", "department", "t", "")).is_err(), "no key");
        let plan = registry(&entry(RELEASE_PLAN, "analyst", "t", ""));
        assert!(matches!(plan, Err(AccessError::Reserved(_))));
        assert!(registry(&entry("anna", "analyst", "t", "datasets = [\"kita\"]")).is_err());
    }

    #[test]
    fn tokens_differ() {
        let random = ring::rand::SystemRandom::new();
        assert_ne!(crate::new_token(&random).unwrap(), crate::new_token(&random).unwrap());
    }
}
