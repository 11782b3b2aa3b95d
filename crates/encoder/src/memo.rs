//! Tokens already hashed: names repeat, and a MAC costs more than a look-up.

use std::collections::HashMap;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::hasher::Hasher;
use crate::known::{Known, NUMBERS};

/// Tokens kept per field; a street register gives some thousands.
const MOST_TOKENS: u16 = 1 << 15;
/// Longer tokens are hashed each time.
const LONGEST_TOKEN: usize = 64;

/// Positions by token, of one field of one view. Overwritten when full and on drop: key material
/// in the sense that it encodes without the key.
pub(crate) struct Memo {
    /// Which place a token with a number has, from 1; 0 where it was not hashed yet.
    known: Box<[u16]>,
    /// Which place the others have.
    others: HashMap<Box<str>, u16>,
    /// Places taken.
    taken: u16,
    positions: Vec<u16>,
}

impl Memo {
    pub(crate) fn new() -> Self {
        let known = vec![0; NUMBERS].into_boxed_slice();
        Self { known, others: HashMap::new(), taken: 0, positions: Vec::new() }
    }

    /// Writes to `places` where the positions of tokens that have a number are found by
    /// [`Self::at`], until the next token is hashed.
    ///
    /// All look-ups first and all positions afterwards: memory that is far away is so waited for
    /// once and not token by token.
    pub(crate) fn known(&mut self, hasher: &Hasher, tokens: &[Known], places: &mut Vec<u16>) {
        if usize::from(self.taken) + tokens.len() > usize::from(MOST_TOKENS) {
            self.zeroize();
        }
        places.clear();
        for token in tokens {
            let place = match self.known[token.number()].checked_sub(1) {
                Some(place) => place,
                None => self.learn(hasher, *token),
            };
            places.push(place);
        }
    }

    #[cold]
    fn learn(&mut self, hasher: &Hasher, token: Known) -> u16 {
        let mut text = Zeroizing::new(String::with_capacity(8));
        token.push_text(&mut text);
        let place = self.hash(hasher, &text);
        self.taken += 1;
        self.known[token.number()] = self.taken;
        place
    }

    /// The positions of any other token.
    pub(crate) fn other(&mut self, hasher: &Hasher, token: &str) -> &[u16] {
        if let Some(&place) = self.others.get(token) {
            return self.at(hasher, place);
        }
        // A long token stands behind the kept ones and is not findable.
        let place = self.hash(hasher, token);
        if token.len() <= LONGEST_TOKEN {
            self.others.insert(token.into(), place);
            self.taken += 1;
        }
        self.at(hasher, place)
    }

    /// Hashes a token into the first free place.
    fn hash(&mut self, hasher: &Hasher, token: &str) -> u16 {
        if self.taken >= MOST_TOKENS {
            self.zeroize();
        }
        self.positions.truncate(usize::from(self.taken) * hasher.k());
        hasher.positions(token.as_bytes(), &mut self.positions);
        self.taken
    }

    /// The positions at a place that was told.
    pub(crate) fn at(&self, hasher: &Hasher, place: u16) -> &[u16] {
        &self.positions[usize::from(place) * hasher.k()..][..hasher.k()]
    }
}

impl Zeroize for Memo {
    fn zeroize(&mut self) {
        self.known.zeroize();
        for (token, _) in self.others.drain() {
            Zeroizing::new(String::from(token));
        }
        self.positions.zeroize();
        self.taken = 0;
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

    fn hasher() -> Hasher {
        Hasher::new(hmac::Key::new(hmac::HMAC_SHA256, &[3; 32]), 20, 1024)
    }

    fn expected(token: &str) -> Vec<u16> {
        let mut expected = Vec::new();
        hasher().positions(token.as_bytes(), &mut expected);
        expected
    }

    #[test]
    fn remembers_what_the_hasher_says_also_past_its_limits() {
        let mut memo = Memo::new();
        let long = "x".repeat(LONGEST_TOKEN + 1);
        let numbers = (0..u64::from(MOST_TOKENS) + 10).map(|n| n.to_string());
        for (round, token) in numbers.clone().chain(numbers.take(5)).enumerate() {
            let token = if round % 1000 == 7 { long.clone() } else { token };
            assert_eq!(memo.other(&hasher(), &token), expected(&token));
            if round % 1000 == 8 {
                let pair = Known::pair('A', 'B').unwrap();
                let mut places = Vec::new();
                memo.known(&hasher(), &[pair, pair], &mut places);
                assert!(places.iter().all(|at| memo.at(&hasher(), *at) == expected("AB")));
                assert_eq!(places.len(), 2);
            }
            assert!(memo.taken <= MOST_TOKENS);
        }
        memo.zeroize();
        assert!(memo.others.is_empty() && memo.positions.is_empty());
        assert!(memo.known.iter().all(|place| *place == 0));
    }
}
