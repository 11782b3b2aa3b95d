//! Surnames, birth names and given names as sets of parts.

use zeroize::Zeroizing;

use super::letters::{fold_umlauts, words};

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

/// The parts of a name in their order: search form, without titles and particles, umlauts folded.
///
/// A name that consists of titles and particles only (Herr An Le) is kept as it is. What follows
/// `geb.` is another name and is left out.
#[must_use]
pub fn names(raw: &str) -> Zeroizing<Vec<String>> {
    let words = words(raw);
    let own = born(&words).and_then(|position| words.get(..position));
    parts(own.unwrap_or(&words))
}

/// The birth name that a register glued to the surname (`Schmidt geb. Hofmann`); empty where
/// nothing is.
#[must_use]
pub fn glued_birth_name(surname: &str) -> Zeroizing<Vec<String>> {
    let words = words(surname);
    parts(born(&words).and_then(|position| words.get(position + 1..)).unwrap_or_default())
}

/// Where `geb.` stands, if a name stands before it.
fn born(words: &[String]) -> Option<usize> {
    let is_born = |word: &String| matches!(word.as_str(), "GEB" | "GEBORENE" | "GEBORENER");
    words.iter().position(is_born).filter(|position| *position > 0)
}

fn parts(words: &[String]) -> Zeroizing<Vec<String>> {
    let at = |position: usize| words.get(position).map_or("", String::as_str);
    let title = |position: usize| TITLES.binary_search(&at(position)).is_ok();
    // h. c. and e. h. after a title.
    let honorary = |first: usize| {
        first > 0
            && title(first - 1)
            && matches!((at(first), at(first + 1)), ("H", "C") | ("E", "H"))
    };
    let rank = |position: usize| {
        let before_particle = matches!(at(position + 1), "VON" | "ZU" | "V");
        before_particle && RANKS.binary_search(&at(position)).is_ok()
    };
    let telling = |position: usize| {
        let left_out = title(position)
            || PARTICLES.binary_search(&at(position)).is_ok()
            || rank(position)
            || honorary(position)
            || (position > 0 && honorary(position - 1));
        !left_out
    };
    let mut parts = Zeroizing::new(Vec::with_capacity(words.len().min(MOST_PARTS)));
    for keep_all in [false, true] {
        for (position, word) in words.iter().enumerate() {
            if (keep_all || telling(position)) && parts.len() < MOST_PARTS {
                parts.push(fold_umlauts(word).to_string());
            }
        }
        if !parts.is_empty() {
            break;
        }
    }
    parts
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
        assert_eq!(names(&"ab ".repeat(300)).len(), MOST_PARTS);
    }
}
