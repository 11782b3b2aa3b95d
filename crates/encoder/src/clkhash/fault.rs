//! Why a cell is not encoded; never with the cell.

use thiserror::Error;

/// A cell that does not fit its feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("column {}: {reason}", column + 1)]
pub struct CellFault {
    /// Position of the cell in its row, from 0.
    pub column: usize,
    /// What is wrong.
    pub reason: CellReason,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CellReason {
    /// A character outside ASCII in a feature whose encoding is `ascii`.
    #[error("a character is not ASCII, which the schema's encoding asks for")]
    NotAscii,
    /// Too few characters.
    #[error("shorter than the schema's minLength")]
    TooShort,
    /// Too many characters.
    #[error("longer than the schema's maxLength")]
    TooLong,
    /// A lower-case letter.
    #[error("not all upper case, which the schema asks for")]
    NotUpper,
    /// An upper-case letter.
    #[error("not all lower case, which the schema asks for")]
    NotLower,
    /// Another form than the pattern's.
    #[error("does not match the schema's pattern")]
    Pattern,
    /// Not a whole number in ASCII digits.
    #[error("not a whole number")]
    NotInteger,
    /// Below the minimum.
    #[error("below the schema's minimum")]
    BelowMinimum,
    /// Above the maximum.
    #[error("above the schema's maximum")]
    AboveMaximum,
    /// Not a date of the format, or one that no calendar has.
    #[error("not a date in the schema's format, or one that does not exist")]
    NotDate,
    /// Not one of the values.
    #[error("not one of the schema's values")]
    NotListed,
    /// Not a number, for a numeric comparison.
    #[error("not a number, which the numeric comparison needs")]
    NotNumber,
    /// A number too large for a numeric comparison.
    #[error("number too large for the numeric comparison: more than about 30 digits")]
    NumberTooLarge,
}
