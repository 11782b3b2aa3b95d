//! Weights of fields from their declared discriminating power.
//!
//! A record-level filter gives each field a share of its bits in proportion to how well the field
//! tells people apart (Durham, Kantarcioglu, Xue, Toth, Kuzu, Malin: Composite Bloom Filters for
//! Secure Record Linkage, IEEE TKDE 26(12), 2014, section 4). Its power is the weight of an
//! agreement by Fellegi and Sunter (1969) for a field without errors: log₂(1/u) bits, where u is
//! the chance that two different people agree in it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Identifier, PolicyError, Tokens};

/// How well a field tells people apart, in bits: a decimal of at most one digit such as `"11.5"`,
/// above 0 and below 100.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Power(u16);

impl Power {
    /// From tenths of a bit, 1 to 999.
    ///
    /// # Errors
    /// [`PolicyError::Schema`] outside that range.
    pub fn from_tenths(tenths: u16) -> Result<Self, PolicyError> {
        if (1..1000).contains(&tenths) {
            Ok(Self(tenths))
        } else {
            Err(PolicyError::Schema("power must lie above 0 and below 100 bits".into()))
        }
    }

    /// In tenths of a bit.
    #[must_use]
    pub fn tenths(self) -> u16 {
        self.0
    }
}

impl TryFrom<String> for Power {
    type Error = PolicyError;
    fn try_from(text: String) -> Result<Self, PolicyError> {
        let wrong = || {
            PolicyError::Schema(format!(
                "power `{}`: write bits as a decimal from 0.1 to 99.9 with at most one digit, such \
                 as \"11.5\"",
                text.chars().take(20).collect::<String>()
            ))
        };
        let (whole, rest) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |part: &str, most| {
            (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(whole, 2) || !digits(rest, 1) {
            return Err(wrong());
        }
        let tenths: u16 = format!("{whole}{rest}").parse().map_err(|_| wrong())?;
        Self::from_tenths(tenths).map_err(|_| wrong())
    }
}

impl From<Power> for String {
    fn from(power: Power) -> Self {
        match (power.0 / 10, power.0 % 10) {
            (whole, 0) => whole.to_string(),
            (whole, tenths) => format!("{whole}.{tenths}"),
        }
    }
}

/// Number of tokens of an average German record, in tenths: what a field's share is spread over.
///
/// Part of the format: another number would give other weights. Pairs of surnames 7.2, of one given
/// name 7.2, of streets 10.9 and of towns 10.3 are means over the German frequency lists of the
/// gecko project; a date has seven tokens, a postcode five digits, and of house numbers two
/// characters and of telephones eleven are assumed.
#[must_use]
pub const fn expected_tokens_in_tenths(identifier: Identifier, tokens: Tokens) -> u32 {
    let pairs = match identifier {
        Identifier::Surname | Identifier::BirthName | Identifier::GivenNames => 72,
        Identifier::DateOfBirth => 70,
        Identifier::Sex => 20,
        Identifier::Street => 109,
        Identifier::HouseNumber => 30,
        Identifier::Postcode => 60,
        Identifier::Town => 103,
        Identifier::Phone => 120,
    };
    match tokens {
        Tokens::Bigrams | Tokens::PositionalBigrams | Tokens::DateParts => pairs,
        Tokens::Whole => 10,
    }
}

/// Bits per token of a field: `budget` bits of the view's filter, of which the field's share is
/// `own` / `all` (both powers in tenths), spread over its expected tokens, to the nearest whole
/// number and at least 1 and at most 64.
pub(crate) fn bits_per_token(budget: u16, own: Power, all: u32, tenths_of_tokens: u32) -> u8 {
    // budget · own / all / (tokens / 10), rounded half up: the double plus one half, halved.
    let share = 2 * 10 * u64::from(budget) * u64::from(own.0);
    let per_token = u64::from(all).max(1) * u64::from(tenths_of_tokens).max(1);
    let k = (share + per_token) / (2 * per_token);
    u8::try_from(k.clamp(1, 64)).unwrap_or(64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn power(text: &str) -> Result<Power, PolicyError> {
        Power::try_from(text.to_owned())
    }

    #[test]
    fn powers_are_exact_tenths() {
        for (text, tenths, shown) in [
            ("11.5", 115, "11.5"),
            ("8", 80, "8"),
            ("8.0", 80, "8"),
            ("0.1", 1, "0.1"),
            ("99.9", 999, "99.9"),
        ] {
            assert_eq!(power(text).unwrap().tenths(), tenths);
            assert_eq!(String::from(power(text).unwrap()), shown);
        }
        for bad in ["", "0", "0.0", "100", "1.25", "-1", "1.", ".5", "1e1", "1,5", "eleven", "١"] {
            assert!(power(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_share_is_spread_over_the_tokens_and_rounded_to_the_nearest() {
        let ten = Power::from_tenths(100).unwrap();
        // Half of 240 bits over eight tokens.
        assert_eq!(bits_per_token(240, ten, 200, 80), 15);
        // 7.5 and 7.4875.
        assert_eq!(bits_per_token(120, ten, 200, 80), 8);
        assert_eq!(bits_per_token(1198, Power::from_tenths(10).unwrap(), 200, 80), 7);
        assert_eq!(bits_per_token(8192, ten, 100, 10), 64, "never above 64");
        assert_eq!(bits_per_token(1, ten, 10_000, 80), 1, "never below 1");
    }

    proptest! {
        #[test]
        fn more_power_is_never_less_weight(
            budget in 1_u16..=8192, own in 1_u16..999, more in 1_u16..100, others in 0_u32..20_000,
            tokens in 10_u32..130,
        ) {
            let k = |own: u16| {
                let own = Power::from_tenths(own).unwrap();
                bits_per_token(budget, own, others + u32::from(own.tenths()), tokens)
            };
            let (less, more) = (k(own), k((own + more).min(999)));
            prop_assert!((1..=64).contains(&less));
            prop_assert!(less <= more, "{} of {}", less, more);
        }

        #[test]
        fn what_others_gain_a_field_does_not(
            budget in 1_u16..=8192, own in 1_u16..999, others in 0_u32..20_000, gain in 0_u32..900,
            tokens in 10_u32..130,
        ) {
            let own = Power::from_tenths(own).unwrap();
            let k = |others| bits_per_token(budget, own, others + u32::from(own.tenths()), tokens);
            prop_assert!(k(others + gain) <= k(others));
        }
    }
}
