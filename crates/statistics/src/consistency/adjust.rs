//! Weighted least squares over detail and margins.

use super::design::Design;
use super::grid::{Grid, Wide};
use crate::{Error, scale::Scale};

/// Adjusted detail cells as numerators over a common denominator.
pub(super) struct Estimate {
    pub(super) numerators: Grid,
    pub(super) denominator: Wide,
}

/// The least-squares estimate of the detail from independent noisy tables, exact for the weights
/// that it uses.
///
/// For an effect E, the interaction of the dimensions in E, let u be the detail summed over the
/// other dimensions and centred along those in E. A table that keeps the dimensions K ⊇ E gives it
/// with a noise of variance sigma²·∏ n over K∖E, times a projection that all of them share. So u is
/// estimated by the mean over those tables, weighted by the inverses of these variances, and the
/// detail is the sum over all effects of u divided by ∏ n over the dimensions outside E. The weights
/// are multiples of 2^-30 that add up to one exactly: the estimate stays unbiased, and its variance
/// within 2^-28 of the least.
pub(super) fn least_squares(
    design: &Design,
    scales: &[Scale],
    noisy: Vec<Vec<i64>>,
) -> Result<Estimate, Error> {
    let tables = design.tables();
    if tables.len() != noisy.len() || tables.len() != scales.len() {
        return Err(Error::Mismatch("the price is of another kind of answer"));
    }
    let grids: Vec<Grid> = tables
        .iter()
        .zip(noisy)
        .map(|(table, cells)| Grid::of(design.sizes(*table), cells))
        .collect::<Result<_, _>>()?;
    let mut numerators = Grid::zero(design.sizes(0))?;
    for effect in &tables {
        let mut sum = Grid::zero(design.sizes(*effect))?;
        for (table, weight) in design.weights(*effect, scales)? {
            let grid = grids.get(usize::from(table)).ok_or(Error::Overflow)?;
            sum.add(&grid.collapsed(&design.axes(effect & !table))?, weight)?;
        }
        for axis in design.axes(design.all() & !effect) {
            sum = sum.centred(axis)?;
        }
        for axis in design.axes(*effect) {
            sum = sum.spread(axis, design.size(axis)?)?;
        }
        numerators.add(&sum, 1)?;
    }
    let denominator = design.product(design.all())?.checked_mul(Design::WHOLE_WEIGHT);
    Ok(Estimate { numerators, denominator: denominator.ok_or(Error::Overflow)? })
}
