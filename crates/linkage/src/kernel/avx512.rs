use std::{
    arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpge_epi64_mask, _mm512_max_epi64,
        _mm512_popcnt_epi64, _mm512_set_epi64, _mm512_set1_epi64, _mm512_setzero_si512,
    },
    ops::Range,
};

use super::{Blocks, Group, Hit, LANES, Lanes, Scale};

/// A register per left filter, a 64-bit lane per right filter.
type Counts = [__m512i; LANES];

/// Instructions for a word of a block, for a word of a single left filter and for a look.
const WORD: usize = 24;
const SINGLE_WORD: usize = 5;
const LOOK: usize = 10;
/// Left filters that are counted to the end one by one rather than as a block.
const FEW: u32 = 4;

#[target_feature(enable = "avx512f,avx512vpopcntdq")]
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
        let mut shared = [_mm512_setzero_si512(); LANES];
        // One place for each step, or the compiler calls it and spills the counts.
        for stage in scale.stages {
            let part = stage.words.clone();
            work += part.len() * WORD + LOOK;
            shared = add(shared, &group.words[part.clone()], &right[part]);
            let least = stage.least(group, blocks, block, scale.bar);
            if !any_reaches(shared, least) {
                continue 'blocks;
            }
            let reaching = reaching(shared, least);
            let rest = stage.words.end..words;
            if rest.is_empty() {
                report(reaching, block, hits);
                continue 'blocks;
            }
            let alive = rows(reaching);
            if alive.count_ones() <= FEW {
                work += rest.len() * alive.count_ones() as usize * SINGLE_WORD;
                let least = scale.last_least(group, blocks, block);
                let (left, right) = (&group.words[rest.clone()], &right[rest]);
                let [a, b, c, d, e, f, g, h] = shared;
                finish(&[a, b, c, d, e, f, g, h], alive, (left, right), (least, block), hits);
                continue 'blocks;
            }
        }
    }
    work
}

/// Counts the left filters that are still alive to the end, one after the other.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn finish(
    shared: &Counts,
    alive: u8,
    (left, right): (&[Lanes], &[Lanes]),
    (least, block): (i32, usize),
    hits: &mut Vec<Hit>,
) {
    let least = _mm512_set1_epi64(least.into());
    for (row, start) in (0_u8..).zip(shared).filter(|(row, _)| alive >> row & 1 == 1) {
        let counts = left.iter().zip(right).fold(*start, |counts, (left, right)| {
            count(counts, load(right), left.0[usize::from(row)])
        });
        let lanes = _mm512_cmpge_epi64_mask(counts, least);
        if lanes != 0 {
            hits.push(Hit { block: block as u32, left: row, lanes });
        }
    }
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
fn any_reaches(shared: Counts, least: i32) -> bool {
    let [a, b, c, d, e, f, g, h] = shared;
    let most = _mm512_max_epi64(
        _mm512_max_epi64(_mm512_max_epi64(a, b), _mm512_max_epi64(c, d)),
        _mm512_max_epi64(_mm512_max_epi64(e, f), _mm512_max_epi64(g, h)),
    );
    _mm512_cmpge_epi64_mask(most, _mm512_set1_epi64(least.into())) != 0
}

/// For each left filter the lanes whose count reaches `least`, a byte each.
#[inline]
#[target_feature(enable = "avx512f")]
fn reaching(shared: Counts, least: i32) -> u64 {
    let least = _mm512_set1_epi64(least.into());
    let [a, b, c, d, e, f, g, h] = shared;
    u64::from(_mm512_cmpge_epi64_mask(a, least))
        | u64::from(_mm512_cmpge_epi64_mask(b, least)) << 8
        | u64::from(_mm512_cmpge_epi64_mask(c, least)) << 16
        | u64::from(_mm512_cmpge_epi64_mask(d, least)) << 24
        | u64::from(_mm512_cmpge_epi64_mask(e, least)) << 32
        | u64::from(_mm512_cmpge_epi64_mask(f, least)) << 40
        | u64::from(_mm512_cmpge_epi64_mask(g, least)) << 48
        | u64::from(_mm512_cmpge_epi64_mask(h, least)) << 56
}

/// Which left filters have any lane.
fn rows(reaching: u64) -> u8 {
    (0..)
        .zip(reaching.to_le_bytes())
        .fold(0, |rows, (row, lanes)| rows | u8::from(lanes != 0) << row)
}

/// Kept apart from the loop: blocks that get this far are few.
#[cold]
#[inline(never)]
fn report(reaching: u64, block: usize, hits: &mut Vec<Hit>) {
    for (left, lanes) in (0..).zip(reaching.to_le_bytes()) {
        if lanes != 0 {
            hits.push(Hit { block: block as u32, left, lanes });
        }
    }
}
