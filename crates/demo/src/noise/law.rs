//! The probabilities of a cell's noise, as a release states its mechanism.

use anyhow::bail;

/// The law of the noise of one cell.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Law {
    /// P(x) ∝ exp(−x² / (2·sigma²)). (Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for
    /// Differential Privacy", definition 1.)
    Gaussian {
        /// Its parameter.
        sigma: f64,
    },
    /// P(x) ∝ exp(−|x| / scale). (Ghosh, Roughgarden, Sundararajan 2009, "Universally
    /// utility-maximizing privacy mechanisms".)
    Laplace {
        /// Its parameter.
        scale: f64,
    },
}

impl Law {
    /// Greatest parameter whose probabilities are listed one by one.
    pub(crate) const LARGEST: f64 = 4096.0;

    /// The law of a mechanism by its name in the document.
    pub(crate) fn of(mechanism: &str, parameter: f64) -> anyhow::Result<Self> {
        if !(parameter.is_finite() && parameter > 0.0) {
            bail!("a release states the noise parameter {parameter}");
        }
        match mechanism {
            "discrete_gaussian" => Ok(Self::Gaussian { sigma: parameter }),
            "discrete_laplace" => Ok(Self::Laplace { scale: parameter }),
            other => bail!("no probabilities are known for the mechanism `{other}`"),
        }
    }

    /// Its parameter.
    pub(crate) fn parameter(self) -> f64 {
        match self {
            Self::Gaussian { sigma } => sigma,
            Self::Laplace { scale } => scale,
        }
    }

    fn weight(self, x: f64) -> f64 {
        match self {
            Self::Gaussian { sigma } => (-(x / sigma).powi(2) / 2.0).exp(),
            Self::Laplace { scale } => (-x.abs() / scale).exp(),
        }
    }

    /// Every probability; what is left beyond the list is below 1e-30.
    pub(crate) fn mass(self) -> anyhow::Result<Mass> {
        if self.parameter() > Self::LARGEST {
            bail!("noise of {} is too wide to be listed", self.parameter());
        }
        let reach = match self {
            Self::Gaussian { sigma } => 12.0 * sigma,
            Self::Laplace { scale } => 70.0 * scale,
        };
        let reach = reach.ceil() as i64 + 2;
        let weights: Vec<f64> = (-reach..=reach).map(|x| self.weight(x as f64)).collect();
        let total: f64 = weights.iter().sum();
        Ok(Mass::new(weights.into_iter().map(|weight| weight / total).collect()))
    }
}

/// Probabilities of the whole numbers from −reach to reach.
#[derive(Clone)]
pub(crate) struct Mass {
    reach: i64,
    at: Vec<f64>,
    /// P(X ≥ x), summed from the far end so that small ones keep their digits.
    from: Vec<f64>,
}

impl Mass {
    fn new(at: Vec<f64>) -> Self {
        let mut from = at.clone();
        for place in (0..from.len() - 1).rev() {
            from[place] += from[place + 1];
        }
        Self { reach: (at.len() / 2) as i64, at, from }
    }

    /// The greatest number in the list.
    pub(crate) fn reach(&self) -> i64 {
        self.reach
    }

    /// P(X = x).
    pub(crate) fn at(&self, x: i64) -> f64 {
        let place = usize::try_from(x + self.reach);
        place.ok().and_then(|place| self.at.get(place)).copied().unwrap_or(0.0)
    }

    /// P(X ≥ x).
    pub(crate) fn from(&self, x: i64) -> f64 {
        if x <= -self.reach {
            return 1.0;
        }
        let place = usize::try_from(x + self.reach);
        place.ok().and_then(|place| self.from.get(place)).copied().unwrap_or(0.0)
    }

    /// The mean of |X|.
    pub(crate) fn mean_size(&self) -> f64 {
        (1..=self.reach).map(|x| 2.0 * x as f64 * self.at(x)).sum()
    }

    /// The law of the sum of two independent numbers.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let reach = self.reach + other.reach;
        let mut at = vec![0.0; 2 * reach as usize + 1];
        for (place, own) in self.at.iter().enumerate().filter(|(_, own)| **own > 0.0) {
            for (shift, other) in other.at.iter().enumerate() {
                at[place + shift] += own * other;
            }
        }
        Self::new(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_sums_to_one_and_is_even() {
        for law in [
            Law::Gaussian { sigma: 0.5 },
            Law::Gaussian { sigma: 40.0 },
            Law::Laplace { scale: 3.0 },
        ] {
            let mass = law.mass().unwrap();
            assert!((mass.from(-mass.reach()) - 1.0).abs() < 1e-12);
            assert!((mass.at(2) - mass.at(-2)).abs() < 1e-18);
            let within: f64 = (-3..=3).map(|x| mass.at(x)).sum();
            assert!((1.0 - 2.0 * mass.from(4) - within).abs() < 1e-12);
        }
        // 1 / Σ exp(−2x²): theta function at e^-2.
        let narrow = Law::Gaussian { sigma: 0.5 }.mass().unwrap();
        assert!((narrow.at(0) - 0.786_570_7).abs() < 1e-6, "{}", narrow.at(0));
        // A geometric law: (1 − a) / (1 + a) at zero, a = exp(−1/3).
        let a = (-1.0_f64 / 3.0).exp();
        let laplace = Law::Laplace { scale: 3.0 }.mass().unwrap();
        assert!((laplace.at(0) - (1.0 - a) / (1.0 + a)).abs() < 1e-12);
        assert!((laplace.mean_size() - 2.0 * a / (1.0 - a * a)).abs() < 1e-9);
    }

    #[test]
    fn a_sum_has_the_variance_of_both() {
        let one = Law::Gaussian { sigma: 2.0 }.mass().unwrap();
        let sum = one.plus(&one);
        let variance: f64 = (-sum.reach()..=sum.reach()).map(|x| (x * x) as f64 * sum.at(x)).sum();
        assert!((variance - 8.0).abs() < 1e-6, "{variance}");
    }

    #[test]
    fn what_has_no_probabilities_is_refused() {
        assert!(Law::of("rounding", 3.0).is_err());
        assert!(Law::of("discrete_gaussian", 0.0).is_err());
        assert!(Law::of("discrete_gaussian", f64::NAN).is_err());
        assert!(Law::Gaussian { sigma: 1e6 }.mass().is_err());
    }
}
