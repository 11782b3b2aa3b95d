//! What may travel between the parties, and nothing else.
//!
//! A department sends two halves: [`LinkableChunk`]s (subject, encodings) to the linkage unit and
//! [`MeasuresChunk`]s (subject, coded facts) to the statistics unit. Neither half holds a name, a
//! date of birth or a case number; the only thing they share is the random [`SubjectId`], and
//! there is deliberately no function here that joins them. The linkage unit answers with a
//! [`LinkMap`] that only the statistics unit can open. Whoever carries these messages learns
//! sizes, no content: bodies are bound to a signed [`Manifest`] and the map is sealed.
//!
//! The crate does no I/O; time comes in as a [`Clock`], randomness as ring's `SecureRandom`.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod clock;
mod encoded_rows;
mod encoding;
mod encoding_file;
mod error;
mod ids;
mod link_map;
mod linkable;
mod manifest;
mod measures;
mod problem;
mod receipt;
mod sealed;
mod signing;
#[cfg(test)]
mod test_policy;
mod upload;
mod witness;

pub use clock::Clock;
pub use encoded_rows::EncodedRows;
pub use encoding::Encoding;
pub use encoding_file::EncodingFile;
pub use error::SubmissionError;
pub use ids::{BatchId, KeyCheckValue, PersonId, SnapshotId, SubjectId, UnitId, subjects_digest};
pub use link_map::{BatchStatement, Link, LinkMap, SnapshotStatement};
pub use linkable::{Linkable, LinkableChunk};
pub use manifest::{Half, Manifest, Mode, Month, Period, SignedManifest};
pub use measures::{Measures, MeasuresChunk};
pub use problem::{Problem, ProblemCode};
pub use receipt::{Receipt, SignedReceipt};
pub use sealed::{MapRequest, PendingMap, SealedLinkMap, SignedMapRequest};
pub use signing::{Signature, SigningKey, VerifyingKey};
pub use upload::{UploadState, limits};
pub use witness::{
    Document, Signed, SpentLine, WitnessAnswer, WitnessMessage, WitnessQuestion, WitnessReceipt,
    WitnessStatement,
};
