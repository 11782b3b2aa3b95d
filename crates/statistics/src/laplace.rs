//! The discrete Laplace mechanism, by opendp.
//!
//! (Ghosh, Roughgarden, Sundararajan 2012, "Universally utility-maximizing privacy mechanisms":
//! eps = Δ1/b.) It is charged as zCDP like everything else: pure eps costs rho = eps²/2 (Bun and
//! Steinke 2016, proposition 1.4), which opendp's own conversion gives.

use opendp::{
    accuracy::discrete_laplacian_scale_to_accuracy,
    combinators::make_pureDP_to_zCDP,
    core::Measurement,
    domains::{AtomDomain, VectorDomain},
    measurements::make_laplace,
    measures::MaxDivergence,
    metrics::L1Distance,
};

use crate::{
    Error,
    exact::Exact,
    interval::{ALPHA, whole_up},
    scale::Scale,
};

type Laplace = Measurement<VectorDomain<AtomDomain<i64>>, L1Distance<i64>, MaxDivergence, Vec<i64>>;

fn laplace(scale: Scale) -> Result<Laplace, Error> {
    let domain = VectorDomain::new(AtomDomain::<i64>::default());
    make_laplace(domain, L1Distance::<i64>::default(), scale.sigma(), None)
        .map_err(|_| Error::Scale)
}

fn distance(l1: u64) -> Result<i64, Error> {
    i64::try_from(l1).map_err(|_| Error::Overflow)
}

/// opendp's privacy map: the pure eps of noise of that scale for a change of at most `l1` in L1.
pub(crate) fn pure_epsilon(scale: Scale, l1: u64) -> Result<f64, Error> {
    laplace(scale)?.map(&distance(l1)?).map_err(|_| Error::Scale)
}

/// The same as rho of zCDP.
pub(crate) fn privacy_map(scale: Scale, l1: u64) -> Result<f64, Error> {
    let converted = make_pureDP_to_zCDP(laplace(scale)?).map_err(|_| Error::Scale)?;
    converted.map(&distance(l1)?).map_err(|_| Error::Scale)
}

/// Adds independent noise to every cell, in one call per table.
pub(crate) fn draw(values: Exact<Vec<i64>>, scale: Scale) -> Result<Vec<i64>, Error> {
    laplace(scale)?.invoke(&values.into_mechanism()).map_err(|_| Error::Random)
}

/// The smallest whole h such that noise of that scale lies within ±h with a probability of at least
/// 95 %: opendp's accuracy a satisfies P(|noise| ≥ a) ≤ 5 %.
#[cfg_attr(not(test), expect(clippy::float_arithmetic, reason = "widths are shown, never charged"))]
pub(crate) fn half_width(scale: Scale) -> Result<u64, Error> {
    let accuracy =
        discrete_laplacian_scale_to_accuracy(scale.sigma(), ALPHA).map_err(|_| Error::Scale)?;
    whole_up((accuracy - 1.0).max(0.0))
}

#[cfg(test)]
mod tests {
    use policy::NanoRho;

    use super::*;

    fn scale(l1: u64, nano: u64) -> Scale {
        Scale::calibrate_laplace(l1, NanoRho::new(nano).unwrap()).unwrap().0
    }

    #[test]
    fn pure_epsilon_is_the_sensitivity_over_the_scale_and_costs_half_its_square() {
        let scale = scale(6, 50_000_000);
        let eps = pure_epsilon(scale, 6).unwrap();
        assert!((eps * scale.sigma() - 6.0).abs() < 1e-9);
        let rho = privacy_map(scale, 6).unwrap();
        assert!((rho - eps * eps / 2.0).abs() < 1e-12 && rho >= eps * eps / 2.0 && rho <= 0.05);
        assert!(pure_epsilon(scale, u64::MAX).is_err());
    }

    /// P(|noise| ≤ h) summed over the distribution itself, for every h below the stated one too.
    #[test]
    fn the_half_width_is_the_smallest_that_covers() {
        for (l1, nano) in
            [(1, 2_000_000_000), (1, 500_000_000), (1, 50_000_000), (3, 50_000_000), (900, 1_000)]
        {
            let scale = scale(l1, nano);
            let keep = (-1.0 / scale.sigma()).exp();
            let within = |h: u64| {
                let centre = (1.0 - keep) / (1.0 + keep);
                centre * (1.0 + 2.0 * (1..=h).map(|k| keep.powf(k as f64)).sum::<f64>())
            };
            let h = half_width(scale).unwrap();
            assert!(within(h) >= 0.95 - 1e-12, "b {}: ±{h} covers {}", scale.sigma(), within(h));
            assert!(h == 0 || within(h - 1) < 0.95, "b {}: ±{h} is not the least", scale.sigma());
        }
    }

    /// The false alarm of either bound is below 1e-9 (Hoeffding, 40,000 draws).
    #[test]
    fn draws_have_the_distribution_that_was_paid() {
        let scale = scale(1, 50_000_000);
        let drawn = draw(Exact::new(vec![7; 40_000]), scale).unwrap();
        let part = |keep: &dyn Fn(i64) -> bool| {
            drawn.iter().filter(|own| keep(**own - 7)).count() as f64 / 40_000.0
        };
        let keep = (-1.0 / scale.sigma()).exp();
        let zero = (1.0 - keep) / (1.0 + keep);
        assert!((part(&|noise| noise == 0) - zero).abs() < 0.017);
        let tail = 2.0 * keep.powi(10) / (1.0 + keep);
        assert!((part(&|noise| noise.abs() >= 10) - tail).abs() < 0.017);
        assert!((part(&|noise| noise > 0) - part(&|noise| noise < 0)).abs() < 0.034);
    }
}
