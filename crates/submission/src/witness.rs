//! How one unit's log is witnessed by the other: `docs/formats/witness.md`.
//!
//! A unit states the head of its log and what its lineages have spent; the other unit keeps that
//! and answers with a receipt. At a start the unit asks for the newest statement that the other
//! keeps: a database that was set back lies behind it. Everything is signed by the unit that says
//! it, so no token travels and nobody on the way can give an old answer to a fresh question.

use data_encoding::HEXLOWER;
use policy::{Digest, Name};
use ring::rand::SecureRandom;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Signature, SigningKey, SubmissionError, VerifyingKey};

/// What a lineage (project, event year) has spent so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpentLine {
    /// The project.
    pub project: Name,
    /// The event year.
    pub year: u16,
    /// zCDP rho in units of 1e-9, from the first charge on.
    pub rho: u64,
    /// Threshold delta in units of 1e-15, from the first charge on.
    pub delta: u64,
}

/// What a unit has witnessed: the head of its log, and what its lineages have spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessStatement {
    /// `milchglas/witness/1`.
    pub format: String,
    /// The installation of both units.
    pub installation: String,
    /// Whose log: `linkage` or `statistics`.
    pub unit: Name,
    /// How often the log was restored, from 0.
    pub generation: u64,
    /// Number of the last entry.
    pub sequence: u64,
    /// Hash of that entry.
    pub head: Digest,
    /// Every lineage that spent anything, by project and year; empty at the linkage unit.
    pub spent: Vec<SpentLine>,
    /// Unix seconds.
    pub at: i64,
}

/// A statement on its way to the witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessMessage {
    /// The statement.
    pub statement: Signed<WitnessStatement>,
    /// Where the log was restored since the last one: the request and who approved it, whose
    /// signatures the witness checks for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<String>,
}

/// What the witness states: it keeps that statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessReceipt {
    /// `milchglas/witness-receipt/1`.
    pub format: String,
    /// SHA-256 of the statement's canonical JSON.
    pub statement: Digest,
    /// Number of the entry in the witness's own log.
    pub entry: u64,
    /// Hash of that entry.
    pub entry_head: Digest,
    /// Unix seconds at which the witness wrote it.
    pub held_at: i64,
}

/// Asks the witness for the newest statement that it keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessQuestion {
    /// `milchglas/witness-question/1`.
    pub format: String,
    /// The installation of both units.
    pub installation: String,
    /// Who asks: `linkage` or `statistics`.
    pub unit: Name,
    /// 32 hexadecimal digits, drawn for this question.
    pub nonce: String,
}

/// The newest that the witness keeps about the asking unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessAnswer {
    /// `milchglas/witness-answer/1`.
    pub format: String,
    /// SHA-256 of the question's canonical JSON.
    pub question: Digest,
    /// The newest statement, as the asking unit signed it.
    pub newest: Option<Signed<WitnessStatement>>,
    /// The newest countersignature that an officer laid down here, as it came.
    pub countersigned: Option<String>,
}

/// A document with the signature of the unit that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed<T> {
    /// The document.
    pub document: T,
    /// Ed25519 over `format ‖ 0 ‖ canonical JSON of the document`.
    pub signature: Signature,
}

/// A document whose format names the context of its signature.
pub trait Document: Serialize + DeserializeOwned {
    /// The format's name.
    const FORMAT: &'static str;

    /// What stands in the document as its format.
    fn format(&self) -> &str;
}

/// Declares the format of a document.
macro_rules! document {
    ($name:ty, $format:literal) => {
        impl Document for $name {
            const FORMAT: &'static str = $format;

            fn format(&self) -> &str {
                &self.format
            }
        }
    };
}

document!(WitnessStatement, "milchglas/witness/1");
document!(WitnessReceipt, "milchglas/witness-receipt/1");
document!(WitnessQuestion, "milchglas/witness-question/1");
document!(WitnessAnswer, "milchglas/witness-answer/1");

impl<T: Document> Signed<T> {
    /// Signs a document.
    ///
    /// # Errors
    /// [`SubmissionError::Policy`] where it has no canonical form.
    pub fn sign(document: T, key: &SigningKey) -> Result<Self, SubmissionError> {
        let signature = key.sign(T::FORMAT, &document)?;
        Ok(Self { document, signature })
    }

    /// The document, if `key` signed it.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] for another key, document or format.
    pub fn verify(&self, key: &VerifyingKey) -> Result<&T, SubmissionError> {
        if self.document.format() != T::FORMAT {
            return Err(SubmissionError::Signature);
        }
        key.verify(T::FORMAT, &self.document, &self.signature)?;
        Ok(&self.document)
    }
}

impl WitnessStatement {
    /// Most lineages of one statement.
    pub const MOST_LINES: usize = 4096;

    /// SHA-256 of the canonical JSON.
    ///
    /// # Errors
    /// [`SubmissionError::Policy`], which a statement does not give.
    pub fn digest(&self) -> Result<Digest, SubmissionError> {
        Ok(Digest::of_json(self)?)
    }

    /// Refuses more lineages than a statement may have.
    ///
    /// # Errors
    /// [`SubmissionError::Limit`].
    pub fn check(&self) -> Result<(), SubmissionError> {
        if self.spent.len() > Self::MOST_LINES {
            let limit = Self::MOST_LINES as u64;
            return Err(SubmissionError::Limit { what: "the lineages of a statement", limit });
        }
        Ok(())
    }
}

