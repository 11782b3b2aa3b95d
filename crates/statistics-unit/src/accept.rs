//! How a link map comes in: once, and only if both units hold the same subjects.

use std::collections::BTreeSet;

use policy::{Digest, canonical_json};
use serde::Serialize;
use store::batches::{self};
use store::snapshots::{self, NewSnapshot};
use submission::{LinkMap, ProblemCode, SnapshotId, SnapshotStatement, SubjectId};

use crate::UnitError;
use crate::facts::LoadedTable;
use crate::unit::StatisticsUnit;

/// What the unit says after accepting a map.
#[derive(Debug, Serialize)]
pub struct AcceptedMap {
    /// The snapshot that can be asked from now on.
    pub snapshot: SnapshotId,
    /// Number of the log entry that recorded it.
    pub sequence: u64,
}

/// Checks that the map names exactly the subjects of the live batches that were not withdrawn.
pub(crate) async fn check(
    unit: &StatisticsUnit,
    statement: &SnapshotStatement,
    map: &LinkMap,
    loaded: &LoadedTable,
) -> Result<(), UnitError> {
    let refuse = |why: &str| {
        let detail = format!("{why}; submit the missing half or link again");
        UnitError::refuse(ProblemCode::SnapshotInconsistent, detail)
    };
    let (project, epoch) = (statement.project.as_str(), statement.epoch.as_str());
    let live = batches::live(unit.db(), project, epoch).await?;
    let own: BTreeSet<String> = live.iter().map(|batch| batch.key.batch.clone()).collect();
    let linked: BTreeSet<String> =
        statement.batches.iter().map(|batch| batch.batch.to_string()).collect();
    if own != linked {
        return Err(refuse("the two units do not hold the same deliveries"));
    }
    let mut withdrawn: BTreeSet<SubjectId> = BTreeSet::new();
    let departments: BTreeSet<&str> =
        statement.batches.iter().map(|batch| batch.department.as_str()).collect();
    for department in departments {
        for subject in batches::withdrawn(unit.db(), project, epoch, department).await? {
            withdrawn.insert(SubjectId::from_wire(&subject)?);
        }
    }
    let named: BTreeSet<SubjectId> = map.links().iter().map(|link| link.subject).collect();
    if named.iter().any(|subject| !loaded.subjects.contains(subject)) {
        return Err(refuse("the link map names a subject that only the linkage unit knows"));
    }
    let forgotten = |subject: &&SubjectId| !named.contains(subject) && !withdrawn.contains(subject);
    if loaded.subjects.iter().any(|subject| forgotten(&subject)) {
        return Err(refuse("there is a subject that only the statistics unit knows"));
    }
    Ok(())
}

/// Stores the map; a second time is refused.
pub(crate) async fn store(
    unit: &StatisticsUnit,
    statement: &SnapshotStatement,
    map: &LinkMap,
) -> Result<AcceptedMap, UnitError> {
    let bytes = map.to_bytes();
    let digest = *Digest::of(&bytes).as_bytes();
    let text = String::from_utf8(canonical_json(statement)?)
        .map_err(|_| UnitError::Store(store::Error::Damaged("snapshot.statement")))?;
    let new = NewSnapshot {
        snapshot: statement.snapshot.to_string(),
        project: statement.project.to_string(),
        epoch: statement.epoch.to_string(),
        statement: text,
        link_map: bytes,
        digest,
    };
    let head = snapshots::accept(unit.db(), &new, unit.now()).await?;
    Ok(AcceptedMap { snapshot: statement.snapshot, sequence: head.sequence })
}
