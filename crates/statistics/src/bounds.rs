//! What one person can change: bounds and the sensitivities that follow from them.

use policy::{Plan, PlanKind, PlanPart};
use serde::Serialize;

use crate::{Error, consistency::Design, price::Quantity};

/// Cells of a dataset in a series: four quarters and their year.
const CELLS_OF_YEAR: u64 = 5;

/// The most that adding or removing one person changes a vector of cells.
///
/// Written beside every release so that a reader can check the charge: rho = L2² / (2·sigma²).
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sensitivity {
    /// Number of cells that change.
    pub l0: u64,
    /// Sum of the absolute changes.
    pub l1: u64,
    /// Sum of the squared changes.
    pub l2_squared: u64,
    /// Greatest absolute change of a cell.
    pub linf: u64,
}

impl Sensitivity {
    /// One person in at most `cells` cells, changing each by at most `bound`.
    fn of_cells(cells: u64, bound: u64) -> Result<Self, Error> {
        let l1 = cells.checked_mul(bound).ok_or(Error::Overflow)?;
        let l2_squared = l1.checked_mul(bound).ok_or(Error::Overflow)?;
        Ok(Self { l0: cells, l1, l2_squared, linf: bound })
    }

    /// One household that moves from a cell to another, or changes within one.
    ///
    /// Who leaves a household may have been its reference person. Then its amount, within ±`bound`,
    /// leaves one cell and enters another (L2² = 2·bound²), or changes within one cell by as much as
    /// 2·bound (L2² = 4·bound²), which is the worst.
    fn of_household_amount(bound: u64) -> Result<Self, Error> {
        let whole = bound.checked_mul(2).ok_or(Error::Overflow)?;
        let l2_squared = whole.checked_mul(whole).ok_or(Error::Overflow)?;
        Ok(Self { l0: 2, l1: whole, l2_squared, linf: whole })
    }
}

/// The vectors that are noised for `plan`, with what one person of the snapshot added or removed
/// changes in each: those of its kind, or with margins the detail and every margin.
///
/// A margin adds cells of the detail, and a person is in one group of it as of the detail, so what is
/// true of the detail is true of each margin.
pub(crate) fn vectors(plan: &Plan) -> Result<Vec<(Quantity, Sensitivity)>, Error> {
    let own = of_kind(plan)?;
    if plan.margins.is_empty() {
        return Ok(own);
    }
    match own.as_slice() {
        [only] => Ok(vec![*only; Design::of(plan)?.tables().len()]),
        _ => Err(Error::Plan("has margins and more than one vector; leave the margins out")),
    }
}

/// The vectors of a kind.
///
/// A person has one value per dimension, so it is in one group at most. Within its group
///
/// - `persons`, `overlap`, `histogram`, `quantiles`, `transition`, `share`, `link_quality` and
///   `prior_contact` are disjoint cells: one changes, by 1;
/// - `cases` changes `most` cells by 1;
/// - `entries` changes per entry one quarter and the year of one dataset, of `most` datasets: 2·`most`
///   different cells by 1;
/// - `series` changes four quarters and the year of a dataset, of `most` datasets: 5·`most` different
///   cells by 1;
/// - `sparse` is disjoint cells too, of which a private key is one;
/// - `subject_sum` is bounded by [`subject_sensitivity`], before anybody is linked;
/// - `sum` changes one cell by up to `cap`;
/// - `mean` changes the centred sum of one cell by up to half the range, and its count by 1.
///
/// A household is charged to the persons in it: one who leaves may have been its reference person,
/// so the household leaves one cell, anywhere, and enters another: 2 cells by 1, Δ2 = √2. Each
/// person stands for one household, so there is no second one. The amount of a household is bounded
/// at [`Sensitivity::of_household_amount`].
fn of_kind(plan: &Plan) -> Result<Vec<(Quantity, Sensitivity)>, Error> {
    let person = plan.unit.is_person();
    let count = Sensitivity::of_cells(if person { 1 } else { 2 }, 1)?;
    Ok(match &plan.kind {
        PlanKind::Persons { .. }
        | PlanKind::Overlap { .. }
        | PlanKind::Histogram { .. }
        | PlanKind::Quantiles { .. }
        | PlanKind::Transition { .. }
        | PlanKind::Share { .. }
        | PlanKind::Sparse { .. }
        | PlanKind::LinkQuality { .. }
        | PlanKind::PriorContact { .. } => vec![(Quantity::Count, count)],
        PlanKind::Cases { most, .. } => {
            vec![(Quantity::Count, Sensitivity::of_cells(at_least_one(*most)?, 1)?)]
        }
        PlanKind::Entries { most, .. } => {
            let cells = at_least_one(*most)?.checked_mul(2).ok_or(Error::Overflow)?;
            vec![(Quantity::Count, Sensitivity::of_cells(cells, 1)?)]
        }
        PlanKind::Series { most, .. } => {
            let cells = at_least_one(*most)?.checked_mul(CELLS_OF_YEAR).ok_or(Error::Overflow)?;
            vec![(Quantity::Count, Sensitivity::of_cells(cells, 1)?)]
        }
        PlanKind::SubjectSum { parts } => {
            let counted = parts.iter().all(|part| part.position.is_none());
            let quantity = if counted { Quantity::Rows } else { Quantity::Sum };
            vec![(quantity, subject_sensitivity(parts)?)]
        }
        PlanKind::Sum { cap, .. } => {
            let limit = policy::Catalogue::MAX_BOUND;
            let cap = u64::try_from(*cap).ok().filter(|_| (1..=limit).contains(cap));
            let cap = cap.ok_or(Error::Plan("the cap of a person is not within its limits"))?;
            vec![(Quantity::Sum, Sensitivity::of_cells(1, cap)?)]
        }
        PlanKind::Mean { lower, upper, .. } => {
            let bound = Centre::of(*lower, *upper)?.half_range();
            let sum = if person {
                Sensitivity::of_cells(1, bound)?
            } else {
                Sensitivity::of_household_amount(bound)?
            };
            vec![(Quantity::CentredSum, sum), (Quantity::Count, count)]
        }
    })
}

