use crate::{RecordRef, Rule, Threshold};

/// Records a cluster may hold unless told otherwise: a person who is known to more
/// departments than this is two people.
const CLUSTER_CAP: u32 = 64;

/// What a solver may put together.
pub struct Options {
    pub(super) threshold: Threshold,
    pub(super) cluster_cap: u32,
    pub(super) duplicates: Vec<u32>,
    pub(super) rule: Option<Rule>,
    pub(super) known: Vec<(RecordRef, RecordRef)>,
}

impl Options {
    /// Pairs from `threshold` on; at most one record of a source and 64 in all.
    pub fn new(threshold: Threshold) -> Self {
        Self {
            threshold,
            cluster_cap: CLUSTER_CAP,
            duplicates: Vec::new(),
            rule: None,
            known: Vec::new(),
        }
    }

    /// Only pairs that `rule` compares count, for a link and against one: where A is
    /// compared with B and with C, and B with C is not, a pair of B and C is not missed.
    /// A person may have several records in a source that is compared with itself.
    #[must_use]
    pub fn rule(mut self, rule: &Rule) -> Self {
        let within = rule.pairs().iter().filter(|(left, right)| left == right);
        self.duplicates.extend(within.map(|(source, _)| *source));
        self.rule = Some(rule.clone());
        self
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

    /// The same, but with duplicates in every source except `one`.
    pub(super) fn many_but_in(&self, one: u32, sources: u32) -> Self {
        Self {
            duplicates: (0..sources).filter(|source| *source != one).collect(),
            rule: self.rule.clone(),
            known: self.known.clone(),
            ..*self
        }
    }

    /// Whether a person has at most one record in `source`.
    pub(super) fn is_single(&self, source: u32) -> bool {
        !self.duplicates.contains(&source)
    }

    /// Whether a candidate pair of these sources counts.
    pub(super) fn allows(&self, one: u32, other: u32) -> bool {
        self.rule.as_ref().is_none_or(|rule| rule.allows(one, other))
    }
}
