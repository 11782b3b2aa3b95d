//! Five classes with round bounds.

use crate::Amount;

/// How many classes a reader tells apart at a glance.
pub(crate) const CLASSES: usize = 5;
/// Equal steps; the first round one that covers the values is taken.
const STEPS: [f64; 7] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];
/// Growing steps, where most places would share one equal step.
const SERIES: [f64; 3] = [1.0, 2.0, 5.0];
/// Up to here the series has no five bounds.
const FAR: f64 = 20.0;

/// Bounds that depend on the least and greatest of the released values and on how they crowd, never
/// on ranks: a class says how many, not who comes where.
pub(crate) struct Classes {
    /// Lower bounds, ascending; each class ends before the next.
    bounds: [f64; CLASSES],
    whole: bool,
}

impl Classes {
    /// `None` without values.
    pub(crate) fn of(values: &[f64], whole: bool) -> Option<Self> {
        let least = values.iter().copied().reduce(f64::min)?;
        let most = values.iter().copied().reduce(f64::max)?;
        let from = if whole { least.min(0.0) } else { least };
        let equal = Self { bounds: equal(from, most, whole), whole };
        let crowd = (0..CLASSES)
            .map(|class| values.iter().filter(|value| equal.class(**value) == Some(class)).count())
            .max()?;
        if whole && least > 0.0 && most >= FAR && values.len() > CLASSES && crowd * 2 > values.len()
        {
            return Some(Self { bounds: growing(most), whole });
        }
        Some(equal)
    }

    /// The class of a value, from 0.
    pub(crate) fn class(&self, value: f64) -> Option<usize> {
        let below = self.bounds.iter().filter(|bound| **bound <= value).count();
        // What lies below the first bound belongs to the lowest class, which is open.
        Some(below.saturating_sub(1))
    }

    /// What the legend says of a class.
    pub(crate) fn words(&self, class: usize) -> String {
        let text = |bound: f64| self.amount(bound).german();
        let from = self.bounds.get(class).copied().unwrap_or_default();
        match self.bounds.get(class + 1) {
            None => format!("{} und mehr", text(from)),
            Some(next) if class == 0 && self.whole => format!("bis {}", text(next - 1.0)),
            Some(next) if class == 0 => format!("unter {}", text(*next)),
            Some(next) if self.whole && next - 1.0 <= from => text(from),
            Some(next) if self.whole => format!("{} bis {}", text(from), text(next - 1.0)),
            Some(next) => format!("{} bis unter {}", text(from), text(*next)),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "read amounts are at most 2^53")]
    fn amount(&self, bound: f64) -> Amount {
        // Bounds of means are round too, mostly whole; decimals appear only where steps need them.
        if self.whole || (bound - bound.round()).abs() < 1e-9 {
            Amount::Whole(bound.round() as i64)
        } else {
            Amount::shortest(bound)
        }
    }
}

fn equal(from: f64, most: f64, whole: bool) -> [f64; CLASSES] {
    let span = (most - from).max(if whole { 1.0 } else { 1e-6 });
    let mut power = 10_f64.powf((span / 8.0).log10().floor() - 1.0);
    if whole {
        power = power.max(1.0);
    }
    loop {
        for step in STEPS.map(|step| step * power) {
            let start = (from / step).floor() * step;
            if start + step * CLASSES as f64 > most {
                return std::array::from_fn(|class| start + step * class as f64);
            }
        }
        power *= 10.0;
    }
}

/// The greatest round bound that is reached, and the four before it.
fn growing(most: f64) -> [f64; CLASSES] {
    let mut bounds = [0.0; CLASSES];
    let mut power = 1.0;
    loop {
        for step in SERIES.map(|step| step * power) {
            if step > most {
                return bounds;
            }
            bounds.rotate_left(1);
            bounds[CLASSES - 1] = step;
        }
        power *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legend(values: &[f64], whole: bool) -> Vec<String> {
        let classes = Classes::of(values, whole).unwrap();
        (0..CLASSES).map(|class| classes.words(class)).collect()
    }

    #[test]
    fn bounds_are_round_and_cover_what_was_released() {
        assert_eq!(
            legend(&[12.0, 35.0, 80.0, 130.0, 190.0, 248.0], true),
            ["bis 49", "50 bis 99", "100 bis 149", "150 bis 199", "200 und mehr"]
        );
        assert_eq!(
            legend(&[402.5, 444.0, 611.0], false),
            [
                "unter 450",
                "450 bis unter 500",
                "500 bis unter 550",
                "550 bis unter 600",
                "600 und mehr"
            ]
        );
        assert_eq!(
            legend(&[2.2, 3.4, 4.6], false),
            [
                "unter 2,4",
                "2,4 bis unter 3",
                "3 bis unter 3,6",
                "3,6 bis unter 4,2",
                "4,2 und mehr"
            ]
        );
        assert_eq!(legend(&[1.0, 3.0], true), ["bis 0", "1", "2", "3", "4 und mehr"]);
        assert!(Classes::of(&[], true).is_none());
    }

    #[test]
    fn where_most_places_are_small_steps_grow() {
        let values = [20.0, 22.0, 30.0, 41.0, 58.0, 70.0, 1_264.0];
        assert_eq!(
            legend(&values, true),
            ["bis 99", "100 bis 199", "200 bis 499", "500 bis 999", "1.000 und mehr"]
        );
    }

    #[test]
    fn every_value_has_its_class() {
        let classes = Classes::of(&[12.0, 35.0, 80.0, 130.0, 190.0, 248.0], true).unwrap();
        assert_eq!(
            [0.0, 49.0, 50.0, 199.0, 200.0, 248.0].map(|v| classes.class(v).unwrap()),
            [0, 0, 1, 3, 4, 4]
        );
        for most in [1.0, 7.0, 99.0, 100.0, 101.0, 12_345.0, 9e15] {
            let classes = Classes::of(&[most / 3.0, most], true).unwrap();
            assert!(classes.class(most).unwrap() < CLASSES);
        }
    }
}
