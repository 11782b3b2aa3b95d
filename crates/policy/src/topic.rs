//! What an indicator is about, so that a catalogue of many can be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The chapter of the catalogue in which an indicator stands. It changes no answer and no price.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Who lives here and who comes anew.
    Population,
    /// Work, and benefits of those who could work.
    Work,
    /// Benefits in money.
    Benefits,
    /// Help in kind: day care, assistance, support.
    Help,
}

impl Topic {
    /// Every topic, in the order of the catalogue.
    pub const ALL: [Self; 4] = [Self::Population, Self::Work, Self::Benefits, Self::Help];

    /// What a German reader sees.
    #[must_use]
    pub fn german(self) -> &'static str {
        match self {
            Self::Population => "Bevölkerung",
            Self::Work => "Arbeit",
            Self::Benefits => "Leistungen",
            Self::Help => "Hilfen",
        }
    }

    /// What an English reader sees.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Population => "Population",
            Self::Work => "Work",
            Self::Benefits => "Benefits",
            Self::Help => "Help",
        }
    }
}
