//! Counting shared bits, the one hot loop: eight left filters against eight right
//! filters at a time.
//!
//! Both sides are laid out in [`Lanes`], word by word with eight filters side by
//! side, so that a lane adds up one pair's shared bits and no sum across lanes is
//! ever needed. After `cut` words a block is given up when no pair of it can still
//! reach its bar even if all its remaining bits were shared: the partial-sum bound,
//! which never loses a pair.

mod portable;

use std::ops::Range;

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
    pub(crate) lightest: u32,
    /// Most bits that one of them has beyond the cut.
    pub(crate) rest: u32,
}

/// The right filters of a tile, in blocks of eight.
pub(crate) struct Blocks<'a> {
    /// Block after block, one entry per word.
    pub(crate) words: &'a [Lanes],
    /// Least weight in each block.
    pub(crate) lightest: &'a [u16],
    /// Most bits beyond the cut in each block.
    pub(crate) rest: &'a [u16],
}

/// What a scan is held against.
#[derive(Clone, Copy)]
pub(crate) struct Cutoff<'a> {
    /// Least shared bits by the sum of both weights.
    pub(crate) least: &'a [u16],
    /// Words after which a block may be given up; the number of words for never.
    pub(crate) cut: usize,
}

/// Lanes of one left filter in one block that may reach their bar. The bar used is
/// that of the lightest pair in the block, so the pair is still to be judged.
pub(crate) struct Hit {
    pub(crate) block: u32,
    pub(crate) left: u8,
    /// Bit `i` stands for lane `i`.
    pub(crate) lanes: u8,
}

/// The instructions that count shared bits. All give the same result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kernel {
    /// Whatever the compiler makes of plain Rust.
    Portable,
}

impl Kernel {
    /// The fastest one this processor has.
    pub fn detect() -> Self {
        Self::Portable
    }

    /// Every one this processor has.
    pub fn available() -> Vec<Self> {
        vec![Self::Portable]
    }

    /// Scans `range` of `blocks` against `group`, appends to `hits` and returns how
    /// many blocks were counted beyond the cut.
    pub(crate) fn scan(
        self,
        group: &Group<'_>,
        blocks: &Blocks<'_>,
        range: Range<usize>,
        cutoff: Cutoff<'_>,
        hits: &mut Vec<Hit>,
    ) -> usize {
        match self {
            Self::Portable => portable::scan(group, blocks, range, cutoff, hits),
        }
    }
}
