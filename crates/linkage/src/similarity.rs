use crate::Threshold;

/// Steps of the fixed point between 0 and 1.
const ONE: u64 = u32::MAX as u64;
/// Bands between a threshold and 1.
const BANDS: u64 = 8;

/// How alike two records are, from 0 to 1, as an order-preserving fixed point.
///
/// Holds `floor(ratio * (2^32 - 1))` of the exact ratio, so that any two different
/// ratios with denominators up to 2^14 stay different. There is deliberately no
/// `Serialize` and no `Debug`: a similarity tells family from stranger and stays in
/// the linkage unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Similarity(u32);

impl Similarity {
    /// The greatest similarity: two equal filters.
    pub const ONE: Self = Self(u32::MAX);

    /// Of an exact ratio; `numerator <= denominator`, `0 < denominator < 2^31`.
    pub(crate) fn of(numerator: u64, denominator: u64) -> Self {
        debug_assert!(numerator <= denominator && denominator > 0);
        Self((numerator * ONE / denominator) as u32)
    }

    /// The fixed point itself, for a unit that keeps sealed pairs.
    pub fn to_bits(self) -> u32 {
        self.0
    }

    /// From what [`Similarity::to_bits`] gave.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Rounded to millionths, for the linkage operator's report.
    pub fn per_million(self) -> u32 {
        ((u64::from(self.0) * 1_000_000 + ONE / 2) / ONE) as u32
    }

    /// The greatest number of thousandths, as a threshold, that this similarity
    /// still reaches.
    pub(crate) fn whole_per_mille(self) -> u32 {
        let at_most = (u64::from(self.0) * 1_000 / ONE) as u32;
        let next = Self::of(u64::from(at_most) + 1, 1_000.max(u64::from(at_most) + 1));
        if at_most < 1_000 && self >= next { at_most + 1 } else { at_most }
    }

    /// Which of eight bands of equal width between `threshold` and 1 this lies in.
    pub fn band(self, threshold: Threshold) -> Band {
        let floor = u64::from(threshold.floor().0);
        let above = u64::from(self.0).saturating_sub(floor);
        match ONE - floor {
            0 => Band(BANDS as u8 - 1),
            width => Band((above * BANDS / width).min(BANDS - 1) as u8),
        }
    }
}

/// One of eight bands of equal width between the threshold (0) and 1 (7): all of a
/// similarity that may stand in a link map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Band(u8);

impl Band {
    /// From 0, just above the threshold, to 7, nearly or wholly equal.
    pub fn number(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_apart_and_in_order_what_the_longest_filters_can_tell_apart() {
        // Neighbours in the Farey sequence of order 2^14 are the closest ratios there are.
        for denominator in [16_384_u64, 16_383, 8_191, 1_024, 3] {
            for numerator in [1, denominator / 3, denominator / 2, denominator - 2] {
                let (p, q) = farey_successor(numerator, denominator, 16_384);
                assert!(numerator * q < p * denominator);
                assert!(Similarity::of(numerator, denominator) < Similarity::of(p, q));
            }
        }
    }

    /// Smallest ratio above `a/b` with a denominator of at most `order`, by search.
    fn farey_successor(a: u64, b: u64, order: u64) -> (u64, u64) {
        (1..=order)
            .map(|q| (a * q / b + 1, q))
            .min_by(|(p, q), (r, s)| (p * s).cmp(&(r * q)))
            .unwrap()
    }

    #[test]
    fn whole_per_mille_agrees_with_thresholds() {
        for denominator in [7_u64, 1_000, 1_024, 2_047] {
            for numerator in 0..=denominator {
                let similarity = Similarity::of(numerator, denominator);
                assert_eq!(
                    u64::from(similarity.whole_per_mille()),
                    numerator * 1_000 / denominator
                );
            }
        }
    }

    #[test]
    fn bands_are_equal_steps_from_threshold_to_one() {
        let threshold = "0.8".parse().unwrap();
        let band = |n| Similarity::of(n, 1_000).band(threshold).number();
        assert_eq!([800, 824, 826, 899, 901, 999, 1_000].map(band), [0, 0, 1, 3, 4, 7, 7]);
        assert_eq!(Similarity::ONE.band("1".parse().unwrap()).number(), 7);
    }

    #[test]
    fn per_million_rounds() {
        assert_eq!(Similarity::of(7, 10).per_million(), 700_000);
        assert_eq!(Similarity::ONE.per_million(), 1_000_000);
        assert_eq!(Similarity::of(1, 3).per_million(), 333_333);
    }
}
