//! What was hashed already: tokens repeat, and so do whole cells.
//!
//! Everything here encodes without the key, so it is key material: bounded, and overwritten on
//! drop.

use std::collections::HashMap;

use zeroize::Zeroize;

use super::hash::Progression;
use super::quick::QuickState;

/// Longest token that is remembered, in bytes.
const LONGEST_TOKEN: usize = 15;
const MOST_TOKENS: usize = 1 << 15;
const MOST_POSITIONS: usize = 1 << 21;
/// Bytes of filters of whole cells, per feature and thread.
const MOST_FILTER_BYTES: usize = 256 << 10;
/// After so many cells it is decided, again and again, whether remembering them pays.
const TRIAL: u32 = 1 << 13;

/// Tokens of one feature.
#[derive(Default)]
pub(super) struct TokenMemo {
    places: HashMap<u128, u32, QuickState>,
    progressions: Vec<(u32, u32)>,
    positions: Vec<u16>,
}

/// A token and its length in one number; `None` for a long one.
fn pack(token: &[u8]) -> Option<u128> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let mut bytes = [0; 16];
    bytes[..token.len()].copy_from_slice(token);
    bytes[LONGEST_TOKEN] = token.len() as u8;
    Some(u128::from_le_bytes(bytes))
}

impl TokenMemo {
    /// The two numbers of a token, from memory or from `hash`.
    pub(super) fn progression(
        &mut self,
        token: &[u8],
        hash: impl FnOnce() -> Progression,
    ) -> Progression {
        let Some(key) = pack(token) else { return hash() };
        if let Some((start, step)) =
            self.places.get(&key).and_then(|place| self.progressions.get(*place as usize)).copied()
        {
            return Progression { start, step };
        }
        let fresh = hash();
        if self.places.len() < MOST_TOKENS {
            self.places.insert(key, self.progressions.len() as u32);
            self.progressions.push((fresh.start, fresh.step));
        }
        fresh
    }

    /// At least `k` positions of a token, from memory or from `hash`, which appends as many as it
    /// is asked for; a token that is not remembered stands in `once`.
    pub(super) fn positions<'a>(
        &'a mut self,
        token: &[u8],
        k: usize,
        once: &'a mut Vec<u16>,
        hash: impl FnOnce(usize, &mut Vec<u16>),
    ) -> &'a [u16] {
        let key = pack(token);
        let known = key.and_then(|key| self.places.get(&key)).copied();
        let kept = known.and_then(|place| self.progressions.get(place as usize)).copied();
        if let Some((start, length)) = kept.filter(|(_, length)| *length as usize >= k) {
            let start = start as usize;
            return self.positions.get(start..start + length as usize).unwrap_or_default();
        }
        // Positions come in blocks of 32 from one hash, so the rest of a block costs nothing.
        let wanted = k.next_multiple_of(32);
        let full = known.is_none() && self.places.len() >= MOST_TOKENS;
        let (Some(key), false) = (key, full || self.positions.len() + wanted > MOST_POSITIONS)
        else {
            once.clear();
            hash(wanted, once);
            return once;
        };
        let start = self.positions.len();
        hash(wanted, &mut self.positions);
        let slot = (start as u32, (self.positions.len() - start) as u32);
        match known.and_then(|place| self.progressions.get_mut(place as usize)) {
            Some(old) => *old = slot,
            None => {
                self.places.insert(key, self.progressions.len() as u32);
                self.progressions.push(slot);
            }
        }
        self.positions.get(start..).unwrap_or_default()
    }
}

impl Drop for TokenMemo {
    fn drop(&mut self) {
        for (mut key, _) in self.places.drain() {
            key.zeroize();
        }
        self.progressions.zeroize();
        self.positions.zeroize();
    }
}

/// Filters of whole cells of one feature, as long as it pays.
pub(super) struct CellMemo {
    places: HashMap<Box<str>, u32, QuickState>,
    filters: Vec<u64>,
    words: usize,
    asked: u32,
    found: u32,
    pays: bool,
}

impl CellMemo {
    pub(super) fn new(words: usize) -> Self {
        Self {
            places: HashMap::default(),
            filters: Vec::new(),
            words,
            asked: 0,
            found: 0,
            pays: true,
        }
    }

    pub(super) fn get(&mut self, cell: &str) -> Option<&[u64]> {
        if !self.pays {
            return None;
        }
        self.asked = self.asked.saturating_add(1);
        let place = *self.places.get(cell)? as usize;
        self.found = self.found.saturating_add(1);
        self.filters.get(place..place + self.words)
    }

    /// Whether a cell that was not found should be put in.
    pub(super) fn wants(&mut self) -> bool {
        if self.pays && self.asked >= TRIAL {
            if self.found < self.asked / 4 {
                self.pays = false;
                self.forget();
            }
            (self.asked, self.found) = (0, 0);
        }
        self.pays && (self.filters.len() + self.words) * 8 <= MOST_FILTER_BYTES
    }

    pub(super) fn put(&mut self, cell: &str, filter: &[u64]) {
        if let Ok(place) = u32::try_from(self.filters.len()) {
            self.filters.extend_from_slice(filter);
            self.places.insert(cell.into(), place);
        }
    }

    fn forget(&mut self) {
        for (cell, _) in self.places.drain() {
            cell.into_string().zeroize();
        }
        self.places.shrink_to_fit();
        self.filters.zeroize();
        self.filters.shrink_to_fit();
    }
}

impl Drop for CellMemo {
    fn drop(&mut self) {
        self.forget();
    }
}
