use std::ops::Range;

use super::sorted::Sorted;
use crate::kernel::{Blocks, Group, LANES, Lanes};

/// Cuts that a scan may choose from, in eighths of the words; the last is no cut.
pub(crate) const CUTS: [usize; 5] = [3, 4, 5, 6, 8];

/// Words before cut number `choice`.
pub(crate) fn cut_words(words: usize, choice: usize) -> usize {
    if words < 4 { words } else { words * CUTS[choice] / 8 }
}

/// Some consecutive blocks of a sorted view, laid out for the kernel.
#[derive(Default)]
pub(crate) struct Packed {
    words: usize,
    lanes: Vec<Lanes>,
    lightest: Vec<u16>,
    heaviest: Vec<u16>,
    /// For each cut, the most bits beyond it in each block.
    rest: [Vec<u16>; CUTS.len()],
}

impl Packed {
    /// Replaces the content by these blocks of `view`.
    pub(crate) fn fill(&mut self, view: &Sorted<'_>, blocks: Range<usize>) {
        self.words = view.filters.words_per_row();
        self.lanes.clear();
        self.lanes.resize(blocks.len() * self.words, Lanes::default());
        self.lightest.clear();
        self.heaviest.clear();
        for rest in &mut self.rest {
            rest.clear();
        }
        for (block, lanes) in blocks.zip(self.lanes.chunks_exact_mut(self.words)) {
            let mut rest = [0; CUTS.len()];
            for lane in 0..LANES {
                let Some(filter) = view.filter(block * LANES + lane) else { continue };
                for (slot, word) in lanes.iter_mut().zip(filter) {
                    slot.0[lane] = *word;
                }
                for (choice, most) in rest.iter_mut().enumerate() {
                    *most = weight(&filter[cut_words(self.words, choice)..]).max(*most);
                }
            }
            self.lightest.push(view.weight(block * LANES) as u16);
            self.heaviest.push(view.weight(block * LANES + LANES - 1) as u16);
            for (all, most) in self.rest.iter_mut().zip(rest) {
                all.push(most);
            }
        }
    }

    /// Number of blocks.
    pub(crate) fn len(&self) -> usize {
        self.lightest.len()
    }

    /// The blocks as the right side of a scan that cuts by `choice`.
    pub(crate) fn as_blocks(&self, choice: usize) -> Blocks<'_> {
        Blocks { words: &self.lanes, lightest: &self.lightest, rest: &self.rest[choice] }
    }

    /// One block as the left side of a scan that cuts by `choice`.
    pub(crate) fn as_group(&self, block: usize, choice: usize) -> Group<'_> {
        Group {
            words: &self.lanes[block * self.words..][..self.words],
            lightest: self.lightest[block].into(),
            rest: self.rest[choice][block].into(),
        }
    }

    /// Least and greatest weight of one block.
    pub(crate) fn weights(&self, block: usize) -> (u32, u32) {
        (self.lightest[block].into(), self.heaviest[block].into())
    }

    /// The blocks that hold some weight from `least` to `most`.
    pub(crate) fn within(&self, least: u32, most: u32) -> Range<usize> {
        let start = self.heaviest.partition_point(|&weight| u32::from(weight) < least);
        let end = self.lightest.partition_point(|&weight| u32::from(weight) <= most);
        start..end.max(start)
    }
}

fn weight(words: &[u64]) -> u16 {
    words.iter().map(|word| word.count_ones() as u16).sum()
}
