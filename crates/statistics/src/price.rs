//! What an answer costs and how wide it will be, before any data is touched.

use policy::{Digest, Femto, NanoRho, Plan, PlanKind};
use serde::Serialize;

use crate::{
    Error,
    aggregate::check_shape,
    bounds::{Centre, Sensitivity, vectors},
    interval::{assumed_half_width, half_width, least_count},
    mechanism::epsilon,
    quantile,
    scale::Scale,
    share, tree,
};

/// The price of one answer. It follows from a plan and a budget, which are public.
///
/// Missing on purpose: `Deserialize` and a public constructor from numbers; a price is computed.
#[derive(Clone, Serialize)]
pub struct Price {
    #[serde(skip)]
    plan: Digest,
    asked_rho_nano: NanoRho,
    rho_nano: NanoRho,
    delta_femto: Femto,
    eps: f64,
    delta_conv_femto: Femto,
    cells: usize,
    half_width: HalfWidth,
    noise: Vec<Noise>,
    losses: Losses,
}

/// The noise of one vector of cells.
#[derive(Clone, Serialize)]
pub struct Noise {
    quantity: Quantity,
    #[serde(serialize_with = "sigma")]
    sigma: Scale,
    rho_nano: NanoRho,
    half_width: u64,
    sensitivity: Sensitivity,
}

/// What a vector holds per cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Number of persons, or of households.
    Count,
    /// Sum of amounts.
    Sum,
    /// Sum of distances from the middle of the measure's bounds.
    CentredSum,
}

/// Half the width of a cell's 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HalfWidth {
    /// Of every cell of a count or a sum.
    Exact {
        /// Whole persons, households or units of the measure.
        half_width: u64,
    },
    /// Of a quantile: how far the persons below it may be from the share asked for.
    Ranks {
        /// The widest of the quantiles asked for, in persons.
        half_width: u64,
    },
    /// Of a cell of a mean or share, if it had as many persons as the query assumed.
    Assumed {
        /// The widest half-width, in units of the measure or as a part of 1; `None` where the assumed count is so
        /// small that the cell would be withheld.
        half_width: Option<f64>,
        /// Persons per cell that the query assumed.
        assumed_count: u64,
        /// Noisy count below which a cell is withheld: ten half-widths of the count.
        least_count: u64,
    },
}

/// What the answer may reveal about whom, in nano-rho, the links taken as given.
///
/// zCDP of a change k times as large costs k² times as much (Bun and Steinke 2016, proposition
/// 1.9).
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Losses {
    /// One person of the snapshot added or removed.
    person: u64,
    /// One record of a person changed: the person may leave its cells and enter others. A household
    /// question loses twice as much, because the person may leave one household and join another.
    record: u64,
    /// A person whose records were linked as two persons.
    split_in_two: u64,
}

impl Losses {
    fn of(rho: NanoRho, plan: &Plan) -> Result<Self, Error> {
        let times = |factor: u64| rho.get().checked_mul(factor).ok_or(Error::Overflow);
        let record = times(if plan.unit.is_person() { 2 } else { 4 })?;
        Ok(Self { person: rho.get(), record, split_in_two: times(4)? })
    }

    /// How many times the loss of a person one changed record costs.
    pub(crate) fn record_factor(self) -> u64 {
        self.record.checked_div(self.person).unwrap_or(0)
    }
}

fn sigma<S: serde::Serializer>(scale: &Scale, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(scale.sigma())
}

impl Price {
    /// Least budget of one answer; below it the noise would drown a county.
    pub const MIN_RHO_NANO: u64 = 1_000;
    /// Greatest budget of one answer, rho = 2; above it a count would mostly be the exact number.
    pub const MAX_RHO_NANO: u64 = 2_000_000_000;

    /// The price of answering `plan` for at most `asked`, epsilon shown at `delta_conv`.
    ///
    /// # Errors
    /// [`Error::Rho`], [`Error::Delta`] or [`Error::Plan`].
    pub fn of(plan: &Plan, asked: NanoRho, delta_conv: Femto) -> Result<Self, Error> {
        if !(Self::MIN_RHO_NANO..=Self::MAX_RHO_NANO).contains(&asked.get()) {
            return Err(Error::Rho {
                asked: asked.get(),
                least: Self::MIN_RHO_NANO,
                most: Self::MAX_RHO_NANO,
            });
        }
        if delta_conv == Femto::ZERO {
            return Err(Error::Delta);
        }
        check_shape(plan)?;
        let noise = noises(plan, asked)?;
        let half_width = width_of(plan, &noise)?;
        let rho_nano = noise
            .iter()
            .try_fold(NanoRho::ZERO, |sum, noise| sum.checked_add(noise.rho_nano))
            .ok_or(Error::Overflow)?;
        Ok(Self {
            plan: Digest::of_json(plan)?,
            asked_rho_nano: asked,
            rho_nano,
            delta_femto: Femto::ZERO,
            eps: epsilon(rho_nano, delta_conv)?,
            delta_conv_femto: delta_conv,
            cells: plan.cells.len(),
            half_width,
            noise,
            losses: Losses::of(rho_nano, plan)?,
        })
    }

