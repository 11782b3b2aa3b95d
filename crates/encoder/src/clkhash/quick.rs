//! A hash for look-ups: short keys, one multiplication per eight bytes.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Seeded anew for each table, so that a table of names has no order to learn from.
#[derive(Clone, Copy)]
pub(super) struct QuickState(u64);

impl Default for QuickState {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u8) | 1)
    }
}

impl BuildHasher for QuickState {
    type Hasher = Quick;
    fn build_hasher(&self) -> Quick {
        Quick { state: self.0, seed: self.0 }
    }
}

/// Multiply and fold both halves of the product.
pub(super) struct Quick {
    state: u64,
    seed: u64,
}

impl Quick {
    fn mix(&mut self, word: u64) {
        let mixed = u128::from(self.state ^ word) * u128::from(self.seed ^ 0x9e37_79b9_7f4a_7c15);
        self.state = (mixed as u64) ^ ((mixed >> 64) as u64);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(last));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(byte.into());
    }

    fn write_usize(&mut self, length: usize) {
        self.mix(length as u64);
    }

    fn write_u128(&mut self, key: u128) {
        self.mix(key as u64);
        self.mix((key >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}
