//! What one person can change: bounds and the sensitivities that follow from them.

use serde::Serialize;

use crate::Error;

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
    /// One person in at most one cell, changing it by at most `bound`.
    pub(crate) fn of_one_cell(bound: u64) -> Result<Self, Error> {
        let l2_squared = bound.checked_mul(bound).ok_or(Error::Overflow)?;
        Ok(Self { l0: 1, l1: bound, l2_squared, linf: bound })
    }
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
