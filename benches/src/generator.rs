//! Made-up numbers from a seed.

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A 64-bit generator (Steele, Lea, Flood, SplitMix64, 2014).
pub(crate) struct Generator(pub(crate) u64);

impl Generator {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// A number below `n`; the r-th is about 1/r as likely as the first.
    pub(crate) fn ranked(&mut self, n: u64) -> u64 {
        let unit = self.below(1 << 32) as f64 / (1_u64 << 32) as f64;
        ((n as f64).powf(unit) - 1.0) as u64
    }
}

/// The number that a generator gives after so many and one.
pub(crate) fn nth(number: u64) -> u64 {
    mixed(number.wrapping_add(1).wrapping_mul(STEP))
}

fn mixed(state: u64) -> u64 {
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