    /// What was asked for, at most.
    #[must_use]
    pub fn asked(&self) -> NanoRho {
        self.asked_rho_nano
    }

    /// What is charged to every lineage that the answer reads; never above what was asked.
    #[must_use]
    pub fn rho(&self) -> NanoRho {
        self.rho_nano
    }

    /// The threshold delta that is charged; zero while no mechanism has one.
    #[must_use]
    pub fn delta(&self) -> Femto {
        self.delta_femto
    }

    /// The epsilon of the charge at [`delta_conv`](Self::delta_conv), for showing.
    #[must_use]
    pub fn eps(&self) -> f64 {
        self.eps
    }

    /// The public delta at which epsilon is shown.
    #[must_use]
    pub fn delta_conv(&self) -> Femto {
        self.delta_conv_femto
    }

    /// Half the width of a cell's interval.
    #[must_use]
    pub fn half_width(&self) -> HalfWidth {
        self.half_width
    }

    /// The noise of each vector, in the order in which it is drawn.
    #[must_use]
    pub fn noise(&self) -> &[Noise] {
        &self.noise
    }

    pub(crate) fn plan(&self) -> Digest {
        self.plan
    }

    pub(crate) fn losses(&self) -> Losses {
        self.losses
    }
}

/// The noise of each vector: all of the budget for one, half of it each for two.
fn noises(plan: &Plan, asked: NanoRho) -> Result<Vec<Noise>, Error> {
    match vectors(plan)?.as_slice() {
        [(quantity, only)] => Ok(vec![Noise::of(*quantity, *only, asked)?]),
        [first, second] => Ok(vec![
            Noise::of(first.0, first.1, asked.half())?,
            Noise::of(second.0, second.1, asked.half())?,
        ]),
        _ => Err(Error::Plan("needs one vector or two")),
    }
}

/// What can be told about the intervals before the charge.
fn width_of(plan: &Plan, noise: &[Noise]) -> Result<HalfWidth, Error> {
    Ok(match (&plan.kind, noise) {
        (PlanKind::Mean { lower, upper, assumed_count, .. }, [sum, count]) => {
            let bound = Centre::of(*lower, *upper)?.half_range();
            let widths = (sum.half_width, count.half_width);
            HalfWidth::Assumed {
                half_width: assumed_half_width(*assumed_count, bound, widths.0, widths.1)?,
                assumed_count: *assumed_count,
                least_count: least_count(widths.1)?,
            }
        }
        (
            PlanKind::Share { assumed_count, .. } | PlanKind::PriorContact { assumed_count, .. },
            [count],
        ) => HalfWidth::Assumed {
            half_width: share::assumed_half_width(*assumed_count, count.sigma)?,
            assumed_count: *assumed_count,
            least_count: share::least_count(count.sigma)?,
        },
        (PlanKind::Quantiles { edges, per_mille, .. }, [count]) => {
            let classes = edges.len().saturating_sub(1);
            let half_width = quantile::widest_rank(classes, per_mille, count.sigma)?;
            HalfWidth::Ranks { half_width }
        }
        (PlanKind::Entries { .. }, [count]) => {
            HalfWidth::Exact { half_width: tree::half_width(count.sigma)? }
        }
        (_, [only]) => HalfWidth::Exact { half_width: only.half_width },
        _ => return Err(Error::Plan("has other vectors than its kind")),
    })
}

impl Noise {
    fn of(quantity: Quantity, sensitivity: Sensitivity, budget: NanoRho) -> Result<Self, Error> {
        let (sigma, rho_nano) = Scale::calibrate(sensitivity.l2_squared, budget)?;
        Ok(Self { quantity, sigma, rho_nano, half_width: half_width(sigma)?, sensitivity })
    }

