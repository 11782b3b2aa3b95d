//! Tokens to positions.

use blake2::Blake2bMac512;
use blake2::digest::{FixedOutput, KeyInit, Update};
use hmac::Hmac;
use md5::Md5;
use policy::clkhash::{HashFunction, TextEncoding};
use ring::hmac as ring_hmac;
use zeroize::Zeroizing;

use super::keys::FeatureKeys;

/// 16-bit pieces of one BLAKE2b.
const PER_BLOCK: usize = 32;

/// The keyed hash of one feature.
pub(super) enum TokenHash {
    /// Position i is (h1 + i · h2) mod l; h1 is HMAC-SHA1, h2 HMAC-MD5 (Schnell, Bachteler,
    /// Reiher 2011).
    Double { sha1: ring_hmac::Key, md5: Box<Hmac<Md5>>, again: bool, bits: u32 },
    /// Position i is the i-th 16-bit piece of BLAKE2b, whose salt counts the blocks.
    Blake { key: Zeroizing<Vec<u8>>, mask: u16 },
}

/// What of a token is remembered for doubleHash.
#[derive(Clone, Copy)]
pub(super) struct Progression {
    pub(super) start: u32,
    pub(super) step: u32,
}

impl TokenHash {
    /// `None` for a key that the function does not take; a checked schema has none.
    pub(super) fn new(hash: HashFunction, keys: &FeatureKeys, bits: usize) -> Option<Self> {
        match hash {
            HashFunction::DoubleHash { prevent_singularity } => Some(Self::Double {
                sha1: ring_hmac::Key::new(ring_hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &keys[0]),
                md5: Box::new(Hmac::new_from_slice(&keys[1]).ok()?),
                again: prevent_singularity,
                bits: u32::try_from(bits).ok()?,
            }),
            HashFunction::BlakeHash {} => {
                Blake2bMac512::new_with_salt_and_personal(Some(&keys[0]), b"0", &[]).ok()?;
                let mask = u16::try_from(bits - 1).ok()?;
                Some(Self::Blake { key: keys[0].clone(), mask })
            }
        }
    }
}

/// h1 and h2 of a token's bytes, modulo the length of the filter.
pub(super) fn progression(
    sha1: &ring_hmac::Key,
    md5: &Hmac<Md5>,
    again: bool,
    bits: u32,
    token: &[u8],
) -> Progression {
    let start = modulo(ring_hmac::sign(sha1, token).as_ref(), bits);
    let mac = |more: &[u8]| {
        let mut mac = md5.clone();
        mac.update(token);
        mac.update(more);
        modulo(&mac.finalize_fixed(), bits)
    };
    let mut step = mac(&[]);
    let mut characters = '\0'..=char::MAX;
    while again && step == 0 {
        let Some(character) = characters.next() else { break };
        step = mac(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Progression { start, step }
}

/// A big-endian number modulo `bits`.
fn modulo(bytes: &[u8], bits: u32) -> u32 {
    let bits = u64::from(bits);
    bytes.iter().fold(0, |rest, byte| ((rest << 8) | u64::from(*byte)) % bits) as u32
}

/// Appends the first `k` positions of a token's bytes.
pub(super) fn blake_positions(
    key: &[u8],
    mask: u16,
    token: &[u8],
    k: usize,
    positions: &mut Vec<u16>,
) {
    for block in 0..k.div_ceil(PER_BLOCK) {
        let salt = block.to_string();
        let keyed = Blake2bMac512::new_with_salt_and_personal(Some(key), salt.as_bytes(), &[]);
        // The key was tried when the feature was made.
        let Ok(mut mac) = keyed else { return };
        mac.update(token);
        let output = mac.finalize_fixed();
        let left = (k - block * PER_BLOCK).min(PER_BLOCK);
        let pieces = output.chunks_exact(2).take(left);
        positions.extend(pieces.map(|pair| u16::from_le_bytes([pair[0], pair[1]]) & mask));
    }
}

/// A token's bytes in the encoding of its feature; Python puts a byte order mark in front.
pub(super) fn encode(token: &[u8], encoding: TextEncoding, out: &mut Vec<u8>) {
    out.clear();
    let text = || std::str::from_utf8(token).unwrap_or_default();
    match encoding {
        TextEncoding::Ascii | TextEncoding::Utf8 => out.extend_from_slice(token),
        TextEncoding::Utf16 => {
            out.extend_from_slice(&[0xff, 0xfe]);
            out.extend(text().encode_utf16().flat_map(u16::to_le_bytes));
        }
        TextEncoding::Utf32 => {
            out.extend_from_slice(&[0xff, 0xfe, 0, 0]);
            out.extend(text().chars().flat_map(|c| u32::from(c).to_le_bytes()));
        }
    }
}
