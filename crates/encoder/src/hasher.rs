//! Keyed positions: where a token's bits stand.

use ring::hmac;

/// Positions that one HMAC-SHA256 gives: 256 bits in pieces of 16.
const PER_BLOCK: usize = 16;
/// Stands before a salt where a block's number stands before a token; k <= 64 has four blocks.
const SALT_PREFIX: u8 = 0xff;

/// One field of one view: its key, how many bits a token sets, and the filter's length.
///
/// Random hashing (Schnell and Borgs 2016): every position is a piece of a MAC of its own, never
/// `h1 + i·h2`, whose few distinct patterns give tokens away (Niedermeyer et al. 2014).
#[derive(Clone)]
pub(crate) struct Hasher {
    key: hmac::Key,
    k: usize,
    mask: u16,
}

impl Hasher {
    /// `bits` is a power of two of at most 2^16, so that a masked piece is uniform.
    pub(crate) fn new(key: hmac::Key, k: u8, bits: u16) -> Self {
        Self { key, k: usize::from(k), mask: bits - 1 }
    }

    /// The hasher of one salt class: its key is a MAC of the salt under this one's. No token's MAC
    /// begins with the byte that stands before a salt.
    pub(crate) fn of_class(&self, salt: &[u8]) -> Self {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[SALT_PREFIX]);
        context.update(salt);
        let key = hmac::Key::new(hmac::HMAC_SHA256, context.sign().as_ref());
        Self { key, k: self.k, mask: self.mask }
    }

    /// Appends the `k` positions of `token`, in their order and not made distinct.
    pub(crate) fn positions(&self, token: &[u8], positions: &mut Vec<u16>) {
        for block in 0..self.k.div_ceil(PER_BLOCK) {
            let mut context = hmac::Context::with_key(&self.key);
            context.update(&[block as u8]);
            context.update(token);
            let tag = context.sign();
            let wanted = (self.k - block * PER_BLOCK).min(PER_BLOCK);
            let (pieces, _) = tag.as_ref().as_chunks::<2>();
            positions.extend(
                pieces.iter().take(wanted).map(|piece| u16::from_le_bytes(*piece) & self.mask),
            );
        }
    }
}

/// A keyed stream of 16-bit numbers: HMAC-SHA256 over a counter.
pub(crate) struct KeyStream {
    key: hmac::Key,
    counter: u32,
    block: Option<hmac::Tag>,
    used: usize,
}

impl KeyStream {
    pub(crate) fn new(key: hmac::Key) -> Self {
        Self { key, counter: 0, block: None, used: 0 }
    }

    pub(crate) fn next(&mut self) -> u16 {
        let piece = self.block.as_ref().and_then(|block| {
            let (pieces, _) = block.as_ref().as_chunks::<2>();
            pieces.get(self.used).copied()
        });
        if let Some(piece) = piece {
            self.used += 1;
            return u16::from_le_bytes(piece);
        }
        let block = hmac::sign(&self.key, &self.counter.to_le_bytes());
        let first = [block.as_ref()[0], block.as_ref()[1]];
        self.counter += 1;
        self.used = 1;
        self.block = Some(block);
        u16::from_le_bytes(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(k: u8) -> Hasher {
        Hasher::new(hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), k, 1024)
    }

    fn positions(k: u8, token: &[u8]) -> Vec<u16> {
        let mut positions = Vec::new();
        hasher(k).positions(token, &mut positions);
        positions
    }

    #[test]
    fn a_greater_k_only_adds_positions() {
        let all = positions(64, b"AB");
        assert_eq!(all.len(), 64);
        for k in [1, 15, 16, 17, 33] {
            assert_eq!(positions(k, b"AB"), all[..usize::from(k)]);
        }
        assert_ne!(all[..16], all[16..32], "further blocks have their own positions");
    }

    #[test]
    fn salt_classes_share_nothing() {
        let class = |salt: &[u8]| {
            let mut positions = Vec::new();
            hasher(64).of_class(salt).positions(b"AB", &mut positions);
            positions
        };
        assert_eq!(class(b"1975"), class(b"1975"));
        let plain = positions(64, b"AB");
        for (one, other) in [(class(b"1975"), class(b"1976")), (class(b""), plain)] {
            let equal = one.iter().filter(|position| other.contains(position)).count();
            assert!(equal < 16, "{equal} of 64 positions of 1024 are equal");
        }
    }

    #[test]
    fn positions_lie_in_the_filter_and_spread_over_it() {
        let mut seen = vec![false; 1024];
        for token in 0..2000_u32 {
            for position in positions(16, &token.to_le_bytes()) {
                seen[usize::from(position)] = true;
            }
        }
        assert!(seen.iter().all(|&hit| hit));
    }

    #[test]
    fn the_stream_runs_over_its_blocks_without_a_seam() {
        let key = || hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let mut stream = KeyStream::new(key());
        let drawn: Vec<u8> = (0..40).flat_map(|_| stream.next().to_le_bytes()).collect();
        let expected: Vec<u8> = (0..3_u32)
            .flat_map(|counter| hmac::sign(&key(), &counter.to_le_bytes()).as_ref().to_vec())
            .take(80)
            .collect();
        assert_eq!(drawn, expected);
    }
}
