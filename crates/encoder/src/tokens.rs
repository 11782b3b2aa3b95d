//! Normalised text as tokens: what is hashed.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Stands before the first and after the last character of a part; never a letter of one.
const PAD: char = '_';

/// Tokens of one field of one record, back to back in one buffer that is used again.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct TokenList {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl TokenList {
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }

    /// One token out of several pieces.
    pub(crate) fn push(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.bytes.extend_from_slice(piece.as_bytes());
        }
        self.ends.push(self.bytes.len());
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
        let seconds = part.chars().chain([PAD]);
        let firsts = [PAD].into_iter().chain(part.chars());
        for (position, (first, second)) in firsts.zip(seconds).enumerate() {
            if positional {
                self.bytes.extend_from_slice(position.to_string().as_bytes());
                self.bytes.push(b':');
            }
            let mut buffer = [0; 4];
            self.bytes.extend_from_slice(first.encode_utf8(&mut buffer).as_bytes());
            self.bytes.extend_from_slice(second.encode_utf8(&mut buffer).as_bytes());
            self.ends.push(self.bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(fill: impl Fn(&mut TokenList)) -> String {
        let mut list = TokenList::default();
        fill(&mut list);
        list.iter().map(|t| String::from_utf8_lossy(t).into_owned()).collect::<Vec<_>>().join(" ")
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
    }

    #[test]
    fn clearing_forgets_the_text() {
        let mut list = TokenList::default();
        list.push(&["D", "21"]);
        assert_eq!(list.iter().next(), Some(b"D21".as_slice()));
        list.zeroize();
        assert!(list.is_empty() && list.bytes.is_empty());
    }
}
