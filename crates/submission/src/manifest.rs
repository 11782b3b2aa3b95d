//! The signed statement that binds a batch to its sender, key, schema and content.

use std::fmt;

use policy::{Catalogue, Digest, Name, canonical_json};
use serde::{Deserialize, Serialize};

use crate::{
    BatchId, KeyCheckValue, Signature, SigningKey, SubjectId, SubmissionError, VerifyingKey, limits,
};

/// Which of the two halves a batch belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Half {
    /// Subjects with encodings, for the linkage unit.
    Linkable,
    /// Subjects with coded facts, for the statistics unit.
    Measures,
}

/// What a batch does to the earlier batches of the same dataset in the same epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Replaces them all: the whole look-back window is delivered again.
    Full,
    /// Adds its subjects and withdraws those it names (correction, removal).
    Amend,
}

/// A calendar month, `yyyy-mm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    /// Calendar year, 1990 to 2100.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
}

impl Month {
    /// Checks and takes a month.
    ///
    /// # Errors
    /// [`SubmissionError::Manifest`] outside 1990-01 to 2100-12.
    pub fn new(year: u16, month: u8) -> Result<Self, SubmissionError> {
        if (1990..=2100).contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(SubmissionError::Manifest("a month lies between 1990-01 and 2100-12".into()))
        }
    }

    /// Months since January of year 0.
    #[must_use]
    pub fn index(self) -> u32 {
        u32::from(self.year) * 12 + u32::from(self.month) - 1
    }
}

impl TryFrom<String> for Month {
    type Error = SubmissionError;
    fn try_from(text: String) -> Result<Self, SubmissionError> {
        let wrong = || SubmissionError::Manifest("write a month as yyyy-mm".into());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        Self::new(year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?)
    }
}

impl std::str::FromStr for Month {
    type Err = SubmissionError;
    fn from_str(text: &str) -> Result<Self, SubmissionError> {
        Self::try_from(text.to_owned())
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// First and last month of a delivery, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
}

/// What a department states about one half of a batch; signed over its canonical JSON.
///
/// Normative description with vectors: `docs/formats/manifest.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `milchglas/manifest/1`.
    pub format: String,
    /// Which half this is.
    pub half: Half,
    /// The project, which fixes controller and key.
    pub project: Name,
    /// The epoch under whose key the records were encoded.
    pub epoch: Name,
    /// The sender.
    pub department: Name,
    /// The dataset of the catalogue.
    pub dataset: Name,
    /// The delivery; the same in both halves.
    pub batch: BatchId,
    /// What it does to earlier batches.
    pub mode: Mode,
    /// Months that the facts cover.
    pub period: Period,
    /// Digest of the linkage schema (half `linkable` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Digest>,
    /// Key-check value (half `linkable` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_check_value: Option<KeyCheckValue>,
    /// Digest of the catalogue (half `measures` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<Digest>,
    /// Rows in all chunks.
    pub rows: u64,
    /// SHA-256 of each chunk, in order.
    pub chunks: Vec<Digest>,
    /// Number of different subjects.
    pub subjects: u64,
    /// SHA-256 of their sorted ids: equal in both halves.
    pub subjects_digest: Digest,
    /// Subjects of earlier batches that no longer count (mode `amend` only), sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<SubjectId>,
}

/// A manifest with its sender's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedManifest {
    /// The statement.
    pub manifest: Manifest,
    /// Ed25519 over `milchglas/manifest/1 ‖ 0 ‖ canonical JSON`.
    pub signature: Signature,
}

impl Manifest {
    /// The format's name, also the context of its signature.
    pub const FORMAT: &str = "milchglas/manifest/1";

    /// SHA-256 of the canonical JSON.
    ///
    /// # Errors
    /// [`SubmissionError::Policy`], which a manifest does not give.
    pub fn digest(&self) -> Result<Digest, SubmissionError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    /// Checks what can be told from the manifest alone.
    ///
    /// # Errors
    /// [`SubmissionError::Manifest`] or [`SubmissionError::Limit`] naming the field.
    pub fn check(&self) -> Result<(), SubmissionError> {
        let fail = |why: &str| Err(SubmissionError::Manifest(why.into()));
        if self.format != Self::FORMAT {
            return fail("format is not milchglas/manifest/1: the two programs differ in version");
        }
        let linkable = self.half == Half::Linkable;
        if self.schema.is_some() != linkable || self.key_check_value.is_some() != linkable {
            return fail("schema and key_check_value belong to the linkable half and only to it");
        }
        if self.catalogue.is_some() == linkable {
            return fail("catalogue belongs to the measures half and only to it");
        }
        if self.period.from > self.period.to {
            return fail("period ends before it begins");
        }
        for (what, value, limit) in [
            ("number of chunks", self.chunks.len() as u64, limits::CHUNKS),
            ("number of rows", self.rows, limits::ROWS),
            ("number of withdrawn subjects", self.withdrawn.len() as u64, limits::WITHDRAWN),
        ] {
            if value > limit {
                return Err(SubmissionError::Limit { what, limit });
            }
        }
        if self.subjects > self.rows || (linkable && self.subjects != self.rows) {
            return fail(
                "the linkable half has one row per subject, the measures half at least one",
            );
        }
        if (self.rows == 0) != self.chunks.is_empty() {
            return fail("a batch with rows has chunks, one without has none");
        }
        if self.mode == Mode::Full && !self.withdrawn.is_empty() {
            return fail("a full delivery replaces everything; only an amendment withdraws");
        }
        if self.mode == Mode::Amend && self.rows == 0 && self.withdrawn.is_empty() {
            return fail("an amendment without rows and without withdrawn subjects says nothing");
        }
        if !self.withdrawn.is_sorted_by(|a, b| a < b) {
            return fail("withdrawn must be sorted without repetition");
        }
        Ok(())
    }

