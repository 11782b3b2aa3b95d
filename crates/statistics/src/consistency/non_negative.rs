//! Whole numbers of 0 and more that add up, beside the unbiased ones.
//!
//! They are computed from released numbers alone and are biased: what is cut off below zero is taken
//! from the cells above it, so that sums stay where they were.

use super::{
    Tables,
    design::Design,
    grid::{Grid, Wide},
    sums,
};
use crate::{Error, tree};

/// The cells of a table without margins, at least zero, with the sum that they had.
pub(crate) fn plain(cells: &[i64]) -> Result<Vec<i64>, Error> {
    let wide: Vec<Wide> = cells.iter().copied().map(Wide::from).collect();
    let sum = wide.iter().try_fold(0, |sum: Wide, own| sum.checked_add(*own));
    narrow(projected(&wide, sum.ok_or(Error::Overflow)?.max(0))?)
}

/// Quarters and their year: the year at least zero, its quarters beneath it.
pub(crate) fn trees(cells: &[i64]) -> Result<Vec<i64>, Error> {
    let (trees, _) = cells.as_chunks::<{ tree::NODES }>();
    let mut all = Vec::with_capacity(cells.len());
    for [quarters @ .., year] in trees {
        let wide: Vec<Wide> = quarters.iter().copied().map(Wide::from).collect();
        all.extend(narrow(projected(&wide, Wide::from(*year).max(0))?)?);
        all.push((*year).max(0));
    }
    Ok(all)
}

/// Detail and margins, from the top: the grand total at least zero, then dimension by dimension in
/// their order the cells beneath each number (after the top-down algorithm of Abowd et al. 2022,
/// "The 2020 Census Disclosure Avoidance System TopDown Algorithm", section 4). The margins off this
/// path are sums of the detail like all others.
pub(super) fn tables(design: &Design, unbiased: &Tables) -> Result<Tables, Error> {
    let grid = |table: u8| {
        let cells = unbiased.get(usize::from(table)).ok_or(Error::Overflow)?;
        Grid::of(design.sizes(table), cells.clone())
    };
    let mut table = design.all();
    let mut above = grid(table)?.mapped(|own| Ok(own.max(0)))?;
    for margin in design.margins() {
        table &= !margin;
        for axis in design.axes(margin) {
            above = grid(table)?.beneath(axis, &above, projected)?;
        }
    }
    sums(design, above.into_cells()?)
}

/// The whole numbers of 0 and more with the sum `total` that lie nearest to `cells`, up to the
/// remainder of a division, which the first of them bear.
///
/// (Duchi, Shalev-Shwartz, Singer, Chandra 2008, "Efficient projections onto the l1-ball for learning
/// in high dimensions", figure 1: the greatest numbers lose the same amount, all others are zero.)
fn projected(cells: &[Wide], total: Wide) -> Result<Vec<Wide>, Error> {
    let mut descending = cells.to_vec();
    descending.sort_unstable_by(|a, b| b.cmp(a));
    let (mut sum, mut loss, mut rest): (Wide, Wide, Wide) = (0, 0, 0);
    let mut least = None;
    for (number, own) in (1_i128..).zip(&descending) {
        sum = sum.checked_add(*own).ok_or(Error::Overflow)?;
        let excess = sum.checked_sub(total).ok_or(Error::Overflow)?;
        if own.checked_mul(number).ok_or(Error::Overflow)? <= excess {
            break;
        }
        loss = excess.checked_div_euclid(number).ok_or(Error::Overflow)?;
        rest = excess.checked_rem_euclid(number).ok_or(Error::Overflow)?;
        least = Some(*own);
    }
    let mut left = Vec::with_capacity(cells.len());
    for own in cells {
        if least.is_none_or(|least| *own < least) {
            left.push(0);
            continue;
        }
        let more = Wide::from(rest > 0);
        rest = rest.saturating_sub(more);
        let less = loss.checked_add(more).ok_or(Error::Overflow)?;
        left.push(own.checked_sub(less).ok_or(Error::Overflow)?);
    }
    Ok(left)
}

fn narrow(cells: Vec<Wide>) -> Result<Vec<i64>, Error> {
    cells.into_iter().map(|own| i64::try_from(own).map_err(|_| Error::Overflow)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_below_zero_is_taken_from_the_greatest() {
        assert_eq!(plain(&[10, -4, 6]).unwrap(), [8, 0, 4]);
        assert_eq!(plain(&[10, -3, 6]).unwrap(), [8, 0, 5]);
        assert_eq!(plain(&[3, 0, 5]).unwrap(), [3, 0, 5]);
        assert_eq!(plain(&[-5, 2, -9]).unwrap(), [0, 0, 0]);
        assert_eq!(plain(&[]).unwrap(), [0_i64; 0]);
        assert_eq!(trees(&[2, -3, 4, 1, 4]).unwrap(), [1, 0, 3, 0, 4]);
        assert_eq!(trees(&[2, -3, -4, 1, -4]).unwrap(), [0; 5]);
        assert!(plain(&[i64::MAX, 1]).is_ok(), "the cells stay within their limits");
    }

    proptest! {
        #[test]
        fn a_projection_is_the_nearest_with_its_sum(
            cells in prop::collection::vec(-60_i128..60, 1..7), total in 0_i128..200
        ) {
            let own = projected(&cells, total).unwrap();
            prop_assert_eq!(own.iter().sum::<i128>(), total);
            prop_assert!(own.iter().all(|cell| *cell >= 0));
            // No unit moved from one cell to another comes nearer: the condition of an optimum.
            let distance = |other: &[i128]| {
                other.iter().zip(&cells).map(|(a, b)| (a - b).pow(2)).sum::<i128>()
            };
            for from in 0..own.len() {
                for to in 0..own.len() {
                    let mut moved = own.clone();
                    if from == to || moved[from] == 0 { continue }
                    moved[from] -= 1;
                    moved[to] += 1;
                    prop_assert!(distance(&moved) >= distance(&own));
                }
            }
        }

        #[test]
        fn the_sum_is_kept_where_it_is_not_negative(
            cells in prop::collection::vec(-1_000_i64..1_000, 0..40)
        ) {
            let own = plain(&cells).unwrap();
            prop_assert_eq!(own.iter().sum::<i64>(), cells.iter().sum::<i64>().max(0));
            prop_assert!(own.iter().all(|cell| *cell >= 0));
        }
    }
}
