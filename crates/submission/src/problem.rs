//! Problem details (RFC 9457) with stable codes.

use serde::{Deserialize, Serialize};

/// Why a unit refuses; stable, part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "`title` says of each what it means")]
pub enum ProblemCode {
    NotFound,
    MalformedRequest,
    TooLarge,
    ManifestInvalid,
    SignatureInvalid,
    ProjectUnknown,
    EpochUnknown,
    EpochConflict,
    DatasetUnknown,
    SchemaDiffers,
    KeyDiffers,
    CatalogueDiffers,
    BatchAltered,
    ChunkUnexpected,
    ChunkAltered,
    ChunkInvalid,
    BatchIncomplete,
    BatchInconsistent,
    NothingToLink,
    TooManyPairs,
    RequestUsed,
    SnapshotUnknown,
    SnapshotKnown,
    SnapshotInconsistent,
    PurposeUnknown,
    PurposeExpired,
    QueryRefused,
    BudgetExceeded,
    IdempotencyConflict,
    ReleaseFailed,
    Busy,
    ClockBehind,
    WitnessAway,
    LogBehind,
    ApprovalNeeded,
    ApprovalRefused,
    ColumnUnnamed,
    ValueUnknown,
    BatchTooSmall,
    Internal,
}

impl ProblemCode {
    /// The HTTP status that carries it.
    #[must_use]
    pub fn status(self) -> u16 {
        use ProblemCode as P;
        match self {
            P::NotFound | P::SnapshotUnknown => 404,
            P::MalformedRequest => 400,
            P::TooLarge => 413,
            P::EpochConflict
            | P::BatchAltered
            | P::ChunkAltered
            | P::BatchIncomplete
            | P::RequestUsed
            | P::SnapshotKnown
            | P::SnapshotInconsistent
            | P::NothingToLink
            | P::IdempotencyConflict
            | P::ApprovalNeeded
            | P::ApprovalRefused
            | P::BudgetExceeded => 409,
            P::Internal | P::ReleaseFailed => 500,
            P::Busy | P::ClockBehind | P::WitnessAway | P::LogBehind => 503,
            P::ManifestInvalid
            | P::SignatureInvalid
            | P::ProjectUnknown
            | P::EpochUnknown
            | P::DatasetUnknown
            | P::SchemaDiffers
            | P::KeyDiffers
            | P::CatalogueDiffers
            | P::ChunkUnexpected
            | P::ChunkInvalid
            | P::BatchInconsistent
            | P::ColumnUnnamed
            | P::ValueUnknown
            | P::BatchTooSmall
            | P::TooManyPairs
            | P::PurposeUnknown
            | P::PurposeExpired
            | P::QueryRefused => 422,
        }
    }

    /// What it means, in one line.
    #[must_use]
    pub fn title(self) -> &'static str {
        use ProblemCode as P;
        match self {
            P::NotFound => "there is nothing here for you",
            P::MalformedRequest => "the request does not have the expected form",
            P::TooLarge => "the request is larger than permitted",
            P::ManifestInvalid => "the manifest contradicts itself",
            P::SignatureInvalid => "the signature does not verify",
            P::ProjectUnknown => "the project is not known here",
            P::EpochUnknown => "the epoch is not open",
            P::EpochConflict => "the epoch is open with other values",
            P::DatasetUnknown => "the dataset is not in the catalogue or not this sender's",
            P::SchemaDiffers => "the linkage schema differs from the agreed one",
            P::KeyDiffers => "the linkage key or the normaliser differs from the agreed one",
            P::CatalogueDiffers => "the catalogue differs from the agreed one",
            P::BatchAltered => "a batch with this id and other content exists",
            P::ChunkUnexpected => "the manifest announces no such chunk",
            P::ChunkAltered => "the chunk differs from its digest in the manifest",
            P::ChunkInvalid => "the chunk does not have the agreed form",
            P::BatchIncomplete => "chunks are missing",
            P::BatchInconsistent => "the chunks do not add up to the manifest",
            P::NothingToLink => "there are no complete batches to link",
            P::TooManyPairs => "the threshold lets too many pairs through",
            P::RequestUsed => "this request for a link map is not pending",
            P::SnapshotUnknown => "the snapshot is not known here",
            P::SnapshotKnown => "the link map of this snapshot was accepted before",
            P::SnapshotInconsistent => "the two units do not hold the same subjects",
            P::PurposeUnknown => "no policy names this purpose",
            P::PurposeExpired => "the purpose has expired",
            P::QueryRefused => "no policy allows this query",
            P::BudgetExceeded => "the budget does not cover the price",
            P::IdempotencyConflict => "the idempotency key was used for another request",
            P::ReleaseFailed => "the release failed and remains charged",
            P::Busy => "the unit is busy",
            P::ApprovalNeeded => "a second person has to approve this first",
            P::ApprovalRefused => "this approval does not count",
            P::ColumnUnnamed => "the batch fills a column that no purpose names",
            P::ValueUnknown => "a value lies outside the catalogue's classes",
            P::BatchTooSmall => "the batch has fewer people than the catalogue permits",
            P::ClockBehind => "the unit's clock stands before its own log",
            P::WitnessAway => "the witness of the log does not answer",
            P::LogBehind => "the unit's log is not the one that was witnessed",
            P::Internal => "the unit could not do this",
        }
    }
}

/// A refusal as it travels: `application/problem+json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:milchglas:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line that is the same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: ProblemCode,
    /// What to do about this occurrence; holds no personal value.
    pub detail: String,
}

impl Problem {
    /// Builds the refusal for `code`; `detail` says what differs and what to do.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let word = serde_json::to_value(code).ok();
        let word = word.as_ref().and_then(serde_json::Value::as_str).unwrap_or("internal");
        Self {
            kind: format!("urn:milchglas:problem:{word}"),
            title: code.title().into(),
            status: code.status(),
            code,
            detail: detail.into(),
        }
    }
}
