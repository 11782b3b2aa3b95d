//! Which tables are measured, with which part of the budget, and what that makes of the noise.
#![cfg_attr(
    not(test),
    expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "variances and widths are shown, never charged; sizes are far below 2^53"
    )
)]

use policy::{Name, NanoRho, Plan};
use serde::Serialize;

use super::{DISAGREES, grid::Wide};
use crate::{
    Error,
    interval::{continuous, whole_up},
    scale::Scale,
};

/// The axes of a table: its grouping dimensions, then what divides a group.
///
/// A table is named by the set of dimensions whose total it holds, one bit for each dimension with a
/// margin, in their order: 0 is the detail. Effects have the same names: an effect is the interaction
/// of the dimensions that its table keeps.
pub(crate) struct Design {
    axes: Vec<Axis>,
    names: Vec<Name>,
}

struct Axis {
    size: usize,
    /// The bit of its margin; 0 where it has none.
    margin: u8,
}

/// What a release says about its margins, and a price before it.
#[derive(Clone, PartialEq, Serialize)]
pub(crate) struct Margins {
    dimensions: Vec<Name>,
    tables: Vec<MarginTable>,
    effects: Vec<Effect>,
}

/// One measured table.
#[derive(Clone, PartialEq, Serialize)]
struct MarginTable {
    /// The dimensions of which its cells are totals.
    totals: Vec<Name>,
    cells: usize,
    /// Of every cell of it, after the adjustment.
    half_width: u64,
}

/// The variance of an effect after the adjustment, from which that of every sum of cells follows.
#[derive(Clone, PartialEq, Serialize)]
struct Effect {
    /// The dimensions whose interaction it is.
    of: Vec<Name>,
    variance: f64,
}

impl Design {
    /// One, in the units of a weight.
    pub(super) const WHOLE_WEIGHT: Wide = 1 << 30;

    pub(crate) fn of(plan: &Plan) -> Result<Self, Error> {
        let mut axes = Vec::with_capacity(plan.group_by.len());
        let mut names = Vec::new();
        let mut next = 1_u8;
        for group in &plan.group_by {
            let has_margin = plan.has_margin(&group.dimension);
            axes.push(Axis { size: group.codes.len(), margin: if has_margin { next } else { 0 } });
            if has_margin {
                names.push(group.dimension.clone());
                next = next.checked_mul(2).filter(|next| *next <= 8).ok_or(Error::Plan(
                    "has margins over more than three dimensions; resolve the query again",
                ))?;
            }
        }
        let inner = plan.kind.noised_per_group().ok_or(Error::Overflow)?;
        axes.push(Axis { size: inner, margin: 0 });
        Ok(Self { axes, names })
    }

    /// A design of axes with sizes, and whether each has a margin.
    #[cfg(test)]
    pub(super) fn of_axes(axes: &[(usize, bool)]) -> Self {
        let mut next = 1;
        let mut axis = |(size, has_margin): &(usize, bool)| {
            let margin = if *has_margin { next } else { 0 };
            next <<= u8::from(*has_margin);
            Axis { size: *size, margin }
        };
        let axes: Vec<Axis> = axes.iter().map(&mut axis).collect();
        let margins = axes.iter().filter(|axis| axis.margin != 0);
        let names = margins.map(|axis| Name::new(format!("d{}", axis.margin)).unwrap()).collect();
        Self { axes, names }
    }

    /// Every table, the detail first.
    pub(crate) fn tables(&self) -> Vec<u8> {
        (0..=self.all()).collect()
    }

    /// The grand total, which is the sum over all dimensions with a margin.
    pub(super) fn all(&self) -> u8 {
        self.axes.iter().fold(0, |all, axis| all | axis.margin)
    }

    /// The dimensions with a margin, each as the set of itself.
    pub(super) fn margins(&self) -> Vec<u8> {
        self.axes.iter().map(|axis| axis.margin).filter(|margin| *margin != 0).collect()
    }

    /// Positions of the dimensions in a set.
    pub(super) fn axes(&self, set: u8) -> Vec<usize> {
        let numbered = self.axes.iter().enumerate();
        numbered.filter(|(_, axis)| axis.margin & set != 0).map(|(place, _)| place).collect()
    }

