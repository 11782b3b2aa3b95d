//! What a cell must look like, and the text that is hashed for it.

use policy::clkhash::{FieldFormat, LetterCase, TextEncoding};

use super::date::DateFormat;
use super::pattern::Pattern;
use super::{CellReason, integer};

/// A compiled format.
pub(super) enum Format {
    Text { ascii: bool, case: LetterCase, shortest: usize, longest: usize },
    Pattern { ascii: bool, pattern: Pattern },
    Integer { minimum: Option<i64>, maximum: Option<i64> },
    Date(DateFormat),
    Enum(Vec<String>),
}

impl Format {
    /// # Errors
    /// A reason in words.
    pub(super) fn new(format: &FieldFormat) -> Result<Self, String> {
        Ok(match format {
            FieldFormat::String { encoding, pattern: Some(pattern), .. } => Self::Pattern {
                ascii: *encoding == TextEncoding::Ascii,
                pattern: Pattern::new(pattern)?,
            },
            FieldFormat::String { encoding, case, min_length, max_length, .. } => Self::Text {
                ascii: *encoding == TextEncoding::Ascii,
                case: case.unwrap_or(LetterCase::Mixed),
                shortest: min_length.unwrap_or(0) as usize,
                longest: max_length.map_or(usize::MAX, |most| most as usize),
            },
            FieldFormat::Integer { minimum, maximum, .. } => {
                Self::Integer { minimum: *minimum, maximum: *maximum }
            }
            FieldFormat::Date { format, .. } => Self::Date(DateFormat::new(format)?),
            FieldFormat::Enum { values, .. } => Self::Enum(values.clone()),
        })
    }

    /// The text that is hashed for a cell: the cell itself, or its one spelling in `out`.
    pub(super) fn read<'a>(
        &self,
        cell: &'a str,
        out: &'a mut String,
    ) -> Result<&'a str, CellReason> {
        match self {
            Self::Text { ascii, case, shortest, longest } => {
                check_ascii(*ascii, cell)?;
                check_length(cell, *shortest, *longest)?;
                check_case(*case, cell)?;
                Ok(cell)
            }
            Self::Pattern { ascii, pattern } => {
                check_ascii(*ascii, cell)?;
                if pattern.matches(cell) { Ok(cell) } else { Err(CellReason::Pattern) }
            }
            Self::Integer { minimum, maximum } => {
                integer::normalise(cell, out)?;
                integer::within(out, *minimum, *maximum)?;
                Ok(out)
            }
            Self::Date(format) => {
                format.normalise(cell, out)?;
                Ok(out)
            }
            Self::Enum(values) => {
                let listed = values.iter().any(|value| value == cell);
                if listed { Ok(cell) } else { Err(CellReason::NotListed) }
            }
        }
    }
}

fn check_ascii(ascii: bool, cell: &str) -> Result<(), CellReason> {
    if ascii && !cell.is_ascii() { Err(CellReason::NotAscii) } else { Ok(()) }
}

fn check_length(cell: &str, shortest: usize, longest: usize) -> Result<(), CellReason> {
    // No character is shorter than a byte or longer than four.
    if cell.len() / 4 >= shortest && cell.len() <= longest {
        return Ok(());
    }
    let characters = cell.chars().count();
    if characters < shortest {
        Err(CellReason::TooShort)
    } else if characters > longest {
        Err(CellReason::TooLong)
    } else {
        Ok(())
    }
}

fn check_case(case: LetterCase, cell: &str) -> Result<(), CellReason> {
    let ascii = cell.is_ascii();
    let (kept, reason) = match case {
        LetterCase::Mixed => return Ok(()),
        LetterCase::Upper if ascii => {
            (!cell.bytes().any(|byte| byte.is_ascii_lowercase()), CellReason::NotUpper)
        }
        LetterCase::Lower if ascii => {
            (!cell.bytes().any(|byte| byte.is_ascii_uppercase()), CellReason::NotLower)
        }
        LetterCase::Upper => (cell.to_uppercase() == cell, CellReason::NotUpper),
        LetterCase::Lower => (cell.to_lowercase() == cell, CellReason::NotLower),
    };
    if kept { Ok(()) } else { Err(reason) }
}
