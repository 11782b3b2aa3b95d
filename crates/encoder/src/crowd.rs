//! What was read of several people, before any of it is hashed.
//!
//! People of one salt class use the same memory of hashed tokens, which for all classes together is
//! larger than a processor's caches. Whoever is hashed right after somebody of the same class finds
//! it near; so people are read first and then hashed class by class.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::known::Known;
use crate::tokens::TokenList;
use crate::wipe::{make_room, make_text_room, wipe, wipe_bytes};

/// Tokens and classes of people, in buffers that are used again.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Crowd {
    /// Tokens that have a number, person after person and feature after feature.
    known: Vec<Known>,
    /// All others, in the same order, back to back.
    text: String,
    /// Where each of the others ends.
    ends: Vec<usize>,
    /// Where each feature of each person ends: in `known`, in `ends`.
    features: Vec<[usize; 2]>,
    features_each: usize,
    /// The class of each person in each view.
    classes: Vec<u32>,
    views_each: usize,
    people: u32,
}

/// What was read of one feature of one person.
pub(crate) struct Tokens<'c> {
    /// Those that have a number.
    pub(crate) known: &'c [Known],
    crowd: &'c Crowd,
    others: [usize; 2],
}

impl Crowd {
    /// Takes a person: one list of tokens per feature, one class per view.
    pub(crate) fn push(&mut self, features: &[TokenList], classes: impl Iterator<Item = u32>) {
        for list in features {
            make_room(&mut self.known, list.known().len());
            self.known.extend_from_slice(list.known());
            for token in list.texts() {
                // Only where it is needed: it costs a look at the whole text.
                if self.text.capacity() - self.text.len() < token.len() {
                    make_text_room(&mut self.text, token.len());
                }
                self.text.push_str(token);
                self.ends.push(self.text.len());
            }
            self.features.push([self.known.len(), self.ends.len()]);
        }
        self.features_each = features.len();
        let before = self.classes.len();
        self.classes.extend(classes);
        self.views_each = self.classes.len() - before;
        self.people += 1;
    }

    /// Replaces `order` by everybody's places, those of one class in `view` together.
    pub(crate) fn by_class(&self, view: usize, order: &mut Vec<u32>) {
        order.clear();
        order.extend(0..self.people);
        order.sort_by_key(|place| self.class(*place, view));
    }

    /// The class of the person at `place`.
    pub(crate) fn class(&self, place: u32, view: usize) -> u32 {
        self.classes[place as usize * self.views_each + view]
    }

    /// What was read of a feature of the person at `place`.
    pub(crate) fn tokens(&self, place: u32, feature: usize) -> Tokens<'_> {
        let at = place as usize * self.features_each + feature;
        let [known_from, others_from] = match at.checked_sub(1) {
            Some(before) => self.features[before],
            None => [0, 0],
        };
        let [known_to, others_to] = self.features[at];
        let known = &self.known[known_from..known_to];
        Tokens { known, crowd: self, others: [others_from, others_to] }
    }

    /// Forgets everybody.
    pub(crate) fn wipe(&mut self) {
        wipe_bytes(&mut self.known);
        wipe(&mut self.text);
        self.ends.clear();
        self.features.clear();
        wipe_bytes(&mut self.classes);
        self.people = 0;
    }
}

impl<'c> Tokens<'c> {
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.others[0] == self.others[1]
    }

    /// Those that have no number, by their text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'c str> {
        let crowd = self.crowd;
        let [from, to] = self.others;
        (from..to).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| crowd.ends[before]);
            &crowd.text[start..crowd.ends[at]]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tokens: &[&str]) -> TokenList {
        let mut list = TokenList::default();
        for token in tokens {
            let mut letters = token.chars();
            let pair = (letters.next().unwrap(), letters.next().unwrap());
            list.push(Known::pair(pair.0, pair.1), &[token]);
        }
        list
    }

    fn shown(tokens: &Tokens<'_>) -> Vec<String> {
        let known = tokens.known.iter().map(|known| {
            let mut text = String::new();
            known.push_text(&mut text);
            text
        });
        known.chain(tokens.texts().map(str::to_owned)).collect()
    }

    #[test]
    fn everybody_finds_their_own_tokens_and_nothing_is_left_of_them() {
        let people = [
            [list(&["AB", "ЖA"]), list(&[])],
            [list(&[]), list(&["CD", "EF", "éa", "öb"])],
            [list(&["ЖA"]), list(&["AB"])],
        ];
        let mut crowd = Crowd::default();
        for _ in 0..2 {
            for (number, person) in people.iter().enumerate() {
                crowd.push(person, [number as u32 % 2, 7].into_iter());
            }
            for (place, person) in (0..).zip(&people) {
                for (feature, list) in person.iter().enumerate() {
                    let tokens = crowd.tokens(place, feature);
                    assert_eq!(shown(&tokens), list.shown());
                    assert_eq!(tokens.is_empty(), list.is_empty());
                }
            }
            let mut order = Vec::new();
            crowd.by_class(0, &mut order);
            assert_eq!(order, [0, 2, 1]);
            crowd.by_class(1, &mut order);
            assert_eq!(order, [0, 1, 2]);
            crowd.wipe();
            assert!(crowd.known.is_empty() && crowd.text.is_empty() && crowd.classes.is_empty());
        }
    }
}
