use std::{
    arch::x86_64::{
        __m256i, _mm256_add_epi8, _mm256_add_epi64, _mm256_and_si256, _mm256_cmpgt_epi64,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_sad_epu8, _mm256_set_epi64x,
        _mm256_set1_epi8, _mm256_set1_epi64x, _mm256_setr_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16,
    },
    ops::Range,
};

use super::{Blocks, Group, Hit, LANES, Lanes, Scale, portable};

/// Two registers of four right filters each.
type Half = [__m256i; 2];
/// Both halves of the lanes, per left filter.
type Counts = [Half; LANES];

/// Words whose bit counts, at most 8 a byte, can be added up byte by byte.
const BYTE_SUM_WORDS: usize = 31;

/// Instructions for a word of a block and for a look.
const WORD: usize = 140;
const LOOK: usize = 70;

#[target_feature(enable = "avx2")]
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
        let (mut shared, mut least) = ([[_mm256_setzero_si256(); 2]; LANES], 0);
        for stage in scale.stages {
            let part = stage.words.clone();
            work += part.len() * WORD + LOOK;
            add(&mut shared, &group.words[part.clone()], &right[part]);
            least = i64::from(stage.least(group, blocks, block, scale.bar));
            if !any_reaches(&shared, least) {
                continue 'blocks;
            }
        }
        report(&shared, least, block as u32, hits);
    }
    work
}

/// Bits that two filters have in common.
#[target_feature(enable = "popcnt")]
pub(super) fn shared(left: &[u64], right: &[u64]) -> u32 {
    portable::shared(left, right)
}

/// Adds what the words of both sides have in common.
#[inline]
#[target_feature(enable = "avx2")]
fn add(shared: &mut Counts, left: &[Lanes], right: &[Lanes]) {
    for (left, right) in left.chunks(BYTE_SUM_WORDS).zip(right.chunks(BYTE_SUM_WORDS)) {
        for (lane, counts) in shared.iter_mut().enumerate() {
            let mut bytes = [_mm256_setzero_si256(); 2];
            for (left, right) in left.iter().zip(right) {
                let word = _mm256_set1_epi64x(left.0[lane] as i64);
                for (sum, right) in bytes.iter_mut().zip(load(right)) {
                    *sum = _mm256_add_epi8(*sum, bits_per_byte(_mm256_and_si256(word, right)));
                }
            }
            for (count, sum) in counts.iter_mut().zip(bytes) {
                let sums = _mm256_sad_epu8(sum, _mm256_setzero_si256());
                *count = _mm256_add_epi64(*count, sums);
            }
        }
    }
}

/// Set bits of each byte, by looking up its two halves (W. Muła, "SSSE3: fast
/// popcount", 2008).
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn bits_per_byte(bytes: __m256i) -> __m256i {
    let table = _mm256_setr_epi8(
        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3,
        3, 4,
    );
    let half = _mm256_set1_epi8(0x0f);
    let low = _mm256_and_si256(bytes, half);
    let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half);
    _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high))
}

/// Two registers of four words; the compiler makes two aligned loads of it.
#[inline]
#[target_feature(enable = "avx2")]
fn load(lanes: &Lanes) -> Half {
    let [a, b, c, d, e, f, g, h] = lanes.0.map(|word| word as i64);
    [_mm256_set_epi64x(d, c, b, a), _mm256_set_epi64x(h, g, f, e)]
}

#[inline]
#[target_feature(enable = "avx2")]
fn any_reaches(shared: &Counts, least: i64) -> bool {
    let below = _mm256_set1_epi64x(least - 1);
    let any = shared.as_flattened().iter().fold(_mm256_setzero_si256(), |any, counts| {
        _mm256_or_si256(any, _mm256_cmpgt_epi64(*counts, below))
    });
    _mm256_movemask_epi8(any) != 0
}

/// Kept apart from the loop: blocks that get this far are few.
#[cold]
#[inline(never)]
#[target_feature(enable = "avx2")]
fn report(shared: &Counts, least: i64, block: u32, hits: &mut Vec<Hit>) {
    let below = _mm256_set1_epi64x(least - 1);
    for (left, halves) in (0..).zip(shared) {
        // One bit per byte, eight per lane, of which one is enough.
        let mask = |counts| _mm256_movemask_epi8(_mm256_cmpgt_epi64(counts, below)) as u32;
        let bytes = halves.map(mask);
        let lanes = (0..LANES).fold(0, |lanes, lane| {
            lanes | (((bytes[lane / 4] >> (lane % 4 * 8)) & 1) as u8) << lane
        });
        if lanes != 0 {
            hits.push(Hit { block, left, lanes });
        }
    }
}
