//! The diffusion layer: no output bit tells a single input bit.

use ring::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::hasher::KeyStream;

/// Each output bit is the XOR of `t` secretly chosen, distinct input bits.
///
/// Follows the diffusion of Armknecht, Heng and Schnell (PETS 2023). A distance of p between two
/// inputs becomes (1 − (1 − 2p)^t) / 2, so near stays near and everything else goes to a half.
///
/// Kept by column: which output bits an input bit flips.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Diffusion {
    columns: Vec<u64>,
    words: usize,
}

impl Diffusion {
    /// Draws the index sets of all output bits in their order; a number that the set already has
    /// is drawn again. `bits` is a power of two of at least 256 and `t` at most 32.
    pub(crate) fn new(key: hmac::Key, bits: u16, t: u8) -> Self {
        let words = usize::from(bits) / 64;
        let mut columns = vec![0; usize::from(bits) * words];
        let mut stream = KeyStream::new(key);
        for output in 0..usize::from(bits) {
            let mut left = t;
            while left > 0 {
                let input = usize::from(stream.next() & (bits - 1));
                let word = &mut columns[input * words + output / 64];
                let flip = 1 << (output % 64);
                if *word & flip == 0 {
                    *word |= flip;
                    left -= 1;
                }
            }
        }
        Self { columns, words }
    }

    /// Writes the diffused `input` to `output`; both have the filter's length in words.
    pub(crate) fn apply(&self, input: &[u64], output: &mut [u64]) {
        match self.words {
            // The usual length: the sum stays in registers.
            16 => self.sum::<16>(input, output),
            // Every length is a multiple of four.
            _ => self.sum::<4>(input, output),
        }
    }

    /// XORs the columns of all set bits, in pieces of so many words.
    fn sum<const PIECE: usize>(&self, input: &[u64], output: &mut [u64]) {
        let (columns, _) = self.columns.as_chunks::<PIECE>();
        let (pieces, _) = output.as_chunks_mut::<PIECE>();
        let stride = pieces.len();
        for (place, piece) in pieces.iter_mut().enumerate() {
            let mut sum = [0; PIECE];
            for (number, &word) in input.iter().enumerate() {
                let mut rest = word;
                while rest != 0 {
                    let bit = number * 64 + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    for (sum, flips) in sum.iter_mut().zip(&columns[bit * stride + place]) {
                        *sum ^= flips;
                    }
                }
            }
            *piece = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diffusion(t: u8) -> Diffusion {
        Diffusion::new(hmac::Key::new(hmac::HMAC_SHA256, &[9; 32]), 1024, t)
    }

    fn weight(words: &[u64]) -> u32 {
        words.iter().map(|word| word.count_ones()).sum()
    }

    #[test]
    fn every_output_bit_has_t_distinct_inputs() {
        for t in [2, 6, 32] {
            let diffusion = diffusion(t);
            for output in 0..1024 {
                let inputs = (0..1024)
                    .filter(|input| {
                        diffusion.columns[input * 16 + output / 64] >> (output % 64) & 1 == 1
                    })
                    .count();
                assert_eq!(inputs, usize::from(t));
            }
        }
    }

    #[test]
    fn a_distance_grows_as_the_formula_says() {
        let t = 6;
        let diffusion = diffusion(t);
        let (mut one, mut other) = ([0; 16], [0; 16]);
        for bit in (0..1024).step_by(4) {
            one[bit / 64] |= 1_u64 << (bit % 64);
        }
        other.copy_from_slice(&one);
        for bit in (0..1024).step_by(32) {
            other[bit / 64] ^= 1_u64 << (bit % 64);
        }
        let (mut a, mut b) = ([0; 16], [0; 16]);
        diffusion.apply(&one, &mut a);
        diffusion.apply(&other, &mut b);
        let distance: u32 = a.iter().zip(&b).map(|(a, b)| (a ^ b).count_ones()).sum();
        let p: f64 = 32.0 / 1024.0;
        let expected = 1024.0 * (1.0 - (1.0 - 2.0 * p).powi(i32::from(t))) / 2.0;
        assert!((f64::from(distance) - expected).abs() < 40.0, "{distance} of {expected}");
        assert!((412..612).contains(&weight(&a)), "{}", weight(&a));
    }

    #[test]
    fn diffusion_is_linear_and_fresh_for_each_record() {
        let diffusion = diffusion(4);
        let (one, other) = ([5_u64; 16], [9_u64; 16]);
        let both: Vec<u64> = one.iter().zip(&other).map(|(a, b)| a ^ b).collect();
        let (mut a, mut b, mut c) = ([1; 16], [2; 16], [3; 16]);
        diffusion.apply(&one, &mut a);
        diffusion.apply(&other, &mut b);
        diffusion.apply(&both, &mut c);
        assert!(a.iter().zip(&b).zip(&c).all(|((a, b), c)| a ^ b == *c));
    }

    #[test]
    fn every_length_is_summed_bit_by_bit() {
        for bits in [256, 512, 1024, 2048, 8192] {
            let diffusion = Diffusion::new(hmac::Key::new(hmac::HMAC_SHA256, &[9; 32]), bits, 5);
            let words = diffusion.words;
            let mut input = vec![0; words];
            let mut expected = vec![0; words];
            for bit in (0..usize::from(bits)).step_by(7) {
                input[bit / 64] |= 1_u64 << (bit % 64);
                let column = &diffusion.columns[bit * words..][..words];
                expected.iter_mut().zip(column).for_each(|(sum, flips)| *sum ^= flips);
            }
            let mut output = vec![1; words];
            diffusion.apply(&input, &mut output);
            assert_eq!(output, expected, "{bits}");
        }
    }
}
