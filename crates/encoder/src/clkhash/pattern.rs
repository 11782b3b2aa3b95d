//! Regular expressions of Python, as far as they mean the same in Rust.

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const LARGEST: usize = 1 << 20;

/// A pattern for a whole cell, by Python's `re.fullmatch`.
pub(super) struct Pattern(Regex);

impl Pattern {
    /// # Errors
    /// A reason in words for a pattern that is wrong or uses look-around or back-references,
    /// which the engine leaves out because they can take for ever.
    pub(super) fn new(python: &str) -> Result<Self, String> {
        let pattern = translate(python)?;
        let compile = |text: &str| {
            RegexBuilder::new(text).size_limit(LARGEST).build().map_err(|error| {
                let text = error.to_string();
                let last = text.lines().next_back().unwrap_or_default().to_owned();
                format!("the pattern is wrong or uses look-around or back-references ({last})")
            })
        };
        // Alone first: an unbalanced bracket must not find its match in ours.
        compile(&pattern)?;
        compile(&format!(r"\A(?:{pattern})\z")).map(Self)
    }

    pub(super) fn matches(&self, cell: &str) -> bool {
        self.0.is_match(cell)
    }
}

/// `\Z` is Rust's `\z`, and inside a class Python knows no nesting and no set operations.
fn translate(python: &str) -> Result<String, String> {
    let mut out = String::with_capacity(python.len() + 8);
    let mut characters = python.chars().peekable();
    let mut in_class = false;
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                let escaped = characters.next().ok_or("the pattern ends with a backslash")?;
                out.push('\\');
                out.push(if escaped == 'Z' && !in_class { 'z' } else { escaped });
            }
            '[' if in_class => out.push_str("\\["),
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '-' if in_class && characters.peek() == Some(&'-') => {
                return Err("the pattern has `--` in a class; write `\\-`".into());
            }
            '[' => {
                in_class = true;
                out.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if characters.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values by Python 3.11's `re.fullmatch`, 2026-11-28.
    #[test]
    fn patterns_of_python_hold_for_the_whole_cell() {
        for (pattern, cell, expected) in [
            (r"(?:\d\d\d\d/\d\d/\d\d)\Z", "1987/01/30", true),
            (r"(?:\d\d\d\d/\d\d/\d\d)\Z", "1987/01/300", false),
            (r"[a-z][a-z][a-z]\d\d\d", "kev007", true),
            (r"[a-z][a-z][a-z]\d\d\d", "xkev007", false),
            (r"a|ab", "ab", true),
            (r"[[]", "[", true),
            (r"[]a]+", "]a", true),
            (r"[^]]", "x", true),
            (r"[a&&b]+", "&", true),
            (r"[L,0][0-9]{3}(FL|00|  )$", "L123  ", true),
            (r"\d", "٣", true),
            (r"x\\Z", "x\\Z", true),
        ] {
            let found = Pattern::new(pattern).unwrap().matches(cell);
            assert_eq!(found, expected, "{pattern} {cell}");
        }
    }

    #[test]
    fn what_the_engine_cannot_do_is_refused() {
        for pattern in ["(", r"(a)\1", "(?=a)a", "a)(b", "[a--b]", "\\", "(a{1000}){1000}"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
