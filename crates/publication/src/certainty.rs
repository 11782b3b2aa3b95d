//! Which numbers are too uncertain to be compared by eye.

use crate::Numbers;

/// How a cell is shown in a picture.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shown {
    /// A number that is drawn as known.
    Known(Numbers),
    /// A number that is too uncertain: hatched or hollow.
    Unsure(Numbers),
    /// Withheld, or without a rate.
    Missing,
    /// There is no such cell.
    Absent,
}

impl Shown {
    /// Its numbers, however uncertain.
    #[must_use]
    pub fn numbers(self) -> Option<Numbers> {
        match self {
            Self::Known(numbers) | Self::Unsure(numbers) => Some(numbers),
            Self::Missing | Self::Absent => None,
        }
    }
}

/// How uncertain a number may be and still be drawn as if it stood for itself.
///
/// A parameter, so that a policy can set another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tolerance {
    /// Greatest half-width of an interval, in per cent of the value.
    pub half_width_percent: u32,
}

impl Tolerance {
    /// Half of the value.
    pub const HALF: Self = Self { half_width_percent: 50 };

    /// Whether a cell gets a colour or a full bar, or is hatched or hollow instead.
    ///
    /// It is drawn as known unless
    ///
    /// 1. it is withheld, or
    /// 2. its interval reaches zero or below, so that it may stand for nobody, or
    /// 3. half the width of its interval is more than the tolerated share of its value.
    ///
    /// Looks at released numbers only, so it costs no budget and tells nothing that they do not.
    #[must_use]
    pub fn admits(self, numbers: Option<Numbers>) -> bool {
        let Some(numbers) = numbers else { return false };
        let (low, high) = (numbers.low.position(), numbers.high.position());
        let widest = numbers.value.position() * f64::from(self.half_width_percent) / 100.0;
        low > 0.0 && (high - low) / 2.0 <= widest
    }

    /// How a cell with these numbers is shown.
    #[must_use]
    pub fn show(self, numbers: Option<Numbers>) -> Shown {
        match numbers {
            Some(own) if self.admits(numbers) => Shown::Known(own),
            Some(own) => Shown::Unsure(own),
            None => Shown::Missing,
        }
    }

    /// For a legend.
    #[must_use]
    pub fn short_words(self) -> &'static str {
        "zu unsicher für eine Farbe"
    }

    /// The rule in a reader's words.
    #[must_use]
    pub fn words(self) -> String {
        format!(
            "zu unsicher: das Intervall reicht bis 0 oder ist auf jeder Seite breiter als \
             {}\u{a0}% des Werts",
            self.half_width_percent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Amount;

    fn admitted(value: f64, low: f64, high: f64) -> bool {
        let [value, low, high] = [value, low, high].map(Amount::Decimal);
        Tolerance::HALF.admits(Some(Numbers { value, low, high }))
    }

    #[test]
    fn withheld_zero_and_wide_intervals_are_not_known() {
        assert!(!Tolerance::HALF.admits(None));
        assert!(admitted(12.0, 6.0, 18.0));
        assert!(!admitted(11.0, 5.0, 17.0), "6 is more than half of 11");
        assert!(!admitted(100.0, 0.0, 101.0), "reaches zero");
        assert!(!admitted(-9.0, -10.0, -8.0), "below zero");
        assert!(Tolerance { half_width_percent: 60 }.admits(Some(Numbers {
            value: Amount::Whole(10),
            low: Amount::Whole(4),
            high: Amount::Whole(16),
        })));
    }
}
