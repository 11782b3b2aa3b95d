//! The discrete Gaussian mechanism, by opendp.
//!
//! (Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy", theorem 4:
//! rho = Δ2² / (2·sigma²).) opendp's domains are descriptions that nothing enforces at the call,
//! so every bound of this crate is applied by its own code before a vector comes here.

use opendp::{
    combinators::ConcentratedMeasure,
    core::Measurement,
    domains::{AtomDomain, VectorDomain},
    measurements::make_gaussian,
    measures::ZeroConcentratedDivergence,
    metrics::L2Distance,
};
use policy::{Femto, NanoRho};

use crate::{Error, exact::Exact, scale::Scale};

type Gaussian = Measurement<
    VectorDomain<AtomDomain<i64>>,
    L2Distance<f64>,
    ZeroConcentratedDivergence,
    Vec<i64>,
>;

/// A measurement is not `Send`, so it is built where it is used and never kept.
fn gaussian(scale: Scale) -> Result<Gaussian, Error> {
    let domain = VectorDomain::new(AtomDomain::<i64>::default());
    make_gaussian(domain, L2Distance::<f64>::default(), scale.sigma(), None)
        .map_err(|_| Error::Scale)
}

/// opendp's privacy map: rho of noise of that scale for a change of at most `l2` in L2.
pub(crate) fn privacy_map(scale: Scale, l2: f64) -> Result<f64, Error> {
    gaussian(scale)?.map(&l2).map_err(|_| Error::Scale)
}

/// Adds independent noise to every cell, in one call per table.
///
/// The result saturates at the ends of an `i64`. Limits on persons, bounds and scale keep every
/// exact value below 2^57 and sigma below 2^40, so that no draw comes near them.
pub(crate) fn draw(values: Exact<Vec<i64>>, scale: Scale) -> Result<Vec<i64>, Error> {
    gaussian(scale)?.invoke(&values.into_mechanism()).map_err(|_| Error::Random)
}

/// The epsilon that `rho` implies at the public `delta`, by opendp's conversion (proposition 7 and
/// corollary 13 of the paper above); for showing, never for a decision.
pub(crate) fn epsilon(rho: NanoRho, delta: Femto) -> Result<f64, Error> {
    ZeroConcentratedDivergence::convert(rho.as_rho().next_up())
        .and_then(|profile| profile.epsilon(delta.as_probability()))
        .map_err(|_| Error::Delta)
}

#[cfg(test)]
mod tests;
