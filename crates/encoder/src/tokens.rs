//! Normalised text as tokens: what is hashed.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::known::Known;
use crate::wipe::{wipe, wipe_bytes};

/// Stands before the first and after the last character of a part; never a letter of one.
pub(crate) const PAD: char = '_';

/// Tokens of one field of one record, in buffers that are used again. A set: the order of tokens
/// says nothing.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct TokenList {
    /// Those that have a number.
    known: Vec<Known>,
    /// All others, back to back.
    text: String,
    ends: Vec<usize>,
}

impl TokenList {
    /// Tokens that have a number.
    pub(crate) fn known(&self) -> &[Known] {
        &self.known
    }

    /// The others by their text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }

    /// A token by its number, or by the pieces of its text where it has none.
    pub(crate) fn push(&mut self, known: Option<Known>, pieces: &[&str]) {
        match known {
            Some(known) => self.known.push(known),
            None => {
                self.text.extend(pieces.iter().copied());
                self.ends.push(self.text.len());
            }
        }
    }

    /// Overlapping pairs of characters of `part`, padded at both ends.
    pub(crate) fn push_bigrams(&mut self, part: &str) {
        self.push_pairs(part, false);
    }

    /// As [`Self::push_bigrams`], each pair after its position and a colon.
    pub(crate) fn push_positional_bigrams(&mut self, part: &str) {
        self.push_pairs(part, true);
    }

    fn push_pairs(&mut self, part: &str, positional: bool) {
        let mut first = PAD;
        for (position, second) in part.chars().chain([PAD]).enumerate() {
            match Known::pair(first, second) {
                Some(pair) if !positional => self.known.push(pair),
                _ => {
                    if positional {
                        self.text.push_str(&position.to_string());
                        self.text.push(':');
                    }
                    self.text.extend([first, second]);
                    self.ends.push(self.text.len());
                }
            }
            first = second;
        }
    }

    /// Forgets all tokens.
    pub(crate) fn wipe(&mut self) {
        wipe_bytes(&mut self.known);
        wipe(&mut self.text);
        self.ends.clear();
    }
}

#[cfg(test)]
impl TokenList {
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.ends.is_empty()
    }

    /// All tokens as text.
    pub(crate) fn shown(&self) -> Vec<String> {
        let known = self.known.iter().map(|known| {
            let mut text = String::new();
            known.push_text(&mut text);
            text
        });
        known.chain(self.texts().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(fill: impl Fn(&mut TokenList)) -> String {
        let mut list = TokenList::default();
        fill(&mut list);
        list.shown().join(" ")
    }

    #[test]
    fn parts_are_padded_so_that_a_subset_of_parts_is_a_subset_of_tokens() {
        assert_eq!(shown(|list| list.push_bigrams("WEISZ")), "_W WE EI IS SZ Z_");
        let both = shown(|list| {
            list.push_bigrams("ABT");
            list.push_bigrams("WEISZ");
        });
        assert_eq!(both, "_A AB BT T_ _W WE EI IS SZ Z_");
    }

    #[test]
    fn positions_precede_positional_pairs() {
        assert_eq!(shown(|list| list.push_positional_bigrams("060")), "0:_0 1:06 2:60 3:0_");
    }

    #[test]
    fn one_character_has_two_pairs() {
        assert_eq!(shown(|list| list.push_bigrams("Ж")), "_Ж Ж_");
        assert_eq!(shown(|list| list.push_bigrams("AЖB")), "_A B_ AЖ ЖB", "known ones first");
    }

    #[test]
    fn wiping_forgets_the_text() {
        let mut list = TokenList::default();
        list.push(None, &["D", "1q"]);
        list.push_bigrams("A");
        assert_eq!(list.texts().next(), Some("D1q"));
        assert_eq!(list.known().len(), 2);
        list.wipe();
        assert!(list.is_empty() && list.text.is_empty());
    }
}
