//! Dates of birth with unknown parts.

use jiff::civil;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::letters::visible;
use crate::EncodeError;

/// Years in which somebody in a department's file may have been born.
const YEARS: std::ops::RangeInclusive<u16> = 1850..=2099;
/// A year with all days, for a date whose year is unknown.
const LEAP_YEAR: i16 = 2000;

/// A date whose parts may be unknown; no `Debug`: it is somebody's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    /// Year, 1850 to 2099.
    pub year: Option<u16>,
    /// Month, 1 to 12.
    pub month: Option<u8>,
    /// Day of the month, 1 to 31; exists in the month and year as far as these are known.
    pub day: Option<u8>,
}

impl PartialDate {
    /// A date of which nothing is known.
    pub const UNKNOWN: Self = Self { year: None, month: None, day: None };

    /// 1 January, which many registers write for "unknown".
    #[must_use]
    pub fn is_first_of_january(&self) -> bool {
        (self.day, self.month) == (Some(1), Some(1))
    }

    /// Whether year, month and day are known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.year.is_some() && self.month.is_some() && self.day.is_some()
    }
}

/// Reads `dd.mm.yyyy`, `dd-mm-yyyy`, `dd/mm/yyyy` or `yyyy-mm-dd`, a time of day after it
/// ignored; `ddmmyyyy` or `yyyymmdd`, which no date between 1850 and 2099 confuses; `mm.yyyy`,
/// `yyyy-mm` and `yyyy` (partly known, XÖV). `00`, `0000`, `??` and `xx` are unknown parts, an
/// empty text an unknown date; invisible characters are passed over.
///
/// # Errors
/// [`EncodeError::DateForm`] for another form, [`EncodeError::DateCentury`] for a year of two
/// digits, [`EncodeError::DateImpossible`] for a date that no calendar has or a year outside 1850
/// to 2099.
pub fn date(text: &str) -> Result<PartialDate, EncodeError> {
    visible(text, read)
}

fn read(text: &str) -> Result<PartialDate, EncodeError> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("unbekannt") {
        return Ok(PartialDate::UNKNOWN);
    }
    let [day, month, year] = split(text).ok_or(EncodeError::DateForm)?;
    if year.len() == 2 {
        return Err(EncodeError::DateCentury);
    }
    if day.len() > 2 || month.len() > 2 || year.len() != 4 {
        return Err(EncodeError::DateForm);
    }
    let (day, month, year) = (number(day)?, number(month)?, number(year)?);
    let exists = civil::Date::new(
        year.map_or(Ok(LEAP_YEAR), i16::try_from).map_err(|_| EncodeError::DateImpossible)?,
        month.map_or(Ok(1), i8::try_from).map_err(|_| EncodeError::DateImpossible)?,
        day.map_or(Ok(1), i8::try_from).map_err(|_| EncodeError::DateImpossible)?,
    );
    if exists.is_err() || year.is_some_and(|year| !YEARS.contains(&year)) {
        return Err(EncodeError::DateImpossible);
    }
    let small = |part: Option<u16>| part.and_then(|part| u8::try_from(part).ok());
    Ok(PartialDate { year, month: small(month), day: small(day) })
}

/// Day, month and year as written, whichever order they stand in.
fn split(text: &str) -> Option<[&str; 3]> {
    let date = match text.split_once(['T', ' ']) {
        Some((date, time)) if time.contains(':') => date,
        _ => text,
    };
    let mut parts = date.split(['.', '-', '/']).map(str::trim);
    let first = parts.next()?;
    let Some(second) = parts.next() else { return without_separators(first) };
    let Some(third) = parts.next() else { return month_and_year(first, second) };
    let three = [first, second, third];
    if parts.next().is_some() || three.iter().any(|part| part.is_empty()) {
        return None;
    }
    let [first, middle, last] = three;
    Some(if first.chars().count() == 4 { [last, middle, first] } else { three })
}

