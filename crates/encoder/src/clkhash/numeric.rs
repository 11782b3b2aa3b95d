//! The neighbourhood of a number as tokens (Vatsalan and Christen, "Privacy-preserving matching
//! of similar patients", J. Biomed. Inform. 2015), in whole numbers.

use super::CellReason;
use super::cell::trim;
use super::integer::has_number_form;
use super::tokens::TokenList;

/// A numeric comparison.
pub(super) struct Numeric {
    /// Distance between neighbouring tokens.
    interval: i128,
    /// Tokens on each side.
    resolution: i128,
    /// 10^fractional_precision.
    scale: i128,
    /// The same as a float, rounded once.
    float_scale: f64,
}

/// Floats from here on are not turned into whole numbers, and neither are their multiples.
const LARGEST: f64 = 1e34;

impl Numeric {
    /// `None` for a precision above 30, which no checked schema has.
    pub(super) fn new(interval: i64, resolution: u32, precision: u8) -> Option<Self> {
        Some(Self {
            interval: interval.into(),
            resolution: resolution.into(),
            scale: 10_i128.checked_pow(precision.into())?,
            float_scale: format!("1e{precision}").parse().ok()?,
        })
    }

    /// Appends 2 · resolution + 1 tokens around the nearest point of the grid.
    pub(super) fn push(&self, text: &str, tokens: &mut TokenList) -> Result<(), CellReason> {
        if text.is_empty() {
            return Ok(());
        }
        self.push_around(self.read(text)?, tokens).ok_or(CellReason::NumberTooLarge)
    }

    fn push_around(&self, value: i128, tokens: &mut TokenList) -> Option<()> {
        let value = value.checked_mul(2 * self.resolution)?;
        let residue = value.rem_euclid(self.interval);
        // Exactly in the middle goes up.
        let centre = if 2 * residue < self.interval {
            value.checked_sub(residue)?
        } else {
            value.checked_add(self.interval - residue)?
        };
        let reach = self.interval * self.resolution;
        let (first, last) = (centre.checked_sub(reach)?, centre.checked_add(reach)?);
        let mut token = first;
        while token <= last {
            tokens.push_number(token);
            token += self.interval;
        }
        Some(())
    }

    /// The number times the scale: whole numbers exactly; others as floats, rounded half to even,
    /// without digits behind the point cut off.
    fn read(&self, text: &str) -> Result<i128, CellReason> {
        let text = trim(text);
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        if has_number_form(unsigned.as_bytes()) {
            let plain: String = text.chars().filter(|c| *c != '_').collect();
            let value: Option<i128> = plain.parse().ok();
            return value.and_then(|v| v.checked_mul(self.scale)).ok_or(CellReason::NumberTooLarge);
        }
        let value = float(text).ok_or(CellReason::NotNumber)?;
        let scaled = if self.scale > 1 {
            (value * self.float_scale).round_ties_even()
        } else {
            value.trunc()
        };
        if scaled.abs() < LARGEST { Ok(scaled as i128) } else { Err(CellReason::NumberTooLarge) }
    }
}

/// A finite float as Python's `float` reads it from ASCII.
fn float(text: &str) -> Option<f64> {
    let form = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-' | '_');
    if !text.chars().all(form) {
        return None;
    }
    let bytes = text.as_bytes();
    for (position, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_') {
        let digit = |n: Option<usize>| n.and_then(|n| bytes.get(n)).is_some_and(u8::is_ascii_digit);
        if !digit(position.checked_sub(1)) || !digit(position.checked_add(1)) {
            return None;
        }
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(numeric: &Numeric, text: &str) -> Result<Vec<String>, CellReason> {
        let mut list = TokenList::default();
        numeric.push(text, &mut list)?;
        Ok(list.iter().map(|token| String::from_utf8_lossy(token).into_owned()).collect())
    }

    /// Expected values by clkhash 0.18.3's `NumericComparison`, 2026-11-28.
    #[test]
    fn spellings_of_a_number() {
        let numeric = Numeric::new(8, 2, 0).unwrap();
        let expected = tokens(&numeric, "25").unwrap();
        for text in [" 25 ", "+25", "2_5", "25.0", "2.5e1", "25."] {
            assert_eq!(tokens(&numeric, text).unwrap(), expected, "{text}");
        }
        let fine = Numeric::new(50, 3, 2).unwrap();
        assert_eq!(tokens(&fine, "1_0.5").unwrap(), tokens(&fine, "10.5").unwrap());
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        let numeric = Numeric::new(8, 2, 10).unwrap();
        for text in ["x", "nan", "inf", "-Infinity", "1e999", "1__0.5", "_1.5", ".", "0x1", "1 2"] {
            let found = tokens(&numeric, text);
            assert_eq!(found, Err(CellReason::NotNumber), "{text}");
        }
        for text in ["9".repeat(39), "1e30".into(), format!("-{}", "9".repeat(30)), "9".repeat(400)]
        {
            assert_eq!(tokens(&numeric, &text), Err(CellReason::NumberTooLarge), "{text}");
        }
    }
}
