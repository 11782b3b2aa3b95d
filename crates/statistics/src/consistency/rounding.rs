//! Adjusted cells as whole numbers whose sums stay near.

use super::adjust::Estimate;
use super::design::Design;
use super::grid::Wide;
use crate::Error;

/// The detail in whole numbers; margins are their sums.
///
/// Rounding cell by cell would let errors grow with the number of cells that a margin sums, and take
/// from it what its own measurement gained. So the cells are accumulated along every dimension with
/// a margin, the accumulated numbers are rounded to the nearest whole one, and differences are taken
/// back. A cell of a table that keeps k dimensions is then a sum of at most 2^k rounded numbers with
/// alternating signs, and off by at most 2^(k−1) however large the table is: half a person for a
/// grand total, 1, 2 and 4 for tables of one, two and three dimensions. With rounding errors that are
/// uniform and independent, it adds 2^k/12 to the variance.
pub(super) fn rounded(estimate: Estimate, design: &Design) -> Result<Vec<i64>, Error> {
    let Estimate { mut numerators, denominator } = estimate;
    let axes = design.axes(design.all());
    for axis in &axes {
        numerators = numerators.accumulated(*axis)?;
    }
    let mut whole = numerators.mapped(|own| nearest(own, denominator))?;
    for axis in &axes {
        whole = whole.differences(*axis)?;
    }
    whole.into_cells()
}

/// The nearest whole number; halves go up.
fn nearest(numerator: Wide, denominator: Wide) -> Result<Wide, Error> {
    let twice = numerator.checked_mul(2).and_then(|twice| twice.checked_add(denominator));
    let below = denominator.checked_mul(2);
    let whole = twice.zip(below).and_then(|(above, below)| above.checked_div_euclid(below));
    whole.ok_or(Error::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up_and_everything_else_to_the_nearest() {
        for (numerator, whole) in [(0, 0), (1, 0), (2, 1), (3, 1), (-1, 0), (-2, 0), (-3, -1)] {
            assert_eq!(nearest(numerator, 4).unwrap(), whole, "{numerator}/4");
        }
        assert!(nearest(1, 0).is_err());
        assert!(nearest(Wide::MAX, 4).is_err());
    }
}
