//! One feature: from a cell to bits.

use policy::clkhash::{FieldFormat, Strategy, TextEncoding, UsedFeature};

use super::CellReason;
use super::filter;
use super::format::Format;
use super::hash::{self, TokenHash};
use super::keys::FeatureKeys;
use super::memo::TokenMemo;
use super::tokens::{TokenList, Tokeniser};
use crate::EncodeError;

/// A compiled feature with its keys.
pub(super) struct Field {
    missing: Option<(String, String)>,
    format: Format,
    tokeniser: Tokeniser,
    strategy: Strategy,
    hash: TokenHash,
    encoding: TextEncoding,
}

/// Buffers for one cell.
#[derive(Default)]
pub(super) struct CellScratch {
    pub(super) text: String,
    pub(super) tokens: TokenList,
    encoded: Vec<u8>,
    once: Vec<u16>,
}

impl Field {
    pub(super) fn new(
        feature: &UsedFeature,
        keys: &FeatureKeys,
        bits: usize,
    ) -> Result<Self, EncodeError> {
        let fault = |reason: String| EncodeError::Clkhash {
            feature: feature.identifier.chars().take(60).collect(),
            reason,
        };
        let unchecked = || fault("a value is out of range".into());
        let hashing = &feature.hashing;
        let encoding = match feature.format {
            FieldFormat::String { encoding, .. } => encoding,
            _ => TextEncoding::Utf8,
        };
        let missing = hashing.missing_value.as_ref().map(|missing| {
            let instead = missing.replace_with.as_ref().unwrap_or(&missing.sentinel);
            (missing.sentinel.clone(), instead.clone())
        });
        let tokeniser = Tokeniser::new(&hashing.comparison).ok_or_else(unchecked)?;
        if let Some((_, instead)) = &missing {
            if encoding == TextEncoding::Ascii && !instead.is_ascii() {
                let why = "what replaces a missing value is not ASCII, which the encoding asks for";
                return Err(fault(why.into()));
            }
            let mut tokens = TokenList::default();
            tokeniser.fill(instead, &mut tokens).map_err(|reason| {
                fault(format!("what replaces a missing value does not do: {reason}"))
            })?;
        }
        Ok(Self {
            missing,
            format: Format::new(&feature.format).map_err(fault)?,
            tokeniser,
            strategy: hashing.strategy,
            hash: TokenHash::new(hashing.hash, keys, bits).ok_or_else(unchecked)?,
            encoding,
        })
    }

    /// Checks a cell and fills the tokens of what is hashed for it.
    pub(super) fn tokenise(
        &self,
        cell: &str,
        text: &mut String,
        tokens: &mut TokenList,
    ) -> Result<(), CellReason> {
        let value = match &self.missing {
            Some((sentinel, instead)) if sentinel == cell => instead,
            _ => self.format.read(cell, text)?,
        };
        self.tokeniser.fill(value, tokens)
    }

    /// Sets the bits of the tokens.
    pub(super) fn set_bits(
        &self,
        scratch: &mut CellScratch,
        memo: &mut TokenMemo,
        bits: &mut [u64],
    ) {
        let count = scratch.tokens.len();
        for (number, token) in scratch.tokens.iter().enumerate() {
            let k = bits_of(self.strategy, number, count);
            match &self.hash {
                TokenHash::Double { sha1, md5, again, bits: length } => {
                    let found = memo.progression(token, || {
                        hash::encode(token, self.encoding, &mut scratch.encoded);
                        hash::progression(sha1, md5, *again, *length, &scratch.encoded)
                    });
                    let mut position = found.start;
                    for _ in 0..k {
                        filter::set(bits, position as usize);
                        position += found.step;
                        if position >= *length {
                            position -= length;
                        }
                    }
                }
                TokenHash::Blake { key, mask } => {
                    let encoded = &mut scratch.encoded;
                    let found = memo.positions(token, k, &mut scratch.once, |wanted, out| {
                        hash::encode(token, self.encoding, encoded);
                        hash::blake_positions(key, *mask, encoded, wanted, out);
                    });
                    for position in found.iter().take(k) {
                        filter::set(bits, usize::from(*position));
                    }
                }
            }
        }
    }
}

/// Bits of the token with this number among so many: an equal share, and one more for each of the
/// first ones until the rest of the division is used up.
pub(super) fn bits_of(strategy: Strategy, number: usize, count: usize) -> usize {
    match strategy {
        Strategy::BitsPerToken(bits) => bits as usize,
        Strategy::BitsPerFeature(bits) => {
            let bits = bits as usize;
            bits / count + usize::from(number < bits % count)
        }
    }
}
