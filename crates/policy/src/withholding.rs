//! How uncertain a released number may be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// The widest intervals that a purpose lets out; a cell with a wider one is withheld.
///
/// Judged by the noised number and its interval, never by the true one. It keeps useless numbers
/// from being used; it protects nobody, and the noise alone has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Limits", into = "Limits")]
pub struct Withholding {
    limits: Limits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Limits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    half_width: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<u32>,
}

impl Withholding {
    /// Greatest limit of a half-width, in persons; no count has more.
    const MAX_HALF_WIDTH: u64 = 1_000_000;
    /// Greatest limit in per cent.
    const MAX_PERCENT: u32 = 10_000;

    /// Greatest half-width of a count, in persons or households.
    #[must_use]
    pub fn half_width(self) -> Option<u64> {
        self.limits.half_width
    }

    /// Greatest half-width of any number, in per cent of its noised value; a value of 0 or less has
    /// none that is narrow enough.
    #[must_use]
    pub fn percent(self) -> Option<u32> {
        self.limits.percent
    }
}

impl TryFrom<Limits> for Withholding {
    type Error = PolicyError;
    fn try_from(limits: Limits) -> Result<Self, PolicyError> {
        let refuse = |why: &str| Err(PolicyError::Purpose(format!("withhold_above: {why}")));
        let Limits { half_width, percent } = limits;
        if half_width.is_none() && percent.is_none() {
            return refuse("name half_width (persons), percent (of the noised value), or both");
        }
        if half_width.is_some_and(|own| !(1..=Self::MAX_HALF_WIDTH).contains(&own)) {
            return refuse("half_width must be 1 to 1000000 persons");
        }
        if percent.is_some_and(|own| !(1..=Self::MAX_PERCENT).contains(&own)) {
            return refuse("percent must be 1 to 10000");
        }
        Ok(Self { limits })
    }
}

impl From<Withholding> for Limits {
    fn from(own: Withholding) -> Self {
        own.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_a_limit_that_can_be_kept() {
        let read = |text: &str| toml::from_str::<Withholding>(text).map_err(|e| e.to_string());
        let both = read("half_width = 20\npercent = 25").unwrap();
        assert_eq!((both.half_width(), both.percent()), (Some(20), Some(25)));
        assert_eq!(serde_json::to_value(both).unwrap()["percent"], 25);
        for (text, word) in [
            ("", "name half_width"),
            ("half_width = 0", "1 to 1000000"),
            ("half_width = -3", "invalid"),
            ("half_width = 2000000", "1 to 1000000"),
            ("percent = 0", "1 to 10000"),
            ("percent = 0.5", "invalid"),
            ("share = 5", "unknown"),
        ] {
            assert!(read(text).unwrap_err().contains(word), "{text}: {:?}", read(text));
        }
    }
}
