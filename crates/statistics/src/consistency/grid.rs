//! Whole numbers over several axes, the last one running fastest.

use crate::Error;

use super::DISAGREES;

/// Cells over axes of given sizes; a collapsed axis has size 1.
#[derive(Clone)]
pub(super) struct Grid {
    sizes: Vec<usize>,
    cells: Vec<Wide>,
}

/// Numbers that a grid adds up without leaving their limits unnoticed.
pub(super) type Wide = i128;

impl Grid {
    pub(super) fn of(sizes: Vec<usize>, cells: Vec<i64>) -> Result<Self, Error> {
        let cells: Vec<Wide> = cells.into_iter().map(Wide::from).collect();
        Self { sizes, cells }.checked()
    }

    pub(super) fn zero(sizes: Vec<usize>) -> Result<Self, Error> {
        let cells = vec![0; product(&sizes)?];
        Ok(Self { sizes, cells })
    }

    fn checked(self) -> Result<Self, Error> {
        let fits = product(&self.sizes)? == self.cells.len() && !self.cells.is_empty();
        if fits { Ok(self) } else { Err(Error::Plan(DISAGREES)) }
    }

    #[cfg(test)]
    pub(super) fn cells(&self) -> &[Wide] {
        &self.cells
    }

    pub(super) fn into_cells(self) -> Result<Vec<i64>, Error> {
        let narrow = |own: Wide| i64::try_from(own).map_err(|_| Error::Overflow);
        self.cells.into_iter().map(narrow).collect()
    }

    /// Sums over each of the axes.
    pub(super) fn collapsed(&self, axes: &[usize]) -> Result<Self, Error> {
        axes.iter().try_fold(self.clone(), |grid, axis| grid.summed(*axis))
    }

    fn summed(&self, axis: usize) -> Result<Self, Error> {
        let sum = |line: &[Wide]| {
            let total = line.iter().try_fold(0, |sum: Wide, own| sum.checked_add(*own));
            Ok(vec![total.ok_or(Error::Overflow)?])
        };
        self.by_line(axis, 1, sum)
    }

    /// What every cell has beyond the mean of its line, times the length of the line.
    pub(super) fn centred(&self, axis: usize) -> Result<Self, Error> {
        let length = self.sizes.get(axis).copied().ok_or(Error::Plan(DISAGREES))?;
        let times = Wide::try_from(length).map_err(|_| Error::Overflow)?;
        self.by_line(axis, length, |line| {
            let sum = line.iter().try_fold(0, |sum: Wide, own| sum.checked_add(*own));
            let sum = sum.ok_or(Error::Overflow)?;
            let beyond = |own: &Wide| own.checked_mul(times)?.checked_sub(sum);
            line.iter().map(|own| beyond(own).ok_or(Error::Overflow)).collect()
        })
    }

    /// Sums of each line up to and with each of its cells.
    pub(super) fn accumulated(&self, axis: usize) -> Result<Self, Error> {
        self.by_line(axis, self.length(axis)?, |line| {
            let mut sum: Wide = 0;
            let mut add = |own: &Wide| {
                sum = sum.checked_add(*own)?;
                Some(sum)
            };
            line.iter().map(|own| add(own).ok_or(Error::Overflow)).collect()
        })
    }

    /// What undoes [`Grid::accumulated`].
    pub(super) fn differences(&self, axis: usize) -> Result<Self, Error> {
        self.by_line(axis, self.length(axis)?, |line| {
            let mut before: Wide = 0;
            let mut step = |own: &Wide| {
                let step = own.checked_sub(before);
                before = *own;
                step
            };
            line.iter().map(|own| step(own).ok_or(Error::Overflow)).collect()
        })
    }

    /// The same cell all along an axis that was collapsed.
    pub(super) fn spread(&self, axis: usize, length: usize) -> Result<Self, Error> {
        let along = |line: &[Wide]| {
            let only = line.first().copied().ok_or(Error::Plan(DISAGREES))?;
            Ok(vec![only; length])
        };
        self.by_line(axis, length, along)
    }

    pub(super) fn mapped(
        mut self,
        to: impl Fn(Wide) -> Result<Wide, Error>,
    ) -> Result<Self, Error> {
        for own in &mut self.cells {
            *own = to(*own)?;
        }
        Ok(self)
    }

    pub(super) fn add(&mut self, other: &Self, times: Wide) -> Result<(), Error> {
        if self.sizes != other.sizes {
            return Err(Error::Plan(DISAGREES));
        }
        for (own, other) in self.cells.iter_mut().zip(&other.cells) {
            let sum = other.checked_mul(times).and_then(|other| own.checked_add(other));
            *own = sum.ok_or(Error::Overflow)?;
        }
        Ok(())
    }

    /// Takes the lines along `axis` of this grid together with the cell of `parent`, which is this
    /// grid collapsed along it, that stands above each.
    pub(super) fn beneath(
        &self,
        axis: usize,
        parent: &Self,
        below: impl Fn(&[Wide], Wide) -> Result<Vec<Wide>, Error>,
    ) -> Result<Self, Error> {
        let length = self.length(axis)?;
        let mut above = parent.cells.iter().copied();
        // Lines are taken in the order of the collapsed cells.
        self.by_line(axis, length, |line| below(line, above.next().ok_or(Error::Plan(DISAGREES))?))
    }

    fn length(&self, axis: usize) -> Result<usize, Error> {
        self.sizes.get(axis).copied().ok_or(Error::Plan(DISAGREES))
    }

    /// Replaces every line along an axis by what `change` makes of it, `length` cells each.
    fn by_line(
        &self,
        axis: usize,
        length: usize,
        mut change: impl FnMut(&[Wide]) -> Result<Vec<Wide>, Error>,
    ) -> Result<Self, Error> {
        let old = self.length(axis)?;
        let inner = product(self.sizes.iter().skip(axis).skip(1))?;
        let block = old.checked_mul(inner).filter(|block| *block > 0);
        let mut sizes = self.sizes.clone();
        if let Some(size) = sizes.get_mut(axis) {
            *size = length;
        }
        let mut cells = Vec::with_capacity(product(&sizes)?);
        for part in self.cells.chunks_exact(block.ok_or(Error::Plan(DISAGREES))?) {
            let mut lines = Vec::with_capacity(inner);
            for first in 0..inner {
                let line: Vec<Wide> = part.iter().skip(first).step_by(inner).copied().collect();
                let changed = change(&line)?;
                if changed.len() != length {
                    return Err(Error::Plan(DISAGREES));
                }
                lines.push(changed);
            }
            for place in 0..length {
                cells.extend(lines.iter().filter_map(|line| line.get(place)));
            }
        }
        Self { sizes, cells }.checked()
    }
}

fn product<'a>(sizes: impl IntoIterator<Item = &'a usize>) -> Result<usize, Error> {
    let product = sizes.into_iter().try_fold(1_usize, |product, own| product.checked_mul(*own));
    product.ok_or(Error::Overflow)
}
