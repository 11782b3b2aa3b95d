use std::num::NonZeroU32;

use crate::{Error, Source};

/// Which of all pairs that reach the threshold a comparison looks for. Without more,
/// every one.
#[derive(Clone, Default)]
pub struct Scope {
    first_new: Vec<u32>,
    per_record: Option<NonZeroU32>,
}

impl Scope {
    /// Every pair.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only pairs with a new record: one that stands in its source from this row on.
    ///
    /// Gives, by source, the first new row: 0 where all are new, the number of rows
    /// where none is. Together with the pairs of a comparison of the old rows
    /// ([`Carried`](crate::Carried)) these are the pairs of a comparison of all rows.
    #[must_use]
    pub fn only_new(mut self, first_new: Vec<u32>) -> Self {
        self.first_new = first_new;
        self
    }

    /// At most so many pairs of a record with the records of any one source.
    ///
    /// A pair is kept when each of its records is among the `most` best partners that
    /// the other one has in its source; of equally similar partners the one with the
    /// lesser row is better. So no record has more than `most` pairs with a source, the
    /// best pair of all is always kept, and two records that are each other's best stay
    /// together with `most` = 1. A record that is a good partner of very many (an empty
    /// or made-up one) keeps its `most` best ones; the others lose it. Ranks are over all
    /// pairs that reach the threshold, also those that the partner does not keep.
    ///
    /// What is kept does not depend on threads, tiles or the processor. It is known only
    /// at the end, so that such a comparison cannot be continued from a tile. It takes at
    /// most `16 * most + 40` bytes for each record and source that it is compared with.
    #[must_use]
    pub fn per_record(mut self, most: NonZeroU32) -> Self {
        self.per_record = Some(most);
        self
    }

    /// The first row of a source that is new.
    pub(super) fn first_new(&self, source: usize) -> usize {
        self.first_new.get(source).copied().unwrap_or_default() as usize
    }

    pub(crate) fn cap(&self) -> Option<NonZeroU32> {
        self.per_record
    }

    pub(super) fn check(&self, sources: &[Source], first_tile: u64) -> Result<(), Error> {
        if self.per_record.is_some() && first_tile > 0 {
            return Err(Error::CapContinued);
        }
        if self.first_new.is_empty() {
            return Ok(());
        }
        let fits = |(number, source): (usize, &Source)| self.first_new(number) <= source.rows();
        if self.first_new.len() == sources.len() && sources.iter().enumerate().all(fits) {
            return Ok(());
        }
        Err(Error::FirstNew)
    }
}