    /// What the vector holds.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// Standard deviation of the noise, before the discrete distribution's own correction, which
    /// is below 1e-6 of it for sigma ≥ 1.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma.sigma()
    }

    /// This vector's part of the charge.
    #[must_use]
    pub fn rho(&self) -> NanoRho {
        self.rho_nano
    }

    /// Half the width of the 95 % interval of one cell of this vector.
    #[must_use]
    pub fn half_width(&self) -> u64 {
        self.half_width
    }

    /// What one person can change.
    #[must_use]
    pub fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }

    pub(crate) fn scale(&self) -> Scale {
        self.sigma
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{mean_plan, overlap_plan, persons_plan};

    const DELTA: u64 = 1_000_000_000;

    fn price(plan: &Plan, nano: u64) -> Result<Price, Error> {
        Price::of(plan, NanoRho::new(nano).unwrap(), Femto::new(DELTA).unwrap())
    }

    #[test]
    fn a_count_is_priced_from_plan_and_budget_alone() {
        let price = price(&persons_plan(), 50_000_000).unwrap();
        // 1 / sqrt(.1) = 3238.17 / 1024, rounded up to the grid; 6 is the discrete 95 % quantile.
        let [count] = price.noise() else { panic!("one vector") };
        assert!((count.sigma() - 3.163_085_937_5).abs() < 1e-12);
        assert_eq!(price.half_width(), HalfWidth::Exact { half_width: 6 });
        assert_eq!(price.rho().get(), 49_974_450);
        assert!(count.sensitivity() == Sensitivity { l0: 1, l1: 1, l2_squared: 1, linf: 1 });
    }

    #[test]
    fn a_mean_pays_for_sum_and_count() {
        let price = price(&mean_plan(), 50_000_000).unwrap();
        let [sum, count] = price.noise() else { panic!("two vectors") };
        assert_eq!((sum.quantity(), count.quantity()), (Quantity::CentredSum, Quantity::Count));
        assert_eq!(sum.sensitivity().l2_squared, 401 * 401);
        assert_eq!(sum.rho().get() + count.rho().get(), price.rho().get());
        let HalfWidth::Assumed { half_width: Some(width), assumed_count, least_count } =
            price.half_width()
        else {
            panic!("a width under the assumption")
        };
        assert_eq!((assumed_count, least_count), (500, 10 * count.half_width()));
        // Between the width at the middle and the widest, √2 times it at the bounds.
        let narrowest = sum.half_width() as f64 / 500.0;
        assert!((narrowest..narrowest * 1.5).contains(&width), "{width}");
    }

    #[test]
    fn a_mean_over_too_few_assumed_persons_is_told_to_be_withheld() {
        let mut plan = mean_plan();
        if let PlanKind::Mean { assumed_count, .. } = &mut plan.kind {
            *assumed_count = 5;
        }
        let width = price(&plan, 50_000_000).unwrap().half_width();
        assert!(matches!(width, HalfWidth::Assumed { half_width: None, .. }));
    }

    #[test]
    fn budgets_without_useful_noise_are_refused() {
        let plan = persons_plan();
        for nano in [0, 1, 999, Price::MAX_RHO_NANO + 1, NanoRho::MAX.get()] {
            assert!(matches!(price(&plan, nano), Err(Error::Rho { .. })), "{nano}");
        }
        assert!(price(&plan, Price::MIN_RHO_NANO).is_ok());
        assert!(price(&plan, Price::MAX_RHO_NANO).is_ok());
        assert!(price(&mean_plan(), Price::MIN_RHO_NANO).is_ok());
        let rho = NanoRho::new(50_000_000).unwrap();
        assert!(matches!(Price::of(&plan, rho, Femto::ZERO), Err(Error::Delta)));
        let empty = Plan { cells: vec![], ..plan };
        assert!(matches!(price(&empty, 50_000_000), Err(Error::Plan(_))));
    }

    #[test]
    fn the_losses_of_others_are_squares_of_the_change() {
        let price = price(&overlap_plan(), 50_000_000).unwrap();
        let shown = serde_json::to_value(&price).unwrap();
        let rho = price.rho().get();
        assert_eq!(
            shown["losses"],
            serde_json::json!({"person": rho, "record": 2 * rho, "split_in_two": 4 * rho})
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_plan_costs_more_than_was_asked(nano in 1_000_u64..=2_000_000_000) {
            for plan in [persons_plan(), overlap_plan(), mean_plan()] {
                let price = price(&plan, nano).unwrap();
                prop_assert!(price.rho().get() <= nano && price.rho().get() > 0);
                prop_assert!(price.eps() >= price.rho().as_rho());
            }
        }
    }
}
