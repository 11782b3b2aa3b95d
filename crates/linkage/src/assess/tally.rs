use super::{BINS, sample::all_pairs};
use crate::{Error, Pair, PairSource, RecordRef, Rule};

/// The candidate pairs of two sources, counted while they are taken best first and one
/// to one.
pub(super) struct Tally {
    pub(super) sources: (u32, u32),
    /// Records of either source.
    pub(super) sizes: (u32, u32),
    /// By thousandth: all pairs.
    pub(super) pairs: Vec<u64>,
    /// By thousandth: pairs of two records of which neither had a better partner.
    pub(super) taken: Vec<u64>,
    /// By thousandth: pairs in which a record had one already.
    pub(super) passed: Vec<u64>,
    /// By thousandth: all pairs, candidate or not, that were still free to be taken.
    pub(super) free: Vec<f64>,
    /// By thousandth: best similarities of the records of both sides.
    pub(super) best: Vec<u64>,
    /// By thousandth: second best ones.
    pub(super) second: Vec<u64>,
}

impl Tally {
    /// All pairs there are.
    pub(super) fn all(&self) -> f64 {
        let (left, right) = self.sizes;
        all_pairs(left as usize, right as usize, self.within())
    }

    pub(super) fn within(&self) -> bool {
        self.sources.0 == self.sources.1
    }

    fn new(sources: (u32, u32), sizes: (u32, u32)) -> Self {
        let none = || vec![0; BINS];
        Self {
            sources,
            sizes,
            pairs: none(),
            taken: none(),
            passed: none(),
            free: vec![0.0; BINS],
            best: none(),
            second: none(),
        }
    }

    /// `pairs` come best first and each once.
    fn count(&mut self, pairs: &[Pair]) {
        let mut left = Side::new(self.sizes.0);
        let mut right = Side::new(self.sizes.1);
        let within = self.within();
        let mut taken = 0_u32;
        let mut rest = pairs;
        for bin in (0..BINS).rev() {
            let reach =
                rest.partition_point(|pair| pair.similarity.whole_per_mille() as usize >= bin);
            let (own, below) = rest.split_at(reach);
            rest = below;
            let before = self.still_free(taken);
            for pair in own {
                let (a, b) = (pair.left.row, pair.right.row);
                let one = left.meet(a);
                let other = if within { left.meet(b) } else { right.meet(b) };
                for rank in [one, other] {
                    self.best[bin] += u64::from(rank == 0);
                    self.second[bin] += u64::from(rank == 1);
                }
                let (x, y) = (left.taken(a), if within { left.taken(b) } else { right.taken(b) });
                if x || y {
                    self.passed[bin] += 1;
                } else {
                    left.take(a);
                    if within {
                        left.take(b);
                    } else {
                        right.take(b);
                    }
                    self.taken[bin] += 1;
                    taken += 1;
                }
            }
            self.pairs[bin] = own.len() as u64;
            self.free[bin] = f64::midpoint(before, self.still_free(taken));
        }
    }

    /// Pairs of two records without a partner when `taken` pairs have been taken.
    fn still_free(&self, taken: u32) -> f64 {
        let used = if self.within() { taken.saturating_mul(2) } else { taken };
        let left = self.sizes.0.saturating_sub(used) as usize;
        all_pairs(left, self.sizes.1.saturating_sub(used) as usize, self.within())
    }
}

/// What has become of the records of one source: how many pairs they met, up to two, and
/// whether they were taken.
struct Side(Vec<u8>);

const TAKEN: u8 = 4;

impl Side {
    fn new(rows: u32) -> Self {
        Self(vec![0; rows as usize])
    }

    /// How many pairs the record had met before, up to two.
    fn meet(&mut self, row: u32) -> u8 {
        let slot = &mut self.0[row as usize];
        let met = *slot & 3;
        *slot += u8::from(met < 2);
        met
    }

    fn taken(&self, row: u32) -> bool {
        self.0[row as usize] & TAKEN != 0
    }

    fn take(&mut self, row: u32) {
        self.0[row as usize] |= TAKEN;
    }
}

/// Reads all pairs and counts them by the sources that they join, in the rule's order.
/// Pairs that the rule does not ask for are left out.
pub(super) fn count(
    source: &mut impl PairSource,
    sizes: &[u32],
    rule: &Rule,
) -> Result<Vec<Tally>, Error> {
    rule.check(sizes.len())?;
    let known = |record: &RecordRef| {
        sizes.get(record.source as usize).is_some_and(|size| record.row < *size)
    };
    let mut sorted: Vec<Vec<Pair>> = rule.pairs().iter().map(|_| Vec::new()).collect();
    let mut chunk = Vec::new();
    while source.read(&mut chunk).map_err(Error::Read)? {
        for pair in chunk.drain(..) {
            if let Some(record) = [pair.left, pair.right].iter().find(|record| !known(record)) {
                return Err(Error::UnknownRecord { source_index: record.source, row: record.row });
            }
            let joins = (pair.left.source, pair.right.source);
            if let Ok(place) = rule.pairs().binary_search(&joins) {
                sorted[place].push(pair);
            }
        }
    }
    let tallies = rule.pairs().iter().zip(sorted).map(|(&(left, right), mut pairs)| {
        pairs.sort_unstable_by_key(Pair::rank);
        pairs.dedup();
        let mut tally = Tally::new((left, right), (sizes[left as usize], sizes[right as usize]));
        tally.count(&pairs);
        tally
    });
    Ok(tallies.collect())
}
