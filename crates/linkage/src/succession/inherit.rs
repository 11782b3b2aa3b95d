use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{Clusters, RecordRef};

/// Which earlier person each cluster is, if any: the one it shares most records with.
///
/// `earlier` says of a present record which person it was, by any number; none for a new
/// record. The result is by cluster. A person goes to one cluster at most and a cluster
/// is one person at most. Overlaps are taken largest first; of equal ones that of the
/// cluster with more records, then of the cluster with the lesser first record, then of
/// the person with the lesser number. So a split leaves the larger part its number, a
/// merger takes the number of its larger part, and a person all of whose records are gone
/// is gone.
pub fn inherit(
    clusters: &Clusters,
    earlier: impl Fn(RecordRef) -> Option<u32>,
) -> Vec<Option<u32>> {
    let mut claims = Vec::new();
    for (position, cluster) in clusters.iter().enumerate() {
        let mut overlaps: BTreeMap<u32, usize> = BTreeMap::new();
        for person in cluster.records.iter().filter_map(|record| earlier(*record)) {
            *overlaps.entry(person).or_default() += 1;
        }
        for (person, shared) in overlaps {
            claims.push((Reverse((shared, cluster.records.len())), position, person));
        }
    }
    claims.sort_unstable();
    let mut persons = vec![None; clusters.len()];
    let mut taken = BTreeSet::new();
    for (_, position, person) in claims {
        if persons[position].is_none() && taken.insert(person) {
            persons[position] = Some(person);
        }
    }
    persons
}
