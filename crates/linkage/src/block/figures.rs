use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::{
    Blocks,
    members::{Member, blocks_of},
};

/// What blocking made of the records. Exact counts, for the linkage operator only.
#[derive(Clone, Debug, Default)]
pub struct BlockFigures {
    /// Blocks of two or more records, dropped ones not counted.
    pub blocks: u64,
    /// Records of the largest of them.
    pub largest: u64,
    /// Blocks that were dropped for their size.
    pub dropped: u64,
    /// Records of the largest dropped block.
    pub largest_dropped: u64,
    /// Pairs of records that dropped blocks would have brought together, with repetitions.
    pub dropped_pairs: u64,
    /// Pairs of records to be compared, with repetitions.
    pub pairs: u64,
    /// By tile.
    tile_pairs: Vec<u64>,
}

impl BlockFigures {
    pub(super) fn pairs_of(&self, tile: usize) -> u64 {
        self.tile_pairs.get(tile).copied().unwrap_or_default()
    }
}

/// Goes through all blocks once: keys of those of more than `most` records, and figures.
pub(super) fn count(blocks: &Blocks<'_>, most: u32) -> (Vec<Vec<u64>>, BlockFigures) {
    let counted = (0..blocks.tiles()).into_par_iter().map(|tile| {
        let members = blocks.members(tile);
        let (mut dropped, mut figures) = (Vec::new(), BlockFigures::default());
        for block in blocks_of(&members) {
            let (size, pairs) = (block.len() as u64, pairs(blocks, block));
            if size > u64::from(most) {
                dropped.push(block[0].key);
                figures.dropped_pairs += pairs;
                figures.largest_dropped = figures.largest_dropped.max(size);
            } else {
                figures.blocks += 1;
                figures.pairs += pairs;
                figures.largest = figures.largest.max(size);
            }
        }
        (dropped, figures)
    });
    let tiles: Vec<_> = counted.collect();
    let mut all = BlockFigures::default();
    let mut dropped = Vec::new();
    for (keys, own) in tiles {
        all.blocks += own.blocks;
        all.largest = all.largest.max(own.largest);
        all.dropped += keys.len() as u64;
        all.largest_dropped = all.largest_dropped.max(own.largest_dropped);
        all.dropped_pairs = all.dropped_pairs.saturating_add(own.dropped_pairs);
        all.pairs += own.pairs;
        all.tile_pairs.push(own.pairs);
        dropped.push(keys);
    }
    (dropped, all)
}

/// Pairs of a block that the rule compares.
fn pairs(blocks: &Blocks<'_>, block: &[Member]) -> u64 {
    let mut sizes: Vec<(u32, u64)> = Vec::new();
    for own in block.chunk_by(|a, b| a.record.source == b.record.source) {
        sizes.push((own[0].record.source, own.len() as u64));
    }
    let rule = blocks.comparison.rule;
    let mut pairs = 0_u64;
    for (place, &(source, size)) in sizes.iter().enumerate() {
        if rule.allows(source, source) {
            pairs = pairs.saturating_add(size * (size - 1) / 2);
        }
        let others = sizes[place + 1..].iter().filter(|(other, _)| rule.allows(source, *other));
        pairs = others.fold(pairs, |pairs, (_, other)| pairs.saturating_add(size * other));
    }
    pairs
}
