//! Comparing only what shares a block, when somebody asks for it.
//!
//! An exact comparison of everything loses no pair, and is what everything here does
//! unless told otherwise. Blocking trades pairs for time: records are compared when they
//! share a *block*, and a pair that shares none is lost. What is lost is computed
//! beforehand ([`Lsh::expected`]) and measured ([`Blocks::completeness`]).
//!
//! * [`Blocking::Lsh`]: bit positions of the encodings themselves, so that the linkage
//!   unit needs nothing from anybody.
//! * [`Blocking::Keys`]: keys that departments computed, keyed, beside their encodings.

mod choose;
mod completeness;
mod figures;
mod keys;
mod lsh;
mod members;

pub use choose::{Choice, choose};
pub use completeness::Completeness;
pub use figures::BlockFigures;
pub use keys::BlockKeys;
pub use lsh::Lsh;

use self::{
    lsh::Bands,
    members::{Member, blocks_of},
};
use crate::{
    Comparison, Error, Pair, PairSink, Progress, RecordRef, Scope, Similarity, Summary,
    compare::{Harvest, Outcome, Route},
    measure::Bar,
};

/// What makes a block.
pub enum Blocking {
    /// Records whose encodings have the same bits at some positions.
    Lsh(Lsh),
    /// Records with the same key.
    Keys(BlockKeys),
}

enum Keyed<'a> {
    Lsh(Bands<'a>),
    Keys(BlockKeys),
}

/// The blocks of a comparison's records.
pub struct Blocks<'a> {
    comparison: &'a Comparison<'a>,
    keyed: Keyed<'a>,
    /// By tile: keys of blocks with too many records, in order.
    dropped: Vec<Vec<u64>>,
    figures: BlockFigures,
    bars: Vec<Bar>,
}

impl<'a> Blocks<'a> {
    /// Puts all records into blocks. A block of more than `most` records is dropped: it
    /// tells nobody from anybody, and costs the square of its size.
    ///
    /// # Errors
    /// As [`compare()`](crate::compare()) for a comparison that does not fit together, and
    /// [`Error::BlockKeys`] for keys that do not fit the sources.
    pub fn new(
        comparison: &'a Comparison<'a>,
        blocking: Blocking,
        most: u32,
    ) -> Result<Self, Error> {
        comparison.check()?;
        let keyed = match blocking {
            Blocking::Lsh(lsh) => Keyed::Lsh(Bands::new(&lsh, comparison.sources)),
            Blocking::Keys(keys) => {
                keys.check(comparison.sources)?;
                Keyed::Keys(keys)
            }
        };
        let bars = Bar::by_view(comparison);
        let (dropped, figures) = (Vec::new(), BlockFigures::default());
        let mut blocks = Self { comparison, keyed, dropped, figures, bars };
        (blocks.dropped, blocks.figures) = figures::count(&blocks, most);
        Ok(blocks)
    }

    /// How many blocks there are, and of what size.
    pub fn figures(&self) -> &BlockFigures {
        &self.figures
    }

    /// Compares the records of every block that was not dropped, exactly.
    ///
    /// Each pair comes once, from the first of the blocks it shares, whatever the number
    /// of threads. A tile is a band, or some keys.
    ///
    /// # Errors
    /// As [`compare_scope`](crate::compare_scope).
    pub fn compare<S: PairSink + Send>(
        &self,
        scope: &Scope,
        sink: &mut S,
        progress: &Progress,
    ) -> Result<Summary, Error> {
        let comparison = self.comparison;
        scope.check(comparison.sources, comparison.first_tile)?;
        let first = usize::try_from(comparison.first_tile).unwrap_or(usize::MAX);
        let tiles = self.tiles();
        let tasks: Vec<usize> = (0..tiles).skip(first).collect();
        let views = self.bars.len() as u64;
        let compared = |tile: usize| self.figures.pairs_of(tile) * views;
        let total = tasks.iter().map(|tile| compared(*tile)).sum();
        progress.begin(total);
        let work = |_: &mut (), index: usize, harvest: &mut Harvest<'_>| {
            self.compare_tile(tasks[index], scope, harvest);
            compared(tasks[index])
        };
        let route = Route::new(comparison, scope, sink);
        let Outcome { candidates, pairs } =
            route.run(tasks.len(), comparison.limits.pairs, progress, work)?;
        Ok(Summary { compared: total, candidates, pairs, tiles: tiles as u64 })
    }

    fn compare_tile(&self, tile: usize, scope: &Scope, harvest: &mut Harvest<'_>) {
        let members = self.members(tile);
        for block in blocks_of(&members).filter(|block| !self.is_dropped(tile, block[0].key)) {
            for (place, left) in block.iter().enumerate() {
                for right in &block[place + 1..] {
                    let (a, b) = (left.record, right.record);
                    let asked = self.comparison.rule.allows(a.source, b.source)
                        && (scope.is_new(a) || scope.is_new(b));
                    if !asked {
                        continue;
                    }
                    if let Some(similarity) = self.similarity(a, b)
                        && !self.met_before(tile, left.key, a, b)
                    {
                        harvest.push(Pair { left: a, right: b, similarity });
                    }
                }
            }
        }
    }

    /// Of the best view, if it reaches the threshold.
    fn similarity(&self, a: RecordRef, b: RecordRef) -> Option<Similarity> {
        let sources = self.comparison.sources;
        let (x, y) = (&sources[a.source as usize], &sources[b.source as usize]);
        let (i, j) = (a.row as usize, b.row as usize);
        let views = self.bars.iter().zip(x.views().iter().zip(y.views()));
        let of = |(bar, (x, y)): (&Bar, (&crate::Filters, &crate::Filters))| {
            let shared = self.comparison.kernel.shared(x.row(i), y.row(j));
            bar.judge(shared, x.weight(i) + y.weight(j))
        };
        views.filter_map(of).max()
    }

    fn tiles(&self) -> usize {
        match &self.keyed {
            Keyed::Lsh(bands) => bands.len(),
            Keyed::Keys(keys) => keys.tiles(),
        }
    }

    /// The records of a tile by key, source and row.
    fn members(&self, tile: usize) -> Vec<Member> {
        match &self.keyed {
            Keyed::Lsh(bands) => bands.members(tile),
            Keyed::Keys(keys) => keys.members(tile),
        }
    }

    fn is_dropped(&self, tile: usize, key: u64) -> bool {
        self.dropped.get(tile).is_some_and(|keys| keys.binary_search(&key).is_ok())
    }

    /// Whether two records of a block also share one that comes before it.
    fn met_before(&self, tile: usize, key: u64, a: RecordRef, b: RecordRef) -> bool {
        match &self.keyed {
            Keyed::Lsh(bands) => (0..tile).any(|earlier| {
                bands.shared(earlier, a, b).is_some_and(|key| !self.is_dropped(earlier, key))
            }),
            Keyed::Keys(keys) => keys
                .shared(a, b)
                .take_while(|own| *own < key)
                .any(|own| !self.is_dropped(keys.tile_of(own), own)),
        }
    }

    /// Whether two records share a block that was not dropped.
    fn meet(&self, a: RecordRef, b: RecordRef) -> bool {
        match &self.keyed {
            Keyed::Lsh(bands) => self.met_before(bands.len(), 0, a, b),
            Keyed::Keys(keys) => {
                keys.shared(a, b).any(|own| !self.is_dropped(keys.tile_of(own), own))
            }
        }
    }
}
