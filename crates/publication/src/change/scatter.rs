//! The variance of one released number's noise, as its document states it.

use super::{Step, refuse};
use crate::document::Form;
use crate::quality::Z;
use crate::{Document, Error, Numbers};

/// What adjustment to their year leaves of the variance of a quarter or year by itself, and of
/// quarters that are set against each other, where it cancels; and what rounding adds
/// (`docs/formats/release.md`, and there „Kinds“).
const ENTRIES: (f64, f64, f64) = (0.8, 1.0, 0.25);

/// How wide the noise of a document's numbers is.
pub(super) enum Scatter {
    /// Of every cell, as stated.
    Variance(f64),
    /// Implied by each whole number's half-width.
    HalfWidth,
    /// Implied by the longer side of each interval.
    LongerSide,
}

impl Scatter {
    pub(super) fn of(document: &Document, step: Step) -> Result<Self, Error> {
        if document.is_thresholded() {
            return refuse(
                "keys above a threshold were chosen by their noise; no change can be told",
            );
        }
        match document.form {
            Form::Quantiles => {
                return refuse(
                    "a quantile's interval is a hull of classes and gives no difference",
                );
            }
            Form::LinkQuality => {
                return refuse("how good links are is no number of people that changes");
            }
            Form::Mean | Form::Share | Form::PriorContact => return Ok(Self::LongerSide),
            _ => {}
        }
        if document.mechanism != "discrete_gaussian" {
            return refuse("its noise is not Gaussian");
        }
        let [noise] = document.noise.as_slice() else { return Ok(Self::HalfWidth) };
        let (None, Some(sigma)) = (&document.margins, noise.sigma) else {
            return Ok(Self::HalfWidth);
        };
        let square = sigma * sigma;
        let (alone, against, rounding) = ENTRIES;
        Ok(Self::Variance(match (document.form, step) {
            (Form::Entries, Step::Year) => alone * square + rounding,
            (Form::Entries, Step::Quarter) => against * square + rounding,
            _ => square,
        }))
    }

    pub(super) fn variance(&self, numbers: Numbers) -> f64 {
        let [value, low, high] =
            [numbers.value, numbers.low, numbers.high].map(crate::Amount::position);
        let longer = (high - value).max(value - low);
        match self {
            Self::Variance(variance) => *variance,
            Self::HalfWidth => ((longer + 0.5) / Z).powi(2),
            Self::LongerSide => (longer / Z).powi(2),
        }
    }
}

/// Half the width of the 95 % interval of a difference with that variance; of whole numbers, whose
/// error is within ±h where a continuous one is within ±(h + 1/2), a whole number.
pub(super) fn half_width(variance: f64, whole: bool) -> f64 {
    let arm = Z * variance.sqrt();
    if whole { (arm - 0.5).ceil().max(0.0) } else { arm }
}
