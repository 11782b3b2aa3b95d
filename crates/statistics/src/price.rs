//! What an answer costs and how wide it will be, before any data is touched.

use policy::{Digest, Femto, Mechanism, NanoRho, Plan, PlanKind};
use serde::Serialize;

use crate::{
    Error,
    aggregate::check_shape,
    bounds::{Centre, Sensitivity, vectors},
    consistency::{Design, Margins},
    interval::{assumed_half_width, least_count},
    law::{Law, LawEntry},
    mechanism::epsilon,
    quantile,
    scale::Scale,
    share,
    subject_loss::{SubjectLosses, subject_losses},
    threshold::Threshold,
    tree,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    margins: Option<Margins>,
    noise: Vec<Noise>,
    losses: Losses,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_mechanism: Option<OtherMechanism>,
}

/// How wide the intervals would be with the other mechanism at the same budget, where that differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct OtherMechanism {
    /// The other one.
    pub mechanism: Mechanism,
    /// Half the width of every cell's interval.
    pub half_width: u64,
}

/// The noise of one vector of cells.
#[derive(Clone, Serialize)]
pub struct Noise {
    quantity: Quantity,
    #[serde(flatten, serialize_with = "law")]
    law: Law,
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
    /// Number of rows.
    Rows,
}

/// Half the width of a cell's 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HalfWidth {
    /// Of every cell of a count or a sum; with margins, of every cell of the detail.
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
    /// Of a key that passed a threshold: how far its count may lie below the value. There is no
    /// upper end, and no interval of a key that is not shown.
    Threshold {
        /// By how much a shown value may be too high, in persons.
        lower_width: u64,
        /// The noised count that a key must exceed to be shown.
        threshold: u64,
    },
}

/// What the answer may reveal about whom, in nano-rho.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Losses {
    /// The links taken as given.
    Cluster(ClusterLosses),
    /// Whatever linkage did.
    Subject(SubjectLosses),
}

/// What a person as linked loses, in nano-rho.
///
/// zCDP of a change k times as large costs k² times as much (Bun and Steinke 2016, proposition
/// 1.9).
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct ClusterLosses {
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
        if let Some(losses) = subject_losses(plan, rho)? {
            return Ok(Self::Subject(losses));
        }
        let times = |factor: u64| rho.get().checked_mul(factor).ok_or(Error::Overflow);
        let record = times(if plan.unit.is_person() { 2 } else { 4 })?;
        Ok(Self::Cluster(ClusterLosses { person: rho.get(), record, split_in_two: times(4)? }))
    }
}

impl ClusterLosses {
    /// How many times the loss of a person one changed record costs.
    pub(crate) fn record_factor(self) -> u64 {
        self.record.checked_div(self.person).unwrap_or(0)
    }
}

