//! The words of a filter.

use super::bad::Bad;

/// One word of a filter.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    /// A name, an operator or `true`, `false`, `null`.
    Word(String),
    /// `'text'`, with `''` for an apostrophe.
    Text(String),
    /// A whole number or one with decimals.
    Number(f64),
    /// `2025-12-31`.
    Date(jiff::civil::Date),
    Open,
    Close,
    Comma,
}

/// Longest filter, in characters.
const MAX_LENGTH: usize = 4_000;

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Bad> {
    if text.chars().count() > MAX_LENGTH {
        return Err(Bad::asked("a $filter has at most 4000 characters"));
    }
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => quoted(rest)?,
            '0'..='9' | '-' => numeric(rest)?,
            c if c.is_ascii_alphabetic() || c == '_' => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
                (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
            }
            _ => return Err(Bad::asked("a character of $filter has no meaning")),
        };
        found.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(found)
}

fn quoted(rest: &str) -> Result<(Token, usize), Bad> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((Token::Text(text), at + 1));
        }
    }
    Err(Bad::asked("a text in $filter has no closing apostrophe"))
}

fn numeric(rest: &str) -> Result<(Token, usize), Bad> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+');
    let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or_default();
    if let Ok(date) = word.parse::<jiff::civil::Date>() {
        return Ok((Token::Date(date), length));
    }
    // Not the names of Rust's own parser, such as `-inf`.
    let is_number =
        word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
    match word.parse::<f64>() {
        Ok(number) if is_number && number.is_finite() => Ok((Token::Number(number), length)),
        _ => Err(Bad::asked(
            "a number or day in $filter cannot be read; write 12, 1.5 or 2025-12-31",
        )),
    }
}