impl WitnessQuestion {
    /// A question that no earlier answer fits.
    ///
    /// # Errors
    /// [`SubmissionError::Random`].
    pub fn fresh(
        installation: String,
        unit: Name,
        random: &dyn SecureRandom,
    ) -> Result<Self, SubmissionError> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes).map_err(|_| SubmissionError::Random)?;
        let format = Self::FORMAT.into();
        Ok(Self { format, installation, unit, nonce: HEXLOWER.encode(&bytes) })
    }
}

impl Signed<WitnessReceipt> {
    /// Checks that the unit with `key` keeps exactly this statement.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] for another key or statement.
    pub fn is_for(
        &self,
        statement: &WitnessStatement,
        key: &VerifyingKey,
    ) -> Result<(), SubmissionError> {
        let same = self.verify(key)?.statement == statement.digest()?;
        if same { Ok(()) } else { Err(SubmissionError::Signature) }
    }
}

impl Signed<WitnessAnswer> {
    /// The answer, if it is the witness's own and to exactly this question; the statement in it is
    /// one that the asking unit signed itself.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] for another key, question or statement.
    pub fn is_for(
        &self,
        question: &WitnessQuestion,
        witness: &VerifyingKey,
        own: &VerifyingKey,
    ) -> Result<&WitnessAnswer, SubmissionError> {
        let answer = self.verify(witness)?;
        if answer.question != Digest::of_json(question)? {
            return Err(SubmissionError::Signature);
        }
        if let Some(newest) = &answer.newest {
            let statement = newest.verify(own)?;
            let whose = (&statement.installation, &statement.unit);
            if whose != (&question.installation, &question.unit) {
                return Err(SubmissionError::Signature);
            }
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        let random = ring::rand::SystemRandom::new();
        SigningKey::from_pkcs8(&SigningKey::generate(&random).unwrap()).unwrap()
    }

    fn statement() -> WitnessStatement {
        let spent = vec![SpentLine {
            project: Name::new("county").unwrap(),
            year: 2025,
            rho: 50_000_000,
            delta: 0,
        }];
        WitnessStatement {
            format: WitnessStatement::FORMAT.into(),
            installation: "test".into(),
            unit: Name::new("statistics").unwrap(),
            generation: 0,
            sequence: 7,
            head: Digest::of(b"entry 7"),
            spent,
            at: 1,
        }
    }

    /// Each member is bound by the signature: whichever is changed, nobody signed it.
    #[test]
    fn every_member_of_a_statement_is_signed() {
        let key = key();
        let signed = Signed::sign(statement(), &key).unwrap();
        assert!(signed.verify(&key.public()).is_ok());
        let whole = serde_json::to_value(&signed).unwrap();
        let members = whole["document"].as_object().unwrap();
        for (member, value) in members {
            let mut altered = whole.clone();
            altered["document"][member] = match value {
                serde_json::Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
                serde_json::Value::Array(_) => serde_json::json!([]),
                _ if member == "head" => serde_json::json!(Digest::of(b"another")),
                _ => "linkage".into(),
            };
            let altered: Signed<WitnessStatement> = serde_json::from_value(altered).unwrap();
            assert!(altered.verify(&key.public()).is_err(), "{member}");
        }
    }

    #[test]
    fn an_answer_fits_its_own_question_alone() {
        let (own, witness) = (key(), key());
        let random = ring::rand::SystemRandom::new();
        let unit = || Name::new("statistics").unwrap();
        let ask = || WitnessQuestion::fresh("test".into(), unit(), &random).unwrap();
        let question = ask();
        let newest = Some(Signed::sign(statement(), &own).unwrap());
        let answer = WitnessAnswer {
            format: WitnessAnswer::FORMAT.into(),
            question: Digest::of_json(&question).unwrap(),
            newest,
            countersigned: None,
        };
        let signed = Signed::sign(answer.clone(), &witness).unwrap();
        assert!(signed.is_for(&question, &witness.public(), &own.public()).is_ok());
        assert!(signed.is_for(&ask(), &witness.public(), &own.public()).is_err(), "replayed");
        assert!(signed.is_for(&question, &own.public(), &own.public()).is_err(), "not the witness");
        // A witness cannot make up a statement of the unit that it witnesses.
        let forged = Some(Signed::sign(statement(), &witness).unwrap());
        let forged = Signed::sign(WitnessAnswer { newest: forged, ..answer }, &witness).unwrap();
        assert!(forged.is_for(&question, &witness.public(), &own.public()).is_err());
    }

    #[test]
    fn a_receipt_is_for_one_statement() {
        let witness = key();
        let receipt = WitnessReceipt {
            format: WitnessReceipt::FORMAT.into(),
            statement: statement().digest().unwrap(),
            entry: 3,
            entry_head: Digest::of(b"entry 3"),
            held_at: 2,
        };
        let signed = Signed::sign(receipt, &witness).unwrap();
        assert!(signed.is_for(&statement(), &witness.public()).is_ok());
        let other = WitnessStatement { sequence: 8, ..statement() };
        assert!(signed.is_for(&other, &witness.public()).is_err());
        let long = WitnessStatement { spent: vec![statement().spent[0].clone(); 4097], ..other };
        assert!(long.check().is_err());
    }
}
