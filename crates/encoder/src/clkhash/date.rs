//! Dates by the words of `strptime`, as Python's `datetime.strptime` understands them.

use std::fmt::Write;

use jiff::civil;

use super::CellReason;

/// A compiled date format.
pub(super) struct DateFormat(Vec<Part>);

/// One part of a format.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A character, whatever its case.
    Literal(char),
    /// White space of any length but none.
    Space,
    Number(Number),
    MonthName {
        short: bool,
    },
}

/// A number and where it goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    Year,
    ShortYear,
    Month,
    Day,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Fraction,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What was read so far.
#[derive(Clone, Copy)]
struct Found {
    year: i16,
    month: i8,
    day: i8,
    day_of_year: Option<i16>,
}

impl DateFormat {
    /// # Errors
    /// A reason in words for a directive that is not read.
    pub(super) fn new(format: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut characters = format.chars();
        while let Some(c) = characters.next() {
            let part = match c {
                '%' => directive(characters.next())?,
                c if c.is_whitespace() => Part::Space,
                other => Part::Literal(other),
            };
            if part != Part::Space || parts.last() != Some(&Part::Space) {
                parts.push(part);
            }
        }
        Ok(Self(parts))
    }

    /// Writes the date as year, month, day: the year without leading zeros, as the C library of
    /// Linux prints it and clkhash therefore hashes it.
    pub(super) fn normalise(&self, cell: &str, out: &mut String) -> Result<(), CellReason> {
        let start = Found { year: 1900, month: 1, day: 1, day_of_year: None };
        let (found, rest) = read(&self.0, cell, start).ok_or(CellReason::NotDate)?;
        if !rest.is_empty() || found.year < 1 {
            return Err(CellReason::NotDate);
        }
        let date = match found.day_of_year {
            Some(day) => civil::Date::new(found.year, 1, 1)
                .ok()
                .and_then(|first| first.checked_add(jiff::Span::new().days(day - 1)).ok()),
            None => civil::Date::new(found.year, found.month, found.day).ok(),
        };
        let date = date.ok_or(CellReason::NotDate)?;
        out.clear();
        // Writing to memory does not fail.
        let _ = write!(out, "{}{:02}{:02}", date.year(), date.month(), date.day());
        Ok(())
    }
}

fn directive(letter: Option<char>) -> Result<Part, String> {
    Ok(match letter {
        Some('Y') => Part::Number(Number::Year),
        Some('y') => Part::Number(Number::ShortYear),
        Some('m') => Part::Number(Number::Month),
        Some('d') => Part::Number(Number::Day),
        Some('j') => Part::Number(Number::DayOfYear),
        Some('H') => Part::Number(Number::Hour),
        Some('M') => Part::Number(Number::Minute),
        Some('S') => Part::Number(Number::Second),
        Some('f') => Part::Number(Number::Fraction),
        Some('b') => Part::MonthName { short: true },
        Some('B') => Part::MonthName { short: false },
        Some('%') => Part::Literal('%'),
        Some(other) => {
            return Err(format!(
                "the date format has %{other}; read are %Y %y %m %d %j %b %B %H %M %S %f %%"
            ));
        }
        None => return Err("the date format ends with %".into()),
    })
}

/// Reads from the front, the longest number first as Python's expressions prefer it; what is left
/// of the text is the caller's to judge.
fn read<'a>(parts: &[Part], text: &'a str, found: Found) -> Option<(Found, &'a str)> {
    let Some((part, later)) = parts.split_first() else { return Some((found, text)) };
    match *part {
        Part::Literal(wanted) => {
            let first = text.chars().next()?;
            let same = first == wanted || first.to_lowercase().eq(wanted.to_lowercase());
            if same { read(later, &text[first.len_utf8()..], found) } else { None }
        }
        Part::Space => {
            let spaces = text.len() - text.trim_start_matches(super::cell::is_space).len();
            // Longest first, then shorter, as the expression would give back.
            let ends = text[..spaces].char_indices().map(|(at, c)| at + c.len_utf8());
            let ends: Vec<usize> = ends.collect();
            ends.into_iter().rev().find_map(|end| read(later, &text[end..], found))
        }
        Part::Number(number) => number
            .candidates(text)
            .into_iter()
            .flatten()
            .find_map(|(length, value)| read(later, &text[length..], number.put(value, found)?)),
        Part::MonthName { short } => {
            let name = |n: usize| if short { &MONTHS[n][..3] } else { MONTHS[n] };
            (0..12).find_map(|n| {
                let length = name(n).len();
                let start = text.get(..length)?;
                let same = start.eq_ignore_ascii_case(name(n));
                let found = Found { month: n as i8 + 1, ..found };
                if same { read(later, &text[length..], found) } else { None }
            })
        }
    }
}

