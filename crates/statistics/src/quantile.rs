//! Quantiles read off a noised histogram on a public grid.
//!
//! opendp can interpolate quantiles from counts and has no interval for them; both come from the
//! same comparison here, so that the value lies within its interval. All of it is post-processing.
#![cfg_attr(
    not(test),
    expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "quantiles and widths are shown, never charged; counts are far below 2^53"
    )
)]

use crate::{
    Error,
    interval::{Ratio, continuous, whole_up},
    scale::Scale,
};

/// One in thousandths.
const WHOLE: i64 = 1_000;

/// A quantile with its interval; `None` where the noise leaves every class possible.
///
/// With C_j noised persons in the first j of K classes, D_j = (1000 − a)·C_j − a·(C_K − C_j) is
/// negative where the a-thousandth quantile lies above class j. Its noise has the variance
/// sigma²·((1000 − a)²·j + a²·(K − j)). A class is possible where neither its own D_j is
/// significantly negative nor that of the class before it significantly positive; each is one-sided
/// at 2.5 %, so the true class is among the possible ones in 95 %. (Woodruff 1952, "Confidence
/// intervals for medians and other position measures": the band of the cumulative shares inverted.)
/// The interval is the hull of the possible classes. The value is the middle between the first and
/// the last place where D changes its sign, each interpolated within its class.
pub(crate) fn quantile(
    noisy: &[i64],
    edges: &[i64],
    per_mille: u16,
    scale: Scale,
) -> Result<Option<Ratio>, Error> {
    let differences = differences(noisy, i64::from(per_mille))?;
    let classes = noisy.len();
    let all_present = noisy.iter().try_fold(0_i64, |sum, own| sum.checked_add(*own));
    if all_present.ok_or(Error::Overflow)? <= 0 || edges.len() != differences.len() {
        return Ok(None);
    }
    let mut possible: Option<(usize, usize)> = None;
    let mut crossings: Option<(f64, f64)> = None;
    for class in 0..classes {
        let Some(after) = class.checked_add(1) else { break };
        let at = |place: usize| differences.get(place).copied().unwrap_or(0) as f64;
        let width = |place: usize| rank_width(place, classes, per_mille, scale);
        // At the outer ends of the grid there is nothing to test.
        let too_low = after < classes && at(after) < -width(after)?;
        let too_high = class > 0 && at(class) > width(class)?;
        if !too_low && !too_high {
            possible = Some((possible.map_or(class, |own| own.0), after));
        }
        if at(class) < 0.0 && at(after) >= 0.0 {
            let ends = edges.get(class).zip(edges.get(after)).ok_or(Error::Overflow)?;
            let (lower, upper) = (*ends.0 as f64, *ends.1 as f64);
            let crossing = lower + (upper - lower) * at(class) / (at(class) - at(after));
            crossings = Some((crossings.map_or(crossing, |own| own.0), crossing));
        }
    }
    let hull = possible.filter(|hull| *hull != (0, classes)).zip(crossings);
    let Some(((first, last), (least, most))) = hull else { return Ok(None) };
    let ends = edges.get(first).zip(edges.get(last)).ok_or(Error::Overflow)?;
    Ok(Some(Ratio { value: least.midpoint(most), low: *ends.0 as f64, high: *ends.1 as f64 }))
}

/// D_0 to D_K of [`quantile`].
fn differences(noisy: &[i64], per_mille: i64) -> Result<Vec<i64>, Error> {
    let all = noisy.iter().try_fold(0_i64, |sum, own| sum.checked_add(*own));
    let wanted = all.and_then(|all| all.checked_mul(per_mille)).ok_or(Error::Overflow)?;
    let mut found = Vec::with_capacity(noisy.len().saturating_add(1));
    let mut below = 0_i64;
    found.push(wanted.checked_neg().ok_or(Error::Overflow)?);
    for own in noisy {
        below = below.checked_add(*own).ok_or(Error::Overflow)?;
        let difference = below.checked_mul(WHOLE).and_then(|part| part.checked_sub(wanted));
        found.push(difference.ok_or(Error::Overflow)?);
    }
    Ok(found)
}

