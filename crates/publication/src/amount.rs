//! Released numbers and how German readers write them.

/// A released number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Amount {
    /// A count of persons.
    Whole(i64),
    /// A mean, in units of its measure.
    Decimal(f64),
    /// A rate, and how many decimals its interval leaves a meaning.
    Rate(f64, u8),
}

/// Decimals of a mean; more would claim a precision that the noise does not leave.
const DECIMALS: usize = 2;

impl Amount {
    /// For readers: `1.234`, `−12`, `27,31`, with a true minus sign.
    #[must_use]
    pub fn german(self) -> String {
        let plain = self.plain();
        let (sign, digits) = match plain.strip_prefix('-') {
            Some(digits) => ("\u{2212}", digits),
            None => ("", plain.as_str()),
        };
        let (whole, fraction) = digits.split_once(',').unwrap_or((digits, ""));
        let mut text = format!("{sign}{}", grouped(whole));
        if !fraction.is_empty() {
            text.push(',');
            text.push_str(fraction);
        }
        text
    }

    /// For spreadsheets set to German: `1234`, `-12`, `27,31`.
    #[must_use]
    pub fn plain(self) -> String {
        match self {
            Self::Whole(count) => count.to_string(),
            Self::Decimal(mean) => rounded(mean, DECIMALS),
            Self::Rate(rate, decimals) => rounded(rate, usize::from(decimals)),
        }
    }

    /// The nearest whole number; for estimates of persons, whose fractions say nothing.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and estimates are far below")]
    pub fn rounded(number: f64) -> Self {
        Self::Whole(number.round() as i64)
    }

    /// A round number, such as an axis has, with as few decimals as it needs and four at most.
    pub(crate) fn shortest(number: f64) -> Self {
        let is_enough = |decimals: &u8| {
            let scaled = number * 10_f64.powi(i32::from(*decimals));
            (scaled - scaled.round()).abs() < 1e-6
        };
        Self::Rate(number, (1..4).find(is_enough).unwrap_or(4))
    }

    /// Where it lies on an axis.
    #[expect(clippy::cast_precision_loss, reason = "read amounts are at most 2^53")]
    pub(crate) fn position(self) -> f64 {
        match self {
            Self::Whole(count) => count as f64,
            Self::Decimal(number) | Self::Rate(number, _) => number,
        }
    }
}

fn rounded(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}").replace('.', ",");
    let nothing = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b','));
    if nothing { text.trim_start_matches('-').to_owned() } else { text }
}

/// Digits in groups of three, parted by points.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_germans_write_them() {
        for (amount, german, plain) in [
            (Amount::Whole(0), "0", "0"),
            (Amount::Whole(999), "999", "999"),
            (Amount::Whole(1_234), "1.234", "1234"),
            (Amount::Whole(-1_234_567), "−1.234.567", "-1234567"),
            (Amount::Decimal(27.306), "27,31", "27,31"),
            (Amount::Decimal(-1_234.5), "−1.234,50", "-1234,50"),
            (Amount::Decimal(-0.001), "0,00", "0,00"),
            (Amount::Rate(1_012.35, 1), "1.012,4", "1012,4"),
            (Amount::Rate(-0.04, 1), "0,0", "0,0"),
            (Amount::Rate(0.0312, 3), "0,031", "0,031"),
            (Amount::shortest(2.5), "2,5", "2,5"),
            (Amount::shortest(0.025), "0,025", "0,025"),
        ] {
            assert_eq!((amount.german().as_str(), amount.plain().as_str()), (german, plain));
        }
    }
}
