//! Values to tokens.

use std::io::Write;

use policy::clkhash::Comparison;
use zeroize::Zeroize;

use super::CellReason;
use super::numeric::Numeric;

/// Tokens one after the other in one buffer, as UTF-8; overwritten by the next value.
#[derive(Default)]
pub(super) struct TokenList {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The value between its spaces, and where its characters begin.
    padded: Vec<u8>,
    cuts: Vec<usize>,
}

impl TokenList {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = 0;
        self.ends.iter().map(move |&end| {
            let token = &self.bytes[from..end];
            from = end;
            token
        })
    }

    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    pub(super) fn push_number(&mut self, number: i128) {
        // Writing to memory does not fail.
        let _ = write!(self.bytes, "{number}");
        self.end();
    }

    fn push_whole(&mut self, value: &str) {
        self.bytes.extend_from_slice(value.as_bytes());
        self.end();
    }

    fn push_ngrams(&mut self, value: &str, n: usize, positional: bool) {
        let spaces = n - 1;
        self.padded.clear();
        self.padded.resize(spaces, b' ');
        self.padded.extend_from_slice(value.as_bytes());
        self.padded.resize(self.padded.len() + spaces, b' ');
        self.cuts.clear();
        self.cuts.extend(0..spaces);
        if value.is_ascii() {
            self.cuts.extend(spaces..=self.padded.len());
        } else {
            self.cuts.extend(value.char_indices().map(|(at, _)| spaces + at));
            self.cuts.extend(spaces + value.len()..=self.padded.len());
        }
        for (number, window) in self.cuts.windows(n + 1).enumerate() {
            if positional {
                push_decimal(&mut self.bytes, number + 1);
                self.bytes.push(b' ');
            }
            self.bytes.extend_from_slice(&self.padded[window[0]..window[n]]);
            self.ends.push(self.bytes.len());
        }
    }
}

fn push_decimal(bytes: &mut Vec<u8>, number: usize) {
    if number >= 10 {
        push_decimal(bytes, number / 10);
    }
    bytes.push(b'0' + (number % 10) as u8);
}

impl Drop for TokenList {
    fn drop(&mut self) {
        self.bytes.zeroize();
        self.padded.zeroize();
    }
}

/// How one feature's values become tokens.
pub(super) enum Tokeniser {
    Ngram { n: usize, positional: bool },
    Exact,
    Numeric(Numeric),
}

impl Tokeniser {
    /// `None` for values that a checked schema does not have.
    pub(super) fn new(comparison: &Comparison) -> Option<Self> {
        Some(match comparison {
            Comparison::Ngram { n, positional } if *n > 0 => {
                Self::Ngram { n: usize::from(*n), positional: *positional }
            }
            Comparison::Ngram { .. } => return None,
            Comparison::Exact {} => Self::Exact,
            Comparison::Numeric { resolution, fractional_precision, .. } => {
                let interval = comparison.interval()?;
                Self::Numeric(Numeric::new(interval, *resolution, *fractional_precision)?)
            }
        })
    }

    /// Replaces what is in `tokens` by the tokens of `value`; an empty value has none.
    pub(super) fn fill(&self, value: &str, tokens: &mut TokenList) -> Result<(), CellReason> {
        tokens.clear();
        if value.is_empty() {
            return Ok(());
        }
        match self {
            Self::Ngram { n, positional } => tokens.push_ngrams(value, *n, *positional),
            Self::Exact => tokens.push_whole(value),
            Self::Numeric(numeric) => numeric.push(value, tokens)?,
        }
        Ok(())
    }
}
