//! The one message from the linkage unit to the statistics unit: subject → person.

use std::collections::BTreeSet;

use policy::{Digest, Name};
use serde::{Deserialize, Serialize};

use crate::{BatchId, PersonId, SnapshotId, SubjectId, SubmissionError, limits};

/// One line of the link map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The subject of one department.
    pub subject: SubjectId,
    /// The person it was found to be.
    pub person: PersonId,
    /// Band (0 to 7) of the weakest accepted link of the person; 7 where it has one subject.
    pub band: u8,
}

/// What a snapshot was made of; public to both units and signed with the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotStatement {
    /// `milchglas/snapshot/1`.
    pub format: String,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// The project.
    pub project: Name,
    /// The epoch.
    pub epoch: Name,
    /// Digest of the linkage schema.
    pub schema: Digest,
    /// The batches that were linked, by id.
    pub batches: Vec<BatchStatement>,
    /// SHA-256 of the link map's bytes.
    pub link_map: Digest,
    /// Number of subjects in the map.
    pub subjects: u64,
    /// The period of the schedule by whose rule it was made; none where somebody started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Name>,
}

/// One batch inside a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchStatement {
    /// The batch.
    pub batch: BatchId,
    /// Its sender.
    pub department: Name,
    /// Its dataset.
    pub dataset: Name,
    /// SHA-256 of its sorted subject ids, as in both manifests.
    pub subjects_digest: Digest,
}

impl SnapshotStatement {
    /// The format's name, also the context of its signature.
    pub const FORMAT: &str = "milchglas/snapshot/1";
}

/// The whole map, sorted by subject, each subject once. No Serialize, no Debug: it travels only
/// sealed.
pub struct LinkMap(Vec<Link>);

const LINE: usize = 33;

impl LinkMap {
    /// Takes the links of a snapshot.
    ///
    /// # Errors
    /// [`SubmissionError::Manifest`] where a subject has two persons or a band is above 7.
    pub fn new(mut links: Vec<Link>) -> Result<Self, SubmissionError> {
        links.sort_unstable();
        let distinct: BTreeSet<SubjectId> = links.iter().map(|link| link.subject).collect();
        if distinct.len() != links.len() || links.iter().any(|link| link.band > 7) {
            let why = "a link map names each subject once, with a band of 0 to 7";
            return Err(SubmissionError::Manifest(why.into()));
        }
        Ok(Self(links))
    }

    /// The links, sorted by subject.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.0
    }

    /// Fixed-width bytes: 16 subject, 16 person, 1 band per line.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * LINE);
        for link in &self.0 {
            bytes.extend_from_slice(link.subject.as_bytes());
            bytes.extend_from_slice(link.person.as_bytes());
            bytes.push(link.band);
        }
        bytes
    }

    /// Reads the bytes of [`LinkMap::to_bytes`].
    ///
    /// # Errors
    /// As [`LinkMap::new`], or [`SubmissionError::Length`], [`SubmissionError::Limit`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SubmissionError> {
        if bytes.len() > limits::LINK_MAP_BYTES {
            let limit = limits::LINK_MAP_BYTES as u64;
            return Err(SubmissionError::Limit { what: "size of the link map", limit });
        }
        if !bytes.len().is_multiple_of(LINE) {
            let (expected, found) = (LINE, bytes.len() % LINE);
            return Err(SubmissionError::Length { what: "link map line", expected, found });
        }
        let mut links = Vec::with_capacity(bytes.len() / LINE);
        for line in bytes.chunks_exact(LINE) {
            let (subject, rest) = line.split_at(16);
            let (person, band) = rest.split_at(16);
            links.push(Link {
                subject: SubjectId::from_wire(subject)?,
                person: PersonId::from_wire(person)?,
                band: band.first().copied().unwrap_or(u8::MAX),
            });
        }
        Self::new(links)
    }
}
