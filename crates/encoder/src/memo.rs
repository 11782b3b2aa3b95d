//! Tokens already hashed: names repeat, and a MAC costs more than a look-up.

use std::collections::HashMap;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::hasher::Hasher;

/// Tokens kept per field; two letters give some 800, a street register some thousands.
const MOST_TOKENS: usize = 1 << 15;
/// Longer tokens are hashed each time.
const LONGEST_TOKEN: usize = 64;

/// Positions by token, of one field of one view. Overwritten when full and on drop: key material
/// in the sense that it encodes without the key.
#[derive(Default)]
pub(crate) struct Memo {
    places: HashMap<Box<[u8]>, usize>,
    positions: Vec<u16>,
}

impl Memo {
    /// The positions of `token`.
    pub(crate) fn positions(&mut self, hasher: &Hasher, token: &[u8]) -> &[u16] {
        let k = hasher.k();
        if let Some(&place) = self.places.get(token) {
            return &self.positions[place..][..k];
        }
        if self.places.len() >= MOST_TOKENS {
            self.zeroize();
        }
        // A long token stands behind the kept ones and is not findable.
        let fresh = self.places.len() * k;
        self.positions.truncate(fresh);
        if token.len() <= LONGEST_TOKEN {
            self.places.insert(token.into(), fresh);
        }
        hasher.positions(token, &mut self.positions);
        &self.positions[fresh..][..k]
    }
}

impl Zeroize for Memo {
    fn zeroize(&mut self) {
        for (mut token, _) in self.places.drain() {
            token.zeroize();
        }
        self.positions.zeroize();
    }
}

impl Drop for Memo {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Memo {}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::*;

    #[test]
    fn remembers_what_the_hasher_says_also_past_its_limits() {
        let hasher = Hasher::new(hmac::Key::new(hmac::HMAC_SHA256, &[3; 32]), 20, 1024);
        let mut memo = Memo::default();
        let long = "x".repeat(LONGEST_TOKEN + 1);
        let numbers = (0..MOST_TOKENS as u64 + 10).map(|n| n.to_string());
        for (round, token) in numbers.clone().chain(numbers.take(5)).enumerate() {
            let token = if round % 1000 == 7 { long.clone() } else { token };
            let mut expected = Vec::new();
            hasher.positions(token.as_bytes(), &mut expected);
            assert_eq!(memo.positions(&hasher, token.as_bytes()), expected);
            assert!(memo.places.len() <= MOST_TOKENS);
        }
        memo.zeroize();
        assert!(memo.places.is_empty() && memo.positions.is_empty());
    }
}
