//! Whole numbers of any length as text.

use super::CellReason;
use super::cell::trim;

/// Python reads no longer number (`sys.int_info.default_max_str_digits`).
const MOST_DIGITS: usize = 4300;

/// Writes the number of `text` in its one spelling: no white space, no `+`, no leading zeros.
///
/// Accepts what Python's `int(text, 10)` accepts in ASCII digits: one underscore between digits.
pub(super) fn normalise(text: &str, out: &mut String) -> Result<(), CellReason> {
    let text = trim(text);
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    if !has_number_form(digits.as_bytes()) {
        return Err(CellReason::NotInteger);
    }
    let figures = || digits.bytes().filter(u8::is_ascii_digit);
    if figures().count() > MOST_DIGITS {
        return Err(CellReason::NotInteger);
    }
    out.clear();
    let mut leading = figures().skip_while(|digit| *digit == b'0').peekable();
    if leading.peek().is_none() {
        out.push('0');
        return Ok(());
    }
    if negative {
        out.push('-');
    }
    out.extend(leading.map(char::from));
    Ok(())
}

/// Digits, and single underscores between them.
pub(super) fn has_number_form(bytes: &[u8]) -> bool {
    bytes
        .split(|byte| *byte == b'_')
        .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
}

/// Whether a number in its one spelling lies within the bounds.
pub(super) fn within(
    number: &str,
    minimum: Option<i64>,
    maximum: Option<i64>,
) -> Result<(), CellReason> {
    // Longer than any bound: the sign decides.
    let beyond = if number.starts_with('-') { i128::MIN } else { i128::MAX };
    let value = number.parse().unwrap_or(beyond);
    if minimum.is_some_and(|least| value < i128::from(least)) {
        return Err(CellReason::BelowMinimum);
    }
    if maximum.is_some_and(|most| value > i128::from(most)) {
        return Err(CellReason::AboveMaximum);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let mut out = String::new();
        normalise(text, &mut out).ok().map(|()| out)
    }

    /// Right-hand sides by Python 3.11's `str(int(text, 10))`, 2026-11-28.
    #[test]
    fn numbers_have_one_spelling() {
        for (text, expected) in [
            ("+13", Some("13")),
            (" 13\t", Some("13")),
            ("\u{a0}13\u{1f}", Some("13")),
            ("-0", Some("0")),
            ("-007", Some("-7")),
            ("1_000", Some("1000")),
            ("0_0", Some("0")),
            ("123456789012345678901234567890", Some("123456789012345678901234567890")),
            ("", None),
            ("-", None),
            ("+-1", None),
            ("- 1", None),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("1.0", None),
            ("0x10", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text:?}");
        }
        assert!(read(&"9".repeat(MOST_DIGITS)).is_some());
        assert!(read(&"9".repeat(MOST_DIGITS + 1)).is_none());
    }

    #[test]
    fn bounds_hold_for_numbers_of_any_length() {
        let long = "9".repeat(50);
        assert_eq!(within(&long, Some(0), Some(9)), Err(CellReason::AboveMaximum));
        assert_eq!(within(&format!("-{long}"), Some(0), None), Err(CellReason::BelowMinimum));
        assert_eq!(within(&long, Some(0), None), Ok(()));
        assert_eq!(within("5", Some(5), Some(5)), Ok(()));
    }
}
