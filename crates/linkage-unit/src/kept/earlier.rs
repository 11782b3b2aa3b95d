use std::collections::HashMap;

use linkage::{Pair, RecordRef, Scope, Succession};
use store::pairs::Kept;
use submission::SubjectId;

use super::reader::{PAIR_BYTES, bytes, pairs_of};
use super::sink::KeptSink;
use crate::UnitError;
use crate::load::LoadedSource;

/// A complete comparison of the epoch, and where its records stand now.
pub(crate) struct Earlier {
    comparison: String,
    chunks: u64,
    succession: Succession,
    first_new: Vec<u32>,
}

impl Earlier {
    /// None where a new record stands before an earlier one, or no record is left: everything is
    /// compared anew then. `sources` are the earlier subjects, as [`super::Basis`] wrote them.
    pub(crate) fn new(kept: &Kept, sources: &[u8], now: &[LoadedSource]) -> Option<Self> {
        let mut places: HashMap<SubjectId, RecordRef> = HashMap::new();
        let mut sizes = Vec::with_capacity(now.len());
        for (source, own) in (0..).zip(now) {
            sizes.push(u32::try_from(own.subjects.len()).ok()?);
            places.extend(
                (0..)
                    .zip(&own.subjects)
                    .map(|(row, subject)| (*subject, RecordRef { source, row })),
            );
        }
        let place = |subject: &SubjectId| places.get(subject).copied();
        let earlier: Vec<Vec<_>> = super::basis::subjects(sources)?
            .iter()
            .map(|source| source.iter().map(place).collect())
            .collect();
        if earlier.iter().flatten().all(Option::is_none) {
            return None;
        }
        let succession = Succession::new(earlier, &sizes).ok()?;
        let first_new = succession.first_new().ok()?;
        let comparison = kept.comparison.clone();
        Some(Self { comparison, chunks: kept.chunks, succession, first_new })
    }

    /// Which pairs it cannot have found.
    pub(crate) fn scope(&self) -> Scope {
        Scope::all().only_new(self.first_new.clone())
    }
}

impl KeptSink {
    /// Carries the earlier pairs over whose records are both still there. Each earlier chunk counts
    /// as a tile after those that were compared, so that this too goes on where it was.
    pub(super) fn carry(&mut self, earlier: &Earlier, tiles: u64) -> Result<(), UnitError> {
        self.end_at(tiles)?;
        for index in self.next_tile().saturating_sub(tiles)..earlier.chunks {
            let chunk = self.read(&earlier.comparison, index)?;
            let mut body = Vec::with_capacity(chunk.len());
            for Pair { left, right, similarity } in pairs_of(&chunk)? {
                let both = earlier.succession.now(left).zip(earlier.succession.now(right));
                let Some((a, b)) = both else { continue };
                let pair = Pair { left: a.min(b), right: a.max(b), similarity };
                let bytes = bytes(&pair).map_err(linkage::Error::Sink)?;
                body.extend_from_slice(&bytes);
            }
            debug_assert!(body.len().is_multiple_of(PAIR_BYTES));
            self.put(body, tiles + index + 1)?;
        }
        Ok(())
    }
}
