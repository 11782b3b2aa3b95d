//! What every rule must say of itself, so that somebody can be asked why it is there.

use cedar_policy::{Effect, Policy};
use jiff::civil::Date;

use super::place::Fault;

/// What a rule says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its name, unique in the folder.
    pub id: String,
    /// The file it stands in.
    pub file: String,
    /// The line it begins on.
    pub line: usize,
    /// Whether it permits; otherwise it forbids, and no rule that permits outweighs it.
    pub permits: bool,
    /// What it is for.
    pub purpose: String,
    /// The law that permits it.
    pub legal_basis: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it permits anything.
    pub valid_until: Date,
}

const WANTED: [&str; 5] = ["id", "purpose", "legal_basis", "owner", "valid_until"];

impl Note {
    /// Longest annotation in bytes.
    const LONGEST: usize = 400;

    pub(super) fn of(policy: &Policy, file: &str, line: usize) -> Result<Self, Fault> {
        let fault = |reason: String| Fault { file: file.to_owned(), line, reason };
        for (key, _) in policy.annotations() {
            if !WANTED.contains(&key) {
                return Err(fault(format!("@{key} is not known; use {}", WANTED.join(", "))));
            }
        }
        let text = |key: &str| -> Result<String, Fault> {
            let value = policy.annotation(key).unwrap_or_default().trim();
            if value.is_empty() || value.len() > Self::LONGEST {
                let reason = format!("the rule needs @{key}(\"…\") with 1 to 400 bytes of text");
                return Err(fault(reason));
            }
            Ok(value.to_owned())
        };
        let until = text("valid_until")?;
        Ok(Self {
            id: text("id")?,
            file: file.to_owned(),
            line,
            permits: policy.effect() == Effect::Permit,
            purpose: text("purpose")?,
            legal_basis: text("legal_basis")?,
            owner: text("owner")?,
            valid_until: until.parse().map_err(|_| {
                fault(format!("@valid_until(\"{until}\") is not a day; write yyyy-mm-dd"))
            })?,
        })
    }
}
