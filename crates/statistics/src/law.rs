//! From which distribution a vector's noise comes.

use policy::{Femto, Mechanism, NanoRho};
use serde::Serialize;

use crate::{
    Error, Sensitivity, exact::Exact, interval, laplace, mechanism, scale::Scale,
    threshold::Threshold,
};

/// The distribution with its parameters, which are all public.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Law {
    /// Discrete Gaussian.
    Gaussian(Scale),
    /// Discrete Laplace, with its pure eps.
    Laplace(Scale, f64),
    /// Discrete Gaussian of which only counts above a threshold are shown.
    Threshold(Threshold),
}

impl Law {
    /// The noise that `budget` buys for a change of at most `sensitivity`, with its charge.
    pub(crate) fn calibrate(
        mechanism: Mechanism,
        sensitivity: Sensitivity,
        budget: NanoRho,
    ) -> Result<(Self, NanoRho), Error> {
        match mechanism {
            Mechanism::Gaussian => {
                let (scale, charge) = Scale::calibrate(sensitivity.l2_squared, budget)?;
                Ok((Self::Gaussian(scale), charge))
            }
            Mechanism::Laplace => {
                let (scale, charge) = Scale::calibrate_laplace(sensitivity.l1, budget)?;
                let eps = laplace::pure_epsilon(scale, sensitivity.l1)?;
                Ok((Self::Laplace(scale, eps), charge))
            }
        }
    }

    /// The parameter: sigma, or b of a Laplace.
    pub(crate) fn scale(self) -> Scale {
        match self {
            Self::Gaussian(scale) | Self::Laplace(scale, _) => scale,
            Self::Threshold(threshold) => threshold.scale,
        }
    }

    /// The whole half-width of one cell's 95 % interval.
    pub(crate) fn half_width(self) -> Result<u64, Error> {
        match self {
            Self::Laplace(scale, _) => laplace::half_width(scale),
            Self::Gaussian(_) | Self::Threshold(_) => interval::half_width(self.scale()),
        }
    }

    /// Adds noise to every cell.
    pub(crate) fn draw(self, values: Exact<Vec<i64>>) -> Result<Vec<i64>, Error> {
        match self {
            Self::Gaussian(scale) => mechanism::draw(values, scale),
            Self::Laplace(scale, _) => laplace::draw(values, scale),
            Self::Threshold(_) => Err(Error::Mismatch("a thresholded answer has no full vector")),
        }
    }

    /// Its name in a release.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gaussian(_) => "discrete_gaussian",
            Self::Laplace(..) => "discrete_laplace",
            Self::Threshold(_) => "discrete_gaussian_threshold",
        }
    }

    /// The pure eps, where it is one.
    pub(crate) fn pure_epsilon(self) -> Option<f64> {
        if let Self::Laplace(_, eps) = self { Some(eps) } else { None }
    }

    /// The threshold, where there is one.
    pub(crate) fn threshold(self) -> Option<Threshold> {
        if let Self::Threshold(own) = self { Some(own) } else { None }
    }
}

/// The members of a noise in a release that tell its distribution.
#[derive(Serialize)]
pub(crate) struct LawEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    sigma: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eps: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta_femto: Option<Femto>,
}

impl From<Law> for LawEntry {
    fn from(law: Law) -> Self {
        let (number, laplace) = (law.scale().sigma(), matches!(law, Law::Laplace(..)));
        Self {
            sigma: (!laplace).then_some(number),
            scale: laplace.then_some(number),
            eps: law.pure_epsilon(),
            threshold: law.threshold().map(|own| own.at),
            delta_femto: law.threshold().map(|own| own.delta),
        }
    }
}