    /// Checks the manifest against the catalogue that the statistics unit reads by.
    ///
    /// # Errors
    /// [`SubmissionError::Policy`] for an unknown dataset.
    pub fn check_dataset(&self, catalogue: &Catalogue) -> Result<(), SubmissionError> {
        catalogue.dataset(&self.dataset)?;
        Ok(())
    }
}

impl SignedManifest {
    /// Signs a manifest.
    ///
    /// # Errors
    /// As [`Manifest::check`].
    pub fn sign(manifest: Manifest, key: &SigningKey) -> Result<Self, SubmissionError> {
        manifest.check()?;
        let signature = key.sign(Manifest::FORMAT, &manifest)?;
        Ok(Self { manifest, signature })
    }

    /// Checks signature and fields and returns the statement.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`], or as [`Manifest::check`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<&Manifest, SubmissionError> {
        key.verify(Manifest::FORMAT, &self.manifest, &self.signature)?;
        self.manifest.check()?;
        Ok(&self.manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        let pkcs8 = SigningKey::generate(&ring::rand::SystemRandom::new()).unwrap();
        SigningKey::from_pkcs8(&pkcs8).unwrap()
    }

    fn manifest() -> Manifest {
        serde_json::from_str(include_str!("../tests/vectors/manifest.json")).unwrap()
    }

    #[test]
    fn the_documented_vector_has_the_documented_digest() {
        assert_eq!(
            manifest().digest().unwrap().to_string(),
            include_str!("../tests/vectors/manifest.sha256").trim()
        );
    }

    #[test]
    fn every_field_is_bound_by_the_signature() {
        let key = key();
        let signed = SignedManifest::sign(manifest(), &key).unwrap();
        assert!(signed.verify(&key.public()).is_ok());
        let digest = |c: &str| Digest::of(c.as_bytes());
        let changes: Vec<(&str, Box<dyn Fn(&mut Manifest)>)> = vec![
            ("project", Box::new(|m| m.project = Name::new("other").unwrap())),
            ("epoch", Box::new(|m| m.epoch = Name::new("2027").unwrap())),
            ("department", Box::new(|m| m.department = Name::new("other").unwrap())),
            ("dataset", Box::new(|m| m.dataset = Name::new("other").unwrap())),
            ("batch", Box::new(|m| m.batch = BatchId::from_wire(&[9; 16]).unwrap())),
            ("mode", Box::new(|m| m.mode = Mode::Amend)),
            ("period", Box::new(|m| m.period.to = m.period.from)),
            ("schema", Box::new(move |m| m.schema = Some(digest("x")))),
            ("key", Box::new(|m| m.key_check_value = Some(KeyCheckValue::from_bytes([0; 8])))),
            ("rows", Box::new(|m| m.rows += 1)),
            ("chunks", Box::new(move |m| m.chunks = vec![digest("y")])),
            ("subjects", Box::new(|m| m.subjects -= 1)),
            ("subjects_digest", Box::new(move |m| m.subjects_digest = digest("z"))),
        ];
        for (field, change) in changes {
            let mut altered = signed.clone();
            change(&mut altered.manifest);
            assert_ne!(altered.manifest, signed.manifest, "{field}");
            let refused = altered.verify(&key.public());
            assert!(matches!(refused, Err(SubmissionError::Signature)), "{field}");
        }
    }

    #[test]
    fn contradictions_are_refused_before_signing() {
        let changes: [(fn(&mut Manifest), &str); 8] = [
            (|m| m.format = "milchglas/manifest/9".into(), "format"),
            (|m| m.schema = None, "schema"),
            (|m| m.catalogue = m.schema, "catalogue"),
            (|m| m.period.from = Month::new(2026, 1).unwrap(), "period"),
            (|m| m.rows = limits::ROWS + 1, "rows"),
            (|m| m.subjects = 1, "one row per subject"),
            (|m| m.withdrawn = vec![SubjectId::from_wire(&[1; 16]).unwrap()], "amendment"),
            (|m| m.chunks.clear(), "chunks"),
        ];
        for (change, word) in changes {
            let mut spoilt = manifest();
            change(&mut spoilt);
            let text = spoilt.check().err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{word}: {text}");
        }
    }

    #[test]
    fn months_have_one_form() {
        for bad in ["2024-13", "2024-00", "2024-1", "24-01", "2024/01", "1989-01", ""] {
            assert!(Month::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(Month::try_from("2024-02".to_owned()).unwrap().to_string(), "2024-02");
    }
}
