//! Counting shared bits, the one hot loop: eight left filters against eight right
//! filters at a time.
//!
//! Both sides are laid out in [`Lanes`], word by word with eight filters side by
//! side, so that a lane adds up one pair's shared bits and no sum across lanes is
//! ever needed. A block is given up at a *stage* when no pair of it can still reach
//! its bar even if all its remaining bits were shared: the partial-sum bound, which
//! never loses a pair.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod dispatch;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod yardstick;

use std::ops::Range;

pub use dispatch::{Kernel, register_limit};

use crate::filters::Rests;

/// Filters side by side on either side of a block.
pub(crate) const LANES: usize = 8;

/// One word of eight filters.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub(crate) struct Lanes(pub(crate) [u64; LANES]);

/// Eight left filters.
pub(crate) struct Group<'a> {
    /// One entry per word.
    pub(crate) words: &'a [Lanes],
    /// Least weight of the eight.
    pub(crate) lightest: u16,
    /// Most bits that one of them has beyond each cut.
    pub(crate) rests: &'a Rests,
}

/// The right filters of a tile, in blocks of eight.
pub(crate) struct Blocks<'a> {
    /// Block after block, one entry per word.
    pub(crate) words: &'a [Lanes],
    /// Least weight in each block.
    pub(crate) lightest: &'a [u16],
    /// Most bits beyond each cut in each block.
    pub(crate) rests: &'a [Rests],
}

/// A stretch of words, and what is then still to come.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The stages of a scan follow each other from the first word to the last.
    pub(crate) words: Range<usize>,
    /// The cut at the stretch's end.
    pub(crate) cut: usize,
}

impl Stage {
    /// Least shared bits by the end of the stage for a pair that may still reach its
    /// bar.
    #[inline(always)]
    fn least(&self, group: &Group<'_>, blocks: &Blocks<'_>, block: usize, bar: &[u16]) -> i32 {
        let lightest = usize::from(group.lightest) + usize::from(blocks.lightest[block]);
        let rest = group.rests[self.cut].min(blocks.rests[block][self.cut]);
        i32::from(bar[lightest]) - i32::from(rest)
    }
}

/// What a scan is held against.
#[derive(Clone, Copy)]
pub(crate) struct Scale<'a> {
    /// Least shared bits by the sum of both weights.
    pub(crate) bar: &'a [u16],
    /// When to look whether a block can be given up; the last stage ends the filter.
    pub(crate) stages: &'a [Stage],
}

impl Scale<'_> {
    /// Least shared bits at the end.
    fn last_least(&self, group: &Group<'_>, blocks: &Blocks<'_>, block: usize) -> i32 {
        let lightest = usize::from(group.lightest) + usize::from(blocks.lightest[block]);
        self.bar[lightest].into()
    }
}

/// Lanes of one left filter in one block that may reach their bar. The bar used is
/// that of the lightest pair in the block, so the pair is still to be judged.
pub(crate) struct Hit {
    pub(crate) block: u32,
    pub(crate) left: u8,
    /// Bit `i` stands for lane `i`.
    pub(crate) lanes: u8,
}
