//! Where in a file something is wrong.

use std::fmt;

use miette::Diagnostic;

/// A fault of a file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// The line of a byte, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// What Cedar found wrong, at the first place it names.
pub(super) fn fault(file: &str, text: &str, found: &dyn Diagnostic) -> Fault {
    let offset = found.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
    let help = found.help().map(|help| format!("; {help}")).unwrap_or_default();
    Fault {
        file: file.to_owned(),
        line: offset.map_or(1, |offset| line_of(text, offset)),
        reason: format!("{found}{help}"),
    }
}

/// The lines on which the rules of a file begin, in their order: those of their first annotation,
/// or of `permit` and `forbid` themselves.
pub(super) fn rule_lines(text: &str) -> Vec<usize> {
    let (mut lines, mut first, mut depth) = (Vec::new(), None, 0_usize);
    for (number, line) in text.lines().enumerate() {
        for word in words(line) {
            match word {
                "@" if depth == 0 => {
                    first.get_or_insert(number + 1);
                }
                "permit" | "forbid" if depth == 0 => {
                    first.get_or_insert(number + 1);
                    depth = 1;
                }
                ";" => {
                    lines.extend(first.take());
                    depth = 0;
                }
                _ => {}
            }
        }
    }
    lines
}

/// Words and marks of a line outside of texts and comments.
fn words(line: &str) -> Vec<&str> {
    let (mut found, mut start, mut quoted, mut escaped) = (Vec::new(), None, false, false);
    for (at, sign) in line.char_indices() {
        if quoted {
            quoted = escaped || sign != '"';
            escaped = sign == '\\' && !escaped;
            continue;
        }
        let wordy = sign.is_ascii_alphanumeric() || sign == '_';
        if !wordy && let Some(start) = start.take() {
            found.extend(line.get(start..at));
        }
        match sign {
            '"' => quoted = true,
            '/' if line.get(at..).is_some_and(|rest| rest.starts_with("//")) => return found,
            '@' | ';' => found.extend(line.get(at..=at)),
            _ if wordy => {
                start.get_or_insert(at);
            }
            _ => {}
        }
    }
    found.extend(start.and_then(|start| line.get(start..)));
    found
}
