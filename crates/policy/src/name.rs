//! Names of projects, departments, datasets, dimensions and purposes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// A short machine-readable name: 1 to 40 characters out of `a-z`, `0-9`, `-`, `_`.
///
/// Names appear in logs, addresses and file names, so nothing personal and nothing that needs
/// escaping fits into one.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Longest permitted name, in bytes.
    pub const MAX_LEN: usize = 40;

    /// Checks and takes a name.
    ///
    /// # Errors
    /// [`PolicyError::Name`] for an empty or long text, or one with other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, PolicyError> {
        let text = text.into();
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if fits && plain {
            Ok(Self(text))
        } else {
            Err(PolicyError::Name(text.chars().take(Self::MAX_LEN).collect()))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = PolicyError;
    fn try_from(text: String) -> Result<Self, PolicyError> {
        Self::new(text)
    }
}

impl std::str::FromStr for Name {
    type Err = PolicyError;
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!(Name::new("sgb2").is_ok());
        assert!(Name::new("county-06432_a").is_ok());
        for bad in ["", "Jugendamt", "a b", "../x", "ä", &"a".repeat(41)] {
            assert!(Name::new(bad).is_err(), "{bad}");
        }
    }
}