    fn names(&self, set: u8) -> Vec<Name> {
        let pairs = self.margins().into_iter().zip(&self.names);
        pairs.filter(|(margin, _)| margin & set != 0).map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn size(&self, axis: usize) -> Result<usize, Error> {
        self.axes.get(axis).map(|axis| axis.size).ok_or(Error::Plan(DISAGREES))
    }

    /// The sizes of a table's axes; where it holds the total, 1.
    pub(super) fn sizes(&self, table: u8) -> Vec<usize> {
        let size = |axis: &Axis| if axis.margin & table != 0 { 1 } else { axis.size };
        self.axes.iter().map(size).collect()
    }

    fn cells(&self, table: u8) -> Result<usize, Error> {
        let product = self.sizes(table).iter().try_fold(1_usize, |all, own| all.checked_mul(*own));
        product.ok_or(Error::Overflow)
    }

    /// The product of the sizes of the dimensions in a set.
    pub(super) fn product(&self, set: u8) -> Result<Wide, Error> {
        let sizes = self.axes.iter().filter(|axis| axis.margin & set != 0).map(|axis| axis.size);
        let wide = sizes.map(|size| Wide::try_from(size).ok());
        let product = wide.into_iter().try_fold(1, |all: Wide, own| all.checked_mul(own?));
        product.ok_or(Error::Overflow)
    }

    /// The parts of a budget that the tables get: in proportion to the square root of their numbers
    /// of cells, rounded down.
    ///
    /// With a variance of 1/rho per cell, this split has the least sum of variances over all cells
    /// before the adjustment (Lagrange: N/rho² equal for all). It follows from public sizes alone.
    pub(crate) fn split(&self, asked: NanoRho) -> Result<Vec<NanoRho>, Error> {
        /// Keeps six digits of a root.
        const SCALE: u128 = 1_000_000_000_000;
        let mut roots = Vec::new();
        for table in self.tables() {
            let cells = u128::try_from(self.cells(table)?).map_err(|_| Error::Overflow)?;
            roots.push(cells.checked_mul(SCALE).ok_or(Error::Overflow)?.isqrt());
        }
        let sum = roots.iter().try_fold(0_u128, |sum, own| sum.checked_add(*own));
        let part = |root: u128| {
            let nano = u128::from(asked.get()).checked_mul(root)?.checked_div(sum?)?;
            u64::try_from(nano).ok()
        };
        let parts =
            roots.into_iter().map(|root| Ok(NanoRho::new(part(root).ok_or(Error::Scale)?)?));
        parts.collect()
    }

    /// The tables that contain an effect, each with its weight in the estimate of it; the weights
    /// add up to [`Design::WHOLE_WEIGHT`].
    pub(super) fn weights(&self, effect: u8, scales: &[Scale]) -> Result<Vec<(u8, Wide)>, Error> {
        /// Bits that remain of the least variance, so that quotients keep as many digits.
        const KEPT: u32 = 60;
        const QUOTIENT: u32 = 40;
        let mut variances = Vec::new();
        for (table, scale) in self.tables().into_iter().zip(scales) {
            if table & !effect != 0 {
                continue;
            }
            let units = Wide::from(scale.units());
            let square = units.checked_mul(units).ok_or(Error::Overflow)?;
            let summed = self.product(effect & !table)?;
            variances.push((table, square.checked_mul(summed).ok_or(Error::Overflow)?));
        }
        let least = variances.iter().map(|own| own.1).min().filter(|least| *least > 0);
        let least = least.ok_or(Error::Scale)?;
        let coarser = least.ilog2().saturating_sub(KEPT);
        let shifted = |own: Wide| own.checked_shr(coarser).filter(|own| *own > 0);
        let above = shifted(least).and_then(|own| own.checked_mul(1 << QUOTIENT));
        let inverse = |own: Wide| above?.checked_div(shifted(own)?);
        let inverses: Option<Vec<(u8, Wide)>> =
            variances.iter().map(|(table, own)| Some((*table, inverse(*own)?))).collect();
        let mut weights = inverses.ok_or(Error::Overflow)?;
        let sum = weights.iter().try_fold(0, |sum: Wide, own| sum.checked_add(own.1));
        let mut left = Self::WHOLE_WEIGHT;
        for (_, weight) in &mut weights {
            let part = weight.checked_mul(Self::WHOLE_WEIGHT).zip(sum);
            *weight = part.and_then(|(part, sum)| part.checked_div(sum)).ok_or(Error::Overflow)?;
            left = left.checked_sub(*weight).ok_or(Error::Overflow)?;
        }
        if let Some((_, greatest)) = weights.iter_mut().max_by_key(|own| own.1) {
            *greatest = greatest.checked_add(left).ok_or(Error::Overflow)?;
        }
        Ok(weights)
    }

    /// The variance of an effect's estimate: 1 / Σ 1/(sigma²·∏ n) over the tables that contain it.
    fn variance(&self, effect: u8, scales: &[Scale]) -> f64 {
        let tables = self.tables().into_iter().zip(scales);
        let contained = tables.filter(|(table, _)| table & !effect == 0);
        let precision = contained.map(|(table, scale)| {
            1.0 / (scale.sigma().powi(2) * self.float_product(effect & !table))
        });
        1.0 / precision.sum::<f64>()
    }

    fn float_product(&self, set: u8) -> f64 {
        let sizes = self.axes.iter().filter(|axis| axis.margin & set != 0).map(|axis| axis.size);
        sizes.map(|size| size as f64).product()
    }

    /// The variance of one cell of a table before it is rounded: over the effects E that it contains,
    /// the variance of the effect times ∏ (1 − 1/n) over E, over ∏ n² over what else the table keeps.
    pub(super) fn cell_variance(&self, table: u8, scales: &[Scale]) -> f64 {
        let effects = self.tables().into_iter().filter(|effect| table & !effect == 0);
        let part = |effect: u8| {
            let kept = self.axes.iter().filter(|axis| axis.margin & !effect != 0);
            let centred: f64 = kept.map(|axis| 1.0 - 1.0 / axis.size as f64).product();
            let summed = self.float_product(effect & !table);
            self.variance(effect, scales) * centred / summed.powi(2)
        };
        effects.map(part).sum()
    }

    /// Half the width of the 95 % interval of a cell, per table, rounding included.
    ///
    /// The error is whole and near normal, being a sum over many draws, so it stays within h where a
    /// normal one stays within h + 1/2.
    pub(super) fn half_widths(&self, scales: &[Scale]) -> Result<Vec<u64>, Error> {
        let width = |table: u8| {
            let kept = (self.all() & !table).count_ones();
            let corners = f64::from(1_u32.checked_shl(kept).ok_or(Error::Overflow)?);
            let variance = self.cell_variance(table, scales) + corners / 12.0;
            whole_up((continuous(variance.sqrt())? - 0.5).max(0.0))
        };
        self.tables().into_iter().map(width).collect()
    }

    /// What is said about the margins of an answer with that noise.
    pub(crate) fn stated(&self, scales: &[Scale]) -> Result<Margins, Error> {
        let widths = self.half_widths(scales)?;
        let mut tables = Vec::with_capacity(widths.len());
        let mut effects = Vec::with_capacity(widths.len());
        for (table, half_width) in self.tables().into_iter().zip(widths) {
            tables.push(MarginTable {
                totals: self.names(table),
                cells: self.cells(table)?,
                half_width,
            });
            let of = self.names(self.all() & !table);
            effects.push(Effect { of, variance: self.variance(table, scales) });
        }
        Ok(Margins { dimensions: self.names(self.all()), tables, effects })
    }

    /// Table and place in it of every published cell, in publication order: along each dimension its
    /// keys, then its total.
    pub(super) fn published(&self) -> Result<Vec<(usize, usize)>, Error> {
        let mut found = vec![(0_u8, 0_usize)];
        for axis in &self.axes {
            let mut finer = Vec::new();
            for (table, place) in found {
                // A table that holds the total has no axis here, so its place stays.
                let first = place.checked_mul(axis.size).ok_or(Error::Overflow)?;
                for key in 0..axis.size {
                    finer.push((table, first.checked_add(key).ok_or(Error::Overflow)?));
                }
                if axis.margin != 0 {
                    finer.push((table | axis.margin, place));
                }
            }
            found = finer;
        }
        Ok(found.into_iter().map(|(table, place)| (usize::from(table), place)).collect())
    }
}

impl Margins {
    /// Half the widths of all tables.
    pub(crate) fn widths(&self) -> impl Iterator<Item = u64> {
        self.tables.iter().map(|table| table.half_width)
    }

    /// Half the width of a detail cell.
    pub(crate) fn detail_width(&self) -> Option<u64> {
        self.tables.first().map(|table| table.half_width)
    }
}
