//! In which language the program speaks.

use std::str::FromStr;

/// German by default; English for the rest of the world.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Deutsch.
    German,
    /// English.
    English,
}

impl Language {
    /// Chooses one of two texts.
    #[must_use]
    pub fn pick<T>(self, german: T, english: T) -> T {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

impl FromStr for Language {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "de" => Ok(Self::German),
            "en" => Ok(Self::English),
            _ => Err("write de or en".into()),
        }
    }
}
