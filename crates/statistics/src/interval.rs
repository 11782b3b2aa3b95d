//! Widths of 95 % intervals, for showing; nothing here decides about budget or data.
//!
//! Intervals cover the noiseless value over the links as they are. The noise alone is in them, not
//! the errors of linkage or of the departments.
#![cfg_attr(
    not(test),
    expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "widths and ratios are shown, never charged; counts are far below 2^53"
    )
)]

use opendp::accuracy::{discrete_gaussian_scale_to_accuracy, gaussian_scale_to_accuracy};

use crate::{Error, scale::Scale};

/// One minus the confidence of every interval.
pub(crate) const ALPHA: f64 = 0.05;
/// The confidence of every interval.
pub(crate) const CONFIDENCE: f64 = 0.95;
/// Standard deviation above which the discrete and the continuous Gaussian have the same quantile
/// to less than one step; opendp's sum over the discrete one grows with sigma.
pub(crate) const LARGE: f64 = 4096.0;
/// A denominator below this many of its half-widths carries no ratio.
const LEAST_WIDTHS: u64 = 10;

/// The smallest whole h such that noise of that scale lies within ±h with a probability of at
/// least 95 %.
///
/// opendp's accuracy a satisfies P(|noise| ≥ a) ≤ 5 %, so ±(a − 1) covers; for large scales the
/// continuous quantile, rounded up, covers because the discrete cell around it is whole.
pub(crate) fn half_width(scale: Scale) -> Result<u64, Error> {
    let sigma = scale.sigma();
    if sigma >= LARGE {
        return whole_up(continuous(sigma)?);
    }
    let accuracy = discrete_gaussian_scale_to_accuracy(sigma, ALPHA).map_err(|_| Error::Scale)?;
    whole_up(accuracy - 1.0)
}

/// Half the width of the interval of a continuous Gaussian of that standard deviation, for sums of
/// several draws.
pub(crate) fn continuous(sigma: f64) -> Result<f64, Error> {
    continuous_at(sigma, ALPHA)
}

/// The same for an interval that misses with a probability of `alpha`.
pub(crate) fn continuous_at(sigma: f64, alpha: f64) -> Result<f64, Error> {
    gaussian_scale_to_accuracy(sigma, alpha).map_err(|_| Error::Scale)
}

/// The least whole number from `width` on.
pub(crate) fn whole_up(width: f64) -> Result<u64, Error> {
    let width = width.ceil();
    if !(0.0..=1e15).contains(&width) {
        return Err(Error::Scale);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within 0 to 1e15, as checked above"
    )]
    Ok(width as u64)
}

/// The least noisy count over which a mean is shown.
pub(crate) fn least_count(count_width: u64) -> Result<u64, Error> {
    count_width.checked_mul(LEAST_WIDTHS).map(|least| least.max(1)).ok_or(Error::Overflow)
}

/// A ratio with its interval.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// Noisy sum over noisy count with Fieller's interval; `None` where the noisy count is below its
/// least.
///
/// (Fieller 1954, "Some problems in interval estimation", section 2; the two noises are
/// independent.) The set of θ with (S − θ·C)² ≤ hs² + θ²·hc², where the whole half-widths hs and
/// hc stand for 1.96 standard deviations: they cover even where the noise is a few steps wide.
pub(crate) fn ratio(
    sum: i64,
    count: i64,
    sum_width: u64,
    count_width: u64,
) -> Result<Option<Ratio>, Error> {
    let least = least_count(count_width)?;
    if u64::try_from(count).map_or(true, |count| count < least) {
        return Ok(None);
    }
    Ok(Some(fieller(sum as f64, count as f64, sum_width as f64, count_width as f64)))
}

fn fieller(sum: f64, count: f64, sum_width: f64, count_width: f64) -> Ratio {
    // a·θ² − 2·S·C·θ + (S² − hs²) ≤ 0 with a = C² − hc² > 0.
    let leading = (count - count_width) * (count + count_width);
    let root = (sum_width.powi(2) * leading + (sum * count_width).powi(2)).sqrt();
    let middle = sum * count;
    Ratio { value: sum / count, low: (middle - root) / leading, high: (middle + root) / leading }
}

/// The widest half-width that Fieller's interval can have over `count` persons whose centred
/// amounts lie within ±`bound`; `None` where such a count would be withheld.
pub(crate) fn assumed_half_width(
    count: u64,
    bound: u64,
    sum_width: u64,
    count_width: u64,
) -> Result<Option<f64>, Error> {
    if count < least_count(count_width)? {
        return Ok(None);
    }
    let (count, bound) = (count as f64, bound as f64);
    let widest = fieller(count * bound, count, sum_width as f64, count_width as f64);
    Ok(Some((widest.high - widest.low) / 2.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mean_over_fewer_than_ten_half_widths_is_withheld() {
        for (count, shown) in [(-500, false), (0, false), (119, false), (120, true), (121, true)] {
            assert_eq!(ratio(50, count, 400, 12).unwrap().is_some(), shown, "{count}");
        }
        assert!(ratio(0, 0, 0, 0).unwrap().is_none(), "no division by zero");
        assert!(ratio(0, 1, 0, u64::MAX).is_err());
    }

    #[test]
    fn an_exact_denominator_gives_the_plain_interval() {
        let ratio = ratio(3_000, 100, 500, 0).unwrap().unwrap();
        assert!((ratio.value - 30.0).abs() < 1e-9);
        assert!((ratio.low - 25.0).abs() < 1e-9 && (ratio.high - 35.0).abs() < 1e-9);
    }

    proptest! {
        /// Both ends solve Fieller's equation, so everything between satisfies the inequality.
        #[test]
        fn the_ends_solve_the_equation(
            sum in -1_000_000_i64..1_000_000, count in 200_i64..5_000, hs in 1_u64..5_000, hc in 1_u64..=20
        ) {
            let ratio = ratio(sum, count, hs, hc).unwrap().unwrap();
            prop_assert!(ratio.low <= ratio.value && ratio.value <= ratio.high);
            for end in [ratio.low, ratio.high] {
                let left = (sum as f64 - end * count as f64).powi(2);
                let right = (hs as f64).powi(2) + (end * hc as f64).powi(2);
                prop_assert!((left - right).abs() <= 1e-6 * (right + (sum as f64).powi(2)));
            }
        }

        #[test]
        fn the_width_told_beforehand_is_the_widest(
            centred in -400_i64..=400, count in 120_u64..5_000, hs in 1_u64..5_000
        ) {
            let told = assumed_half_width(count, 400, hs, 12).unwrap().unwrap();
            let sum = centred * i64::try_from(count).unwrap();
            let drawn = ratio(sum, i64::try_from(count).unwrap(), hs, 12).unwrap().unwrap();
            prop_assert!((drawn.high - drawn.low) / 2.0 <= told * (1.0 + 1e-9));
        }
    }
}