/// `yyyy`, `yyyymmdd` or `ddmmyyyy`.
fn without_separators(text: &str) -> Option<[&str; 3]> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let within = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let begins_with_year = within(0, 4).is_some_and(|year| YEARS.contains(&year));
    match text.len() {
        4 if begins_with_year => Some(["00", "00", text]),
        // The other way round this would be a year before 1300.
        8 if begins_with_year && within(4, 6)? <= 12 && within(6, 8)? <= 31 => {
            Some([text.get(6..8)?, text.get(4..6)?, text.get(..4)?])
        }
        8 => Some([text.get(..2)?, text.get(2..4)?, text.get(4..)?]),
        _ => None,
    }
}

fn month_and_year<'t>(first: &'t str, second: &'t str) -> Option<[&'t str; 3]> {
    match (first.len(), second.len()) {
        (4, 1..=2) => Some(["00", second, first]),
        (1..=2, 4) => Some(["00", first, second]),
        _ => None,
    }
}

fn number(part: &str) -> Result<Option<u16>, EncodeError> {
    if part.bytes().all(|b| matches!(b, b'?' | b'x' | b'X')) {
        return Ok(None);
    }
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(EncodeError::DateForm);
    }
    part.parse().map(|n: u16| (n > 0).then_some(n)).map_err(|_| EncodeError::DateForm)
}

/// The parts of a date as digits, for encoding: those of a readable date, and of an unreadable
/// one whatever is digits.
///
/// A typing error in a date (`29-1q-1983`, `22-12-2972`) leaves most of it right; measured on five
/// parties with such errors, keeping the rest links better than forgetting the date.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct DateDigits {
    /// Two digits, or zero bytes.
    day: [u8; 2],
    month: [u8; 2],
    /// Four bytes, digits where readable.
    year: [u8; 4],
}

impl DateDigits {
    pub(crate) fn read(raw: &str) -> Self {
        visible(raw, Self::read_visible)
    }

    fn read_visible(raw: &str) -> Self {
        let mut digits = Self { day: [0; 2], month: [0; 2], year: [0; 4] };
        if let Ok(PartialDate { year, month, day }) = date(raw) {
            let two = |part: Option<u8>| part.map_or([0; 2], |n| [b'0' + n / 10, b'0' + n % 10]);
            (digits.day, digits.month) = (two(day), two(month));
            if let Some(year) = year {
                let digit = |unit| b'0' + u8::try_from(year / unit % 10).unwrap_or(0);
                digits.year = [digit(1000), digit(100), digit(10), digit(1)];
            }
            return digits;
        }
        let [day, month, year] = split(raw.trim()).unwrap_or_default();
        for (own, part) in [(&mut digits.day, day), (&mut digits.month, month)] {
            if let Ok(two) = <[u8; 2]>::try_from(part.as_bytes()) {
                *own = two;
            }
        }
        // In a year with a foreign character the digits count where its bytes stand.
        if year.chars().count() == 4
            && let Some(four) = year.as_bytes().first_chunk::<4>()
        {
            digits.year = *four;
        }
        digits
    }

    pub(crate) fn is_first_of_january(&self) -> bool {
        (&self.day, &self.month) == (b"01", b"01")
    }

    pub(crate) fn day(&self) -> Option<&str> {
        known(&self.day)
    }

    pub(crate) fn month(&self) -> Option<&str> {
        known(&self.month)
    }

    pub(crate) fn year(&self) -> Option<&str> {
        known(&self.year)
    }

    /// The digit at `position` of the year, if that one is readable.
    pub(crate) fn year_digit(&self, position: usize) -> Option<&str> {
        let digit = self.year.get(position..=position)?;
        str::from_utf8(digit).ok().filter(|_| digit.iter().all(u8::is_ascii_digit))
    }

    /// Appends `yyyy-mm-dd`, unknown parts as zeros; nothing where nothing is known.
    pub(super) fn push_text(&self, text: &mut String) {
        let (year, month, day) = (self.year(), self.month(), self.day());
        if year.is_none() && month.is_none() && day.is_none() && self.year_digit(3).is_none() {
            return;
        }
        text.push_str(year.unwrap_or("0000"));
        for part in [month, day] {
            text.push('-');
            text.push_str(part.unwrap_or("00"));
        }
    }
}

