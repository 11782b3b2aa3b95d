//! Who watches over the logs of both units, and what may be spent while nobody does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Digest, Name, PolicyError};

/// The file `oversight.toml`: witness, countersignatures, and whose signatures count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oversight {
    /// Version of this file's format; 1.
    pub version: u16,
    /// How much of an event year's cap may be spent while the other unit does not witness, in per
    /// cent of the cap.
    pub unwitnessed_percent: u8,
    /// After how many days without a countersignature a log counts as late.
    pub countersign_days: u16,
    /// Whose signatures count.
    #[serde(rename = "signer", default)]
    pub signers: Vec<Signer>,
}

/// Somebody whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Short name; stands in the log.
    pub name: Name,
    /// What they sign as.
    pub role: SignerRole,
    /// Ed25519 public key, 64 lower-case hexadecimal digits.
    pub public_key: Digest,
}

/// What somebody signs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignerRole {
    /// Data protection officer: countersigns, approves restores.
    Officer,
    /// Stands in for the officer in both.
    Deputy,
    /// Runs a unit: approves restores beside an officer, never alone.
    Operator,
}

impl SignerRole {
    /// Whether the role stands for data protection.
    #[must_use]
    pub fn is_officer(self) -> bool {
        matches!(self, Self::Officer | Self::Deputy)
    }
}

impl Oversight {
    /// What holds where there is no file: nobody's signature counts.
    pub const USUAL: Self =
        Self { version: 1, unwitnessed_percent: 5, countersign_days: 30, signers: Vec::new() };

    /// Reads the file.
    ///
    /// # Errors
    /// [`PolicyError::Form`] or [`PolicyError::Oversight`] saying what contradicts what.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let read: Self = toml::from_str(text)
            .map_err(|e| PolicyError::Form { path: "oversight".into(), reason: e.to_string() })?;
        let wrong = |why: String| Err(PolicyError::Oversight(why));
        if read.version != 1 {
            return wrong("version must be 1".into());
        }
        if read.unwitnessed_percent > 100 {
            return wrong("unwitnessed_percent lies between 0 and 100".into());
        }
        if !(1..=366).contains(&read.countersign_days) {
            return wrong("countersign_days lies between 1 and 366".into());
        }
        let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for own in &read.signers {
            if !names.insert(&own.name) || !keys.insert(own.public_key) {
                let name = &own.name;
                return wrong(format!("`{name}` stands there twice, or shares a key"));
            }
        }
        Ok(read)
    }

    /// The one of that name.
    #[must_use]
    pub fn signer(&self, name: &str) -> Option<&Signer> {
        self.signers.iter().find(|own| own.name.as_str() == name)
    }

    /// SHA-256 of the canonical form.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which this does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Digest::of_json(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "version = 1\nunwitnessed_percent = 5\ncountersign_days = 30\n";

    fn signer(name: &str, key: u8) -> String {
        let key = format!("{key:02x}").repeat(32);
        format!("[[signer]]\nname = \"{name}\"\nrole = \"officer\"\npublic_key = \"{key}\"\n")
    }

    #[test]
    fn the_usual_values_are_those_of_a_file_without_signers() {
        assert_eq!(Oversight::from_toml(HEAD).unwrap(), Oversight::USUAL);
    }

    #[test]
    fn what_blurs_who_signs_or_hollows_out_the_rule_is_refused() {
        let two = format!("{HEAD}{}{}", signer("anna", 1), signer("berta", 2));
        assert!(Oversight::from_toml(&two).is_ok());
        for bad in [
            HEAD.replace("= 5", "= 101"),
            HEAD.replace("= 30", "= 0"),
            HEAD.replace("= 30", "= 367"),
            HEAD.replace("version = 1", "version = 2"),
            format!("{HEAD}countersign_weeks = 4\n"),
            format!("{HEAD}{}{}", signer("anna", 1), signer("berta", 1)),
            format!("{HEAD}{}{}", signer("anna", 1), signer("anna", 2)),
            format!("{HEAD}{}", signer("anna", 1).replace("officer", "chief")),
            format!("{HEAD}{}", signer("anna", 1).replace("0101", "01")),
        ] {
            assert!(Oversight::from_toml(&bad).is_err(), "{bad}");
        }
    }
}
