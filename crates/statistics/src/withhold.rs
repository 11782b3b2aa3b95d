//! Withholding: numbers whose interval is wider than a purpose allows do not leave.
//!
//! Whoever decides here holds noised numbers and public limits; no exact value has a way in. What is
//! withheld could be told without harm, so a reader who computes it from a total and its parts has
//! learned nothing that the noise does not cover, and no further cell is withheld against that.

use policy::Withholding;

use crate::{
    Error,
    answer::{Number, Numbers},
    price::{HalfWidth, Price, Quantity},
};

/// The cells that are narrow enough; `counts` where they are persons or households.
pub(crate) fn withheld(
    cells: Vec<Numbers>,
    rule: Option<Withholding>,
    counts: bool,
) -> Vec<Numbers> {
    let Some(rule) = rule else { return cells };
    cells.into_iter().map(|own| own.filter(|numbers| !too_wide(rule, counts, numbers))).collect()
}

fn too_wide(rule: Withholding, counts: bool, [value, low, high]: &[Number; 3]) -> bool {
    match (value, low, high) {
        (Number::Whole(value), Number::Whole(low), Number::Whole(high)) => {
            whole_too_wide(rule, counts, *value, high.abs_diff(*low))
        }
        _ => decimal_too_wide(rule, value.decimal(), high.decimal(), low.decimal()),
    }
}

/// `width` is that of the whole interval, twice the half-width.
fn whole_too_wide(rule: Withholding, counts: bool, value: i64, width: u64) -> bool {
    let twice = |limit: u64| u128::from(limit).saturating_mul(2);
    let persons = rule.half_width().filter(|_| counts);
    let too_many = persons.is_some_and(|most| u128::from(width) > twice(most));
    let share = rule.percent().is_some_and(|most| {
        let value = u64::try_from(value).unwrap_or(0);
        u128::from(width).saturating_mul(100) > twice(value).saturating_mul(u128::from(most))
    });
    too_many || share
}

#[expect(
    clippy::float_arithmetic,
    reason = "means, shares and quantiles are released as decimals; no budget depends on this"
)]
fn decimal_too_wide(rule: Withholding, value: f64, high: f64, low: f64) -> bool {
    rule.percent().is_some_and(|most| (high - low) * 100.0 > 2.0 * value.max(0.0) * f64::from(most))
}

impl Price {
    /// Refuses an answer of which nothing would be left.
    ///
    /// The half-widths of counts are known before the charge. Where the rule allows none of them,
    /// every cell would be withheld whatever is drawn.
    ///
    /// # Errors
    /// [`Error::Withheld`] with what to change.
    pub fn check_withholding(&self, rule: Option<Withholding>) -> Result<(), Error> {
        let counts = self.noise().iter().all(|noise| noise.quantity() == Quantity::Count);
        let (Some(most), HalfWidth::Exact { half_width }) =
            (rule.and_then(Withholding::half_width).filter(|_| counts), self.half_width())
        else {
            return Ok(());
        };
        let margins = self.margins().into_iter().flat_map(|own| own.widths());
        let narrowest = margins.fold(half_width, u64::min);
        if narrowest > most {
            return Err(Error::Withheld { half_width: narrowest, most });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(text: &str) -> Withholding {
        serde_json::from_str(text).unwrap()
    }

    fn shown(rule: Withholding, counts: bool, value: i64, half: i64) -> bool {
        let numbers = Some([value, value - half, value + half].map(Number::Whole));
        withheld(vec![numbers], Some(rule), counts)[0].is_some()
    }

    #[test]
    fn a_cell_wider_than_either_limit_is_withheld() {
        let persons = rule(r#"{"half_width": 6}"#);
        assert!(shown(persons, true, -40, 6) && !shown(persons, true, 4_000, 7));
        assert!(shown(persons, false, 4_000, 7), "a sum is not in persons");
        let share = rule(r#"{"percent": 25}"#);
        assert!(shown(share, true, 24, 6) && !shown(share, true, 23, 6));
        assert!(!shown(share, true, 0, 1) && !shown(share, true, -900, 1));
        assert!(shown(share, true, 0, 0) && shown(share, false, 24, 6));
        let both = rule(r#"{"half_width": 6, "percent": 25}"#);
        assert!(shown(both, true, 24, 6) && !shown(both, true, 23, 6) && !shown(both, true, 99, 7));
    }

    #[test]
    fn decimals_are_judged_by_their_share() {
        let cell = |value: f64, low: f64, high: f64| Some([value, low, high].map(Number::Decimal));
        let cells =
            vec![cell(30.0, 24.0, 36.0), cell(30.0, 20.0, 36.0), cell(-1.0, -1.1, -0.9), None];
        let left = withheld(cells, Some(rule(r#"{"percent": 20, "half_width": 1}"#)), false);
        assert_eq!(
            left.iter().map(Option::is_some).collect::<Vec<_>>(),
            [true, false, false, false]
        );
    }

    proptest! {
        /// Only value and width count: no other cell, no order, nothing else.
        #[test]
        fn the_decision_is_a_function_of_the_noised_number(
            values in prop::collection::vec(-50_i64..400, 1..20), half in 0_i64..60,
            most in 1_u64..80, percent in 1_u32..300
        ) {
            let rule = rule(&format!(r#"{{"half_width": {most}, "percent": {percent}}}"#));
            let cells: Vec<Numbers> =
                values.iter().map(|own| Some([*own, own - half, own + half].map(Number::Whole))).collect();
            for (own, left) in values.iter().zip(withheld(cells, Some(rule), true)) {
                let narrow = half as u64 <= most
                    && half as f64 <= (*own).max(0) as f64 * f64::from(percent) / 100.0 + 1e-9;
                prop_assert_eq!(left.is_some(), narrow);
            }
        }
    }
}
