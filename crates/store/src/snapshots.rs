//! Frozen results of linkage: made and sent at the linkage unit, accepted once at the statistics
//! unit. The link map is bytes here, sealed by whoever hands it over.

mod accepted;
mod frozen;

pub use accepted::{Accepted, accept, accepted, accepted_of, statements_of};
pub use frozen::{
    Frozen, FrozenLine, Made, State, freeze, freeze_approved, frozen, frozen_of, lines, transferred,
};

use crate::Error;
use crate::seal::{KeyStore, Place};
use crate::sql::Row;

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

/// Where the link map of a snapshot lies.
fn place<'a>(of: &'a NewSnapshot, row: &'a [&'a str; 1]) -> Place<'a> {
    let (project, epoch) = (of.project.as_str(), of.epoch.as_str());
    Place { table: "snapshot", row, column: "link_map", project, epoch }
}

/// Opens the link map of `of` in a row that has it, and its key, in these columns.
fn link_map(
    keys: &KeyStore,
    of: &NewSnapshot,
    row: &Row,
    (map, key): (usize, usize),
) -> Result<Vec<u8>, Error> {
    let sealed = row.bytes(map)?;
    // Tables of the version before sealing were taken over where no map was in them.
    if sealed.is_empty() {
        Ok(sealed)
    } else {
        keys.unseal(&row.array(key)?, &place(of, &[&of.snapshot]), sealed)
    }
}
