//! A folder read as a whole, and where in it something is wrong.

use std::path::{Path, PathBuf};

use access::Rules;
use jiff::civil::Date;
use policy::{PolicyError, PolicySet};
use serde::Serialize;

use super::cases::{self, Cases, Failed};

/// A checked folder.
pub(crate) struct Folder {
    pub(crate) set: PolicySet,
    pub(crate) rules: Rules,
    pub(crate) cases: Cases,
}

/// What is said in words: pieces of policy and rules of access, from a folder or in force.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) set: &'a PolicySet,
    pub(crate) rules: &'a Rules,
}

/// Something wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

impl Folder {
    /// Its pieces and rules.
    pub(crate) fn said(&self) -> Said<'_> {
        Said { set: &self.set, rules: &self.rules }
    }

    /// Reads everything; what is wrong comes with file and line.
    pub(crate) fn read(folder: &Path) -> Result<Self, Vec<Place>> {
        let set = PolicySet::load(folder).map_err(|error| vec![place(folder, &error)])?;
        let access = folder.join("access");
        let of_rule = |fault: access::Fault| Place {
            file: access.join(fault.file).display().to_string(),
            line: fault.line,
            reason: fault.reason,
        };
        let rules = Rules::read(&set.access)
            .map_err(|faults| faults.into_iter().map(of_rule).collect::<Vec<_>>())?;
        let cases = cases::read(&folder.join("tests"))?;
        Ok(Self { set, rules, cases })
    }

    /// Rules that have run out on `today`, and cases that are decided otherwise.
    pub(crate) fn faults(&self, folder: &Path, today: Date) -> Vec<Place> {
        let access = folder.join("access");
        let expired = self.rules.expired(today).into_iter().map(|fault| Place {
            file: access.join(fault.file).display().to_string(),
            line: fault.line,
            reason: fault.reason,
        });
        let place = |Failed { file, line, reason }| Place { file, line, reason };
        let failed = self.cases.failed(self).into_iter().map(place);
        expired.chain(failed).collect()
    }
}

/// The place of what a file of policy says of itself.
fn place(folder: &Path, error: &PolicyError) -> Place {
    let (file, reason) = match error {
        PolicyError::Form { path, reason } | PolicyError::Read { path, reason } => {
            (PathBuf::from(path), reason.clone())
        }
        other => (folder.to_owned(), other.to_string()),
    };
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let line = line(&text, &reason);
    Place { file: file.display().to_string(), line, reason: reason.trim_end().to_owned() }
}

/// The line that a message is about: the one the parser names, or the first one that has the
/// innermost name it speaks of, and after that the first one that sets the word it speaks of.
pub(super) fn line(text: &str, reason: &str) -> usize {
    let stated = reason.split_once("at line ").or_else(|| reason.split_once("line: "));
    if let Some((_, rest)) = stated {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(line) = digits.parse() {
            return line;
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    let names = reason.split('`').skip(1).step_by(2);
    let mut at = 0;
    for name in names {
        let quoted = format!("\"{name}\"");
        let table = [format!(".{name}]"), format!("[{name}]"), format!("{name} =")];
        let named = |line: &&str| line.contains(&quoted) || table.iter().any(|t| line.contains(t));
        if let Some(found) = lines.iter().skip(at).position(named) {
            at += found;
        }
    }
    let keys = reason.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for key in keys.filter(|key| key.contains('_')) {
        let sets = |line: &&str| {
            line.trim_start()
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        if let Some(found) = lines.iter().skip(at).position(sets) {
            return at + found + 1;
        }
    }
    at + 1
}
