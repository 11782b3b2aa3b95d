//! Frozen results of linkage: made and sent at the linkage unit, accepted once at the statistics
//! unit. The link map is bytes here, sealed by whoever hands it over.

mod accepted;
mod frozen;

pub use accepted::{Accepted, accept, accepted, accepted_of, statements_of};
pub use frozen::{
    Frozen, FrozenLine, Made, State, freeze, freeze_approved, frozen, frozen_of, lines, transferred,
};

/// What either unit keeps of a snapshot.
pub struct NewSnapshot {
    /// Its random id.
    pub snapshot: String,
    /// The project.
    pub project: String,
    /// The epoch whose batches went in.
    pub epoch: String,
    /// Canonical JSON of the batches and their digests.
    pub statement: String,
    /// The link map.
    pub link_map: Vec<u8>,
    /// SHA-256 of the link map, the same in both units' logs.
    pub digest: [u8; 32],
}
