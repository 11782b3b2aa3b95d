use std::ops::Range;

use crate::{Filters, filters::HALF, kernel::LANES};

/// Some rows of one view ordered by weight, so that what can match lies together.
///
/// Among equal weights by the weight of the second half: the nearer the rows of a
/// block are to each other, the tighter the bounds that the block shares.
pub(crate) struct Sorted<'a> {
    pub(crate) filters: &'a Filters,
    /// Weight, weight of the second half, row: 16, 16 and 32 bits from the top.
    keys: Vec<u64>,
}

impl<'a> Sorted<'a> {
    pub(crate) fn new(filters: &'a Filters, rows: Range<usize>) -> Self {
        let key = |row| {
            let half = u64::from(filters.rests(row)[HALF]);
            u64::from(filters.weight(row)) << 48 | half << 32 | row as u64
        };
        let mut keys: Vec<u64> = rows.map(key).collect();
        keys.sort_unstable();
        Self { filters, keys }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The row at a position; `None` for the padding of a last block.
    pub(crate) fn row(&self, position: usize) -> Option<u32> {
        self.keys.get(position).map(|key| *key as u32)
    }

    /// The weight at a position, that of the last row beyond the end.
    pub(crate) fn weight(&self, position: usize) -> u32 {
        let key = self.keys.get(position).or(self.keys.last());
        key.map_or(0, |key| (key >> 48) as u32)
    }

    /// Number of blocks of eight, the last one perhaps not full.
    pub(crate) fn blocks(&self) -> usize {
        self.len().div_ceil(LANES)
    }
}
