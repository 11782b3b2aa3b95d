use std::{
    arch::aarch64::{
        uint64x2_t, vaddq_u8, vaddq_u64, vandq_u64, vcntq_u8, vcombine_u64, vcreate_u64,
        vdupq_n_u8, vdupq_n_u64, vgetq_lane_u64, vpaddlq_u8, vpaddlq_u16, vpaddlq_u32,
        vreinterpretq_u8_u64,
    },
    ops::Range,
};

use super::{Blocks, Group, Hit, LANES, Lanes, Scale};

/// Four registers of two right filters each.
type Row = [uint64x2_t; LANES / 2];
/// A row per left filter.
type Counts = [Row; LANES];

/// Words whose bit counts, at most 8 a byte, can be added up byte by byte.
const BYTE_SUM_WORDS: usize = 31;

/// Instructions for a word of a block and for a look.
const WORD: usize = 140;
const LOOK: usize = 70;

#[target_feature(enable = "neon")]
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
        let (mut shared, mut reaching) = ([[vdupq_n_u64(0); LANES / 2]; LANES], [0; LANES]);
        for stage in scale.stages {
            let part = stage.words.clone();
            work += part.len() * WORD + LOOK;
            add(&mut shared, &group.words[part.clone()], &right[part]);
            let least = stage.least(group, blocks, block, scale.bar);
            reaching = lanes_reaching(&shared, least.max(0) as u64);
            if reaching == [0; LANES] {
                continue 'blocks;
            }
        }
        for (left, lanes) in (0..).zip(reaching) {
            if lanes != 0 {
                hits.push(Hit { block: block as u32, left, lanes });
            }
        }
    }
    work
}

/// Adds what the words of both sides have in common.
#[inline]
#[target_feature(enable = "neon")]
fn add(shared: &mut Counts, left: &[Lanes], right: &[Lanes]) {
    for (left, right) in left.chunks(BYTE_SUM_WORDS).zip(right.chunks(BYTE_SUM_WORDS)) {
        for (lane, row) in shared.iter_mut().enumerate() {
            let mut bytes = [vdupq_n_u8(0); LANES / 2];
            for (left, right) in left.iter().zip(right) {
                let word = vdupq_n_u64(left.0[lane]);
                let (two, _) = right.0.as_chunks::<2>();
                for (sum, [low, high]) in bytes.iter_mut().zip(two) {
                    let right = vcombine_u64(vcreate_u64(*low), vcreate_u64(*high));
                    let both = vreinterpretq_u8_u64(vandq_u64(word, right));
                    *sum = vaddq_u8(*sum, vcntq_u8(both));
                }
            }
            for (count, sum) in row.iter_mut().zip(bytes) {
                *count = vaddq_u64(*count, vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(sum))));
            }
        }
    }
}

/// For each left filter the lanes whose count reaches `least`.
#[inline]
#[target_feature(enable = "neon")]
fn lanes_reaching(shared: &Counts, least: u64) -> [u8; LANES] {
    let mut reaching = [0; LANES];
    for (lanes, row) in reaching.iter_mut().zip(shared) {
        for (pair, counts) in row.iter().enumerate() {
            *lanes |= u8::from(vgetq_lane_u64::<0>(*counts) >= least) << (2 * pair);
            *lanes |= u8::from(vgetq_lane_u64::<1>(*counts) >= least) << (2 * pair + 1);
        }
    }
    reaching
}
