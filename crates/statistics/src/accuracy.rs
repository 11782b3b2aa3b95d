//! The other way round: from the width that somebody wants to the least budget that gives it.
#![cfg_attr(
    not(test),
    expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "widths are compared as they are shown; what comes of it is a whole budget"
    )
)]

use policy::{Accuracy, Femto, NanoRho, Plan};

use crate::{
    Error,
    price::{HalfWidth, Price, told},
};

impl Price {
    /// The price of the cheapest answer to `plan` none of whose half-widths, as they are told
    /// beforehand, is above `wanted`; at most `most`.
    ///
    /// A greater budget never gives a wider interval, so the least one is found by halving. It
    /// follows from public parameters alone, as a price does.
    ///
    /// # Errors
    /// [`Error::Accuracy`] where `most` does not suffice, else as [`Price::of`].
    pub fn for_accuracy(
        plan: &Plan,
        wanted: Accuracy,
        most: NanoRho,
        delta_conv: Femto,
    ) -> Result<Self, Error> {
        let limit = wanted.millionths() as f64 / Accuracy::MILLION as f64;
        let most = most.get().min(Self::MAX_RHO_NANO);
        let best = told(plan, nano(most)?)?.widest();
        if best.is_none_or(|best| best > limit) {
            return Err(Error::Accuracy { wanted, most, best });
        }
        let (mut too_little, mut enough) = (Self::MIN_RHO_NANO.saturating_sub(1), most);
        while enough.saturating_sub(too_little) > 1 {
            let middle = too_little.midpoint(enough);
            let width = told(plan, nano(middle)?)?.widest();
            if width.is_some_and(|width| width <= limit) {
                enough = middle;
            } else {
                too_little = middle;
            }
        }
        Self::of(plan, nano(enough)?, delta_conv)
    }
}

fn nano(amount: u64) -> Result<NanoRho, Error> {
    Ok(NanoRho::new(amount)?)
}

impl HalfWidth {
    /// The widest half-width of any cell; `None` where the assumed cell would be withheld.
    #[must_use]
    pub fn widest(&self) -> Option<f64> {
        match self {
            Self::Exact { half_width } | Self::Ranks { half_width } => Some(*half_width as f64),
            Self::Assumed { half_width, .. } => *half_width,
            Self::Threshold { lower_width, .. } => Some(*lower_width as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{every_plan, mean_plan, persons_plan};

    fn delta() -> Femto {
        Femto::new(1_000_000_000).unwrap()
    }

    fn priced(plan: &Plan, wanted: &str, most: u64) -> Result<Price, Error> {
        let most = NanoRho::new(most).unwrap();
        Price::for_accuracy(plan, wanted.parse().unwrap(), most, delta())
    }

    #[test]
    fn ten_persons_cost_the_least_that_gives_them() {
        let price = priced(&persons_plan(), "10", 2_000_000_000).unwrap();
        assert_eq!(price.half_width(), HalfWidth::Exact { half_width: 10 });
        let less = NanoRho::new(price.asked().get() - 1).unwrap();
        let wider = Price::of(&persons_plan(), less, delta()).unwrap();
        assert_eq!(wider.half_width(), HalfWidth::Exact { half_width: 11 });
        assert_eq!(priced(&persons_plan(), "10.9", 2_000_000_000).unwrap().asked(), price.asked());
    }

    #[test]
    fn what_no_permitted_budget_gives_is_told_with_the_best_there_is() {
        let Err(Error::Accuracy { best, most, .. }) = priced(&persons_plan(), "3", 20_000_000)
        else {
            panic!("±3 persons need more")
        };
        assert_eq!((best, most), (Some(10.0), 20_000_000));
        let Err(Error::Accuracy { best, .. }) = priced(&mean_plan(), "1", 10_000) else {
            panic!("a mean at that budget is withheld")
        };
        assert_eq!(best, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]
        #[test]
        fn no_told_width_is_above_the_wanted_one_and_less_budget_would_be(millionths in 20_000_u64..900_000_000) {
            let shown = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
            let limit = millionths as f64 / 1e6;
            for plan in every_plan() {
                let Ok(price) = priced(&plan, &shown, Price::MAX_RHO_NANO) else { continue };
                prop_assert!(price.half_width().widest().unwrap() <= limit);
                if price.asked().get() > Price::MIN_RHO_NANO {
                    let less = NanoRho::new(price.asked().get() - 1).unwrap();
                    let width = Price::of(&plan, less, delta()).unwrap().half_width().widest();
                    prop_assert!(width.is_none_or(|width| width > limit));
                }
            }
        }
    }
}
