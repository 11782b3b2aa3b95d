//! Surnames, birth names and given names as sets of parts.

use super::letters::push_folded;
use super::parts::Parts;

/// Academic titles and forms of address; sorted.
const TITLES: [&str; 29] = [
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
    let birth_name = words.iter().position(|word| matches!(word, "GEB" | "GEBORENE"));
    if let Some(position) = birth_name.filter(|position| *position > 0) {
        words.truncate(position);
    }
    for keep_all in [false, true] {
        for (position, word) in words.iter().enumerate() {
            if (keep_all || is_telling(word, words.get(position + 1))) && parts.len() < MOST_PARTS {
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
fn is_telling(word: &str, next: Option<&str>) -> bool {
    let before_particle = matches!(next, Some("VON" | "ZU" | "V"));
    TITLES.binary_search(&word).is_err()
        && PARTICLES.binary_search(&word).is_err()
        && !(before_particle && RANKS.binary_search(&word).is_ok())
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
