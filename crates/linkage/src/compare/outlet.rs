use std::collections::BTreeMap;

use crate::{Error, Pair, PairSink, Threshold};

/// How many times the limit is counted before counting itself is given up.
const PATIENCE: u64 = 64;

/// Pairs by the greatest threshold, in thousandths, that they reach.
struct Histogram([u64; 1_001]);

impl Histogram {
    fn new() -> Self {
        Self([0; 1_001])
    }

    fn add(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            self.0[pair.similarity.whole_per_mille() as usize] += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }

    /// Least threshold at which no more than `limit` pairs are left.
    fn fits(&self, limit: u64) -> Option<Threshold> {
        let mut count = 0;
        let mut fits = None;
        for per_mille in (1..=1_000_u32).rev() {
            count += self.0[per_mille as usize];
            if count > limit {
                break;
            }
            fits = Threshold::from_per_million(per_mille * 1_000).ok();
        }
        fits
    }
}

/// The pairs of one tile; those beyond the limit are counted and not kept.
pub(super) struct Found {
    pairs: Vec<Pair>,
    limit: u64,
    excess: Option<Box<Histogram>>,
    excess_pairs: u64,
}

impl Found {
    pub(super) fn new(limit: u64) -> Self {
        Self { pairs: Vec::new(), limit, excess: None, excess_pairs: 0 }
    }

    pub(super) fn push(&mut self, pair: Pair) {
        if (self.pairs.len() as u64) < self.limit {
            self.pairs.push(pair);
        } else {
            self.excess_pairs += 1;
            self.excess.get_or_insert_with(|| Box::new(Histogram::new())).add(&[pair]);
        }
    }
}

/// Brings the tiles' pairs back into order and hands them to the sink.
pub(super) struct Outlet<'a, S> {
    sink: &'a mut S,
    limit: u64,
    first_tile: u64,
    next: usize,
    /// Tiles that were done before an earlier one.
    waiting: BTreeMap<usize, Found>,
    counted: u64,
    histogram: Box<Histogram>,
    failure: Option<Error>,
}

impl<'a, S: PairSink> Outlet<'a, S> {
    pub(super) fn new(sink: &'a mut S, limit: u64, first_tile: u64) -> Self {
        Self {
            sink,
            limit,
            first_tile,
            next: 0,
            waiting: BTreeMap::new(),
            counted: 0,
            histogram: Box::new(Histogram::new()),
            failure: None,
        }
    }

    /// Takes the pairs of the tile that is `index`-th in this run; `false` when there
    /// is no point in going on.
    pub(super) fn accept(&mut self, index: usize, found: Found) -> bool {
        self.waiting.insert(index, found);
        while let Some(found) = self.waiting.remove(&self.next) {
            if self.failure.is_some() {
                return false;
            }
            self.forward(&found);
            self.next += 1;
        }
        self.failure.is_none()
    }

    fn forward(&mut self, found: &Found) {
        self.counted += found.pairs.len() as u64 + found.excess_pairs;
        self.histogram.add(&found.pairs);
        if let Some(excess) = &found.excess {
            self.histogram.merge(excess);
        }
        if self.counted <= self.limit {
            let tile = self.first_tile + self.next as u64;
            self.failure = self.sink.accept(tile, &found.pairs).err().map(Error::Sink);
        } else if self.counted > self.limit.saturating_mul(PATIENCE) {
            self.failure = Some(Error::TooManyPairs {
                found: self.counted,
                complete: false,
                limit: self.limit,
                fits: None,
            });
        }
    }

    /// The number of pairs handed over.
    pub(super) fn finish(self) -> Result<u64, Error> {
        match self.failure {
            Some(failure) => Err(failure),
            None if self.counted > self.limit => Err(Error::TooManyPairs {
                found: self.counted,
                complete: true,
                limit: self.limit,
                fits: self.histogram.fits(self.limit),
            }),
            None => Ok(self.counted),
        }
    }
}
