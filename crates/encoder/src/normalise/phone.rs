//! Telephone numbers.

use policy::Identifier;
use zeroize::Zeroizing;

use super::text;

/// Letters and digits of a telephone number, with the German prefix as 0.
///
/// Letters stay: a slip of the keyboard among the digits must not move the others.
#[must_use]
pub fn phone(raw: &str) -> Zeroizing<String> {
    text(Identifier::Phone, raw)
}

pub(super) fn push_phone(raw: &str, number: &mut String) {
    let raw = raw.trim();
    let national = ["+49", "0049"].iter().find_map(|prefix| raw.strip_prefix(prefix));
    let rest = match national {
        Some(rest) => {
            number.push('0');
            let rest = rest.trim_start();
            rest.strip_prefix("(0)").unwrap_or(rest)
        }
        None => raw,
    };
    for character in rest.chars().filter(char::is_ascii_alphanumeric) {
        number.push(character.to_ascii_uppercase());
    }
}
