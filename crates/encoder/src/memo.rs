//! Tokens already hashed: names repeat, and a MAC costs more than a look-up.
//!
//! A token is kept as the filter that it alone would give, not as its positions: a record's tokens
//! are then laid over each other a whole word at a time, which a processor does much faster than
//! setting bit after bit.

use std::collections::HashMap;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::hasher::Hasher;
use crate::known::{Known, NUMBERS};
use crate::wipe::make_room;

/// Tokens kept per field and class: all that have a number, and some thousands of streets.
const MOST_TOKENS: u16 = 1 << 13;
/// Longer tokens are hashed each time.
const LONGEST_TOKEN: usize = 64;
/// Words that are laid at once: a filter of 1,024 bits, half of the registers of the oldest x86-64.
const BLOCK: usize = 16;

/// Filters by token, of one field of one view. Overwritten when full and on drop: key material in
/// the sense that it encodes without the key.
pub(crate) struct Memo {
    /// Words of a filter.
    words: usize,
    /// Which place a token with a number has, from 1; 0 where it was not hashed yet.
    known: Box<[u16]>,
    /// Which place the others have.
    others: HashMap<Box<str>, u16>,
    /// Places taken.
    taken: u16,
    /// By place, one after the other.
    filters: Vec<u64>,
    /// Positions of the token that is hashed.
    positions: Vec<u16>,
}

impl Memo {
    /// For filters of so many words.
    pub(crate) fn new(words: usize) -> Self {
        let known = vec![0; NUMBERS].into_boxed_slice();
        let (others, filters, positions) = (HashMap::new(), Vec::new(), Vec::new());
        Self { words, known, others, taken: 0, filters, positions }
    }

    /// Writes to `places` where tokens that have a number are found by [`Self::lay`], until the
    /// next token is hashed.
    ///
    /// All look-ups first and all filters afterwards: memory that is far away is so waited for once
    /// and not token by token.
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

    /// Where any other token is found.
    pub(crate) fn other(&mut self, hasher: &Hasher, token: &str) -> u16 {
        if let Some(&place) = self.others.get(token) {
            return place;
        }
        // A long token stands behind the kept ones and is not findable.
        let place = self.hash(hasher, token);
        if token.len() <= LONGEST_TOKEN {
            self.others.insert(token.into(), place);
            self.taken += 1;
        }
        place
    }

    /// Hashes a token into the first free place.
    fn hash(&mut self, hasher: &Hasher, token: &str) -> u16 {
        if self.taken >= MOST_TOKENS {
            self.zeroize();
        }
        self.positions.clear();
        hasher.positions(token.as_bytes(), &mut self.positions);
        let start = usize::from(self.taken) * self.words;
        self.filters.truncate(start);
        make_room(&mut self.filters, self.words);
        self.filters.resize(start + self.words, 0);
        for position in &self.positions {
            self.filters[start + usize::from(position / 64)] |= 1 << (position % 64);
        }
        self.taken
    }

    /// Lays the tokens at `places` over `filter`.
    pub(crate) fn lay(&self, places: &[u16], filter: &mut [u64]) {
        let mut blocks = filter.chunks_exact_mut(BLOCK);
        for (number, block) in blocks.by_ref().enumerate() {
            self.lay_block::<BLOCK>(places, number * BLOCK, block);
        }
        let start = self.words / BLOCK * BLOCK;
        for (word, rest) in blocks.into_remainder().iter_mut().enumerate() {
            self.lay_block::<1>(places, start + word, std::slice::from_mut(rest));
        }
    }

    /// Lays the words from `start` on; so many fit into registers while the tokens pass by.
    fn lay_block<const N: usize>(&self, places: &[u16], start: usize, block: &mut [u64]) {
        let mut sum = [0; N];
        for place in places {
            let own = &self.filters[usize::from(*place) * self.words + start..][..N];
            for (sum, own) in sum.iter_mut().zip(own) {
                *sum |= own;
            }
        }
        for (word, sum) in block.iter_mut().zip(sum) {
            *word |= sum;
        }
    }
}

impl Zeroize for Memo {
    fn zeroize(&mut self) {
        self.known.zeroize();
        for (token, _) in self.others.drain() {
            Zeroizing::new(String::from(token));
        }
        self.filters.zeroize();
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

    const WORDS: usize = 16;

    fn expected(token: &str) -> [u64; WORDS] {
        let mut positions = Vec::new();
        hasher().positions(token.as_bytes(), &mut positions);
        let mut filter = [0; WORDS];
        for position in positions {
            filter[usize::from(position / 64)] |= 1 << (position % 64);
        }
        filter
    }

    fn laid(memo: &Memo, places: &[u16]) -> [u64; WORDS] {
        let mut filter = [0; WORDS];
        memo.lay(places, &mut filter);
        filter
    }

    #[test]
    fn remembers_what_the_hasher_says_also_past_its_limits() {
        let mut memo = Memo::new(WORDS);
        let long = "x".repeat(LONGEST_TOKEN + 1);
        let numbers = (0..u64::from(MOST_TOKENS) + 10).map(|n| n.to_string());
        for (round, token) in numbers.clone().chain(numbers.take(5)).enumerate() {
            let token = if round % 1000 == 7 { long.clone() } else { token };
            let place = memo.other(&hasher(), &token);
            assert_eq!(laid(&memo, &[place]), expected(&token));
            if round % 1000 == 8 {
                let pair = Known::pair('A', 'B').unwrap();
                let mut places = Vec::new();
                memo.known(&hasher(), &[pair, pair], &mut places);
                assert!(places.iter().all(|place| laid(&memo, &[*place]) == expected("AB")));
                assert_eq!(places.len(), 2);
            }
            assert!(memo.taken <= MOST_TOKENS);
        }
        memo.zeroize();
        assert!(memo.others.is_empty() && memo.filters.is_empty() && memo.positions.is_empty());
        assert!(memo.known.iter().all(|place| *place == 0));
    }

    #[test]
    fn tokens_are_laid_over_what_is_there_for_filters_of_every_length() {
        for words in [4, 8, 16, 20, 32, 128] {
            let bits = u16::try_from(words * 64).unwrap().next_power_of_two();
            let bits = if usize::from(bits) > words * 64 { bits / 2 } else { bits };
            let hasher = Hasher::new(hmac::Key::new(hmac::HMAC_SHA256, &[3; 32]), 20, bits);
            let mut memo = Memo::new(words);
            let places = ["A", "B", "C"].map(|token| memo.other(&hasher, token));
            let mut filter = vec![0_u64; words];
            filter[words - 1] = 1 << 63;
            let mut expected = filter.clone();
            for token in ["A", "B", "C"] {
                let mut positions = Vec::new();
                hasher.positions(token.as_bytes(), &mut positions);
                for position in positions {
                    expected[usize::from(position / 64)] |= 1 << (position % 64);
                }
            }
            memo.lay(&places, &mut filter);
            assert_eq!(filter, expected, "{words} words");
        }
    }
}
