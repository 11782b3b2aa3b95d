use std::collections::BTreeMap;

use super::{
    Options,
    clusters::{Clusters, Numbering},
};
use crate::{Error, RecordRef, Similarity};

/// A record that no accepted or refused pair has touched yet.
const UNTOUCHED: u32 = u32::MAX;

/// Clusters in the making. Pairs must be offered best first.
pub(super) struct Merger<'a> {
    agreement: (u64, u64),
    options: &'a Options,
    /// By record number.
    group_of: Vec<u32>,
    groups: Vec<Group>,
    /// By group: a bit for every source, modulo 64, of which it holds the one record.
    /// Most pairs are barred by these alone, without a look at the records.
    singles: Vec<u64>,
    /// Whether no two sources share a bit.
    exact: bool,
}

struct Group {
    /// None once the group has gone into another.
    records: Vec<RecordRef>,
    weakest: Similarity,
    /// Candidate pairs seen between this group and others that it may still join.
    seen: BTreeMap<u32, u64>,
}

impl<'a> Merger<'a> {
    /// Starts from the known links. `agreement`, a ratio, is the share of the pairs
    /// across two groups that must have been seen before they join.
    pub(super) fn new(
        numbering: &Numbering,
        agreement: (u64, u64),
        options: &'a Options,
    ) -> Result<Self, Error> {
        let group_of = vec![UNTOUCHED; numbering.total() as usize];
        let (groups, singles) = (Vec::new(), Vec::new());
        let exact = numbering.sources() <= 64;
        let mut merger = Self { agreement, options, group_of, groups, singles, exact };
        for (number, &(left, right)) in options.known.iter().enumerate() {
            let left = merger.group(left, numbering.index(left)?);
            let right = merger.group(right, numbering.index(right)?);
            if left == right {
                continue;
            }
            if merger.barred(left, right) {
                return Err(Error::KnownLink(number));
            }
            merger.join(left, right, Similarity::ONE, numbering)?;
        }
        Ok(merger)
    }

    /// Joins the two records' clusters if that is allowed, or remembers the pair.
    pub(super) fn offer(
        &mut self,
        left: RecordRef,
        right: RecordRef,
        similarity: Similarity,
        numbering: &Numbering,
    ) -> Result<(), Error> {
        let left = self.group(left, numbering.index(left)?);
        let right = self.group(right, numbering.index(right)?);
        // What bars two groups also bars everything they grow into, so that a pair
        // between them never has to be remembered.
        if left == right || self.barred(left, right) {
            return Ok(());
        }
        let seen = self.groups[left as usize].seen.get(&right).copied().unwrap_or_default() + 1;
        let all = self.pairs_across(left, right);
        let (p, q) = self.agreement;
        if seen * q >= p * all {
            self.join(left, right, similarity, numbering)?;
        } else {
            self.groups[left as usize].seen.insert(right, seen);
            self.groups[right as usize].seen.insert(left, seen);
        }
        Ok(())
    }

    /// Whether the known links leave this pair open: neither settled nor ruled out.
    pub(super) fn is_open(
        &mut self,
        left: RecordRef,
        right: RecordRef,
        numbering: &Numbering,
    ) -> Result<bool, Error> {
        let left = self.group(left, numbering.index(left)?);
        let right = self.group(right, numbering.index(right)?);
        Ok(left != right && !self.barred(left, right))
    }

    /// Pairs across two groups that could be candidate pairs.
    fn pairs_across(&self, left: u32, right: u32) -> u64 {
        let a = &self.groups[left as usize].records;
        let b = &self.groups[right as usize].records;
        if self.options.rule.is_none() || a.len() * b.len() == 1 {
            return a.len() as u64 * b.len() as u64;
        }
        let compared = |x: &RecordRef, y: &RecordRef| self.options.allows(x.source, y.source);
        a.iter().map(|x| b.iter().filter(|y| compared(x, y)).count() as u64).sum()
    }

    fn group(&mut self, record: RecordRef, number: u32) -> u32 {
        let slot = &mut self.group_of[number as usize];
        if *slot == UNTOUCHED {
            *slot = self.groups.len() as u32;
            let (weakest, seen) = (Similarity::ONE, BTreeMap::new());
            self.groups.push(Group { records: vec![record], weakest, seen });
            let single = self.options.is_single(record.source);
            self.singles.push(if single { 1 << (record.source % 64) } else { 0 });
        }
        *slot
    }

    /// Whether a source would have two records or the cluster too many.
    fn barred(&self, left: u32, right: u32) -> bool {
        let shared = self.singles[left as usize] & self.singles[right as usize];
        if shared != 0 && self.exact {
            return true;
        }
        let a = &self.groups[left as usize].records;
        let b = &self.groups[right as usize].records;
        let twice = |x: &RecordRef| {
            self.options.is_single(x.source) && b.iter().any(|y| x.source == y.source)
        };
        a.len() + b.len() > self.options.cluster_cap as usize || shared != 0 && a.iter().any(twice)
    }

    fn join(
        &mut self,
        left: u32,
        right: u32,
        similarity: Similarity,
        numbering: &Numbering,
    ) -> Result<(), Error> {
        let size = |group: u32| self.groups[group as usize].records.len();
        let (into, from) = if size(left) < size(right) { (right, left) } else { (left, right) };
        let gone = &mut self.groups[from as usize];
        let weakest = gone.weakest.min(similarity);
        let (records, seen) = (std::mem::take(&mut gone.records), std::mem::take(&mut gone.seen));
        for record in &records {
            self.group_of[numbering.index(*record)? as usize] = into;
        }
        for (other, count) in seen {
            let neighbour = &mut self.groups[other as usize].seen;
            neighbour.remove(&from);
            if other != into {
                *neighbour.entry(into).or_default() += count;
                *self.groups[into as usize].seen.entry(other).or_default() += count;
            }
        }
        self.singles[into as usize] |= self.singles[from as usize];
        let whole = &mut self.groups[into as usize];
        whole.records.extend(records);
        whole.weakest = whole.weakest.min(weakest);
        Ok(())
    }

    pub(super) fn into_clusters(mut self, numbering: &Numbering) -> Clusters {
        let mut clusters = Clusters::with_capacity(numbering.total());
        for number in 0..numbering.total() {
            let record = numbering.record(number);
            match self.groups.get_mut(self.group_of[number as usize] as usize) {
                None => clusters.push(&[record], None),
                // Emptied when its least record came by.
                Some(group) => {
                    let mut records = std::mem::take(&mut group.records);
                    records.sort_unstable();
                    let linked = records.len() > 1;
                    let band = linked.then(|| group.weakest.band(self.options.threshold));
                    if !records.is_empty() {
                        clusters.push(&records, band);
                    }
                }
            }
        }
        clusters
    }
}
