use std::ops::Range;

use super::sorted::Sorted;
use crate::{
    filters::Rests,
    kernel::{Blocks, Group, LANES, Lanes},
};

/// Some consecutive blocks of a sorted view, laid out for the kernel.
#[derive(Default)]
pub(super) struct Packed {
    words: usize,
    lanes: Vec<Lanes>,
    lightest: Vec<u16>,
    heaviest: Vec<u16>,
    /// The most bits beyond each cut that a filter of the block has.
    rests: Vec<Rests>,
}

impl Packed {
    /// Replaces the content by these blocks of `view`.
    pub(super) fn fill(&mut self, view: &Sorted<'_>, blocks: Range<usize>) {
        self.words = view.filters.words_per_row();
        self.lanes.clear();
        self.lanes.resize(blocks.len() * self.words, Lanes::default());
        self.lightest.clear();
        self.heaviest.clear();
        self.rests.clear();
        for (block, lanes) in blocks.zip(self.lanes.chunks_exact_mut(self.words)) {
            let mut most = Rests::default();
            for lane in 0..LANES {
                let Some(row) = view.row(block * LANES + lane) else { continue };
                for (slot, word) in lanes.iter_mut().zip(view.filters.row(row as usize)) {
                    slot.0[lane] = *word;
                }
                for (most, rest) in most.iter_mut().zip(view.filters.rests(row as usize)) {
                    *most = (*most).max(*rest);
                }
            }
            self.lightest.push(view.weight(block * LANES) as u16);
            self.heaviest.push(view.weight(block * LANES + LANES - 1) as u16);
            self.rests.push(most);
        }
    }

    /// Number of blocks.
    pub(super) fn len(&self) -> usize {
        self.lightest.len()
    }

    /// The blocks as the right side of a scan.
    pub(super) fn as_blocks(&self) -> Blocks<'_> {
        Blocks { words: &self.lanes, lightest: &self.lightest, rests: &self.rests }
    }

    /// One block as the left side of a scan.
    pub(super) fn as_group(&self, block: usize) -> Group<'_> {
        Group {
            words: &self.lanes[block * self.words..][..self.words],
            lightest: self.lightest[block],
            rests: &self.rests[block],
        }
    }

    /// Least and greatest weight of one block.
    pub(super) fn weights(&self, block: usize) -> (u32, u32) {
        (self.lightest[block].into(), self.heaviest[block].into())
    }

    /// The blocks that hold some weight from `least` to `most`.
    pub(super) fn within(&self, least: u32, most: u32) -> Range<usize> {
        let start = self.heaviest.partition_point(|&weight| u32::from(weight) < least);
        let end = self.lightest.partition_point(|&weight| u32::from(weight) <= most);
        start..end.max(start)
    }
}