/// One person with all its subjects: at most `subjects` × `rows` rows of each dataset, each adding at
/// most `cap`, in as many cells or all in one.
///
/// The worst for L2 is one cell, where the amounts add up before they are squared. Nothing in it
/// depends on who was linked with whom.
fn subject_sensitivity(parts: &[PlanPart]) -> Result<Sensitivity, Error> {
    let limit = policy::Catalogue::MAX_BOUND;
    let (mut rows, mut whole) = (0_u64, 0_i64);
    for part in parts {
        let most = part.most().filter(|most| *most > 0 && part.cap > 0);
        let most =
            most.ok_or(Error::Plan("the bounds of a subject are not within their limits"))?;
        whole = whole.checked_add(most).ok_or(Error::Overflow)?;
        let own = u64::from(part.rows).checked_mul(u64::from(part.subjects));
        rows = own.and_then(|own| rows.checked_add(own)).ok_or(Error::Overflow)?;
    }
    let whole = u64::try_from(whole).ok().filter(|_| (1..=limit).contains(&whole));
    let whole = whole.ok_or(Error::Plan("the bounds of a subject are not within their limits"))?;
    let l2_squared = whole.checked_mul(whole).ok_or(Error::Overflow)?;
    Ok(Sensitivity { l0: rows, l1: whole, l2_squared, linf: whole })
}

/// A person who counted nowhere would have no sensitivity, and noise no scale.
fn at_least_one(most: u8) -> Result<u64, Error> {
    if most == 0 {
        return Err(Error::Plan("a person must count in one cell at least"));
    }
    Ok(u64::from(most))
}

/// The public middle of a measure's bounds.
///
/// Amounts are summed as distances from it, because those lie within half the range: the noise of
/// the sum is at most half of what the plain amounts would need. Adding the middle back to the
/// mean is post-processing of public numbers.
#[derive(Clone, Copy)]
pub(crate) struct Centre {
    middle: i64,
    half_range: u64,
}

impl Centre {
    pub(crate) fn of(lower: i64, upper: i64) -> Result<Self, Error> {
        let limit = policy::Catalogue::MAX_BOUND;
        let bounded = (limit.saturating_neg()..=limit).contains(&lower) && upper <= limit;
        if lower >= upper || !bounded {
            return Err(Error::Plan("bounds of the measure are empty or beyond the limit"));
        }
        let middle = lower.midpoint(upper);
        // `midpoint` rounds towards zero, so either end may be the farther one.
        let half_range = lower.abs_diff(middle).max(upper.abs_diff(middle));
        Ok(Self { middle, half_range })
    }

    /// The distance of an amount within the bounds from the middle.
    pub(crate) fn centred(self, amount: i64) -> Result<i64, Error> {
        amount.checked_sub(self.middle).ok_or(Error::Overflow)
    }

    pub(crate) fn middle(self) -> i64 {
        self.middle
    }

    /// (upper − lower) / 2, rounded up.
    pub(crate) fn half_range(self) -> u64 {
        self.half_range
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_centred_amount_stays_within_half_the_range(
            lower in -1_000_000_000_i64..1_000_000_000, width in 1_i64..1_000_000_000, at in 0_u64..=100
        ) {
            let upper = (lower + width).min(1_000_000_000);
            let centre = Centre::of(lower, upper).unwrap();
            let amount = lower + (upper - lower) * i64::try_from(at).unwrap() / 100;
            let centred = centre.centred(amount).unwrap();
            prop_assert!(centred.unsigned_abs() <= centre.half_range());
            prop_assert_eq!(centre.half_range(), upper.abs_diff(lower).div_ceil(2));
        }
    }

    #[test]
    fn inverted_or_huge_bounds_are_refused() {
        for (lower, upper) in [(5, 5), (6, 5), (0, i64::MAX), (i64::MIN, 0)] {
            assert!(Centre::of(lower, upper).is_err());
        }
    }
}
