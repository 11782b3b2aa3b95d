//! The codes that registers write for a person's sex.

use super::search_form;

/// An entry under the Personenstandsgesetz, section 22.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Männlich.
    Male,
    /// Weiblich.
    Female,
    /// Divers.
    Diverse,
    /// Entered as without statement, which is an entry of its own and not a missing one.
    NotStated,
}

impl Sex {
    /// The code `m`, `w`, `d` or `x`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "m",
            Self::Female => "w",
            Self::Diverse => "d",
            Self::NotStated => "x",
        }
    }
}

/// Reads m/w/d/x, 1/2/3, the German and the English words; `None` for everything else.
#[must_use]
pub fn sex(raw: &str) -> Option<Sex> {
    from_search_form(&search_form(raw.trim()))
}

pub(super) fn from_search_form(form: &str) -> Option<Sex> {
    Some(match form {
        "M" | "1" | "MAENNLICH" | "MANNLICH" | "MANN" | "MALE" | "MAENNL." => Sex::Male,
        "W" | "F" | "2" | "WEIBLICH" | "FRAU" | "FEMALE" | "WEIBL." => Sex::Female,
        "D" | "3" | "DIVERS" | "DIVERSE" => Sex::Diverse,
        "X" | "OHNE ANGABE" | "KEINE ANGABE" => Sex::NotStated,
        _ => return None,
    })
}
