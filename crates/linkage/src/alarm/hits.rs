use super::Alarm;
use crate::Clusters;

/// How many records of a source share a cluster with another record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Records in all.
    pub records: u64,
    /// Those that are not alone.
    pub linked: u64,
}

impl Hits {
    /// By source.
    pub fn by_source(clusters: &Clusters, sources: usize) -> Vec<Self> {
        let mut hits = vec![Self::default(); sources];
        for cluster in clusters.iter() {
            let linked = cluster.records.len() > 1;
            for record in cluster.records {
                if let Some(own) = hits.get_mut(record.source as usize) {
                    own.records += 1;
                    own.linked += u64::from(linked);
                }
            }
        }
        hits
    }

    /// The share of linked records in millionths, rounded down; 0 without a record.
    pub fn per_million(&self) -> u32 {
        (self.linked * 1_000_000).checked_div(self.records).unwrap_or_default() as u32
    }

    /// An alarm when the share lies outside, in millionths, both included. What is
    /// expected comes from earlier runs, or from whoever knows the populations.
    pub fn check(&self, source: u32, expected: (u32, u32)) -> Option<Alarm> {
        let (least, greatest) = expected;
        let as_expected = (least..=greatest).contains(&self.per_million());
        (!as_expected).then_some(Alarm::Hits { source, hits: *self, expected })
    }
}
