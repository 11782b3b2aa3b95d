//! Chance as a parameter: one ChaCha stream per municipality, family or person record, so that
//! nothing depends on the order in which threads come round.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream is for; streams of different purposes share nothing.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Streets,
    Founding,
    Family,
    Services,
    Record,
    Place,
}

/// A stream of chance.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream with number `id` of a purpose; `part` tells apart streams of one id.
    pub(super) fn new(seed: u64, purpose: Purpose, part: u32, id: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = purpose as u8;
        key[12..16].copy_from_slice(&part.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(id);
        Self(rng)
    }

    /// A number below `end`, by multiply and shift: the bias of below 2^-32 is of no account here
    /// and the result does not depend on a library's sampling code.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(end)) >> 32) as u32
    }

    /// A number below `end` for weights that do not fit 32 bits.
    pub(super) fn below_wide(&mut self, end: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(end)) >> 64) as u64
    }

    /// A number from `from` to `to`, both included.
    pub(super) fn between(&mut self, from: i32, to: i32) -> i32 {
        from + self.below((to - from + 1).unsigned_abs()) as i32
    }

    /// True with a probability per mille.
    pub(super) fn per_mille(&mut self, probability: u32) -> bool {
        self.below(1000) < probability
    }

    /// True with a probability per million.
    pub(super) fn per_million(&mut self, probability: u32) -> bool {
        self.below(1_000_000) < probability
    }

    /// One of the items, all alike; `None` if there are none.
    pub(super) fn one<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let len = u32::try_from(items.len()).ok().filter(|&len| len > 0)?;
        items.get(self.below(len) as usize)
    }

    /// One of a non-empty constant list, all alike.
    pub(super) fn among<T: Copy, const N: usize>(&mut self, items: [T; N]) -> T {
        const { assert!(N > 0) }
        items[self.below(N as u32) as usize]
    }

    /// One of a constant list of (weight, item).
    pub(super) fn weighted<T: Copy, const N: usize>(&mut self, items: [(u32, T); N]) -> T {
        const { assert!(N > 0) }
        let mut rest = self.below(items.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in items {
            if rest < weight {
                return item;
            }
            rest -= weight;
        }
        items[N - 1].1
    }

    /// A day from 1 to 28, which every month has.
    pub(super) fn day(&mut self) -> u8 {
        self.below(28) as u8 + 1
    }
}

/// Items with weights, drawn by bisection.
pub(super) struct Weighted<T> {
    items: Vec<T>,
    cumulative: Vec<u64>,
}

impl<T: Copy> Weighted<T> {
    /// Items without weight are left out; `None` if nothing remains.
    pub(super) fn new(items: impl IntoIterator<Item = (T, u64)>) -> Option<Self> {
        let mut new = Self { items: Vec::new(), cumulative: Vec::new() };
        let mut sum = 0_u64;
        for (item, weight) in items.into_iter().filter(|(_, weight)| *weight > 0) {
            sum += weight;
            new.items.push(item);
            new.cumulative.push(sum);
        }
        (!new.items.is_empty()).then_some(new)
    }

    /// One item in proportion to the weights.
    pub(super) fn pick(&self, draw: &mut Draw) -> T {
        let total = self.cumulative[self.cumulative.len() - 1];
        let at = draw.below_wide(total);
        self.items[self.cumulative.partition_point(|&end| end <= at)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_repeat() {
        let three = |purpose, part, id| {
            let mut draw = Draw::new(7, purpose, part, id);
            [draw.below(1 << 30), draw.below(1 << 30), draw.below(1 << 30)]
        };
        let first = three(Purpose::Family, 0, 1);
        assert_eq!(first, three(Purpose::Family, 0, 1));
        assert_ne!(first, three(Purpose::Family, 0, 2));
        assert_ne!(first, three(Purpose::Family, 1, 1));
        assert_ne!(first, three(Purpose::Services, 0, 1));
    }

    #[test]
    fn weights_are_respected() {
        let weighted = Weighted::new([('a', 3), ('b', 0), ('c', 1)]).unwrap();
        let mut draw = Draw::new(1, Purpose::Family, 0, 0);
        let a = (0..4000).filter(|_| weighted.pick(&mut draw) == 'a').count();
        assert!((2850..3150).contains(&a), "{a}");
        assert!(Weighted::<u8>::new([]).is_none());
    }
}
