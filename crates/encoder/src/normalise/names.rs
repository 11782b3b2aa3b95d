//! Surnames, birth names and given names as sets of parts.

use super::letters::push_folded;
use super::parts::Parts;

/// Academic titles and forms of address; sorted.
const TITLES: [&str; 30] = [
    "BSC",
    "DENT",
    "DIPL",
    "DR",
    "FRAU",
    "HABIL",
    "HC",
    "HERR",
    "ING",
    "JR",
    "JUR",
    "LLM",
    "MAG",
    "MBA",
    "MED",
    "MSC",
    "MULT",
    "NAT",
    "OEC",
    "PD",
    "PHD",
    "PHIL",
    "POL",
    "PROF",
    "PROFESSOR",
    "RER",
    "SR",
    "TECHN",
    "THEOL",
    "VET",
];

/// Words before a name that one register writes and another leaves out; sorted.
const PARTICLES: [&str; 43] = [
    "AF", "AL", "AM", "AN", "AUF", "AUS", "BEI", "BEIM", "BEN", "BIN", "BINT", "D", "DA", "DAL",
    "DE", "DEL", "DELLA", "DEM", "DEN", "DER", "DES", "DI", "DO", "DOS", "DU", "EL", "IBN", "IM",
    "IN", "LA", "LE", "LO", "TEN", "TER", "UND", "V", "VAN", "VD", "VOM", "VON", "ZU", "ZUM",
    "ZUR",
];

/// Ranks that are part of a noble name, and common surnames on their own; sorted.
const RANKS: [&str; 17] = [
    "BARON",
    "BARONIN",
    "EDLE",
    "EDLER",
    "FREIFRAU",
    "FREIHERR",
    "FREIIN",
    "FRHR",
    "FUERST",
    "FUERSTIN",
    "GRAEFIN",
    "GRAF",
    "HERZOG",
    "PRINZ",
    "PRINZESSIN",
    "RITTER",
    "RITTERIN",
];

/// Most parts of one name; a longer text is no name, and what follows is left out.
const MOST_PARTS: usize = 12;

/// Appends the parts of a name, given as the words of its search form, in their order: without
/// titles and particles, umlauts folded.
///
/// A name that consists of titles and particles only (Herr An Le) is kept as it is. What follows
/// `geb.` is another name and is left out.
pub(super) fn push_names(words: &mut Parts, parts: &mut Parts) {
    if let Some(position) = born(words) {
        words.truncate(position);
    }
    push_telling(words, 0, parts);
}

/// Appends the birth name that a register glued to the surname (`Schmidt geb. Hofmann`), given as
/// the words of the surname; nothing where none is.
pub(super) fn push_glued_birth_name(words: &Parts, parts: &mut Parts) {
    if let Some(position) = born(words) {
        push_telling(words, position + 1, parts);
    }
}

/// Where `geb.` stands, if a name stands before it.
fn born(words: &Parts) -> Option<usize> {
    let is_born = |word: &str| matches!(word, "GEB" | "GEBORENE" | "GEBORENER");
    words.iter().position(is_born).filter(|position| *position > 0)
}

fn push_telling(words: &Parts, first: usize, parts: &mut Parts) {
    for keep_all in [false, true] {
        for (position, word) in words.iter().enumerate().skip(first) {
            if (keep_all || is_telling(words, position)) && parts.len() < MOST_PARTS {
                push_folded(word, parts.text());
                parts.end();
            }
        }
        if !parts.is_empty() {
            break;
        }
    }
}

/// Whether a word is more than a title, a particle, or a rank before a particle.
fn is_telling(words: &Parts, position: usize) -> bool {
    let at = |position: usize| words.get(position).unwrap_or_default();
    let title = |position: usize| TITLES.binary_search(&at(position)).is_ok();
    // h. c. and e. h. after a title.
    let honorary = |first: usize| {
        first > 0
            && title(first - 1)
            && matches!((at(first), at(first + 1)), ("H", "C") | ("E", "H"))
    };
    let rank = RANKS.binary_search(&at(position)).is_ok()
        && matches!(at(position + 1), "VON" | "ZU" | "V");
    !(title(position)
        || PARTICLES.binary_search(&at(position)).is_ok()
        || rank
        || honorary(position)
        || (position > 0 && honorary(position - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(TITLES.is_sorted() && PARTICLES.is_sorted() && RANKS.is_sorted());
    }

    #[test]
    fn a_flood_of_parts_is_cut() {
        let (mut words, mut parts) = (Parts::default(), Parts::default());
        for _ in 0..300 {
            words.text().push_str("AB");
            words.end();
        }
        push_names(&mut words, &mut parts);
        assert_eq!(parts.len(), MOST_PARTS);
    }
}
