//! Rows to filters, on one thread.

use zeroize::Zeroize;

use super::cell::{self, Trim};
use super::field::CellScratch;
use super::filter;
use super::memo::{CellMemo, TokenMemo};
use super::{CellFault, ClkhashEncoder};

/// Buffers and memories of one thread; overwritten on drop.
pub struct ClkhashWorker<'a> {
    encoder: &'a ClkhashEncoder,
    memos: Vec<(TokenMemo, CellMemo)>,
    scratch: CellScratch,
    filter: Vec<u64>,
    /// The bits of one cell.
    part: Vec<u64>,
}

impl<'a> ClkhashWorker<'a> {
    pub(super) fn new(encoder: &'a ClkhashEncoder) -> Self {
        let words = filter::words(encoder.hashed_bits);
        let memo = |_| (TokenMemo::default(), CellMemo::new(words));
        Self {
            encoder,
            memos: (0..encoder.columns()).map(memo).collect(),
            scratch: CellScratch::default(),
            filter: vec![0; words],
            part: vec![0; words],
        }
    }

    /// Appends the filter of a row, [`ClkhashEncoder::filter_bytes`] bytes, and gives the number
    /// of bits that are set in it; 0 says that no feature had anything to hash.
    ///
    /// The caller has counted the cells.
    ///
    /// # Errors
    /// [`CellFault`] for the first cell that does not fit its feature; nothing is appended then.
    pub fn encode<'c>(
        &mut self,
        cells: impl Iterator<Item = &'c str>,
        out: &mut Vec<u8>,
    ) -> Result<u32, CellFault> {
        self.filter.fill(0);
        for (column, (field, cell)) in self.encoder.fields.iter().zip(cells).enumerate() {
            let Some(field) = field else { continue };
            let Some((tokens, cells)) = self.memos.get_mut(column) else { continue };
            let cell = match self.encoder.trim {
                Trim::Keep => cell,
                Trim::Cut => cell::trim(cell),
            };
            if let Some(known) = cells.get(cell) {
                join(&mut self.filter, known);
                continue;
            }
            let CellScratch { text, tokens: list, .. } = &mut self.scratch;
            field.tokenise(cell, text, list).map_err(|reason| CellFault { column, reason })?;
            if cells.wants() {
                self.part.fill(0);
                field.set_bits(&mut self.scratch, tokens, &mut self.part);
                cells.put(cell, &self.part);
                join(&mut self.filter, &self.part);
            } else {
                field.set_bits(&mut self.scratch, tokens, &mut self.filter);
            }
        }
        let bits = filter::fold(&mut self.filter, self.encoder.hashed_bits, self.encoder.folds);
        filter::push_bytes(&self.filter, bits, out);
        Ok(self.filter.iter().map(|word| word.count_ones()).sum())
    }
}

fn join(filter: &mut [u64], part: &[u64]) {
    for (word, other) in filter.iter_mut().zip(part) {
        *word |= other;
    }
}

impl Drop for ClkhashWorker<'_> {
    fn drop(&mut self) {
        self.scratch.text.zeroize();
        self.filter.zeroize();
        self.part.zeroize();
    }
}