/// A part that is digits throughout and not the zeros of an unknown one.
fn known(part: &[u8]) -> Option<&str> {
    let digits = part.iter().all(u8::is_ascii_digit) && part.iter().any(|digit| *digit != b'0');
    digits.then(|| str::from_utf8(part).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<u16>, Option<u8>, Option<u8>)> {
        date(text).ok().map(|d| (d.year, d.month, d.day))
    }

    #[test]
    fn the_usual_forms_are_one() {
        let expected = Some((Some(1975), Some(3), Some(21)));
        for text in [
            "21.03.1975",
            "21.3.1975",
            " 21-03-1975 ",
            "21/03/1975",
            "1975-03-21",
            "1975-03-21T00:00:00",
            "21.03.1975 00:00",
            "21. 3. 1975",
            "21031975",
            "19750321",
            "\u{200e}21.\u{200e}03.\u{200e}1975",
        ] {
            assert!(read(text) == expected, "{text}");
        }
    }

    #[test]
    fn unknown_parts_are_none() {
        assert!(read("00.00.1975") == Some((Some(1975), None, None)));
        assert!(read("1975-03-00") == Some((Some(1975), Some(3), None)));
        assert!(read("??.xx.1975") == Some((Some(1975), None, None)));
        assert!(read("29.02.0000") == Some((None, Some(2), Some(29))));
        assert!(read("1975") == Some((Some(1975), None, None)));
        for text in ["1975-03", "03.1975", "3/1975"] {
            assert!(read(text) == Some((Some(1975), Some(3), None)), "{text}");
        }
        assert!(read("00001975") == Some((Some(1975), None, None)));
        assert!(read("19750000") == Some((Some(1975), None, None)));
        assert!(
            read("20100000") == Some((Some(2010), None, None)),
            "a year that begins like a day"
        );
        assert!(read("21030000") == Some((None, Some(3), Some(21))));
        assert!(read("") == Some((None, None, None)));
        assert!(date("unbekannt").is_ok_and(|d| d == PartialDate::UNKNOWN));
    }

    #[test]
    fn digits_alone_are_the_same_date_in_either_order() {
        for year in YEARS {
            for (month, day) in [(1, 1), (1, 31), (12, 18), (12, 20), (10, 19), (10, 20), (2, 28)] {
                let expected = Some((Some(year), Some(month), Some(day)));
                assert!(read(&format!("{year}{month:02}{day:02}")) == expected, "{year}");
                assert!(read(&format!("{day:02}{month:02}{year}")) == expected, "{year}");
            }
        }
    }

    #[test]
    fn each_refusal_has_its_reason() {
        for (text, expected) in [
            ("31.02.1990", EncodeError::DateImpossible),
            ("29.02.1900", EncodeError::DateImpossible),
            ("31.04.0000", EncodeError::DateImpossible),
            ("12.13.1990", EncodeError::DateImpossible),
            ("22-12-2972", EncodeError::DateImpossible),
            ("01.01.1849", EncodeError::DateImpossible),
            ("21.03.75", EncodeError::DateCentury),
            ("29-1q-1983", EncodeError::DateForm),
            ("21.03", EncodeError::DateForm),
            ("21.03.1975.1", EncodeError::DateForm),
            ("21..1975", EncodeError::DateForm),
            ("27474", EncodeError::DateForm),
            ("1849", EncodeError::DateForm),
            ("0000", EncodeError::DateForm),
            ("210375", EncodeError::DateForm),
            ("31021990", EncodeError::DateImpossible),
            ("13.1975", EncodeError::DateImpossible),
            ("٢١.٠٣.١٩٧٥", EncodeError::DateForm),
            ("-1.03.1975", EncodeError::DateForm),
        ] {
            assert_eq!(date(text).err(), Some(expected), "{text}");
        }
    }
}
