use crate::document::{self, Signature, head, text};
use crate::{Error, Head, Installation, PublicKey, UnitKind};
use ring::signature::Ed25519KeyPair;
use serde::{Deserialize, Serialize};

const FORMAT: &str = "milchglas/countersignature/1";

/// A data protection officer's signature under the head of a log that they verified themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersignature {
    /// What is signed.
    pub countersigned: CountersignedHead,
    /// Ed25519 over `milchglas/countersignature/1 ‖ 0 ‖ canonical JSON` of it.
    pub signature: Signature,
}

/// The signed members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountersignedHead {
    format: String,
    /// Whose log.
    #[serde(with = "text")]
    pub unit: UnitKind,
    /// Of which installation.
    #[serde(with = "text")]
    pub installation: Installation,
    /// How often the log had been restored.
    pub generation: u64,
    /// The head that was verified.
    #[serde(with = "head")]
    pub head: Head,
    /// Who signs, by the name that stands in the policies.
    pub officer: String,
    /// When, in Unix seconds by the officer's clock.
    pub at: i64,
}

impl CountersignedHead {
    /// What `officer` says of a log that was verified.
    #[must_use]
    pub fn new(
        unit: UnitKind,
        installation: Installation,
        generation: u64,
        head: Head,
        officer: String,
        at: i64,
    ) -> Self {
        Self { format: FORMAT.into(), unit, installation, generation, head, officer, at }
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`Error::Canonical`], [`Error::Number`].
    pub fn sign(self, key: &Ed25519KeyPair) -> Result<Countersignature, Error> {
        if self.head.sequence > crate::NUMBER_LIMIT || self.at.unsigned_abs() > crate::NUMBER_LIMIT
        {
            return Err(Error::Number);
        }
        let signature = document::sign(FORMAT, &self, key)?;
        Ok(Countersignature { countersigned: self, signature })
    }
}

impl Countersignature {
    /// Reads the file that [`Countersignature::to_json`] gave; the signature is not checked yet.
    ///
    /// # Errors
    /// [`Error::Document`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let read: Self = document::read(text, "a countersignature")?;
        let same = read.countersigned.format == FORMAT;
        if same { Ok(read) } else { Err(Error::Document("a countersignature")) }
    }

    /// The file, one line.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn to_json(&self) -> Result<String, Error> {
        document::canonical(self)
    }

    /// Whether `key` signed exactly this.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        document::is_signed(FORMAT, &self.countersigned, &self.signature, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::KeyPair;

    #[test]
    fn every_member_is_signed() {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let public = PublicKey::from_bytes(key.public_key().as_ref().try_into().unwrap());
        let head = Head { sequence: 7, hash: [1; 32] };
        let signed = CountersignedHead::new(
            UnitKind::Statistics,
            "test".parse().unwrap(),
            0,
            head,
            "dsb".into(),
            1,
        )
        .sign(&key)
        .unwrap();
        let text = signed.to_json().unwrap();
        assert!(Countersignature::from_json(&text).unwrap().is_signed_by(&public));
        for (from, to) in [
            ("statistics", "linkage"),
            ("\"test\"", "\"rest\""),
            ("\"generation\":0", "\"generation\":1"),
            ("7:01", "8:01"),
            ("7:01", "7:02"),
            ("\"dsb\"", "\"bsd\""),
            ("\"at\":1", "\"at\":2"),
        ] {
            let altered = text.replacen(from, to, 1);
            assert_ne!(altered, text, "{from}");
            assert!(
                !Countersignature::from_json(&altered).unwrap().is_signed_by(&public),
                "{from}"
            );
        }
        assert!(Countersignature::from_json(&text.replace("/1", "/2")).is_err());
    }
}
