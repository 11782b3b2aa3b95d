//! A table and its margins, measured together and made to add up.
//!
//! Detail and every margin get noise of their own within one charge. What they say about the same
//! cells is then brought together by weighted least squares (Hay, Rastogi, Miklau, Suciu 2010,
//! "Boosting the accuracy of differentially private histograms through consistency"; for tables of
//! several dimensions Mullins, Fuentes, Xiao, Kifer, Musco, Sheldon 2024, "Efficient and private
//! marginal reconstruction with local non-negativity", section 4). Because every subset of the
//! dimensions is measured, the estimate is in closed form: a table is the sum of its main effects
//! and interactions, as in the analysis of variance (Scheffé 1959, "The Analysis of Variance",
//! chapter 4), which are orthogonal to each other and whose noise is independent, so each is the mean
//! of what the tables that contain it say, weighted by the inverse of its variance there.
//!
//! Everything but the variances is whole-number arithmetic. Nothing here sees an exact value but
//! [`expand`], which adds detail cells before any noise is drawn.

mod adjust;
mod design;
mod grid;
mod non_negative;
mod rounding;

use policy::Plan;

use crate::{Error, price::Noise};
pub(crate) use design::{Design, Margins};
use grid::Grid;
pub(crate) use non_negative::{plain, trees};

/// Values per table, detail first; each in the order of its cells.
type Tables = Vec<Vec<i64>>;

/// Detail and margins of the exact cells `detail`, in the order of [`Design::tables`].
pub(crate) fn expand(plan: &Plan, detail: Vec<i64>) -> Result<Tables, Error> {
    sums(&Design::of(plan)?, detail)
}

fn sums(design: &Design, detail: Vec<i64>) -> Result<Tables, Error> {
    let whole = Grid::of(design.sizes(0), detail)?;
    let margin = |table: &u8| whole.collapsed(&design.axes(*table))?.into_cells();
    design.tables().iter().map(margin).collect()
}

/// One published cell of a plan with margins.
#[derive(Clone, Copy)]
pub(crate) struct AdjustedCell {
    /// Half the width of its interval.
    pub(crate) half_width: u64,
    /// Unbiased.
    pub(crate) value: i64,
    /// In the non-negative table.
    pub(crate) non_negative: i64,
}

/// Makes noisy tables agree, in whole numbers that add up.
pub(crate) fn adjusted(
    plan: &Plan,
    noisy: Tables,
    noise: &[Noise],
) -> Result<Vec<AdjustedCell>, Error> {
    let design = Design::of(plan)?;
    let scales: Vec<_> = noise.iter().map(Noise::scale).collect();
    let widths = design.half_widths(&scales)?;
    let detail = rounding::rounded(adjust::least_squares(&design, &scales, noisy)?, &design)?;
    let unbiased = sums(&design, detail)?;
    let non_negative = non_negative::tables(&design, &unbiased)?;
    let mut cells = Vec::with_capacity(plan.cells.len());
    for (table, place) in design.published()? {
        let at = |tables: &Tables| tables.get(table)?.get(place).copied();
        let found = at(&unbiased).zip(at(&non_negative)).zip(widths.get(table));
        let ((value, non_negative), half_width) = found.ok_or(Error::Plan(DISAGREES))?;
        cells.push(AdjustedCell { half_width: *half_width, value, non_negative });
    }
    Ok(cells)
}

const DISAGREES: &str = "its cells do not fit its dimensions; resolve the query again";

#[cfg(test)]
mod tests;
