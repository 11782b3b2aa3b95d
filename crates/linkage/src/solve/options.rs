use crate::{RecordRef, Threshold};

/// Records a cluster may hold unless told otherwise: a person who is known to more
/// departments than this is two people.
const CLUSTER_CAP: u32 = 64;

/// What a solver may put together.
pub struct Options {
    pub(super) threshold: Threshold,
    pub(super) cluster_cap: u32,
    pub(super) duplicates: Vec<u32>,
    pub(super) known: Vec<(RecordRef, RecordRef)>,
}

impl Options {
    /// Pairs from `threshold` on; at most one record of a source and 64 in all.
    pub fn new(threshold: Threshold) -> Self {
        Self { threshold, cluster_cap: CLUSTER_CAP, duplicates: Vec::new(), known: Vec::new() }
    }

    /// At most `records` in a cluster, at least one.
    #[must_use]
    pub fn cluster_cap(mut self, records: u32) -> Self {
        self.cluster_cap = records.max(1);
        self
    }

    /// A person may have several records in `source`.
    #[must_use]
    pub fn duplicates_in(mut self, source: u32) -> Self {
        self.duplicates.push(source);
        self
    }

    /// Links that were settled by hand and come before every pair.
    #[must_use]
    pub fn known_links(mut self, links: Vec<(RecordRef, RecordRef)>) -> Self {
        self.known = links;
        self
    }
}
