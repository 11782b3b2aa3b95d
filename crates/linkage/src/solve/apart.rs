use std::collections::BTreeMap;

use super::{
    clusters::{Clusters, Numbering},
    components::Components,
};
use crate::{Error, PairSource};

/// People who are alike and were kept apart, as members of a household are. Counts only:
/// for a look at whether they should have been.
///
/// A *class* is two or more clusters that hang together by candidate pairs between them,
/// and that between them hold two records of one source. So a person with two candidates
/// in a source makes a class with both, whichever was taken; a pair of clusters that share
/// no source, and were not joined because of the cap or the agreement, does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// Classes by their number of clusters.
    pub by_clusters: BTreeMap<u64, u64>,
    /// Clusters in all classes.
    pub clusters: u64,
    /// Records in all classes.
    pub records: u64,
}

impl Apart {
    /// Number of classes.
    pub fn classes(&self) -> u64 {
        self.by_clusters.values().sum()
    }
}

/// Counts the classes of people who are alike and were kept apart.
///
/// `pairs` are the candidate pairs that `clusters` were made of, in any order, and `sizes`
/// the sources' numbers of records. Memory is 16 bytes for each record.
///
/// # Errors
/// [`Error::Read`], [`Error::UnknownRecord`] and [`Error::TooManyRecords`].
pub fn apart(
    pairs: &mut impl PairSource,
    clusters: &Clusters,
    sizes: &[u32],
) -> Result<Apart, Error> {
    let numbering = Numbering::new(sizes)?;
    let mut cluster_of = vec![0_u32; numbering.total() as usize];
    for (number, cluster) in (0..).zip(clusters.iter()) {
        for record in cluster.records {
            cluster_of[numbering.index(*record)? as usize] = number;
        }
    }
    let mut components = Components::new(clusters.len() as u32);
    let mut chunk = Vec::new();
    while pairs.read(&mut chunk).map_err(Error::Read)? {
        for pair in chunk.drain(..) {
            let left = cluster_of[numbering.index(pair.left)? as usize];
            let right = cluster_of[numbering.index(pair.right)? as usize];
            components.join(left, right);
        }
    }
    let mut members: Vec<(u32, u32)> =
        (0..clusters.len() as u32).map(|own| (components.root(own), own)).collect();
    members.sort_unstable();
    let all: Vec<_> = clusters.iter().map(|cluster| cluster.records).collect();
    let mut found = Apart::default();
    for class in members.chunk_by(|a, b| a.0 == b.0).filter(|class| class.len() > 1) {
        let of = |own: &(u32, u32)| all[own.1 as usize];
        let sources = |own: &(u32, u32)| {
            let mut sources: Vec<u32> = of(own).iter().map(|record| record.source).collect();
            sources.dedup();
            sources
        };
        // A source that stands in two clusters.
        let mut sources: Vec<u32> = class.iter().flat_map(sources).collect();
        sources.sort_unstable();
        if sources.windows(2).any(|two| two[0] == two[1]) {
            *found.by_clusters.entry(class.len() as u64).or_default() += 1;
            found.clusters += class.len() as u64;
            found.records += class.iter().map(|own| of(own).len() as u64).sum::<u64>();
        }
    }
    Ok(found)
}
