//! The diffusion layer: no output bit tells a single input bit.

use ring::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::hasher::KeyStream;
use crate::transpose::{LANES, transpose};

/// Each output bit is the XOR of `t` secretly chosen, distinct input bits.
///
/// Follows the diffusion of Armknecht, Heng and Schnell (PETS 2023). A distance of p between two
/// inputs becomes (1 − (1 − 2p)^t) / 2, so near stays near and everything else goes to a half.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Diffusion {
    /// The input bits of output bit 0, 1, …, so many each.
    inputs: Vec<u16>,
    t: usize,
}

/// Room for diffusing many filters at once, turned on their side; overwritten on drop.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Lanes {
    inputs: Vec<u64>,
    outputs: Vec<u64>,
}

impl Diffusion {
    /// Draws the index sets of all output bits in their order; a number that the set already has
    /// is drawn again. `bits` is a power of two of at least 256 and `t` at most 32.
    pub(crate) fn new(key: hmac::Key, bits: u16, t: u8) -> Self {
        let t = usize::from(t);
        let mut inputs: Vec<u16> = Vec::with_capacity(usize::from(bits) * t);
        let mut stream = KeyStream::new(key);
        for output in 0..usize::from(bits) {
            while inputs.len() < (output + 1) * t {
                let input = stream.next() & (bits - 1);
                if !inputs[output * t..].contains(&input) {
                    inputs.push(input);
                }
            }
        }
        Self { inputs, t }
    }

    /// Diffuses at most 64 filters in place, one after the other in `filters`, each of `words`
    /// words.
    ///
    /// Turned on their side, one XOR of two words mixes a bit of all filters.
    pub(crate) fn apply(&self, filters: &mut [u64], words: usize, lanes: &mut Lanes) {
        lanes.inputs.clear();
        for word in 0..words {
            let mut square = [0; LANES];
            for (row, filter) in square.iter_mut().zip(filters.chunks_exact(words)) {
                *row = filter[word];
            }
            transpose(&mut square);
            lanes.inputs.extend_from_slice(&square);
        }
        lanes.outputs.clear();
        let sets = self.inputs.chunks_exact(self.t);
        let sum =
            |set: &[u16]| set.iter().fold(0, |sum, input| sum ^ lanes.inputs[usize::from(*input)]);
        lanes.outputs.extend(sets.map(sum));
        let (squares, _) = lanes.outputs.as_chunks_mut::<LANES>();
        for (word, square) in squares.iter_mut().enumerate() {
            transpose(square);
            for (row, filter) in square.iter().zip(filters.chunks_exact_mut(words)) {
                filter[word] = *row;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diffusion(bits: u16, t: u8) -> Diffusion {
        Diffusion::new(hmac::Key::new(hmac::HMAC_SHA256, &[9; 32]), bits, t)
    }

    fn applied(diffusion: &Diffusion, filters: &[u64], words: usize) -> Vec<u64> {
        let mut filters = filters.to_vec();
        diffusion.apply(&mut filters, words, &mut Lanes::default());
        filters
    }

    fn weight(words: &[u64]) -> u32 {
        words.iter().map(|word| word.count_ones()).sum()
    }

    #[test]
    fn every_output_bit_has_t_distinct_inputs() {
        for t in [2, 6, 32] {
            let diffusion = diffusion(1024, t);
            assert_eq!(diffusion.inputs.len(), 1024 * usize::from(t));
            for set in diffusion.inputs.chunks_exact(usize::from(t)) {
                let distinct: std::collections::HashSet<&u16> = set.iter().collect();
                assert_eq!(distinct.len(), usize::from(t));
                assert!(set.iter().all(|input| *input < 1024));
            }
        }
    }

    #[test]
    fn filters_together_are_summed_bit_by_bit() {
        for (bits, filters) in [(256, 1), (512, 2), (1024, 63), (2048, 64), (8192, 5)] {
            let diffusion = diffusion(bits, 5);
            let words = usize::from(bits) / 64;
            let mut state = 1_u64;
            let mut random = || {
                state = state.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                state ^ (state >> 29)
            };
            let input: Vec<u64> = (0..words * filters).map(|_| random()).collect();
            let output = applied(&diffusion, &input, words);
            for (input, output) in input.chunks_exact(words).zip(output.chunks_exact(words)) {
                let bit = |filter: &[u64], at: usize| filter[at / 64] >> (at % 64) & 1;
                for (at, set) in diffusion.inputs.chunks_exact(5).enumerate() {
                    let sum = set.iter().fold(0, |sum, from| sum ^ bit(input, usize::from(*from)));
                    assert_eq!(bit(output, at), sum, "bit {at} of {bits}");
                }
            }
        }
    }

    #[test]
    fn a_distance_grows_as_the_formula_says() {
        let t = 6;
        let diffusion = diffusion(1024, t);
        let (mut one, mut other) = ([0; 16], [0; 16]);
        for bit in (0..1024).step_by(4) {
            one[bit / 64] |= 1_u64 << (bit % 64);
        }
        other.copy_from_slice(&one);
        for bit in (0..1024).step_by(32) {
            other[bit / 64] ^= 1_u64 << (bit % 64);
        }
        let (a, b) = (applied(&diffusion, &one, 16), applied(&diffusion, &other, 16));
        let distance: u32 = a.iter().zip(&b).map(|(a, b)| (a ^ b).count_ones()).sum();
        let p: f64 = 32.0 / 1024.0;
        let expected = 1024.0 * (1.0 - (1.0 - 2.0 * p).powi(i32::from(t))) / 2.0;
        assert!((f64::from(distance) - expected).abs() < 40.0, "{distance} of {expected}");
        assert!((412..612).contains(&weight(&a)), "{}", weight(&a));
    }

    #[test]
    fn diffusion_is_linear_and_fresh_for_each_record() {
        let diffusion = diffusion(1024, 4);
        let (one, other) = ([5_u64; 16], [9_u64; 16]);
        let both: Vec<u64> = one.iter().zip(&other).map(|(a, b)| a ^ b).collect();
        let of = |filter: &[u64]| applied(&diffusion, filter, 16);
        let (a, b, c) = (of(&one), of(&other), of(&both));
        assert!(a.iter().zip(&b).zip(&c).all(|((a, b), c)| a ^ b == *c));
    }
}
