//! The variance of a sum of released cells.

use super::axes::{Axes, Line};
use super::refuse;
use crate::document::Form;
use crate::{Document, Error};

/// Standard deviations of a normal on either side that hold 95 %.
const QUANTILE: f64 = 1.959_963_984_540_054;
/// What is left of the variance of a quarter and of a year after they were made to agree, and the
/// most that rounding adds (`docs/formats/release.md`: an error within ±0.85, of which a fourth of a
/// unit is no less than its variance).
const ENTRIES: (f64, f64) = (0.8, 0.25);

/// How the noises of a document's cells vary together.
pub(super) enum Noises {
    /// Independent, each with that variance.
    Independent(f64),
    /// Made to agree with totals.
    Adjusted(Adjusted),
}

pub(super) struct Adjusted {
    /// Per axis its number of keys, and its bit where it has a total.
    axes: Vec<(f64, u8)>,
    /// Set of axes and variance of every effect.
    effects: Vec<(u8, f64)>,
}

impl Noises {
    pub(super) fn of(document: &Document, axes: &Axes) -> Result<Self, Error> {
        let Some(margins) = &document.margins else {
            let [noise] = document.noise.as_slice() else {
                return refuse("its noise is not stated; only newer documents can be rolled up");
            };
            let square = noise.sigma.map(|own| own.powi(2));
            let Some(square) = square else { return refuse("its noise is not Gaussian") };
            let (left, rounding) = ENTRIES;
            let adjusted = document.form == Form::Entries;
            return Ok(Self::Independent(if adjusted { left * square + rounding } else { square }));
        };
        let bit = |name: &str| {
            let place = margins.dimensions.iter().position(|own| own == name);
            place.and_then(|place| 1_u8.checked_shl(u32::try_from(place).ok()?)).unwrap_or(0)
        };
        let set = |names: &[String]| names.iter().fold(0, |set, name| set | bit(name));
        #[expect(clippy::cast_precision_loss, reason = "a table has at most 1e5 keys")]
        let axes = axes.sizes().map(|(name, keys)| (keys as f64, bit(name))).collect();
        let effects = margins.effects.iter().map(|own| (set(&own.of), own.variance)).collect();
        Ok(Self::Adjusted(Adjusted { axes, effects }))
    }

    /// The variance of the sum of a line's `parts` cells.
    #[expect(clippy::cast_precision_loss, reason = "a table has at most 1e5 cells")]
    pub(super) fn variance(&self, line: &Line, parts: usize) -> f64 {
        match self {
            Self::Independent(variance) => variance * parts as f64,
            Self::Adjusted(adjusted) => {
                let taken = line.targets().iter().map(|own| (own.members.as_slice(), own.is_total));
                adjusted.variance(taken, parts as f64)
            }
        }
    }
}

impl Adjusted {
    /// Over the effects E: the variance of E times ∏ g(1 − g/n) over E and ∏ (g/n)² over the other
    /// dimensions with a total, g of whose n keys are added up; and the rounding of the accumulated
    /// numbers at the corners of what is added up, 1/12 each. What is no dimension with a total
    /// divides the table into independent ones.
    fn variance<'a>(&self, taken: impl Iterator<Item = (&'a [usize], bool)>, parts: f64) -> f64 {
        let mut slices = parts;
        let mut corners = 1.0;
        let mut along = Vec::with_capacity(self.axes.len());
        for ((keys, bit), (members, is_total)) in self.axes.iter().zip(taken) {
            if *bit == 0 {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "at most 1e5 keys")]
            let taken = members.len() as f64;
            if !is_total {
                slices /= taken;
            }
            corners *= boundaries(members);
            let share = taken / keys;
            along.push((*bit, taken * (1.0 - share), share * share));
        }
        let effect = |(set, variance): &(u8, f64)| {
            let factors = along.iter().map(
                |(bit, centred, spread)| {
                    if set & bit != 0 { *centred } else { *spread }
                },
            );
            variance * factors.product::<f64>()
        };
        let sum: f64 = self.effects.iter().map(effect).sum();
        slices * (sum + corners / 12.0)
    }
}

/// How many accumulated numbers a sum over ascending positions is made of.
fn boundaries(members: &[usize]) -> f64 {
    let mut count = 0.0;
    for (place, own) in members.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| members.get(place));
        let starts = before.is_none_or(|before| before + 1 != *own);
        // What is accumulated up to the first key is zero and has no rounding.
        count += f64::from(u8::from(starts && *own > 0));
        let ends = members.get(place + 1).is_none_or(|after| own + 1 != *after);
        count += f64::from(u8::from(ends));
    }
    count
}

