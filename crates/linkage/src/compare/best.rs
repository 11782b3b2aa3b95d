use std::{cmp::Reverse, num::NonZeroU32};

use crate::{Pair, RecordRef, Rule, Similarity, Source};

/// Pairs that are handed over at a time.
const CHUNK: usize = 65_536;

/// A partner of a record in one other source; the better is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Partner {
    similarity: Similarity,
    /// Turned round, so that of equals the lesser row is greater.
    row: Reverse<u32>,
}

/// The best partners of one record, in no order.
#[derive(Default)]
struct Partners {
    kept: Vec<Partner>,
    /// The worst of the best once there are enough.
    least: Option<Partner>,
}

impl Partners {
    fn add(&mut self, partner: Partner, most: usize) {
        if self.least.is_some_and(|least| partner < least) {
            return;
        }
        if self.kept.len() == self.kept.capacity() {
            // Growth by doubling, but never beyond what is thrown out again.
            let room = (self.kept.len().max(1) * 2).min(most.saturating_mul(2));
            self.kept.reserve_exact(room.saturating_sub(self.kept.len()).max(1));
        }
        self.kept.push(partner);
        if self.kept.len() >= most.saturating_mul(2) {
            self.thin(most);
        }
    }

    /// Throws out all but the best.
    fn thin(&mut self, most: usize) {
        if self.kept.len() >= most {
            let (_, least, _) = self.kept.select_nth_unstable_by(most - 1, |a, b| b.cmp(a));
            self.least = Some(*least);
            self.kept.truncate(most);
        }
    }

    fn has(&self, partner: Partner) -> bool {
        self.least.is_none_or(|least| partner >= least)
    }
}

/// The best partners of every record of one source in another.
struct Side {
    from: u32,
    to: u32,
    records: Vec<Partners>,
}

/// The pairs that are among the best of both their records, whatever order they come in.
pub(super) struct Best {
    most: usize,
    sides: Vec<Side>,
    candidates: u64,
}

impl Best {
    pub(super) fn new(most: NonZeroU32, rule: &Rule, sources: &[Source]) -> Self {
        let mut sides = Vec::new();
        for &(left, right) in rule.pairs() {
            for (from, to) in [(left, right), (right, left)] {
                if !sides.iter().any(|side: &Side| (side.from, side.to) == (from, to)) {
                    let rows = sources[from as usize].rows();
                    let records = (0..rows).map(|_| Partners::default()).collect();
                    sides.push(Side { from, to, records });
                }
            }
        }
        sides.sort_by_key(|side| (side.from, side.to));
        Self { most: most.get() as usize, sides, candidates: 0 }
    }

    pub(super) fn add(&mut self, pairs: &[Pair]) {
        self.candidates += pairs.len() as u64;
        for pair in pairs {
            self.add_partner(pair.left, pair.right, pair.similarity);
            self.add_partner(pair.right, pair.left, pair.similarity);
        }
    }

    fn add_partner(&mut self, of: RecordRef, partner: RecordRef, similarity: Similarity) {
        let most = self.most;
        let row = Reverse(partner.row);
        if let Some(side) = self.side(of.source, partner.source) {
            self.sides[side].records[of.row as usize].add(Partner { similarity, row }, most);
        }
    }

    fn side(&self, from: u32, to: u32) -> Option<usize> {
        self.sides.binary_search_by_key(&(from, to), |side| (side.from, side.to)).ok()
    }

    /// Pairs that came, kept or not.
    pub(super) fn candidates(&self) -> u64 {
        self.candidates
    }

    /// Hands over the kept pairs, a chunk after the other, by left and then by right
    /// record, until `take` wants no more.
    pub(super) fn finish(mut self, mut take: impl FnMut(&[Pair]) -> bool) {
        for side in &mut self.sides {
            side.records.iter_mut().for_each(|own| own.thin(self.most));
        }
        let mut pairs = Vec::new();
        for side in self.sides.iter().filter(|side| side.from <= side.to) {
            let Some(other) = self.side(side.to, side.from) else { continue };
            for (row, own) in (0_u32..).zip(&side.records) {
                let start = pairs.len();
                side.pairs_of(row, own, &self.sides[other], &mut pairs);
                pairs[start..].sort_unstable_by_key(|pair: &Pair| pair.right);
                if pairs.len() >= CHUNK {
                    if !take(&pairs) {
                        return;
                    }
                    pairs.clear();
                }
            }
        }
        take(&pairs);
    }
}

impl Side {
    /// The partners of a record that want it too.
    fn pairs_of(&self, row: u32, own: &Partners, other: &Self, pairs: &mut Vec<Pair>) {
        for partner in &own.kept {
            let (similarity, there) = (partner.similarity, partner.row.0);
            let back = Partner { similarity, row: Reverse(row) };
            // Within a source a pair stands at both of its records.
            let twice = self.from == self.to && there < row;
            if !twice && other.records[there as usize].has(back) {
                let left = RecordRef { source: self.from, row };
                let right = RecordRef { source: self.to, row: there };
                pairs.push(Pair { left, right, similarity });
            }
        }
    }
}
