//! How narrow somebody wants an interval, as a decimal without a float.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// Half the width of a 95 % interval that an answer shall not exceed: in persons, households,
/// ranks, units of a measure, or as a part of 1 for a share. Held in millionths.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Written", into = "String")]
pub struct Accuracy(u64);

/// A request may write it as a number or as text.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    Number(serde_json::Number),
    Text(String),
}

impl Accuracy {
    /// Millionths in one.
    pub const MILLION: u64 = 1_000_000;
    /// Widest half-width that may be asked for.
    pub const MAX: u64 = 1_000_000_000;
    const DIGITS: usize = 6;

    /// In millionths.
    #[must_use]
    pub fn millionths(self) -> u64 {
        self.0
    }
}

impl FromStr for Accuracy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let refuse = || {
            PolicyError::Budget(format!(
                "write the half-width as a decimal above 0 and up to {}, with at most {} digits \
                 behind the point, such as 10 or 0.05",
                Self::MAX,
                Self::DIGITS
            ))
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |own: &str| !own.is_empty() && own.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > Self::DIGITS || whole.len() > 10 {
            return Err(refuse());
        }
        let number = |own: &str| own.parse::<u64>().map_err(|_| refuse());
        let part = number(&format!("{part:0<width$}", width = Self::DIGITS))?;
        let millionths = number(whole)?
            .checked_mul(Self::MILLION)
            .and_then(|whole| whole.checked_add(part))
            .filter(|all| (1..=Self::MAX * Self::MILLION).contains(all));
        millionths.map(Self).ok_or_else(refuse)
    }
}

impl TryFrom<Written> for Accuracy {
    type Error = PolicyError;
    fn try_from(written: Written) -> Result<Self, PolicyError> {
        match written {
            Written::Number(number) => fixed(&number).parse(),
            Written::Text(text) => text.parse(),
        }
    }
}

/// A JSON number in digits: a small one would be printed with an exponent. One with more digits than
/// are kept stays as it is and is refused.
fn fixed(number: &serde_json::Number) -> String {
    let plain = number.to_string();
    let Some(double) = number.as_f64().filter(|_| !number.is_u64()) else { return plain };
    let digits = format!("{double:.*}", Accuracy::DIGITS);
    let same = digits.parse::<f64>().is_ok_and(|own| own.to_bits() == double.to_bits());
    if same { digits } else { plain }
}

impl From<Accuracy> for String {
    fn from(accuracy: Accuracy) -> Self {
        accuracy.to_string()
    }
}

impl fmt::Display for Accuracy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / Self::MILLION, self.0 % Self::MILLION);
        let part = format!("{part:06}");
        match part.trim_end_matches('0') {
            "" => write!(formatter, "{whole}"),
            part => write!(formatter, "{whole}.{part}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_read_exactly() {
        for (written, shown) in [
            ("10", "10"),
            ("0.05", "0.05"),
            ("\"2.500\"", "2.5"),
            ("0.000001", "0.000001"),
            ("1e3", "1000"),
            ("1000000000", "1000000000"),
        ] {
            let read: Accuracy = serde_json::from_str(written).unwrap();
            assert_eq!(read.to_string(), shown, "{written}");
            assert_eq!(serde_json::to_value(read).unwrap(), shown);
        }
    }

    #[test]
    fn what_is_no_half_width_is_refused() {
        for bad in [
            "0",
            "-1",
            "0.0000001",
            "0.05000000001",
            "1000000001",
            "1e400",
            "1e300",
            "\"NaN\"",
            "\"inf\"",
            "\"\"",
            "\"1,5\"",
            "\".5\"",
            "\"5.\"",
            "\"+5\"",
            "null",
            "true",
            "\"99999999999999999999\"",
        ] {
            assert!(serde_json::from_str::<Accuracy>(bad).is_err(), "{bad}");
        }
    }
}
