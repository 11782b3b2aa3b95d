//! Streets, house numbers, postcodes and towns.

use zeroize::Zeroizing;

use super::letters::{fold_umlauts, visible, words};

/// A street's normal form and the house number that was glued to it.
pub struct Street {
    /// Name in capitals without spaces; every form of "street" is `STR`.
    pub name: Zeroizing<String>,
    /// What follows the name from the first digit on; empty where nothing does.
    pub house_number: Zeroizing<String>,
}

/// Splits a glued house number off and brings "Str.", "Straße", "strasse", "-str" to one form.
///
/// A number that begins the text ("17. Juni Platz") belongs to the name. Of several
/// lines the first counts; the others say which building or floor.
#[must_use]
pub fn street(raw: &str) -> Street {
    let (name, number) = split_house_number(first_line(raw));
    let words = words(name);
    let mut joined = Zeroizing::new(String::with_capacity(name.len() * 3 + 4));
    for word in words.iter() {
        joined.push_str(word);
    }
    for ending in ["STRASSE", "STRASE", "STRAS", "STRAE"] {
        if let Some(stem) = joined.strip_suffix(ending) {
            let length = stem.len();
            joined.truncate(length);
            joined.push_str("STR");
            break;
        }
    }
    Street { name: fold_umlauts(&joined), house_number: house_number(number) }
}

fn first_line(raw: &str) -> &str {
    raw.trim().split(['\n', '\r']).next().unwrap_or_default().trim_end()
}

/// The name and what follows it from a digit on that stands after a space, or after a full stop.
fn split_house_number(raw: &str) -> (&str, &str) {
    let mut before = None;
    for (position, character) in raw.char_indices() {
        let begins = character.is_ascii_digit()
            && before.is_some_and(|b: char| !b.is_ascii_digit() && b != '-');
        if begins && raw[..position].chars().any(char::is_alphabetic) {
            return raw.split_at(position);
        }
        before = Some(character);
    }
    (raw, "")
}

/// A house number without spaces and in capitals: `12a`, `12 A` and `12 a` are `12A`.
#[must_use]
pub fn house_number(raw: &str) -> Zeroizing<String> {
    let words = words(raw);
    let mut number = Zeroizing::new(String::with_capacity(raw.len()));
    for word in words.iter() {
        let digit = |c: char| c.is_ascii_digit();
        if number.chars().next_back().is_some_and(digit) && word.chars().next().is_some_and(digit) {
            number.push('-');
        }
        number.push_str(word.trim_start_matches('0'));
    }
    number
}

/// A postcode as five digits; leading zeros that a spreadsheet ate are put back.
///
/// `None` for anything but four or five digits (after an optional country sign `D` or `DE`).
#[must_use]
pub fn postcode(raw: &str) -> Option<Zeroizing<String>> {
    visible(raw, read_postcode)
}

fn read_postcode(raw: &str) -> Option<Zeroizing<String>> {
    let text = raw.trim();
    let signed = text.strip_prefix(['D', 'd']).map(|t| t.strip_prefix(['E', 'e']).unwrap_or(t));
    // Hyphen or space must part the sign from the digits.
    let unsigned = signed
        .and_then(|t| t.strip_prefix(|c: char| c == '-' || c.is_whitespace()))
        .map_or(text, |t| t.trim_start_matches('-').trim_start());
    // A number column exported with a decimal.
    let digits =
        unsigned.strip_suffix(".0").or_else(|| unsigned.strip_suffix(",0")).unwrap_or(unsigned);
    let fits = (4..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Zeroizing::new(format!("{digits:0>5}")))
}

/// A town in capitals without spaces; additions after a comma, a slash or a bracket and the river
/// it lies on ("am Main", "a. M.") are left out, Sankt is `ST`.
#[must_use]
pub fn town(raw: &str) -> Zeroizing<String> {
    let raw = first_line(raw);
    let short = raw.split([',', '/', '(']).next().filter(|s| !s.trim().is_empty()).unwrap_or(raw);
    let words = words(short);
    let river = words
        .iter()
        .enumerate()
        .position(|(place, word)| place > 0 && matches!(word.as_str(), "AM" | "A" | "AN" | "OT"));
    let mut joined = Zeroizing::new(String::with_capacity(short.len() * 3 + 4));
    for word in words.iter().take(river.unwrap_or(words.len())) {
        joined.push_str(if word == "SANKT" { "ST" } else { word });
    }
    fold_umlauts(&joined)
}
