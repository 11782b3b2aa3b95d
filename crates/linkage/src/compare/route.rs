use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    Comparison, Progress, Scope,
    best::Best,
    outlet::{Found, Outlet},
};
use crate::{Error, Pair, PairSink};

/// Pairs that a thread gathers before it hands them to [`Best`].
const HANDFUL: usize = 65_536;

/// Where the pairs of tiles go.
pub(super) enum Route<'a, S> {
    /// To the sink, in the order of the tiles.
    InOrder(Mutex<Outlet<'a, S>>),
    /// Into the best of each record, and at the end to the sink.
    Best { best: Mutex<Best>, sink: Mutex<&'a mut S> },
}

/// What came of a comparison.
pub(super) struct Outcome {
    pub(super) candidates: u64,
    pub(super) pairs: u64,
}

/// The pairs of one tile on their way.
pub(super) struct Harvest<'a> {
    found: Found,
    best: Option<&'a Mutex<Best>>,
    handful: Vec<Pair>,
}

impl Harvest<'_> {
    pub(super) fn push(&mut self, pair: Pair) {
        if self.best.is_none() {
            self.found.push(pair);
            return;
        }
        self.handful.push(pair);
        if self.handful.len() >= HANDFUL {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if let Some(best) = self.best {
            best.lock().unwrap_or_else(PoisonError::into_inner).add(&self.handful);
        }
        self.handful.clear();
    }
}

impl<'a, S: PairSink + Send> Route<'a, S> {
    pub(super) fn new(comparison: &Comparison<'_>, scope: &Scope, sink: &'a mut S) -> Self {
        match scope.cap() {
            None => {
                let outlet = Outlet::new(sink, comparison.limits.pairs, comparison.first_tile);
                Self::InOrder(Mutex::new(outlet))
            }
            Some(most) => {
                let best = Best::new(most, comparison.rule, comparison.sources);
                Self::Best { best: Mutex::new(best), sink: Mutex::new(sink) }
            }
        }
    }

    fn harvest(&self, limit: u64) -> Harvest<'_> {
        let best = match self {
            Self::InOrder(_) => None,
            Self::Best { best, .. } => Some(best),
        };
        Harvest { found: Found::new(limit), best, handful: Vec::new() }
    }

    /// Does all tiles on the threads of the current pool. `work` does the tile of this
    /// number with what a thread keeps from one tile to the next, and says how many filter
    /// pairs that were.
    pub(super) fn run<T: Default>(
        self,
        tiles: usize,
        limit: u64,
        progress: &Progress,
        work: impl Fn(&mut T, usize, &mut Harvest<'_>) -> u64 + Sync,
    ) -> Result<Outcome, Error> {
        let next = AtomicUsize::new(0);
        let one = || {
            let mut kept = T::default();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= tiles || progress.is_cancelled() {
                    return;
                }
                let mut harvest = self.harvest(limit);
                let done = work(&mut kept, index, &mut harvest);
                progress.add(done);
                if !self.accept(index, harvest) {
                    return;
                }
            }
        };
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| one());
            }
        });
        if progress.is_cancelled() {
            return Err(Error::Cancelled);
        }
        self.finish(limit)
    }

    /// `false` when there is no point in going on.
    fn accept(&self, index: usize, mut harvest: Harvest<'_>) -> bool {
        match self {
            Self::InOrder(outlet) => {
                let mut outlet = outlet.lock().unwrap_or_else(PoisonError::into_inner);
                outlet.accept(index, harvest.found)
            }
            Self::Best { .. } => {
                harvest.hand_over();
                true
            }
        }
    }

    fn finish(self, limit: u64) -> Result<Outcome, Error> {
        match self {
            Self::InOrder(outlet) => {
                let pairs = outlet.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
                Ok(Outcome { candidates: pairs, pairs })
            }
            Self::Best { best, sink } => {
                let best = best.into_inner().unwrap_or_else(PoisonError::into_inner);
                let candidates = best.candidates();
                let sink = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
                let mut outlet = Outlet::new(sink, limit, 0);
                let mut tiles = 0..;
                best.finish(|pairs| {
                    let mut found = Found::new(limit);
                    pairs.iter().for_each(|pair| found.push(*pair));
                    outlet.accept(tiles.next().unwrap_or_default(), found)
                });
                Ok(Outcome { candidates, pairs: outlet.finish()? })
            }
        }
    }
}
