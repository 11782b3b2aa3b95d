//! How far a linkage run is, and what it counted; for the linkage operator only.

use serde::Serialize;
use submission::{Problem, SnapshotId};

/// A run in the eyes of the operator.
#[derive(Clone, Serialize)]
pub struct LinkProgress {
    /// The snapshot that the run makes.
    pub snapshot: SnapshotId,
    /// Whether it is still running, done or failed.
    pub state: JobState,
    /// Filter pairs decided so far.
    pub compared: u64,
    /// Filter pairs to decide in all; 0 until the encodings are loaded.
    pub total: u64,
    /// What was counted, once done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<LinkReport>,
    /// Why it failed, once failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Comparing or clustering.
    Running,
    /// The snapshot is frozen.
    Frozen,
    /// Nothing was frozen.
    Failed,
}

/// Exact counts of a run. They never enter a release.
#[derive(Clone, Serialize)]
pub struct LinkReport {
    /// Records per source.
    pub sources: Vec<SourceReport>,
    /// Filter pairs decided.
    pub compared: u64,
    /// Pairs at or above the threshold.
    pub candidate_pairs: u64,
    /// Clusters, single records included.
    pub clusters: u64,
    /// Clusters by number of records; position 0 counts those of one.
    pub cluster_sizes: Vec<u64>,
    /// Time per stage.
    pub stages: Vec<StageReport>,
}

/// One source of a run.
#[derive(Clone, Serialize)]
pub struct SourceReport {
    /// The sender.
    pub department: String,
    /// The dataset.
    pub dataset: String,
    /// Records that took part.
    pub records: u64,
}

/// One stage of a run.
#[derive(Clone, Serialize)]
pub struct StageReport {
    /// What was done.
    pub name: &'static str,
    /// Wall-clock seconds.
    pub seconds: f64,
}