fn law<S: serde::Serializer>(law: &Law, serializer: S) -> Result<S::Ok, S::Error> {
    LawEntry::from(*law).serialize(serializer)
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
        let noise = noises(plan, plan.mechanism, asked)?;
        let margins = margins_of(plan, &noise)?;
        let half_width = match margins.as_ref().and_then(Margins::detail_width) {
            Some(half_width) => HalfWidth::Exact { half_width },
            None => width_of(plan, &noise)?,
        };
        let rho_nano = noise
            .iter()
            .try_fold(NanoRho::ZERO, |sum, noise| sum.checked_add(noise.rho_nano))
            .ok_or(Error::Overflow)?;
        Ok(Self {
            plan: Digest::of_json(plan)?,
            asked_rho_nano: asked,
            rho_nano,
            delta_femto: delta_of(&noise)?,
            eps: epsilon(rho_nano, delta_conv)?,
            delta_conv_femto: delta_conv,
            cells: plan.cells.len(),
            half_width,
            margins,
            other_mechanism: other_mechanism(plan, asked, half_width)?,
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

    /// The threshold delta that is charged; zero where nothing is thresholded.
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

    /// How many cells the answer has.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
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

    /// The tables behind a plan with margins, in the order of [`Price::noise`].
    pub(crate) fn margins(&self) -> Option<&Margins> {
        self.margins.as_ref()
    }

    pub(crate) fn plan(&self) -> Digest {
        self.plan
    }

    /// How wide the intervals would be with the other mechanism, where that differs.
    #[must_use]
    pub fn other_mechanism(&self) -> Option<OtherMechanism> {
        self.other_mechanism
    }

    /// The name of the mechanism in a release; every vector of an answer has the same.
    #[must_use]
    pub fn mechanism(&self) -> &'static str {
        self.noise.first().map_or("none", |own| own.law.name())
    }

    pub(crate) fn losses(&self) -> Losses {
        self.losses
    }
}

/// What would be told about the intervals at that budget.
pub(crate) fn told(plan: &Plan, asked: NanoRho) -> Result<HalfWidth, Error> {
    width_of(plan, &noises(plan, plan.mechanism, asked)?)
}

/// The noise of each vector: all of the budget for one, half of it each for two; with margins what
/// [`Design::split`] gives to each table.
fn noises(plan: &Plan, mechanism: Mechanism, asked: NanoRho) -> Result<Vec<Noise>, Error> {
    if !mechanism.is_gaussian() && !plan.kind.is_plain() {
        return Err(Error::Plan("Laplace noise fits plain counts and sums only"));
    }
    let vectors = vectors(plan)?;
    if let PlanKind::Sparse { threshold_delta_femto, .. } = plan.kind {
        let [(quantity, only)] = vectors.as_slice() else {
            return Err(Error::Plan("has other vectors than its kind"));
        };
        return Ok(vec![Noise::thresholded(*quantity, *only, asked, threshold_delta_femto)?]);
    }
    let of = |(quantity, sensitivity): &(Quantity, Sensitivity), budget| {
        Noise::of(*quantity, *sensitivity, mechanism, budget)
    };
    if !plan.margins.is_empty() {
        let parts = vectors.iter().zip(Design::of(plan)?.split(asked)?);
        return parts.map(|(own, part)| of(own, part)).collect();
    }
    match vectors.as_slice() {
        [only] => Ok(vec![of(only, asked)?]),
        [first, second] => Ok(vec![of(first, asked.half())?, of(second, asked.half())?]),
        _ => Err(Error::Plan("needs one vector or two")),
    }
}

fn delta_of(noise: &[Noise]) -> Result<Femto, Error> {
    let thresholds = noise.iter().filter_map(|own| own.law.threshold());
    let sum = thresholds.map(|own| own.delta.get()).try_fold(0_u64, u64::checked_add);
    Ok(Femto::new(sum.ok_or(Error::Overflow)?)?)
}

fn other_mechanism(
    plan: &Plan,
    asked: NanoRho,
    own: HalfWidth,
) -> Result<Option<OtherMechanism>, Error> {
    let HalfWidth::Exact { half_width: own } = own else { return Ok(None) };
    if !plan.kind.is_plain() || !plan.margins.is_empty() {
        return Ok(None);
    }
    let mechanism = match plan.mechanism {
        Mechanism::Gaussian => Mechanism::Laplace,
        Mechanism::Laplace => Mechanism::Gaussian,
    };
    let noise = noises(plan, mechanism, asked)?;
    let other = noise.first().map(|noise| noise.half_width).filter(|other| *other != own);
    Ok(other.map(|half_width| OtherMechanism { mechanism, half_width }))
}

fn margins_of(plan: &Plan, noise: &[Noise]) -> Result<Option<Margins>, Error> {
    if plan.margins.is_empty() {
        return Ok(None);
    }
    let scales: Vec<Scale> = noise.iter().map(Noise::scale).collect();
    Ok(Some(Design::of(plan)?.stated(&scales)?))
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
            half_width: share::assumed_half_width(*assumed_count, count.scale())?,
            assumed_count: *assumed_count,
            least_count: share::least_count(count.scale())?,
        },
        (PlanKind::Quantiles { edges, per_mille, .. }, [count]) => {
            let classes = edges.len().saturating_sub(1);
            let half_width = quantile::widest_rank(classes, per_mille, count.scale())?;
            HalfWidth::Ranks { half_width }
        }
        (PlanKind::Entries { .. }, [count]) => {
            HalfWidth::Exact { half_width: tree::half_width(count.scale())? }
        }
        (PlanKind::Sparse { .. }, [count]) => {
            let own = count.law.threshold().ok_or(Error::Plan("has no threshold"))?;
            HalfWidth::Threshold { lower_width: own.lower_width()?, threshold: own.at }
        }
        (_, [only]) => HalfWidth::Exact { half_width: only.half_width },
        _ => return Err(Error::Plan("has other vectors than its kind")),
    })
}

impl Noise {
    fn of(
        quantity: Quantity,
        sensitivity: Sensitivity,
        mechanism: Mechanism,
        budget: NanoRho,
    ) -> Result<Self, Error> {
        let (law, rho_nano) = Law::calibrate(mechanism, sensitivity, budget)?;
        Ok(Self { quantity, law, rho_nano, half_width: law.half_width()?, sensitivity })
    }

    /// For counts of which one person changes one, by one.
    fn thresholded(
        quantity: Quantity,
        sensitivity: Sensitivity,
        budget: NanoRho,
        delta: Femto,
    ) -> Result<Self, Error> {
        let (threshold, rho_nano) = Threshold::calibrate(budget, delta)?;
        let law = Law::Threshold(threshold);
        Ok(Self { quantity, law, rho_nano, half_width: law.half_width()?, sensitivity })
    }

    /// What the vector holds.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The parameter of the noise: sigma of a discrete Gaussian, its standard deviation before the
    /// distribution's own correction, which is below 1e-6 of it for sigma ≥ 1; b of a discrete
    /// Laplace.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.law.scale().sigma()
    }

    /// The pure eps of discrete Laplace noise; `None` for every other one.
    #[must_use]
    pub fn pure_epsilon(&self) -> Option<f64> {
        self.law.pure_epsilon()
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
        self.law.scale()
    }

    pub(crate) fn law(&self) -> Law {
        self.law
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
