use std::ops::Range;

use super::{Blocks, Cutoff, Group, Hit, LANES, Lanes};

pub(super) fn scan(
    group: &Group<'_>,
    blocks: &Blocks<'_>,
    range: Range<usize>,
    cutoff: Cutoff<'_>,
    hits: &mut Vec<Hit>,
) -> usize {
    let words = group.words.len();
    let (left_head, left_tail) = group.words.split_at(cutoff.cut);
    let mut beyond = 0;
    for block in range {
        let (head, tail) = blocks.words[block * words..][..words].split_at(cutoff.cut);
        let lightest = usize::from(blocks.lightest[block]) + group.lightest as usize;
        let least = u64::from(cutoff.least[lightest]);
        let mut shared = [[0; LANES]; LANES];
        add(&mut shared, left_head, head);
        if !tail.is_empty() {
            let rest = u64::from(group.rest.min(u32::from(blocks.rest[block])));
            if shared.as_flattened().iter().all(|count| count + rest < least) {
                continue;
            }
            add(&mut shared, left_tail, tail);
        }
        beyond += 1;
        for (left, counts) in (0..).zip(&shared) {
            let lanes = (0..)
                .zip(counts)
                .fold(0, |lanes, (lane, &count)| lanes | u8::from(count >= least) << lane);
            if lanes != 0 {
                hits.push(Hit { block: block as u32, left, lanes });
            }
        }
    }
    beyond
}

/// Adds to `shared[left][lane]` what the words of both sides have in common.
fn add(shared: &mut [[u64; LANES]; LANES], left: &[Lanes], right: &[Lanes]) {
    for (left, right) in left.iter().zip(right) {
        for (counts, one) in shared.iter_mut().zip(left.0) {
            for (count, other) in counts.iter_mut().zip(right.0) {
                *count += u64::from((one & other).count_ones());
            }
        }
    }
}
