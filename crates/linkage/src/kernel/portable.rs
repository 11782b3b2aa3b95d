use std::ops::Range;

use super::{Blocks, Group, Hit, LANES, Lanes, Scale};

/// Instructions for a word of a block and for a look.
const WORD: usize = 200;
const LOOK: usize = 60;

pub(super) fn scan(
    group: &Group<'_>,
    blocks: &Blocks<'_>,
    range: Range<usize>,
    scale: Scale<'_>,
    hits: &mut Vec<Hit>,
) -> usize {
    let words = group.words.len();
    let mut work = 0;
    'blocks: for block in range {
        let right = &blocks.words[block * words..][..words];
        let (mut shared, mut least) = ([[0; LANES]; LANES], 0);
        for stage in scale.stages {
            let part = stage.words.clone();
            work += part.len() * WORD + LOOK;
            add(&mut shared, &group.words[part.clone()], &right[part]);
            least = stage.least(group, blocks, block, scale.bar);
            if shared.as_flattened().iter().all(|&count| count < least) {
                continue 'blocks;
            }
        }
        for (left, counts) in (0..).zip(&shared) {
            let lanes = (0..)
                .zip(counts)
                .fold(0, |lanes, (lane, &count)| lanes | u8::from(count >= least) << lane);
            if lanes != 0 {
                hits.push(Hit { block: block as u32, left, lanes });
            }
        }
    }
    work
}

/// Adds to `shared[left][lane]` what the words of both sides have in common.
fn add(shared: &mut [[i32; LANES]; LANES], left: &[Lanes], right: &[Lanes]) {
    for (left, right) in left.iter().zip(right) {
        for (counts, one) in shared.iter_mut().zip(left.0) {
            for (count, other) in counts.iter_mut().zip(right.0) {
                *count += (one & other).count_ones() as i32;
            }
        }
    }
}

/// Bits that two filters have in common; inlined to be compiled for its caller's
/// instructions.
#[inline(always)]
pub(super) fn shared(left: &[u64], right: &[u64]) -> u32 {
    left.iter().zip(right).map(|(left, right)| (left & right).count_ones()).sum()
}
