//! Tests of many differences at once.

use statrs::function::erf::erfc;

/// How often a normal number lies at least so many standard deviations from zero.
pub(super) fn two_sided(strength: f64) -> f64 {
    erfc(strength / std::f64::consts::SQRT_2)
}

/// The greatest p that is rejected, every smaller one being rejected too; `None` where none is.
///
/// The step-up procedure: of m values the k-th smallest is compared with k/m of the level, and the
/// last one below its bound takes all before it along (Benjamini and Hochberg 1995, section 3.1).
#[expect(clippy::cast_precision_loss, reason = "documents have at most 1e5 cells")]
pub(super) fn greatest_rejected(p: &[f64], percent: u32) -> Option<f64> {
    let mut sorted = p.to_vec();
    sorted.sort_by(f64::total_cmp);
    let level = f64::from(percent) / 100.0;
    let many = sorted.len() as f64;
    let passes = |(rank, own): &(usize, f64)| *own <= level * (*rank as f64) / many;
    (1_usize..).zip(sorted).filter(passes).map(|(_, own)| own).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_normal() {
        for (strength, p) in [(0.0, 1.0), (1.0, 0.317_310_5), (1.959_964, 0.05), (3.0, 0.002_699_8)]
        {
            assert!((two_sided(strength) - p).abs() < 1e-6, "{strength}");
        }
    }

    /// The example of Benjamini and Hochberg 1995, section 4.1: of fifteen, four are rejected.
    #[test]
    fn the_published_example_rejects_four() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.000,
        ];
        let mut shuffled = p;
        shuffled.reverse();
        assert_eq!(greatest_rejected(&shuffled, 5), Some(0.0095));
        assert_eq!(greatest_rejected(&[0.2, 0.9], 5), None);
        assert_eq!(greatest_rejected(&[], 5), None);
    }

    #[test]
    fn a_later_one_takes_earlier_ones_along() {
        assert_eq!(greatest_rejected(&[0.03, 0.04, 0.045], 5), Some(0.045));
    }
}