/// Half the width of the interval of D after `place` of `classes` classes, in thousandths of
/// persons.
fn rank_width(place: usize, classes: usize, per_mille: u16, scale: Scale) -> Result<f64, Error> {
    let (place, classes) = (place as f64, classes as f64);
    let part = f64::from(per_mille);
    let variance = (WHOLE as f64 - part).powi(2) * place + part.powi(2) * (classes - place);
    continuous(scale.sigma() * variance.sqrt())
}

/// The widest half-width of a rank, over all quantiles and classes, in persons.
pub(crate) fn widest_rank(classes: usize, per_mille: &[u16], scale: Scale) -> Result<u64, Error> {
    let mut widest = 0.0_f64;
    for own in per_mille {
        // The variance is linear in the place, so it is greatest at one of the ends.
        for place in [0, classes] {
            widest = widest.max(rank_width(place, classes, *own, scale)?);
        }
    }
    whole_up(widest / WHOLE as f64)
}

#[cfg(test)]
mod tests {
    use policy::NanoRho;
    use proptest::prelude::*;

    use super::*;
    use crate::{exact::Exact, mechanism::draw};

    const EDGES: [i64; 6] = [0, 6, 12, 24, 36, 240];

    fn scale(nano: u64) -> Scale {
        Scale::calibrate(1, NanoRho::new(nano).unwrap()).unwrap().0
    }

    #[test]
    fn an_exact_histogram_gives_the_interpolated_quantile() {
        let scale = scale(2_000_000_000);
        let exact = [1_000, 2_000, 3_000, 2_000, 2_000];
        let median = quantile(&exact, &EDGES, 500, scale).unwrap().unwrap();
        assert!((median.value - 20.0).abs() < 1e-9, "{}", median.value);
        assert_eq!((median.low, median.high), (12.0, 24.0));
        let last = quantile(&exact, &EDGES, 900, scale).unwrap().unwrap();
        assert!((last.value - 138.0).abs() < 1e-9 && last.high >= 240.0);
    }

    #[test]
    fn noise_alone_has_no_quantile() {
        let scale = scale(5_000_000);
        for noisy in [[0; 5], [-3, 2, 1, -1, 0], [1, 2, 0, 1, 3]] {
            assert!(quantile(&noisy, &EDGES, 500, scale).unwrap().is_none());
        }
        assert!(quantile(&[i64::MAX, 1], &[0, 1, 2], 500, scale).is_err());
    }

    #[test]
    fn the_interval_holds_the_true_class_as_often_as_it_says() {
        let scale = scale(2_000_000);
        let exact = vec![60, 45, 80, 50, 40];
        // 137.5 of 275 persons lie below the median: it is in the third class.
        let number = 3_000;
        let mut covered = 0;
        for _ in 0..number {
            let noisy = draw(Exact::new(exact.clone()), scale).unwrap();
            covered += match quantile(&noisy, &EDGES, 500, scale).unwrap() {
                Some(found) => u32::from(found.low <= 12.0 && found.high >= 24.0),
                None => 1,
            };
        }
        assert!(f64::from(covered) / f64::from(number) >= 0.94, "{covered}");
    }

    #[test]
    fn ranks_are_as_wide_as_half_the_noise_of_the_total_for_a_median() {
        let scale = scale(5_000_000);
        let told = widest_rank(16, &[500], scale).unwrap();
        let total = continuous(scale.sigma() * 4.0).unwrap();
        assert_eq!(told, whole_up(total / 2.0).unwrap());
        assert!(widest_rank(16, &[100, 500], scale).unwrap() > told);
    }

    proptest! {
        #[test]
        fn a_value_lies_within_its_interval_and_the_interval_on_the_grid(
            noisy in prop::collection::vec(-20_i64..200, 5), per_mille in 1_u16..1_000
        ) {
            let scale = scale(5_000_000);
            if let Some(found) = quantile(&noisy, &EDGES, per_mille, scale).unwrap() {
                prop_assert!(found.low <= found.value && found.value <= found.high);
                prop_assert!(EDGES.iter().any(|edge| (*edge as f64 - found.low).abs() < 1e-9));
            }
        }
    }
}