impl Number {
    /// Possible lengths with their values, in the order in which Python tries them.
    fn candidates(self, text: &str) -> [Option<(usize, u32)>; 6] {
        let bytes = text.as_bytes();
        let digits = bytes.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let of = |length: usize| {
            let digits = (length <= digits).then(|| text.get(..length))??;
            Some((length, digits.parse::<u32>().ok()?))
        };
        let within = |length: usize, range: std::ops::RangeInclusive<u32>| {
            of(length).filter(|(_, value)| range.contains(value))
        };
        match self {
            Self::Year => [of(4), None, None, None, None, None],
            Self::ShortYear => [of(2), None, None, None, None, None],
            Self::Month => [within(2, 1..=12), within(1, 1..=9), None, None, None, None],
            Self::Day => {
                let spaced = match bytes {
                    [b' ', digit @ b'1'..=b'9', ..] => Some((2, u32::from(digit - b'0'))),
                    _ => None,
                };
                [within(2, 1..=31), within(1, 1..=9), spaced, None, None, None]
            }
            Self::DayOfYear => {
                [within(3, 1..=366), within(2, 1..=99), within(1, 1..=9), None, None, None]
            }
            Self::Hour => [within(2, 0..=23), of(1), None, None, None, None],
            Self::Minute => [within(2, 0..=59), of(1), None, None, None, None],
            Self::Second => [within(2, 0..=61), of(1), None, None, None, None],
            Self::Fraction => [of(6), of(5), of(4), of(3), of(2), of(1)],
        }
    }

    /// `None` for a second that no clock shows.
    fn put(self, value: u32, mut found: Found) -> Option<Found> {
        match self {
            Self::Year => found.year = i16::try_from(value).ok()?,
            // POSIX: 69 to 99 are of the 20th century.
            Self::ShortYear => {
                let century = if value >= 69 { 1900 } else { 2000 };
                found.year = century + i16::try_from(value).ok()?;
            }
            Self::Month => found.month = i8::try_from(value).ok()?,
            Self::Day => found.day = i8::try_from(value).ok()?,
            Self::DayOfYear => found.day_of_year = Some(i16::try_from(value).ok()?),
            Self::Second if value >= 60 => return None,
            Self::Hour | Self::Minute | Self::Second | Self::Fraction => {}
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, cell: &str) -> Option<String> {
        let mut out = String::new();
        let format = DateFormat::new(format).unwrap();
        format.normalise(cell, &mut out).ok().map(|()| out)
    }

    /// Right-hand sides by `strftime(strptime(cell, format), "%Y%m%d")` of Python 3.11 on Linux,
    /// 2026-11-28.
    #[test]
    fn dates_as_python_reads_them() {
        for (format, cell, expected) in [
            ("%Y-%m-%d", "1987-01-30", Some("19870130")),
            ("%Y-%m-%d", "0987-1-3", Some("9870103")),
            ("%Y-%m-%d", "1987-02-30", None),
            ("%Y-%m-%d", "2024-02-29", Some("20240229")),
            ("%Y-%m-%d", "2023-02-29", None),
            ("%Y-%m-%d", "1987-01-30 ", None),
            ("%Y-%m-%d", " 1987-01-30", None),
            ("%Y-%m-%d", "0000-01-01", None),
            ("%Y-%m-%d", "87-01-30", None),
            ("%d.%m.%y", "01.12.68", Some("20681201")),
            ("%d.%m.%y", "01.12.69", Some("19691201")),
            ("%d%m%Y", "112024", Some("20240101")),
            ("%d%m%Y", "1112024", Some("20240111")),
            ("%d%m%y", "1112", Some("20120101")),
            ("%m%j%Y", "0260232023", None),
            ("%Y/%j", "2024/060", Some("20240229")),
            ("%Y/%j", "2023/366", Some("20240101")),
            ("%d %b %Y", "3  MAR   1999", Some("19990303")),
            ("%d %B %Y", "03 may 1999", Some("19990503")),
            ("%d%%%m", "3%4", Some("19000403")),
            ("%d%m%y", " 30487", Some("19870403")),
            ("%Y-%m-%dT%H:%M:%S.%f", "1999-12-31T23:59:59.5", Some("19991231")),
            ("%Y-%m-%d %H:%M:%S", "1999-12-31 23:59:60", None),
            ("%Y", "1999", Some("19990101")),
            ("Y%Y", "y1999", Some("19990101")),
        ] {
            assert_eq!(read(format, cell).as_deref(), expected, "{format} {cell}");
        }
    }

    #[test]
    fn other_directives_are_refused() {
        for format in ["%c", "%p", "%", "%Q", "%U"] {
            assert!(DateFormat::new(format).is_err(), "{format}");
        }
    }
}
