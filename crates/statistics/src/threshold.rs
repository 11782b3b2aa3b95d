//! The discrete Gaussian with a threshold, by opendp: counts of keys of which nobody may know
//! whether they occur.
//!
//! (Rogers 2023, "A unifying privacy analysis framework for unknown domain algorithms in
//! differential privacy", algorithm 1.) A key that nobody has is never looked at, so its presence
//! must not show: one person's key passes with a chance of at most delta.

use std::collections::HashMap;

use opendp::{
    accuracy::discrete_gaussian_scale_to_accuracy,
    core::Measurement,
    domains::{AtomDomain, MapDomain},
    measurements::make_gaussian_threshold,
    measures::{Approximate, ZeroConcentratedDivergence},
    metrics::{AbsoluteDistance, L0PInfDistance},
};
use policy::{Femto, NanoRho};

use crate::{
    Error,
    exact::Exact,
    interval::{ALPHA, LARGE, continuous_at, whole_up},
    scale::{Scale, charged, femto_up},
};

type Thresholded = Measurement<
    MapDomain<AtomDomain<u32>, AtomDomain<i64>>,
    L0PInfDistance<2, AbsoluteDistance<f64>>,
    Approximate<ZeroConcentratedDivergence>,
    HashMap<u32, i64>,
>;

/// What a person changes: one key by one.
const ONE_KEY: (u32, f64, f64) = (1, 1.0, 1.0);
/// Beyond it no threshold is looked for; the noise of the least budget needs some thousands.
const HIGHEST: u64 = 1 << 32;

/// Noise, and the count that a key must exceed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Threshold {
    pub(crate) scale: Scale,
    /// Keys whose noised count is not above it are left out.
    pub(crate) at: u64,
    /// The chance that is charged.
    pub(crate) delta: Femto,
}

fn thresholded(scale: Scale, threshold: u64) -> Result<Thresholded, Error> {
    let domain = MapDomain::new(AtomDomain::<u32>::default(), AtomDomain::<i64>::default());
    let metric = L0PInfDistance(AbsoluteDistance::<f64>::default());
    let threshold = i64::try_from(threshold).map_err(|_| Error::Scale)?;
    make_gaussian_threshold(domain, metric, scale.sigma(), threshold, None)
        .map_err(|_| Error::Scale)
}

/// opendp's privacy map for one person.
fn privacy_map(scale: Scale, threshold: u64) -> Result<(f64, f64), Error> {
    thresholded(scale, threshold)?.map(&ONE_KEY).map_err(|_| Error::Scale)
}

