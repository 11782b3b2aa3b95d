use std::{fmt, str::FromStr};

use crate::{Error, Similarity};

const MILLION: u32 = 1_000_000;

/// The least similarity at which two records are a candidate pair: an exact ratio
/// above 0 and at most 1, so that the decision needs no floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Reduced: 0 < numerator <= denominator, the denominator divides a million.
    numerator: u32,
    denominator: u32,
}

impl Threshold {
    /// `parts` millionths.
    ///
    /// # Errors
    /// [`Error::Threshold`] for 0 and above a million.
    pub fn from_per_million(parts: u32) -> Result<Self, Error> {
        if parts == 0 || parts > MILLION {
            return Err(Error::Threshold);
        }
        let divisor = greatest_common_divisor(parts, MILLION);
        Ok(Self { numerator: parts / divisor, denominator: MILLION / divisor })
    }

    /// The ratio in millionths, exact.
    pub fn per_million(self) -> u32 {
        self.numerator * (MILLION / self.denominator)
    }

    /// Whether a pair of this similarity would be a candidate pair.
    ///
    /// Exact for every pair that a comparison kept: [`compare()`](crate::compare())
    /// refuses thresholds that a [`Similarity`] could not tell apart, so a stored
    /// pair can be put to another threshold without comparing again.
    pub fn accepts(self, similarity: Similarity) -> bool {
        similarity >= self.floor()
    }

    /// The threshold on the scale of [`Similarity`].
    pub(crate) fn floor(self) -> Similarity {
        Similarity::of(u64::from(self.numerator), u64::from(self.denominator))
    }

    pub(crate) fn ratio(self) -> (u64, u64) {
        (u64::from(self.numerator), u64::from(self.denominator))
    }

    /// Whether [`Threshold::accepts`] is exact for ratios of at most this denominator.
    ///
    /// A ratio `a/b` below `p/q` lies at least `1/(bq)` below it, which must be one
    /// step of the fixed point.
    pub(crate) fn tells_apart(self, greatest_denominator: u64) -> bool {
        u64::from(self.denominator) * greatest_denominator <= u64::from(u32::MAX)
    }
}

/// Reads a decimal fraction such as `0.82` or `1`, with at most six decimals.
impl FromStr for Threshold {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 1 || decimals.len() > 6 {
            return Err(Error::Threshold);
        }
        let whole: u32 = whole.parse().map_err(|_| Error::Threshold)?;
        let decimals: u32 = format!("{decimals:0<6}").parse().map_err(|_| Error::Threshold)?;
        Self::from_per_million(whole * MILLION + decimals)
    }
}

/// As a decimal fraction without trailing zeros.
impl fmt::Display for Threshold {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.per_million();
        if parts == MILLION {
            return out.write_str("1");
        }
        let decimals = format!("{parts:06}");
        write!(out, "0.{}", decimals.trim_end_matches('0'))
    }
}

fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["0.82", "1", "0.000001", "0.999999", "0.5", "0.7", "0.125"] {
            assert_eq!(text.parse::<Threshold>().unwrap().to_string(), text);
        }
        assert_eq!("1.000000".parse::<Threshold>().unwrap(), "1".parse().unwrap());
        assert_eq!("0.820".parse::<Threshold>().unwrap().per_million(), 820_000);
    }

    #[test]
    fn refuses_what_is_no_threshold() {
        for text in [
            "",
            "0",
            "0.0",
            "0.000000",
            "1.000001",
            "1.1",
            "2",
            "10",
            "-0.5",
            "+0.5",
            "0.8200000",
            ".8",
            "0.",
            "0,8",
            "0.8e1",
            "1e-1",
            "NaN",
            "inf",
            " 0.8",
            "0.8 ",
            "٠.٨",
        ] {
            assert!(matches!(text.parse::<Threshold>(), Err(Error::Threshold)), "{text}");
        }
        assert!(Threshold::from_per_million(0).is_err());
        assert!(Threshold::from_per_million(1_000_001).is_err());
    }

    #[test]
    fn is_reduced() {
        assert_eq!("0.82".parse::<Threshold>().unwrap().ratio(), (41, 50));
        assert_eq!("1".parse::<Threshold>().unwrap().ratio(), (1, 1));
    }

    #[test]
    fn every_ratio_of_1024_bit_filters_is_told_apart_from_six_decimals() {
        let threshold = "0.812347".parse::<Threshold>().unwrap();
        assert!(threshold.tells_apart(2_048));
        assert!(!threshold.tells_apart(16_384));
        let (p, q) = threshold.ratio();
        for denominator in 1..=2_048_u64 {
            let near = p * denominator / q;
            for numerator in near.saturating_sub(1)..=(near + 1).min(denominator) {
                assert_eq!(
                    threshold.accepts(Similarity::of(numerator, denominator)),
                    numerator * q >= p * denominator,
                    "{numerator}/{denominator}"
                );
            }
        }
    }
}
