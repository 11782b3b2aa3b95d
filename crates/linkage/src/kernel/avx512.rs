use std::{
    arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpge_epi64_mask, _mm512_max_epi64,
        _mm512_popcnt_epi64, _mm512_set_epi64, _mm512_set1_epi64, _mm512_setzero_si512,
    },
    ops::Range,
};

use super::{Blocks, Group, Hit, LANES, Lanes, Scale, Work};

/// A register per left filter, a 64-bit lane per right filter.
type Counts = [__m512i; LANES];

#[target_feature(enable = "avx512f,avx512vpopcntdq")]
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
        let (mut shared, mut least) = ([_mm512_setzero_si512(); LANES], 0);
        for stage in scale.stages {
            let part = stage.words.clone();
            work.words += part.len();
            work.looks += 1;
            shared = add(shared, &group.words[part.clone()], &right[part]);
            least = i64::from(stage.least(group, blocks, block, scale.bar));
            if !any_reaches(shared, least) {
                continue 'blocks;
            }
        }
        let [a, b, c, d, e, f, g, h] = shared;
        let least = _mm512_set1_epi64(least);
        let reaching = [
            _mm512_cmpge_epi64_mask(a, least),
            _mm512_cmpge_epi64_mask(b, least),
            _mm512_cmpge_epi64_mask(c, least),
            _mm512_cmpge_epi64_mask(d, least),
            _mm512_cmpge_epi64_mask(e, least),
            _mm512_cmpge_epi64_mask(f, least),
            _mm512_cmpge_epi64_mask(g, least),
            _mm512_cmpge_epi64_mask(h, least),
        ];
        report(reaching, block as u32, hits);
    }
    work
}

/// Adds what the words of both sides have in common.
///
/// Written out so that the counts never leave their registers.
#[inline]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn add(mut shared: Counts, left: &[Lanes], right: &[Lanes]) -> Counts {
    for (left, right) in left.iter().zip(right) {
        let right = load(right);
        let [a, b, c, d, e, f, g, h] = shared;
        shared = [
            count(a, right, left.0[0]),
            count(b, right, left.0[1]),
            count(c, right, left.0[2]),
            count(d, right, left.0[3]),
            count(e, right, left.0[4]),
            count(f, right, left.0[5]),
            count(g, right, left.0[6]),
            count(h, right, left.0[7]),
        ];
    }
    shared
}

#[inline]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn count(counts: __m512i, right: __m512i, word: u64) -> __m512i {
    let both = _mm512_and_si512(right, _mm512_set1_epi64(word as i64));
    _mm512_add_epi64(counts, _mm512_popcnt_epi64(both))
}

/// One register of eight words; the compiler makes one aligned load of it.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(lanes: &Lanes) -> __m512i {
    let [a, b, c, d, e, f, g, h] = lanes.0.map(|word| word as i64);
    _mm512_set_epi64(h, g, f, e, d, c, b, a)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn any_reaches(shared: Counts, least: i64) -> bool {
    let [a, b, c, d, e, f, g, h] = shared;
    let most = _mm512_max_epi64(
        _mm512_max_epi64(_mm512_max_epi64(a, b), _mm512_max_epi64(c, d)),
        _mm512_max_epi64(_mm512_max_epi64(e, f), _mm512_max_epi64(g, h)),
    );
    _mm512_cmpge_epi64_mask(most, _mm512_set1_epi64(least)) != 0
}

/// Kept apart from the loop, and given no register to spill: blocks that get this far
/// are few.
#[cold]
#[inline(never)]
fn report(reaching: [u8; LANES], block: u32, hits: &mut Vec<Hit>) {
    for (left, lanes) in (0..).zip(reaching) {
        if lanes != 0 {
            hits.push(Hit { block, left, lanes });
        }
    }
}
