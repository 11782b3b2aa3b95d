//! What a stated loss allows anybody to find out.

use super::law::{Law, Mass};
use super::odds::{normal_above, normal_point};

/// Least probability at which thresholds are compared; below it no campaign has draws.
const LEAST: f64 = 1e-7;
/// From this standard deviation on a draw is taken as continuous: the steps are below 1e-3 of the
/// curve.
const FINE: f64 = 30.0;

/// The epsilon that rho-zCDP implies at `delta`.
///
/// (Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy", corollary 13,
/// solved for epsilon and minimised over alpha.)
pub(crate) fn epsilon(rho: f64, delta: f64) -> f64 {
    let at = |alpha: f64| {
        alpha * rho
            + ((1.0 / delta).ln() + (alpha - 1.0) * (1.0 - 1.0 / alpha).ln() - alpha.ln())
                / (alpha - 1.0)
    };
    // Unimodal in alpha; a fine geometric grid of alpha − 1 is near enough for a comparison.
    let steps = (0..4_000).map(|step| at(1.0 + 1e-3 * 1.006_f64.powi(step)));
    steps.fold(f64::INFINITY, f64::min).max(0.0)
}

/// How far apart the stated noise leaves two neighbouring inputs: the greatest mu such that some
/// threshold of the likelihood ratio reaches the trade-off of N(0,1) against N(mu,1).
///
/// (Dong, Roth, Su 2022, "Gaussian differential privacy", section 2.) For wide noise it is the
/// L2 distance in standard deviations, √(2·rho); the discrete Gaussian's own curve lies a little
/// below the Gaussian's at its corners, so that mu there is a little more. `changes` are the
/// distances of the two inputs, each with the law of its noise.
pub(crate) fn separation(changes: &[(f64, Law)]) -> anyhow::Result<f64> {
    let scaled = |(change, law): &(f64, Law)| change.abs() / law.parameter();
    let mut plain = 0.0;
    let mut fine = 0.0;
    let mut steps: Option<(Mass, f64)> = None;
    for own in changes.iter().filter(|(change, _)| *change != 0.0) {
        let distance = scaled(own).powi(2);
        plain += distance;
        if own.1.parameter() >= FINE {
            fine += distance;
            continue;
        }
        let mass = own.1.mass()?;
        let unit = own.0.abs() / own.1.parameter().powi(2);
        steps = Some(match steps {
            Some((all, same)) if (same - unit).abs() < 1e-12 => (all.plus(&mass), same),
            None => (mass, unit),
            // Two widths of steps: the finer curve is below both; the plain distance stands.
            Some(_) => return Ok(plain_of(changes)),
        });
    }
    let Some((steps, unit)) = steps else { return Ok(f64::sqrt(plain)) };
    Ok(widest(&steps, unit, fine.sqrt(), plain))
}

fn plain_of(changes: &[(f64, Law)]) -> f64 {
    changes.iter().map(|(change, law)| (change / law.parameter()).powi(2)).sum::<f64>().sqrt()
}

/// The greatest mu over all thresholds of a score: steps of `unit` plus a normal part of standard
/// deviation `fine`, shifted by `shift` under the other input.
fn widest(steps: &Mass, unit: f64, fine: f64, shift: f64) -> f64 {
    let above = |score: f64| -> f64 {
        if fine > 0.0 {
            let parts = (-steps.reach()..=steps.reach())
                .map(|x| steps.at(x) * normal_above((score - unit * x as f64) / fine));
            return parts.sum();
        }
        // The tolerance is far below a step.
        steps.from((score / unit - 1e-9).ceil() as i64)
    };
    let spread = (steps.reach() as f64 * unit).min(8.0 * shift.sqrt().max(fine) + shift);
    let count = if fine > 0.0 { 200 } else { (2.0 * spread / unit).ceil() as i64 };
    let mut most = 0.0_f64;
    for place in 0..=count {
        let score = if fine > 0.0 {
            -spread + 2.0 * spread * place as f64 / count as f64
        } else {
            unit * ((-spread / unit).floor() + place as f64)
        };
        let (null, other) = (above(score), above(score - shift));
        if null > LEAST && other < 1.0 - LEAST {
            most = most.max(normal_point(null) - normal_point(other));
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Documents of releases state these for rho = .04997445 and .049994045 at 1e-6, by opendp.
    #[test]
    fn epsilon_is_the_one_in_the_documents() {
        for (rho, eps) in [(0.049_974_45, 1.471_189_304), (0.049_994_045, 1.471_500_260)] {
            assert!((epsilon(rho, 1e-6) - eps).abs() < 1e-4, "{}", epsilon(rho, 1e-6));
        }
        assert!(epsilon(0.05, 1e-2) < epsilon(0.05, 1e-6));
    }

    #[test]
    fn wide_noise_separates_as_a_gaussian_and_narrow_noise_a_little_more() {
        let of = |sigma: f64, changes: &[f64]| {
            let changes: Vec<_> =
                changes.iter().map(|own| (*own, Law::Gaussian { sigma })).collect();
            separation(&changes).unwrap()
        };
        assert!((of(100.0, &[1.0]) - 0.01).abs() < 1e-12);
        assert!((of(20.0, &[1.0]) - 0.05).abs() < 1e-4, "{}", of(20.0, &[1.0]));
        // P(N ≥ 1) = .30053 and P(N ≥ 0) = .69947 for sigma 1.
        let narrow = of(1.0, &[1.0]);
        assert!((1.045..1.06).contains(&narrow), "{narrow}");
        let both = of(2.0, &[-1.0, 1.0]);
        assert!((0.5 * 2.0_f64.sqrt()..0.73).contains(&both), "{both}");
        let mixed = separation(&[
            (500.0, Law::Gaussian { sigma: 1000.0 }),
            (1.0, Law::Gaussian { sigma: 2.0 }),
        ]);
        let mixed = mixed.unwrap();
        assert!((0.5 * 2.0_f64.sqrt()..0.72).contains(&mixed), "{mixed}");
    }
}
