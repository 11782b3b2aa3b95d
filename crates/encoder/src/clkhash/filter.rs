//! A filter as 64-bit words; bit 0 is the highest of the first word, as in clkhash's bytes.

/// Words for so many bits.
pub(super) fn words(bits: usize) -> usize {
    bits.div_ceil(64)
}

/// Sets the bit at a position.
pub(super) fn set(filter: &mut [u64], position: usize) {
    if let Some(word) = filter.get_mut(position / 64) {
        *word |= 1 << (63 - position % 64);
    }
}

fn is_set(filter: &[u64], position: usize) -> bool {
    filter.get(position / 64).is_some_and(|word| word >> (63 - position % 64) & 1 == 1)
}

/// Folds so many times: the second half is XORed onto the first. Gives the bits that are left.
pub(super) fn fold(filter: &mut [u64], mut bits: usize, folds: u8) -> usize {
    for _ in 0..folds {
        let half = bits / 2;
        if half.is_multiple_of(64) {
            let (first, second) = filter.split_at_mut(half / 64);
            for (word, other) in first.iter_mut().zip(second) {
                *word ^= *other;
            }
        } else {
            for position in 0..half {
                if is_set(filter, half + position)
                    && let Some(word) = filter.get_mut(position / 64)
                {
                    *word ^= 1 << (63 - position % 64);
                }
            }
        }
        clear_from(filter, half);
        bits = half;
    }
    bits
}

fn clear_from(filter: &mut [u64], bits: usize) {
    if let Some(word) = filter.get_mut(bits / 64) {
        *word &= !(u64::MAX >> (bits % 64));
    }
    for word in filter.iter_mut().skip(bits / 64 + 1) {
        *word = 0;
    }
}

/// Appends the bytes of the first `bits` bits; what the last byte has left is zero.
pub(super) fn push_bytes(filter: &[u64], bits: usize, out: &mut Vec<u8>) {
    let end = out.len() + bits.div_ceil(8);
    for word in filter.iter().take(words(bits)) {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.truncate(end);
}
