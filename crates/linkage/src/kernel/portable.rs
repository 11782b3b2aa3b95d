use std::ops::Range;

use super::{Blocks, Group, Hit, LANES, Lanes, Scale, Work};

pub(super) fn scan(
    group: &Group<'_>,
    blocks: &Blocks<'_>,
    range: Range<usize>,
    scale: Scale<'_>,
    hits: &mut Vec<Hit>,
) -> Work {
    let words = group.words.len();
    let mut work = Work::default();
    'blocks: for block in range {
        let right = &blocks.words[block * words..][..words];
        let (mut shared, mut least) = ([[0; LANES]; LANES], 0);
        for stage in scale.stages {
            let part = stage.words.clone();
            work.words += part.len();
            work.looks += 1;
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
