//! How sure counts make one: bounds on probabilities, tests, correlations.

use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::{gamma_ur, ln_gamma};

/// P(Z ≥ z) of a standard normal number.
pub(crate) fn normal_above(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// The z with P(Z ≥ z) = `part`.
pub(crate) fn normal_point(part: f64) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(2.0 * part)
}

/// P(chi-square of that many degrees of freedom ≥ `value`).
pub(crate) fn chi_square_above(value: f64, freedom: usize) -> f64 {
    if value <= 0.0 { 1.0 } else { gamma_ur(freedom as f64 / 2.0, value / 2.0) }
}

/// Lower and upper bound of a probability after `seen` of `number` trials, each wrong with a
/// probability of at most `wrong`.
///
/// (Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of
/// the binomial".)
pub(crate) fn bounds(seen: u64, number: u64, wrong: f64) -> (f64, f64) {
    (lower(seen, number, wrong), 1.0 - lower(number - seen, number, wrong))
}

/// The p at which `seen` or more of `number` have the probability `wrong`.
fn lower(seen: u64, number: u64, wrong: f64) -> f64 {
    if seen == 0 {
        return 0.0;
    }
    // The tail grows with p, and at seen / number it is far above any `wrong` that is asked for.
    let (mut low, mut high) = (0.0, seen as f64 / number as f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if binomial_tail(seen, number, middle) > wrong {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}

/// P(Binomial(number, p) ≥ seen) for p below seen / number.
///
/// Every term is smaller than the one before, so that the sum ends soon and keeps its digits; the
/// usual continued fraction would need more steps than libraries take for a million trials.
fn binomial_tail(seen: u64, number: u64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let (n, k) = (number as f64, seen as f64);
    let choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let rest = if seen == number { 0.0 } else { (n - k) * (-p).ln_1p() };
    let mut term = (choose + k * p.ln() + rest).exp();
    let (mut sum, mut at) = (0.0, k);
    while term > sum * 1e-17 && at <= n {
        sum += term;
        term *= (n - at) / (at + 1.0) * p / (1.0 - p);
        at += 1.0;
    }
    sum.min(1.0)
}

/// A correlation with the interval in which the true one lies, but for a probability `wrong`.
#[derive(Clone, Copy, serde::Serialize)]
pub(crate) struct Correlation {
    /// The estimate.
    pub(crate) r: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
}

impl Correlation {
    /// Whether no correlation at all is among what the numbers allow.
    pub(crate) fn may_be_none(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

/// Pearson's correlation. (Interval: Fisher 1921, "On the 'probable error' of a coefficient of
/// correlation deduced from a small sample".) Zero where one of both does not vary.
pub(crate) fn pearson(first: &[f64], second: &[f64], wrong: f64) -> Correlation {
    let number = first.len().min(second.len());
    let mean = |own: &[f64]| own.iter().take(number).sum::<f64>() / number.max(1) as f64;
    let (a, b) = (mean(first), mean(second));
    let (mut cross, mut left, mut right) = (0.0, 0.0, 0.0);
    for (x, y) in first.iter().zip(second) {
        cross += (x - a) * (y - b);
        left += (x - a).powi(2);
        right += (y - b).powi(2);
    }
    let r = if left > 0.0 && right > 0.0 { cross / (left * right).sqrt() } else { 0.0 };
    let spread = (number as f64 - 3.0).max(1.0).sqrt().recip();
    let reach = normal_point(wrong / 2.0) * spread;
    let z = r.clamp(-1.0 + 1e-15, 1.0 - 1e-15).atanh();
    Correlation { r, low: (z - reach).tanh(), high: (z + reach).tanh() }
}

/// Spearman's correlation: Pearson's of the ranks, ties at their middle rank.
pub(crate) fn spearman(first: &[f64], second: &[f64], wrong: f64) -> Correlation {
    pearson(&ranks(first), &ranks(second), wrong)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for (begin, ties) in
        order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()).scan(0, |begin, ties| {
            let own = *begin;
            *begin += ties.len();
            Some((own, ties))
        })
    {
        for place in ties {
            ranks[*place] = begin as f64 + (ties.len() - 1) as f64 / 2.0;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.2, `binom.test(x, n, conf.level = 1 - 2 * wrong)`, is the same computation; the values
    /// here follow from their closed forms.
    #[test]
    fn bounds_solve_their_equations() {
        // Nothing seen: the upper end is 1 − wrong^(1/n).
        let (low, high) = bounds(0, 100, 0.025);
        assert!(low.abs() < 1e-15 && (high - (1.0 - 0.025_f64.powf(0.01))).abs() < 1e-9);
        // Everything seen: the lower end is wrong^(1/n).
        let (low, high) = bounds(100, 100, 0.025);
        assert!((low - 0.025_f64.powf(0.01)).abs() < 1e-9 && (high - 1.0).abs() < 1e-15);
        // One of two at least: 1 − (1 − p)² = wrong.
        let (low, _) = bounds(1, 2, 0.1);
        assert!((low - (1.0 - 0.9_f64.sqrt())).abs() < 1e-9);
        // For many trials the normal approximation is near.
        let (low, high) = bounds(300_000, 1_000_000, 1e-6);
        let reach = normal_point(1e-6) * (0.3 * 0.7 / 1e6_f64).sqrt();
        assert!((low - (0.3 - reach)).abs() < 0.02 * reach, "{low}");
        assert!((high - (0.3 + reach)).abs() < 0.02 * reach, "{high}");
    }

    #[test]
    fn tails_are_the_usual_ones() {
        assert!((normal_above(1.959_963_985) - 0.025).abs() < 1e-10);
        assert!((normal_point(1e-6) - 4.753_424).abs() < 1e-6);
        // Two degrees of freedom: exp(−x/2).
        assert!((chi_square_above(10.0, 2) - (-5.0_f64).exp()).abs() < 1e-12);
        // The 95th percentile of 10 degrees of freedom.
        assert!((chi_square_above(18.307_038, 10) - 0.05).abs() < 1e-7);
        let wide = chi_square_above(600.0, 600);
        assert!((0.48..0.5).contains(&wide), "{wide}");
    }

    #[test]
    fn correlations_find_what_is_there_and_nothing_else() {
        let steps: Vec<f64> = (0..1_000).map(f64::from).collect();
        let squares: Vec<f64> = steps.iter().map(|x| x * x).collect();
        assert!((spearman(&steps, &squares, 1e-6).r - 1.0).abs() < 1e-12);
        assert!(!pearson(&steps, &squares, 1e-6).may_be_none());
        let waves: Vec<f64> = steps.iter().map(|x| (x % 2.0) - 0.5).collect();
        assert!(pearson(&steps, &waves, 1e-6).may_be_none());
        assert!(pearson(&steps, &vec![7.0; 1_000], 1e-6).r.abs() < 1e-15);
        assert_eq!(ranks(&[3.0, 1.0, 3.0]), [1.5, 0.0, 1.5]);
    }
}