/// Half the width of the 95 % interval of a whole number with that variance.
///
/// The error is whole and a sum of several draws, so it is within ±h where a normal one is within
/// ±(h + 1/2).
pub(super) fn half_width(variance: f64) -> f64 {
    (QUANTILE * variance.sqrt() - 0.5).ceil().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of zeros and ones: which of 3 × 2 cells the tables with totals 0 to 3 add up.
    fn rows(table: usize) -> Vec<[f64; 6]> {
        let all = [0, 1, 2, 3, 4, 5].map(|cell| (cell / 2, cell % 2));
        let row = |test: &dyn Fn(usize, usize) -> bool| {
            all.map(|(first, second)| f64::from(u8::from(test(first, second))))
        };
        match table {
            0 => all.iter().map(|own| row(&|a, b| (a, b) == *own)).collect(),
            1 => (0..2).map(|own| row(&|_, b| b == own)).collect(),
            2 => (0..3).map(|own| row(&|a, _| a == own)).collect(),
            _ => vec![row(&|_, _| true)],
        }
    }

    /// The solution of a symmetric system by Gauss and Jordan.
    fn solve(mut matrix: [[f64; 6]; 6], mut right: [f64; 6]) -> [f64; 6] {
        for at in 0..6 {
            let by = matrix[at][at];
            matrix[at] = matrix[at].map(|own| own / by);
            right[at] /= by;
            for other in (0..6).filter(|other| *other != at) {
                let (times, pivot) = (matrix[other][at], matrix[at]);
                matrix[other].iter_mut().zip(pivot).for_each(|(own, pivot)| *own -= times * pivot);
                right[other] -= times * right[at];
            }
        }
        right
    }

    /// gᵀ(Σ AᵀA/σ²)⁻¹g is the variance of the sum over g after weighted least squares.
    #[test]
    fn the_variance_of_any_block_is_that_of_the_dense_solution() {
        let sigmas = [3.0_f64, 5.0, 4.0, 11.0];
        let mut normal = [[0.0; 6]; 6];
        for (table, sigma) in sigmas.iter().enumerate() {
            for row in rows(table) {
                for (a, line) in normal.iter_mut().enumerate() {
                    line.iter_mut()
                        .zip(row)
                        .for_each(|(own, b)| *own += row[a] * b / sigma.powi(2));
                }
            }
        }
        // 1/Σ 1/(σ²·∏ n) over the tables that contain the effect; totals over both, one, none.
        let of = |terms: &[f64]| 1.0 / terms.iter().map(|own| 1.0 / own).sum::<f64>();
        let squares = sigmas.map(|own| own.powi(2));
        let effects = vec![
            (3, squares[0]),
            (2, of(&[squares[0] * 3.0, squares[1]])),
            (1, of(&[squares[0] * 2.0, squares[2]])),
            (0, of(&[squares[0] * 6.0, squares[1] * 2.0, squares[2] * 3.0, squares[3]])),
        ];
        let adjusted = Adjusted { axes: vec![(3.0, 1), (2.0, 2)], effects };
        let (firsts, seconds) =
            ([vec![0], vec![1], vec![0, 2], vec![0, 1, 2]], [vec![1], vec![0, 1]]);
        for (first, second) in firsts.iter().flat_map(|a| seconds.iter().map(move |b| (a, b))) {
            let mut block = [0.0; 6];
            for (a, b) in first.iter().flat_map(|a| second.iter().map(move |b| (a, b))) {
                block[a * 2 + b] = 1.0;
            }
            let dense: f64 = solve(normal, block).iter().zip(block).map(|(a, b)| a * b).sum();
            let totals = (first.len() == 3, second.len() == 2);
            let parts =
                if totals.0 { 1 } else { first.len() } * if totals.1 { 1 } else { second.len() };
            let taken = [(first.as_slice(), totals.0), (second.as_slice(), totals.1)];
            let own = adjusted.variance(taken.into_iter(), parts as f64);
            let rounding = boundaries(first) * boundaries(second) / 12.0;
            assert!((own - rounding - dense).abs() < 1e-9, "{first:?} {second:?}: {own} {dense}");
        }
    }

    #[test]
    fn a_sum_is_rounded_where_it_begins_and_ends() {
        for (members, count) in
            [(&[0][..], 1.0), (&[3], 2.0), (&[0, 1, 2], 1.0), (&[1, 2], 2.0), (&[0, 2, 3, 7], 5.0)]
        {
            assert!((boundaries(members) - count).abs() < 1e-9, "{members:?}");
        }
    }
}
