//! Candidate pairs, kept sealed for the epoch: compared once, solved as often as somebody asks.
//!
//! A comparison writes every pair above a *floor* below the threshold, tile by tile, into sealed
//! chunks; memory holds one chunk. One that was killed goes on at its first tile that is not on the
//! disk. A later run on the same records reads the pairs and compares nothing, whatever solver and
//! threshold from the floor up it takes.

mod basis;
mod reader;
mod sink;

pub(crate) use basis::Basis;
pub(crate) use reader::{Counted, KeptPairs};
pub(crate) use sink::{KeptSink, Spill};

use linkage::{Comparison, Kernel, Limits, Measure, PairList, Progress, Rule, Source, Summary};
use linkage::{Threshold, compare};
use policy::{LinkageSchema, SchemaMeasure};

use crate::UnitError;

/// Most candidate pairs of a run; solving takes 24 bytes for each that reaches the threshold.
const MOST_PAIRS: u64 = 200_000_000;

/// How far below the schema's threshold pairs are kept, in millionths, unless the configuration
/// names a floor.
pub(crate) const MARGIN: u32 = 20_000;

/// How this version cuts a comparison into tiles; another number where `linkage` cuts otherwise, so
/// that an interrupted comparison of an earlier version is not gone on with.
pub(crate) const TILING: &str = "1";

/// What a run does to have its pairs.
pub(crate) enum Course {
    /// The pairs are there.
    Reuse(KeptPairs),
    /// They are compared from this tile on, and kept.
    Compare(KeptSink),
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
        let compared = |first_tile, floor, done: u64| {
            let pairs = MOST_PAIRS.saturating_sub(done);
            Work { sources, schema, floor, pairs, first_tile, progress }
        };
        match self {
            Self::Reuse(kept) => {
                let floor = kept.floor();
                Ok(Candidates { pairs: Pairs::Kept(kept), floor, compared: 0, from_tile: None })
            }
            Self::Rehearse => {
                let mut list = PairList::new();
                let summary = compared(0, threshold, 0).run(&mut list)?;
                let (pairs, from_tile) = (Pairs::Memory(list), Some(0));
                Ok(Candidates { pairs, floor: threshold, compared: summary.compared, from_tile })
            }
            Self::Compare(mut sink) => {
                let (first, floor) = (sink.next_tile(), sink.floor());
                let summary = compared(first, floor, sink.pairs()).run(&mut sink)?;
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
        Ok(compare(&comparison, sink, self.progress)?)
    }
}

#[cfg(test)]
mod tests;
