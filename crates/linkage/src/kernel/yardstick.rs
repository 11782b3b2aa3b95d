use std::{
    arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi8, _mm256_and_si256, _mm256_extract_epi64,
        _mm256_set1_epi64x, _mm512_add_epi64, _mm512_and_si512, _mm512_popcnt_epi64,
        _mm512_reduce_add_epi64, _mm512_set1_epi64,
    },
    hint::black_box,
};

use super::avx2::bits_per_byte;

/// Independent counts, enough to hide the latency of the three instructions.
const CHAINS: usize = 16;

/// And, count, add on registers alone, `rounds` times for each chain. Each count feeds
/// the next, so that nothing can be left out.
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
pub(super) fn run(rounds: u64) -> (u64, i64) {
    // Hidden from the compiler, which would otherwise work some chains out beforehand.
    let seed = black_box(0x9e37_79b9_7f4a_7c15_u64 as i64);
    let mut counts: [__m512i; CHAINS] =
        std::array::from_fn(|chain| _mm512_set1_epi64(seed.wrapping_mul(chain as i64 + 1)));
    let filter = _mm512_set1_epi64(black_box(0x5555_5555_5555_5555));
    for _ in 0..rounds {
        for count in &mut counts {
            let bits = _mm512_popcnt_epi64(_mm512_and_si512(*count, filter));
            *count = _mm512_add_epi64(*count, bits);
        }
    }
    let sum =
        counts.iter().fold(0, |sum: i64, count| sum.wrapping_add(_mm512_reduce_add_epi64(*count)));
    (rounds * (CHAINS * super::LANES) as u64, sum)
}

/// The same with AVX2, which counts by looking up half bytes. Fewer chains, because the
/// count needs registers of its own.
#[target_feature(enable = "avx2")]
pub(super) fn run_avx2(rounds: u64) -> (u64, i64) {
    const CHAINS: usize = 8;
    let seed = black_box(0x9e37_79b9_7f4a_7c15_u64 as i64);
    let mut counts: [__m256i; CHAINS] =
        std::array::from_fn(|chain| _mm256_set1_epi64x(seed.wrapping_mul(chain as i64 + 1)));
    let filter = _mm256_set1_epi64x(black_box(0x5555_5555_5555_5555));
    for _ in 0..rounds {
        for count in &mut counts {
            let bits = bits_per_byte(_mm256_and_si256(*count, filter));
            *count = _mm256_add_epi8(*count, bits);
        }
    }
    let sum = counts
        .iter()
        .fold(0, |sum: i64, count| sum.wrapping_add(_mm256_extract_epi64::<0>(*count)));
    (rounds * (CHAINS * super::LANES / 2) as u64, sum)
}
