//! Random names of subjects, units, batches, persons and snapshots.

use std::fmt;

use data_encoding::HEXLOWER;
use policy::Digest;
use ring::rand::SecureRandom;
use serde::{Deserialize, Serialize};

use crate::SubmissionError;

/// Declares a random identifier: 128 bits, lower-case hexadecimal in JSON.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Draws a fresh one.
            ///
            /// # Errors
            /// [`SubmissionError::Random`] where the system gives no randomness.
            pub fn random(random: &dyn SecureRandom) -> Result<Self, SubmissionError> {
                let mut bytes = [0; 16];
                random.fill(&mut bytes).map_err(|_| SubmissionError::Random)?;
                Ok(Self(bytes))
            }

            /// Takes one that arrived from elsewhere.
            ///
            /// # Errors
            /// [`SubmissionError::Length`] for anything but 16 bytes.
            pub fn from_wire(bytes: &[u8]) -> Result<Self, SubmissionError> {
                <[u8; 16]>::try_from(bytes).map(Self).map_err(|_| SubmissionError::Length {
                    what: $what,
                    expected: 16,
                    found: bytes.len(),
                })
            }

            /// The 16 bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = SubmissionError;
            fn try_from(text: String) -> Result<Self, SubmissionError> {
                let bytes = HEXLOWER
                    .decode(text.as_bytes())
                    .map_err(|_| SubmissionError::Hex($what))?;
                Self::from_wire(&bytes)
            }
        }

        impl std::str::FromStr for $name {
            type Err = SubmissionError;
            fn from_str(text: &str) -> Result<Self, SubmissionError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                HEXLOWER.encode(&id.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

random_id!(
    /// A person's case in one batch of one department: random, and new with every batch.
    ///
    /// There is no construction from an index or a case number on purpose: an id that says
    /// something about its bearer would be a pseudonym that outlives the batch.
    SubjectId,
    "subject id"
);
random_id!(
    /// A household or Bedarfsgemeinschaft in one batch; never joined across sources.
    UnitId,
    "unit id"
);
random_id!(
    /// One delivery; the same in both halves.
    BatchId,
    "batch id"
);
random_id!(
    /// A cluster of a frozen snapshot; random per project and epoch.
    PersonId,
    "person id"
);
random_id!(
    /// A frozen result of linkage.
    SnapshotId,
    "snapshot id"
);

/// Eight bytes that are equal exactly where key, schema, normaliser and code are equal.
///
/// It goes to the linkage unit only: with the published test persons it would let its holder
/// test a guessed key.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyCheckValue([u8; 8]);

impl KeyCheckValue {
    /// Takes the eight bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The eight bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl TryFrom<String> for KeyCheckValue {
    type Error = SubmissionError;
    fn try_from(text: String) -> Result<Self, SubmissionError> {
        let bytes = HEXLOWER
            .decode(text.as_bytes())
            .map_err(|_| SubmissionError::Hex("key-check value"))?;
        <[u8; 8]>::try_from(bytes.as_slice()).map(Self).map_err(|_| SubmissionError::Length {
            what: "key-check value",
            expected: 8,
            found: bytes.len(),
        })
    }
}

impl From<KeyCheckValue> for String {
    fn from(value: KeyCheckValue) -> Self {
        HEXLOWER.encode(&value.0)
    }
}

impl fmt::Debug for KeyCheckValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyCheckValue(..)")
    }
}

/// SHA-256 of the sorted, distinct subject ids of a batch: equal in both halves.
#[must_use]
pub fn subjects_digest(subjects: impl IntoIterator<Item = SubjectId>) -> (u64, Digest) {
    let mut sorted: Vec<SubjectId> = subjects.into_iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let parts: Vec<&[u8]> = sorted.iter().map(|id| id.as_bytes().as_slice()).collect();
    (sorted.len() as u64, Digest::from_parts(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subjects_digest_ignores_order_and_repetition() {
        let random = ring::rand::SystemRandom::new();
        let a = SubjectId::random(&random).unwrap();
        let b = SubjectId::random(&random).unwrap();
        assert_eq!(subjects_digest([a, b, a]), subjects_digest([b, a]));
        assert_ne!(subjects_digest([a, b]), subjects_digest([a]));
        assert_eq!(subjects_digest([a, b, a]).0, 2);
    }

    #[test]
    fn ids_of_another_length_are_refused() {
        assert!(SubjectId::from_wire(&[0; 15]).is_err());
        assert!(serde_json::from_str::<SubjectId>("\"00\"").is_err());
        assert!(serde_json::from_str::<SubjectId>("7").is_err());
    }
}
