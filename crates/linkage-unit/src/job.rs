//! How far a linkage run is, and what it counted; for the linkage operator only.

use policy::{Name, SimilarityThreshold};
use serde::{Deserialize, Serialize};
use submission::{Problem, SnapshotId};

use crate::{Delivery, Solver};

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
    /// Seconds that the rest may take, while it is running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<u64>,
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
#[derive(Clone, Serialize, Deserialize)]
pub struct LinkReport {
    /// The period by whose rule it ran; none where somebody started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodReport>,
    /// Records per source.
    pub sources: Vec<SourceReport>,
    /// Filter pairs decided by this run; 0 where all pairs were kept from an earlier one.
    pub compared: u64,
    /// Pairs at or above the threshold.
    pub candidate_pairs: u64,
    /// Clusters, single records included.
    pub clusters: u64,
    /// Clusters by number of records; position 0 counts those of one.
    pub cluster_sizes: Vec<u64>,
    /// Which pairs counted and where they came from; missing in reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<PairsReport>,
    /// Time per stage.
    pub stages: Vec<StageReport>,
}

/// Which pairs counted in a run, and where they came from.
#[derive(Clone, Serialize, Deserialize)]
pub struct PairsReport {
    /// Least similarity of a link.
    pub threshold: SimilarityThreshold,
    /// How pairs became persons.
    pub solver: Solver,
    /// Least similarity of the pairs that are kept: from here up a threshold needs no comparison.
    pub floor: SimilarityThreshold,
    /// The first tile that this run compared: above 0 where an earlier run was interrupted, none
    /// where all pairs were kept.
    pub compared_from_tile: Option<u64>,
}

/// What a run by rule found of the deliveries that its period expects.
#[derive(Clone, Serialize, Deserialize)]
pub struct PeriodReport {
    /// The period of the schedule.
    pub period: Name,
    /// Every expected delivery; one that had not arrived is missing in the snapshot.
    pub deliveries: Vec<Delivery>,
}

/// One source of a run.
#[derive(Clone, Serialize, Deserialize)]
pub struct SourceReport {
    /// The sender.
    pub department: String,
    /// The dataset.
    pub dataset: String,
    /// Records that took part.
    pub records: u64,
}

/// One stage of a run.
#[derive(Clone, Serialize, Deserialize)]
pub struct StageReport {
    /// What was done.
    pub name: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}
