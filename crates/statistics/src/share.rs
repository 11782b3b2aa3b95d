//! Shares: those who have something among all who are looked at, from two disjoint noised counts.
#![cfg_attr(
    not(test),
    expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "ratios are shown, never charged; counts are far below 2^53"
    )
)]

use crate::{
    Error,
    interval::{Ratio, continuous, half_width, least_count as ten_widths, whole_up},
    scale::Scale,
};

/// Half the width of the interval of the sum of two independent counts.
fn denominator_width(scale: Scale) -> Result<u64, Error> {
    whole_up(continuous(scale.sigma() * std::f64::consts::SQRT_2)?)
}

/// The least noisy denominator over which a share is shown.
pub(crate) fn least_count(scale: Scale) -> Result<u64, Error> {
    ten_widths(denominator_width(scale)?)
}

/// a / (a + b) with its interval; `None` where the noisy denominator is below its least.
///
/// Fieller's method (1954, as in [`ratio`](crate::interval::ratio)) for numerator and denominator
/// that share a noise: the set of θ with ((1−θ)·a − θ·b)² ≤ h²·((1−θ)² + θ²), because the two noises
/// are independent and of one scale. It is closed and holds a / (a + b), since the least denominator
/// is above √2·h. Neither value nor ends are cut to [0, 1]: cut, they would be biased.
pub(crate) fn share(with: i64, without: i64, scale: Scale) -> Result<Option<Ratio>, Error> {
    let denominator = with.checked_add(without).ok_or(Error::Overflow)?;
    let least = least_count(scale)?;
    if u64::try_from(denominator).map_or(true, |own| own < least) {
        return Ok(None);
    }
    Ok(Some(fieller(with as f64, without as f64, half_width(scale)? as f64)))
}

fn fieller(with: f64, without: f64, width: f64) -> Ratio {
    // θ²·(N² − 2h²) − 2·θ·(a·N − h²) + (a² − h²) ≤ 0
    let all = with + without;
    let leading = all.powi(2) - 2.0 * width.powi(2);
    let middle = with * all - width.powi(2);
    let root = width * (with.powi(2) + without.powi(2) - width.powi(2)).max(0.0).sqrt();
    Ratio { value: with / all, low: (middle - root) / leading, high: (middle + root) / leading }
}

/// The widest half-width that a share over `count` persons can have, at its ends 0 and 1; `None`
/// where such a count would be withheld.
pub(crate) fn assumed_half_width(count: u64, scale: Scale) -> Result<Option<f64>, Error> {
    if count < least_count(scale)? {
        return Ok(None);
    }
    let widest = fieller(count as f64, 0.0, half_width(scale)? as f64);
    Ok(Some((widest.high - widest.low) / 2.0))
}

#[cfg(test)]
mod tests {
    use policy::NanoRho;
    use proptest::prelude::*;

    use super::*;
    use crate::{exact::Exact, mechanism::draw};

    fn scale(nano: u64) -> Scale {
        Scale::calibrate(1, NanoRho::new(nano).unwrap()).unwrap().0
    }

    #[test]
    fn a_share_over_too_few_is_withheld() {
        let scale = scale(50_000_000);
        let least = i64::try_from(least_count(scale).unwrap()).unwrap();
        // 10 · ⌈1.96 · √2 · 3.163⌉
        assert_eq!(least, 90);
        for (with, without, shown) in
            [(0, 0, false), (-40, 20, false), (40, 49, false), (40, 50, true)]
        {
            assert_eq!(share(with, without, scale).unwrap().is_some(), shown);
        }
        assert_eq!(assumed_half_width(89, scale).unwrap(), None);
    }

    #[test]
    fn intervals_cover_the_share_as_often_as_they_say() {
        let scale = scale(5_000_000);
        let number = 4_000;
        for (with, without) in [(200, 800), (500, 500), (3, 600)] {
            let drawn = |value| draw(Exact::new(vec![value; number]), scale).unwrap();
            let truth = with as f64 / (with + without) as f64;
            let (first, second) = (drawn(with), drawn(without));
            let covered = first.iter().zip(&second).filter(|(with, without)| {
                let ratio = share(**with, **without, scale).unwrap().unwrap();
                (ratio.low..=ratio.high).contains(&truth)
            });
            let part = covered.count() as f64 / number as f64;
            // 95 % with a false-alarm rate of 1e-6 per side.
            assert!((0.933..0.972).contains(&part), "{part}");
        }
    }

    proptest! {
        #[test]
        fn the_ends_solve_the_equation(with in -20_i64..3_000, without in 200_i64..3_000) {
            let scale = scale(50_000_000);
            let width = half_width(scale).unwrap() as f64;
            let ratio = share(with, without, scale).unwrap().unwrap();
            prop_assert!(ratio.low <= ratio.value && ratio.value <= ratio.high);
            for end in [ratio.low, ratio.high] {
                let left = ((1.0 - end) * with as f64 - end * without as f64).powi(2);
                let right = width.powi(2) * ((1.0 - end).powi(2) + end.powi(2));
                prop_assert!((left - right).abs() <= 1e-6 * (right + 1.0), "{left} {right}");
            }
        }

        #[test]
        fn the_width_told_beforehand_is_the_widest(with in 0_i64..500, nano in 5_000_000_u64..500_000_000) {
            let scale = scale(nano);
            if let Some(told) = assumed_half_width(500, scale).unwrap() {
                let ratio = share(with, 500 - with, scale).unwrap().unwrap();
                prop_assert!((ratio.high - ratio.low) / 2.0 <= told * (1.0 + 1e-9));
            }
        }
    }
}
