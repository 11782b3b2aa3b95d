//! Candidate pairs, kept sealed for the epoch: compared once, solved as often as somebody asks.
//!
//! A comparison writes every pair above a *floor* below the threshold, tile by tile, into sealed
//! chunks; memory holds one chunk. One that was killed goes on at its first tile that is not on the
//! disk. Where an earlier comparison of the epoch is complete, only pairs with a new record are
//! compared, and the others carried over. A later run on the same records reads the pairs and compares nothing, whatever solver and
//! threshold from the floor up it takes.

mod basis;
mod earlier;
mod reader;
mod sink;

pub(crate) use basis::Basis;
pub(crate) use earlier::Earlier;
pub(crate) use reader::{Counted, KeptPairs, pairs_of};
pub(crate) use sink::{KeptSink, Spill};

use linkage::{
    Comparison, Kernel, Limits, Measure, PairList, Progress, Rule, Scope, Source, Summary,
    Threshold, compare_scope,
};
use policy::{LinkageSchema, SchemaMeasure};

use crate::UnitError;

/// Most candidate pairs of a run; solving takes 24 bytes for each that reaches the threshold.
const MOST_PAIRS: u64 = 200_000_000;

/// How far below the schema's threshold pairs are kept, in millionths, unless the configuration
/// names a floor.
pub(crate) const MARGIN: u32 = 20_000;

/// How this version cuts a comparison into tiles; another number where `linkage` cuts otherwise, so
/// that an interrupted comparison of an earlier version is not gone on with.
const TILING: &str = "1";

/// The tiles of a comparison, be it only of what is new after an earlier one.
pub(crate) fn tiling(after: Option<&str>) -> String {
    after.map_or_else(|| TILING.into(), |earlier| format!("{TILING} after {earlier}"))
}

/// What a run does to have its pairs.
pub(crate) enum Course {
    /// The pairs are there.
    Reuse(KeptPairs),
    /// They are compared from this tile on, and kept; with an earlier comparison only those that
    /// it cannot have found.
    Compare(KeptSink, Option<Earlier>),
    /// They are compared in memory; nothing is kept.
    Rehearse,
}

/// The pairs of a run, and what it took to have them.
pub(crate) struct Candidates {
    pub(crate) pairs: Pairs,
    pub(crate) floor: Threshold,
    pub(crate) compared: u64,
    /// The first tile that this run compared; none where it compared nothing.
    pub(crate) from_tile: Option<u64>,
}

/// Pairs, wherever they are.
pub(crate) enum Pairs {
    Kept(KeptPairs),
    Memory(PairList),
}

impl Course {
    /// Compares what is to be compared. Blocks; not for a thread that serves others.
    pub(crate) fn take(
        self,
        sources: &[Source],
        schema: &LinkageSchema,
        threshold: Threshold,
        progress: &Progress,
    ) -> Result<Candidates, UnitError> {
        let compared = |first_tile, floor, done: u64, scope| {
            let pairs = MOST_PAIRS.saturating_sub(done);
            Work { sources, schema, floor, pairs, first_tile, scope, progress }
        };
        match self {
            Self::Reuse(kept) => {
                let floor = kept.floor();
                Ok(Candidates { pairs: Pairs::Kept(kept), floor, compared: 0, from_tile: None })
            }
            Self::Rehearse => {
                let mut list = PairList::new();
                let summary = compared(0, threshold, 0, Scope::all()).run(&mut list)?;
                let (pairs, from_tile) = (Pairs::Memory(list), Some(0));
                Ok(Candidates { pairs, floor: threshold, compared: summary.compared, from_tile })
            }
            Self::Compare(mut sink, earlier) => {
                let (first, floor) = (sink.next_tile(), sink.floor());
                let scope = earlier.as_ref().map_or_else(Scope::all, Earlier::scope);
                let summary = compared(first, floor, sink.pairs(), scope).run(&mut sink)?;
                if let Some(earlier) = earlier {
                    sink.carry(&earlier, summary.tiles)?;
                }
                let (pairs, from_tile) = (Pairs::Kept(sink.finish()?), Some(first));
                Ok(Candidates { pairs, floor, compared: summary.compared, from_tile })
            }
        }
    }
}

struct Work<'a> {
    sources: &'a [Source],
    schema: &'a LinkageSchema,
    floor: Threshold,
    pairs: u64,
    first_tile: u64,
    scope: Scope,
    progress: &'a Progress,
}

impl Work<'_> {
    fn run(&self, sink: &mut (impl linkage::PairSink + Send)) -> Result<Summary, UnitError> {
        let rule = Rule::between_all(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let comparison = Comparison {
            sources: self.sources,
            rule: &rule,
            measure: match self.schema.measure {
                SchemaMeasure::Dice => Measure::Dice,
                SchemaMeasure::Hamming => Measure::Hamming,
            },
            threshold: self.floor,
            limits: Limits { pairs: self.pairs },
            first_tile: self.first_tile,
            kernel: Kernel::detect(),
        };
        Ok(compare_scope(&comparison, &self.scope, sink, self.progress)?)
    }
}

#[cfg(test)]
mod tests;
