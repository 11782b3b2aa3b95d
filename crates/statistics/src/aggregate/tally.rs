//! Cells while persons are added, several ranges of persons at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::Question;
use crate::Error;

/// The cells of one vector while persons are added.
#[derive(Clone)]
pub(super) struct Tally {
    cells: Vec<i64>,
    per_group: usize,
}

impl Tally {
    /// Adds to a cell of a group; a person without a group adds nothing.
    pub(super) fn add(
        &mut self,
        group: Option<usize>,
        inner: usize,
        amount: i64,
    ) -> Result<(), Error> {
        let Some(group) = group.filter(|_| inner < self.per_group) else { return Ok(()) };
        let first = group.checked_mul(self.per_group).ok_or(Error::Overflow)?;
        let place = first.checked_add(inner).ok_or(Error::Overflow)?;
        if let Some(cell) = self.cells.get_mut(place) {
            *cell = cell.checked_add(amount).ok_or(Error::Overflow)?;
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        for (cell, amount) in self.cells.iter_mut().zip(&other.cells) {
            *cell = cell.checked_add(*amount).ok_or(Error::Overflow)?;
        }
        Ok(())
    }
}

impl Question<'_> {
    /// The cells of `N` vectors after `add` has been called once for each person.
    ///
    /// Integers are added, so the number of threads changes nothing.
    pub(super) fn tally<const N: usize>(
        &self,
        add: impl Fn(&mut [Tally; N], usize) -> Result<(), Error> + Sync,
    ) -> Result<Vec<Vec<i64>>, Error> {
        self.tally_all(self.table.persons(), add)
    }

    /// As [`Question::tally`], with each of `items` in place of the persons.
    pub(super) fn tally_each<T: Sync, const N: usize>(
        &self,
        items: &[T],
        add: impl Fn(&mut [Tally; N], &T) -> Result<(), Error> + Sync,
    ) -> Result<Vec<Vec<i64>>, Error> {
        let item = |tallies: &mut [Tally; N], index| match items.get(index) {
            Some(item) => add(tallies, item),
            None => Ok(()),
        };
        self.tally_all(items.len(), item)
    }

    fn tally_all<const N: usize>(
        &self,
        count: usize,
        add: impl Fn(&mut [Tally; N], usize) -> Result<(), Error> + Sync,
    ) -> Result<Vec<Vec<i64>>, Error> {
        let none = self.none()?;
        let part = |range: Range<usize>| -> Result<_, Error> {
            let mut tallies: [Tally; N] = std::array::from_fn(|_| none.clone());
            for index in range {
                add(&mut tallies, index)?;
            }
            Ok(tallies)
        };
        let merge = |mut one: [Tally; N], other: [Tally; N]| -> Result<_, Error> {
            for (own, other) in one.iter_mut().zip(&other) {
                own.merge(other)?;
            }
            Ok(one)
        };
        let whole = match ranges(count, none.cells.len()).as_slice() {
            // Few persons are not worth waking a thread.
            [] | [_] => part(0..count)?,
            many => {
                let parts = many.par_iter().cloned().map(part);
                parts.try_reduce_with(merge).ok_or(Error::Overflow)??
            }
        };
        Ok(whole.into_iter().map(|tally| tally.cells).collect())
    }

    fn none(&self) -> Result<Tally, Error> {
        let per_group = self.plan.kind.noised_per_group().ok_or(Error::Overflow)?;
        let size = self.plan.groups().and_then(|groups| groups.checked_mul(per_group));
        Ok(Tally { cells: vec![0; size.ok_or(Error::Overflow)?], per_group })
    }
}

/// Ranges that together hold the numbers below `count`, a few for each thread; so large that their
/// own cells cost little beside them.
fn ranges(count: usize, cells: usize) -> Vec<Range<usize>> {
    const LEAST: usize = 4_096;
    const PER_THREAD: usize = 8;
    let most = rayon::current_num_threads().saturating_mul(PER_THREAD).max(1);
    let length = count.div_ceil(most).max(cells).max(LEAST);
    let starts = (0..count).step_by(length);
    starts.map(|start| start..start.saturating_add(length).min(count)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_hold_every_number_once(count in 0_usize..200_000, cells in 0_usize..50_000) {
            let ranges = ranges(count, cells);
            prop_assert!(ranges.iter().all(|range| range.len() >= cells.min(count)
                || range.end == count));
            prop_assert!(ranges.into_iter().flatten().eq(0..count));
        }
    }
}
