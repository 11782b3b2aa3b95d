//! Streets, house numbers, postcodes and towns.

use policy::Identifier;
use zeroize::Zeroizing;

use super::letters::push_folded;
use super::parts::Parts;
use super::text;

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
    let (_, number) = split_house_number(first_line(raw));
    Street { name: text(Identifier::Street, raw), house_number: house_number(number) }
}

/// A house number without spaces and in capitals: `12a`, `12 A` and `12 a` are `12A`.
#[must_use]
pub fn house_number(raw: &str) -> Zeroizing<String> {
    text(Identifier::HouseNumber, raw)
}

/// A postcode as five digits; leading zeros that a spreadsheet ate are put back.
///
/// `None` for anything but four or five digits (after an optional country sign `D` or `DE`).
#[must_use]
pub fn postcode(raw: &str) -> Option<Zeroizing<String>> {
    Some(text(Identifier::Postcode, raw)).filter(|digits| !digits.is_empty())
}

/// A town in capitals without spaces; additions after a comma, a slash or a bracket and the river
/// it lies on ("am Main", "a. M.") are left out, Sankt is `ST`.
#[must_use]
pub fn town(raw: &str) -> Zeroizing<String> {
    text(Identifier::Town, raw)
}

pub(super) fn first_line(raw: &str) -> &str {
    raw.trim().split(['\n', '\r']).next().unwrap_or_default().trim_end()
}

/// The name and what follows it from a digit on that stands after a space, or after a full stop.
pub(super) fn split_house_number(raw: &str) -> (&str, &str) {
    let (mut before, mut letters) = (None, false);
    for (position, character) in raw.char_indices() {
        let begins = character.is_ascii_digit()
            && before.is_some_and(|b: char| !b.is_ascii_digit() && b != '-');
        if begins && letters {
            return raw.split_at(position);
        }
        letters |= character.is_alphabetic();
        before = Some(character);
    }
    (raw, "")
}

/// Joins the words of a street's name, shortens its ending and folds it.
pub(super) fn push_street_name(words: &Parts, joined: &mut String, name: &mut String) {
    for word in words.iter() {
        joined.push_str(word);
    }
    let stem = ["STRASSE", "STRASE", "STRAS", "STRAE"]
        .into_iter()
        .find_map(|ending| joined.strip_suffix(ending));
    match stem {
        // Folded as one text: an umlaut may lie across the seam.
        Some(stem) => {
            let length = stem.len() + "STR".len();
            push_folded(joined.get(..length).unwrap_or_default(), name);
        }
        None => push_folded(joined, name),
    }
}

/// Joins the words of a house number without their leading zeros.
pub(super) fn push_house_number(words: &Parts, number: &mut String) {
    for word in words.iter().map(|word| word.trim_start_matches('0')) {
        let digit = |c: char| c.is_ascii_digit();
        if number.chars().next_back().is_some_and(digit) && word.chars().next().is_some_and(digit) {
            number.push('-');
        }
        number.push_str(word);
    }
}

/// Appends the five digits of a postcode; nothing for another text.
pub(super) fn push_postcode(raw: &str, postcode: &mut String) {
    let text = raw.trim();
    let signed = text.strip_prefix(['D', 'd']).map(|t| t.strip_prefix(['E', 'e']).unwrap_or(t));
    // Hyphen or space must part the sign from the digits.
    let unsigned = signed
        .and_then(|t| t.strip_prefix(|c: char| c == '-' || c.is_whitespace()))
        .map_or(text, |t| t.trim_start_matches('-').trim_start());
    // A number column exported with a decimal.
    let digits =
        unsigned.strip_suffix(".0").or_else(|| unsigned.strip_suffix(",0")).unwrap_or(unsigned);
    if !(4..=5).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    if digits.len() == 4 {
        postcode.push('0');
    }
    postcode.push_str(digits);
}

/// A town's first line up to the first addition.
pub(super) fn without_additions(raw: &str) -> &str {
    let raw = first_line(raw);
    raw.split([',', '/', '(']).next().filter(|s| !s.trim().is_empty()).unwrap_or(raw)
}

/// Joins the words of a town's name up to the river and folds it.
pub(super) fn push_town(words: &Parts, joined: &mut String, name: &mut String) {
    let is_river =
        |(place, word): (usize, &str)| place > 0 && matches!(word, "AM" | "A" | "AN" | "OT");
    let river = words.iter().enumerate().position(is_river);
    for word in words.iter().take(river.unwrap_or(words.len())) {
        joined.push_str(if word == "SANKT" { "ST" } else { word });
    }
    push_folded(joined, name);
}
