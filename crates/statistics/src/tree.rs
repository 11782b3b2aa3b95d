//! Quarters and their year, measured together and made to agree.
#![cfg_attr(
    not(test),
    expect(clippy::float_arithmetic, reason = "widths are shown, never charged")
)]

use crate::{
    Error,
    interval::{continuous, whole_up},
    scale::Scale,
};

/// Leaves of a tree.
const LEAVES: i64 = 4;
/// Leaves and their sum.
pub(crate) const NODES: usize = 5;
/// What is left of the variance of every node after the adjustment: 4/5, of the leaves as of the
/// sum.
const LEFT: f64 = 0.8;
/// By how much rounding may move a leaf: a tenth of a person from the sum, three quarters from the
/// remainder.
const ROUNDING: f64 = 0.85;

/// The least-squares estimate of four quarters and their year from five independent noisy numbers,
/// in whole numbers that add up.
///
/// With S the sum of the noisy quarters and R the noisy year, the year is (4·R + S)/5 and every
/// quarter takes a fourth of what the year gained over S. (Hay et al. 2010, "Boosting the accuracy
/// of differentially private histograms through consistency", theorem 3, for one level of four.)
/// The year is rounded to the nearest whole number, which is never half-way, and the remainder of
/// the division goes to the first quarters.
pub(crate) fn consistent(noisy: [i64; NODES]) -> Result<[i64; NODES], Error> {
    let [quarters @ .., year] = noisy;
    let sum = quarters.iter().try_fold(0_i64, |sum, own| sum.checked_add(*own));
    let sum = sum.ok_or(Error::Overflow)?;
    let fivefold = year.checked_mul(LEAVES).and_then(|four| four.checked_add(sum));
    let whole = fivefold
        .and_then(|fivefold| fivefold.checked_add(2))
        .and_then(|rounded| rounded.checked_div_euclid(5))
        .ok_or(Error::Overflow)?;
    let gain = whole.checked_sub(sum).ok_or(Error::Overflow)?;
    let each = gain.checked_div_euclid(LEAVES).ok_or(Error::Overflow)?;
    let rest = gain.checked_rem_euclid(LEAVES).ok_or(Error::Overflow)?;
    let mut adjusted = [0_i64; NODES];
    for ((place, own), slot) in (0_i64..).zip(quarters).zip(&mut adjusted) {
        let gained = each.checked_add(i64::from(place < rest));
        *slot = gained.and_then(|gained| own.checked_add(gained)).ok_or(Error::Overflow)?;
    }
    if let Some(slot) = adjusted.last_mut() {
        *slot = whole;
    }
    Ok(adjusted)
}

/// Half the width of the 95 % interval of every node after the adjustment.
///
/// The error is a whole number and differs from the least-squares one by at most [`ROUNDING`], so it
/// stays within h where that one stays below h + 1 − [`ROUNDING`].
pub(crate) fn half_width(scale: Scale) -> Result<u64, Error> {
    let unrounded = continuous(scale.sigma() * LEFT.sqrt())?;
    whole_up((unrounded - (1.0 - ROUNDING)).max(0.0))
}

#[cfg(test)]
mod tests {
    use policy::NanoRho;
    use proptest::prelude::*;

    use super::*;
    use crate::{exact::Exact, mechanism::draw};

    proptest! {
        #[test]
        fn quarters_add_up_to_their_year_and_stay_near_least_squares(
            noisy in prop::array::uniform5(-10_000_i64..10_000)
        ) {
            let adjusted = consistent(noisy).unwrap();
            prop_assert_eq!(adjusted[..4].iter().sum::<i64>(), adjusted[4]);
            let sum = noisy[..4].iter().sum::<i64>() as f64;
            let year = (4.0 * noisy[4] as f64 + sum) / 5.0;
            prop_assert!((adjusted[4] as f64 - year).abs() <= 0.4 + 1e-9);
            for (own, noisy) in adjusted.iter().zip(noisy).take(4) {
                let leaf = noisy as f64 + (year - sum) / 4.0;
                prop_assert!((*own as f64 - leaf).abs() <= ROUNDING + 1e-9);
            }
        }

        #[test]
        fn what_agrees_already_stays(quarters in prop::array::uniform4(-1_000_i64..1_000)) {
            let [a, b, c, d] = quarters;
            let tree = [a, b, c, d, a + b + c + d];
            prop_assert_eq!(consistent(tree).unwrap(), tree);
        }
    }

    #[test]
    fn overflow_is_an_error() {
        assert!(consistent([i64::MAX, 1, 0, 0, 0]).is_err());
        assert!(consistent([0, 0, 0, 0, i64::MAX]).is_err());
    }

    #[test]
    fn intervals_cover_after_the_adjustment() {
        let number = 4_000;
        for nano in [10_000_000, 100_000_000, 500_000_000] {
            let (scale, _) = Scale::calibrate(4, NanoRho::new(nano).unwrap()).unwrap();
            let width = half_width(scale).unwrap();
            let exact = [[40, 10, 0, 30, 80]; 1_000].concat();
            let mut covered = [0; NODES];
            for _ in 0..number / 1_000 {
                let noisy = draw(Exact::new(exact.clone()), scale).unwrap();
                for tree in noisy.chunks_exact(NODES) {
                    let adjusted = consistent(tree.try_into().unwrap()).unwrap();
                    for ((own, exact), covered) in adjusted.iter().zip(&exact).zip(&mut covered) {
                        *covered += u32::from(own.abs_diff(*exact) <= width);
                    }
                }
            }
            for covered in covered {
                let part = f64::from(covered) / f64::from(number);
                assert!(part > 0.933, "sigma {}: {part}", scale.sigma());
            }
        }
    }
}
