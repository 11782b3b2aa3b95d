//! Sixty-four filters turned on their side: one bit of all of them in one word.

/// Filters that are turned together.
pub(crate) const LANES: usize = 64;

/// Swaps rows and columns of a square of bits: bit c of row r becomes bit r of row c.
///
/// Warren, Hacker's Delight, second edition (2012), section 7-3: halves, quarters and so on down to
/// single bits change places.
pub(crate) fn transpose(square: &mut [u64; LANES]) {
    swap::<32>(square, 0x0000_0000_ffff_ffff);
    swap::<16>(square, 0x0000_ffff_0000_ffff);
    swap::<8>(square, 0x00ff_00ff_00ff_00ff);
    swap::<4>(square, 0x0f0f_0f0f_0f0f_0f0f);
    swap::<2>(square, 0x3333_3333_3333_3333);
    swap::<1>(square, 0x5555_5555_5555_5555);
}

/// Swaps the upper part of each row with the lower part of the row `WIDTH` further down.
fn swap<const WIDTH: usize>(square: &mut [u64; LANES], lower: u64) {
    for pair in square.chunks_exact_mut(2 * WIDTH) {
        let (above, below) = pair.split_at_mut(WIDTH);
        for (above, below) in above.iter_mut().zip(below) {
            let changed = ((*above >> WIDTH) ^ *below) & lower;
            *above ^= changed << WIDTH;
            *below ^= changed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_c_of_row_r_becomes_bit_r_of_row_c() {
        let mut square = [0_u64; LANES];
        for (row, bits) in (0_u64..).zip(&mut square) {
            *bits = (row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(row as u32);
        }
        let before = square;
        transpose(&mut square);
        for (row, bits) in before.iter().enumerate() {
            for (column, turned) in square.iter().enumerate() {
                assert_eq!(bits >> column & 1, turned >> row & 1, "{row}, {column}");
            }
        }
        transpose(&mut square);
        assert_eq!(square, before);
    }
}
