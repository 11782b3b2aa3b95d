use crate::Error;
use std::fmt;
use std::str::FromStr;

/// Which of the two units keeps a log or a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// Holds encodings and links.
    Linkage,
    /// Holds measures, ledger and releases.
    Statistics,
}

impl UnitKind {
    /// The name used in logs, checkpoints and paths.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linkage => "linkage",
            Self::Statistics => "statistics",
        }
    }
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for UnitKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "linkage" => Ok(Self::Linkage),
            "statistics" => Ok(Self::Statistics),
            _ => Err(Error::Unit),
        }
    }
}

/// The name that tells one database of a unit from every other: 1 to 64 of `a-z`, `0-9`, `-`.
///
/// It enters the first hash of the chain, so that the log of one installation never continues
/// that of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation(String);

impl Installation {
    /// The id as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Installation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::Installation)
        }
    }
}