impl Threshold {
    /// The noise that `budget` buys, with its charge, and the smallest whole threshold at which
    /// opendp's map gives a delta of at most `most`.
    pub(crate) fn calibrate(budget: NanoRho, most: Femto) -> Result<(Self, NanoRho), Error> {
        if most.is_zero() {
            return Err(Error::Plan("a threshold needs a delta above zero"));
        }
        let (scale, _) = Scale::calibrate(1, budget)?;
        let fits = |at: u64| -> Result<Option<Femto>, Error> {
            Ok(femto_up(privacy_map(scale, at)?.1).filter(|delta| *delta <= most))
        };
        // Delta falls as the threshold rises.
        let (mut low, mut high) = (0, 1_u64);
        while fits(high)?.is_none() {
            low = high;
            high = high.checked_mul(2).filter(|high| *high <= HIGHEST).ok_or(Error::Scale)?;
        }
        while high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            if fits(middle)?.is_some() {
                high = middle;
            } else {
                low = middle;
            }
        }
        let delta = fits(high)?.ok_or(Error::Scale)?;
        let charge = charged(privacy_map(scale, high)?.0)?;
        if charge > budget {
            return Err(Error::Scale);
        }
        Ok((Self { scale, at: high, delta }, charge))
    }

    /// The noised counts of the keys that pass; `None` for every other one.
    ///
    /// A key without a person never enters the mechanism. Its map bounds P(noise > t − 1), its
    /// filter keeps counts from the threshold on, which is one step more than was paid
    /// (opendp 0.16, issue 2922); so it is built with t + 1 and a count must exceed t.
    pub(crate) fn draw(self, values: Exact<Vec<i64>>) -> Result<Vec<Option<i64>>, Error> {
        let values = values.into_mechanism();
        let occurring: HashMap<u32, i64> = (0_u32..)
            .zip(&values)
            .filter(|(_, own)| **own > 0)
            .map(|(at, own)| (at, *own))
            .collect();
        let above = self.at.checked_add(1).ok_or(Error::Overflow)?;
        let passed =
            thresholded(self.scale, above)?.invoke(&occurring).map_err(|_| Error::Random)?;
        // Read back in public order: the order of a map would show its content.
        let places = (0_u32..).zip(&values);
        Ok(places.map(|(at, _)| passed.get(&at).copied()).collect())
    }

    /// The smallest whole h such that noise exceeds it with a probability of at most 5 %: a key is
    /// shown with a low end above its true count with no greater chance.
    #[cfg_attr(
        not(test),
        expect(clippy::float_arithmetic, reason = "widths are shown, never charged")
    )]
    pub(crate) fn lower_width(self) -> Result<u64, Error> {
        let (sigma, both) = (self.scale.sigma(), 2.0 * ALPHA);
        if sigma >= LARGE {
            return whole_up(continuous_at(sigma, both)?);
        }
        let accuracy =
            discrete_gaussian_scale_to_accuracy(sigma, both).map_err(|_| Error::Scale)?;
        whole_up(accuracy - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(nano: u64, femto: u64) -> (Threshold, NanoRho) {
        Threshold::calibrate(NanoRho::new(nano).unwrap(), Femto::new(femto).unwrap()).unwrap()
    }

    /// P(noise ≥ t), summed over the distribution itself.
    fn tail(sigma: f64, from: i64) -> f64 {
        let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * sigma * sigma)).exp();
        let end = (sigma * 40.0) as i64 + from.abs();
        (from..=end).map(weight).sum::<f64>() / (-end..=end).map(weight).sum::<f64>()
    }

    #[test]
    fn the_threshold_is_the_smallest_that_the_map_allows() {
        for (nano, femto) in [(50_000_000, 1_000_000), (1_000, 1), (2_000_000_000, 1_000_000_000)] {
            let (own, charge) = threshold(nano, femto);
            assert!(charge.get() <= nano && own.delta.get() <= femto);
            let below = privacy_map(own.scale, own.at - 1);
            assert!(
                below.map_or(true, |(_, delta)| femto_up(delta).is_none_or(|d| d.get() > femto))
            );
        }
        let none = Threshold::calibrate(NanoRho::new(50_000_000).unwrap(), Femto::ZERO);
        assert!(matches!(none, Err(Error::Plan(_))));
    }

    /// Passing means 1 + noise > t, so noise ≥ t: its true chance stays below what is charged,
    /// though opendp's filter alone (1 + noise ≥ t) would not.
    #[test]
    fn a_single_person_passes_no_more_often_than_was_charged() {
        let mut short = false;
        for nano in [2_000_000_000, 500_000_000, 50_000_000, 1_000_000] {
            for femto in [1_000, 1_000_000, 1_000_000_000, 100_000_000_000] {
                let (own, _) = threshold(nano, femto);
                let (sigma, at) = (own.scale.sigma(), i64::try_from(own.at).unwrap());
                let charged = own.delta.get() as f64 / 1e15;
                assert!(tail(sigma, at) <= charged, "sigma {sigma}, t {at}");
                short |= tail(sigma, at - 1) > charged;
            }
        }
        assert!(short, "the map covers the filter now: leave out the step above it");
    }

    #[test]
    fn keys_without_persons_never_show_and_great_ones_do() {
        let (own, _) = threshold(50_000_000, 1_000_000);
        let great = 100 * i64::try_from(own.at).unwrap();
        for _ in 0..200 {
            let drawn = own.draw(Exact::new(vec![0, great, 0, 1, 0])).unwrap();
            assert_eq!(drawn.len(), 5);
            assert_eq!([drawn[0], drawn[2], drawn[3], drawn[4]], [None; 4]);
            assert!(drawn[1].unwrap().abs_diff(great) < 100);
        }
        assert_eq!(own.draw(Exact::new(vec![])).unwrap(), []);
        assert_eq!(own.draw(Exact::new(vec![0, 0])).unwrap(), [None, None]);
    }

    /// 10,000 keys right at the threshold; both bounds fail with a chance below 1e-9 (Hoeffding).
    #[test]
    fn about_half_of_the_keys_at_the_threshold_pass_and_all_of_them_above_it() {
        let (own, _) = threshold(50_000_000, 1_000_000);
        let at = i64::try_from(own.at).unwrap();
        let drawn = own.draw(Exact::new(vec![at; 10_000])).unwrap();
        let passed: Vec<i64> = drawn.into_iter().flatten().collect();
        assert!(passed.iter().all(|own| *own > at));
        let part = passed.len() as f64 / 10_000.0;
        let expected = tail(own.scale.sigma(), 1);
        assert!((part - expected).abs() < 0.035, "{part}, expected {expected}");
    }

    #[test]
    fn the_low_end_is_the_least_that_one_in_twenty_exceeds() {
        for nano in [2_000_000_000, 50_000_000, 1_000_000] {
            let (own, _) = threshold(nano, 1_000_000);
            let (sigma, width) = (own.scale.sigma(), own.lower_width().unwrap());
            let width = i64::try_from(width).unwrap();
            assert!(tail(sigma, width + 1) <= 0.05);
            assert!(width == 0 || tail(sigma, width) > 0.05, "sigma {sigma}: {width}");
        }
    }
}
