//! How a link map comes in: once, and only if both units hold the same subjects.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Digest, canonical_json};
use serde::Serialize;
use store::batches::{self, Completed, Mode};
use store::erasure;
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

/// Checks that the map names exactly the subjects of the statement's batches that none of them
/// withdrew.
///
/// A snapshot is frozen: what was delivered while its map was on the way belongs to the next one
/// and makes this one neither wrong nor unusable.
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
    let linked: BTreeSet<String> =
        statement.batches.iter().map(|batch| batch.batch.to_string()).collect();
    if !counted_together(&batches::completed(unit.db(), project, epoch).await?, &linked) {
        return Err(refuse("the two units do not hold the same deliveries"));
    }
    let mut withdrawn: BTreeSet<SubjectId> = BTreeSet::new();
    // Whose rows may be gone already: withdrawn, be it after the map was made, or past retention.
    let mut gone: BTreeSet<SubjectId> = BTreeSet::new();
    for (subject, by) in batches::withdrawals(unit.db(), project, epoch).await? {
        let subject = SubjectId::from_wire(&subject)?;
        gone.insert(subject);
        if linked.contains(&by) {
            withdrawn.insert(subject);
        }
    }
    for subject in erasure::vanished(unit.db(), project, epoch).await? {
        gone.insert(SubjectId::from_wire(&subject)?);
    }
    let known = |subject: &SubjectId| loaded.subjects.contains(subject) || gone.contains(subject);
    let named: BTreeSet<SubjectId> = map.links().iter().map(|link| link.subject).collect();
    if named.iter().any(|subject| !known(subject)) {
        return Err(refuse("the link map names a subject that only the linkage unit knows"));
    }
    let forgotten = |subject: &&SubjectId| !named.contains(subject) && !withdrawn.contains(subject);
    if loaded.subjects.iter().any(|subject| forgotten(&subject)) {
        return Err(refuse("there is a subject that only the statistics unit knows"));
    }
    Ok(())
}

/// Whether `linked` is, department by department and dataset by dataset, what counted at some
/// moment: nothing yet, or a full delivery with the first of the amendments that followed it.
fn counted_together(history: &[Completed], linked: &BTreeSet<String>) -> bool {
    let mut known = 0;
    let mut sources: BTreeMap<(&str, &str), Vec<&Completed>> = BTreeMap::new();
    for own in history {
        known += usize::from(linked.contains(&own.batch));
        sources.entry((&own.department, &own.dataset)).or_default().push(own);
    }
    let at_some_moment = |own: &Vec<&Completed>| {
        let wanted: BTreeSet<&str> = own.iter().map(|batch| batch.batch.as_str()).collect();
        let wanted: BTreeSet<&str> =
            wanted.into_iter().filter(|batch| linked.contains(*batch)).collect();
        let mut counts: BTreeSet<&str> = BTreeSet::new();
        wanted == counts
            || own.iter().any(|batch| {
                if batch.mode == Mode::Full {
                    counts.clear();
                }
                counts.insert(&batch.batch);
                wanted == counts
            })
    };
    known == linked.len() && sources.values().all(at_some_moment)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(batch: &str, dataset: &str, mode: Mode) -> Completed {
        Completed { department: "d".into(), dataset: dataset.into(), batch: batch.into(), mode }
    }

    #[test]
    fn what_came_while_a_map_was_on_the_way_does_not_spoil_it() {
        let history = [
            completed("a1", "a", Mode::Full),
            completed("b1", "b", Mode::Full),
            completed("a2", "a", Mode::Amend),
            completed("a3", "a", Mode::Amend),
            completed("a4", "a", Mode::Full),
        ];
        let fits = |batches: &[&str]| {
            let linked = batches.iter().map(|batch| (*batch).to_owned()).collect();
            counted_together(&history, &linked)
        };
        for moment in [
            &["a1", "b1"][..],
            &["a1"],
            &["b1"],
            &["a1", "a2", "b1"],
            &["a1", "a2", "a3", "b1"],
            &["a4", "b1"],
        ] {
            assert!(fits(moment), "{moment:?}");
        }
        for never in [
            &["a2", "b1"][..],
            &["a1", "a3", "b1"],
            &["a1", "a4"],
            &["a3", "a4", "b1"],
            &["a1", "b1", "unknown"],
        ] {
            assert!(!fits(never), "{never:?}");
        }
    }
}
