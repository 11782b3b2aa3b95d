//! Budget in integers: what is charged is never a float.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// An amount of zero-concentrated privacy loss in units of 1e-9 rho.
///
/// (Bun and Steinke 2016, "Concentrated Differential Privacy", definition 1.1.) Charges are
/// rounded up to this unit before they become one; sums are checked.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Default,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct NanoRho(u64);

impl NanoRho {
    /// Nothing spent.
    pub const ZERO: Self = Self(0);
    /// The largest amount a policy or request may name: rho = 100, far beyond any protection.
    pub const MAX: Self = Self(100_000_000_000);

    /// Takes an amount.
    ///
    /// # Errors
    /// [`PolicyError::Budget`] above [`NanoRho::MAX`].
    pub fn new(nano: u64) -> Result<Self, PolicyError> {
        if nano <= Self::MAX.0 {
            Ok(Self(nano))
        } else {
            Err(PolicyError::Budget(format!(
                "{nano} nano-rho is above the limit of {} (rho = 100)",
                Self::MAX.0
            )))
        }
    }

    /// The amount in units of 1e-9 rho.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The amount as rho, for showing only.
    #[must_use]
    pub fn as_rho(self) -> f64 {
        // Below 2^53, so the quotient is the nearest double.
        #[expect(clippy::cast_precision_loss, reason = "at most 1e11, exact in a double")]
        let nano = self.0 as f64;
        nano / 1e9
    }

    /// Half of the amount, rounded down: the share of one of two mechanisms.
    #[must_use]
    pub fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// So many thousandths of the amount, rounded down.
    #[must_use]
    pub fn per_mille(self, share: u16) -> Self {
        Self((self.0 * u64::from(share.min(1_000))) / 1_000)
    }

    /// The sum, or `None` above the limit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).filter(|sum| *sum <= Self::MAX.0).map(Self)
    }
}

impl TryFrom<u64> for NanoRho {
    type Error = PolicyError;
    fn try_from(nano: u64) -> Result<Self, PolicyError> {
        Self::new(nano)
    }
}

impl From<NanoRho> for u64 {
    fn from(rho: NanoRho) -> Self {
        rho.0
    }
}

impl fmt::Display for NanoRho {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let digits = format!("{rest:09}");
        let shown = digits.trim_end_matches('0');
        if shown.is_empty() { write!(f, "{whole}") } else { write!(f, "{whole}.{shown}") }
    }
}

/// A probability in units of 1e-15, as delta is accounted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, Default,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Femto(u64);

impl Femto {
    /// No failure probability.
    pub const ZERO: Self = Self(0);

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Takes a probability.
    ///
    /// # Errors
    /// [`PolicyError::Budget`] above 1e-3: such a delta protects nobody.
    pub fn new(femto: u64) -> Result<Self, PolicyError> {
        if femto <= 1_000_000_000_000 {
            Ok(Self(femto))
        } else {
            Err(PolicyError::Budget(format!("delta of {femto}e-15 is above the limit of 1e-3")))
        }
    }

    /// The probability in units of 1e-15.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The probability as a double, for showing and for opendp's conversion.
    #[must_use]
    pub fn as_probability(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 1e12, exact in a double")]
        let femto = self.0 as f64;
        femto / 1e15
    }
}

impl TryFrom<u64> for Femto {
    type Error = PolicyError;
    fn try_from(femto: u64) -> Result<Self, PolicyError> {
        Self::new(femto)
    }
}

impl From<Femto> for u64 {
    fn from(delta: Femto) -> Self {
        delta.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rho_is_shown_without_rounding() {
        assert_eq!(NanoRho::new(50_000_000).unwrap().to_string(), "0.05");
        assert_eq!(NanoRho::new(1_000_000_001).unwrap().to_string(), "1.000000001");
        assert_eq!(NanoRho::ZERO.to_string(), "0");
    }

    #[test]
    fn budgets_are_neither_negative_nor_fractional_nor_huge() {
        for bad in ["-1", "0.05", "1e3", "null", "\"1\"", "18446744073709551616", "100000000001"] {
            assert!(serde_json::from_str::<NanoRho>(bad).is_err(), "{bad}");
        }
        assert!(NanoRho::MAX.checked_add(NanoRho::new(1).unwrap()).is_none());
    }
}
