//! Tokens that have a number: pairs over A to Z, 0 to 9 and the padding, and the parts of a date.
//!
//! Nearly all tokens of German registers are among them, and what has a number needs no text, no
//! copy and no hash table. The text behind a number is what enters the MAC.

use zeroize::DefaultIsZeroes;

use crate::tokens::PAD;

/// Characters of a pair.
const ALPHABET: u16 = 37;
const PAIRS: u16 = ALPHABET * ALPHABET;
/// Years of birth that have a number.
const FIRST_YEAR: u16 = 1850;
const YEARS: u16 = 250;

/// How many numbers there are.
pub(crate) const NUMBERS: usize = (YEAR_DIGIT[1].1 + 10) as usize;

/// Two-digit parts of a date: their prefix and their first number.
const TWO_DIGITS: [(char, u16); 3] = [('D', PAIRS), ('U', PAIRS + 100), ('M', PAIRS + 200)];
/// Years.
const YEAR: u16 = PAIRS + 300;
/// Single digits of the year.
const YEAR_DIGIT: [(&str, u16); 2] = [("y2", YEAR + YEARS), ("y3", YEAR + YEARS + 10)];

/// A token by its number.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Known(u16);

impl DefaultIsZeroes for Known {}

impl Known {
    /// The pair of two characters, if both belong to the alphabet.
    pub(crate) fn pair(first: char, second: char) -> Option<Self> {
        Some(Self(place(first)? * ALPHABET + place(second)?))
    }

    /// Day, month or either with its prefix D, M or U, from two digits.
    pub(crate) fn two_digits(prefix: char, digits: &str) -> Option<Self> {
        let (_, first) = TWO_DIGITS.into_iter().find(|(own, _)| *own == prefix)?;
        Some(Self(first + number(digits, 2)?))
    }

    /// A year, from four digits.
    pub(crate) fn year(digits: &str) -> Option<Self> {
        let year = number(digits, 4)?.checked_sub(FIRST_YEAR)?;
        (year < YEARS).then_some(Self(YEAR + year))
    }

    /// One digit of a year with its prefix y2 or y3.
    pub(crate) fn year_digit(prefix: &str, digit: &str) -> Option<Self> {
        let (_, first) = YEAR_DIGIT.into_iter().find(|(own, _)| *own == prefix)?;
        Some(Self(first + number(digit, 1)?))
    }

    pub(crate) fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Appends the token's text.
    pub(crate) fn push_text(self, text: &mut String) {
        if self.0 < PAIRS {
            text.extend([self.0 / ALPHABET, self.0 % ALPHABET].map(character));
            return;
        }
        let digits = |number: u16, many: u32| {
            (0..many).rev().map(move |place| character(27 + number / 10_u16.pow(place) % 10))
        };
        if self.0 < YEAR {
            let (prefix, first) = TWO_DIGITS[usize::from((self.0 - PAIRS) / 100)];
            text.push(prefix);
            text.extend(digits(self.0 - first, 2));
        } else if self.0 < YEAR + YEARS {
            text.push('Y');
            text.extend(digits(self.0 - YEAR + FIRST_YEAR, 4));
        } else {
            let (prefix, first) = YEAR_DIGIT[usize::from((self.0 - YEAR - YEARS) / 10)];
            text.push_str(prefix);
            text.extend(digits(self.0 - first, 1));
        }
    }
}

/// Where a character stands in the alphabet: the padding, the letters, the digits.
fn place(character: char) -> Option<u16> {
    match character {
        PAD => Some(0),
        'A'..='Z' => Some(character as u16 - 'A' as u16 + 1),
        '0'..='9' => Some(character as u16 - '0' as u16 + 27),
        _ => None,
    }
}

fn character(place: u16) -> char {
    match u8::try_from(place) {
        Ok(letter @ 1..=26) => char::from(b'A' + letter - 1),
        Ok(digit @ 27..=36) => char::from(b'0' + digit - 27),
        _ => PAD,
    }
}

fn number(digits: &str, length: usize) -> Option<u16> {
    let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn text(known: Known) -> String {
        let mut text = String::new();
        known.push_text(&mut text);
        text
    }

    #[test]
    fn every_number_has_a_text_of_its_own() {
        let texts: HashSet<String> = (0..NUMBERS).map(|n| text(Known(n as u16))).collect();
        assert_eq!(texts.len(), NUMBERS);
    }

    #[test]
    fn a_token_reads_back_from_its_number() {
        let letters: Vec<char> = "_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".chars().collect();
        for (first, second) in letters.iter().flat_map(|a| letters.iter().map(move |b| (*a, *b))) {
            assert_eq!(Known::pair(first, second).map(text), Some(format!("{first}{second}")));
        }
        for two in (0..100).map(|n| format!("{n:02}")) {
            for prefix in ['D', 'U', 'M'] {
                let known = Known::two_digits(prefix, &two);
                assert_eq!(known.map(text), Some(format!("{prefix}{two}")));
            }
        }
        for year in 1850..2100 {
            assert_eq!(Known::year(&year.to_string()).map(text), Some(format!("Y{year}")));
        }
        for digit in 0..10 {
            for prefix in ["y2", "y3"] {
                let known = Known::year_digit(prefix, &digit.to_string());
                assert_eq!(known.map(text), Some(format!("{prefix}{digit}")));
            }
        }
    }

    #[test]
    fn everything_else_has_none() {
        assert!(Known::pair('Ж', 'A').is_none() && Known::pair('A', 'a').is_none());
        assert!(Known::year("2972").is_none() && Known::year("1849").is_none());
        assert!(Known::two_digits('D', "1q").is_none() && Known::two_digits('Y', "11").is_none());
    }
}
