//! White space as Python sees it.

/// What happens to white space around a cell before anything else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Trim {
    /// Nothing, as clkhash does since 0.18.2: a space is a character like any other.
    #[default]
    Keep,
    /// It is cut off, as clkhash did up to 0.18.1.
    Cut,
}

/// `text` without white space around it, by Python's `str.strip`.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Python's `str.isspace`: Unicode's white space and four separators of ASCII.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
