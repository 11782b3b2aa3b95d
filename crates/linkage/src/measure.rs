use std::ops::Range;

use crate::{Comparison, Similarity, Source, Threshold};

/// How the similarity of two filters `a` and `b` of `l` bits is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// `2|a ∧ b| / (|a| + |b|)`: plain filters, the clkhash family.
    Dice,
    /// `|a ∧ b| / |a ∨ b|`: orders pairs as Dice does, on another scale.
    Jaccard,
    /// `(l - |a ⊕ b|) / l`: diffused filters.
    Hamming,
}

impl Measure {
    /// Similarity of two filters from what they share.
    ///
    /// `shared` is `|a ∧ b|`, `total` is `|a| + |b|`, both of filters of `bits` bits.
    /// Two empty filters say nothing and have none.
    pub(crate) fn similarity(self, bits: u32, shared: u32, total: u32) -> Option<Similarity> {
        let (bits, shared, total) = (u64::from(bits), u64::from(shared), u64::from(total));
        (total > 0).then(|| match self {
            Self::Dice => Similarity::of(2 * shared, total),
            Self::Jaccard => Similarity::of(shared, total - shared),
            Self::Hamming => Similarity::of(bits + 2 * shared - total, bits),
        })
    }

    /// Greatest denominator of a similarity of filters of `bits` bits.
    pub(crate) fn greatest_denominator(self, bits: u32) -> u64 {
        match self {
            Self::Dice => 2 * u64::from(bits),
            Self::Jaccard | Self::Hamming => u64::from(bits),
        }
    }

    /// Least `|a ∧ b|` that reaches the threshold when `|a| + |b|` is `total`.
    pub(crate) fn least_shared(self, bits: u32, threshold: Threshold, total: u64) -> u64 {
        let (p, q) = threshold.ratio();
        let bits = u64::from(bits);
        match self {
            Self::Dice => (p * total).div_ceil(2 * q),
            Self::Jaccard => (p * total).div_ceil(p + q),
            Self::Hamming => ((p * bits).div_ceil(q) + total).saturating_sub(bits).div_ceil(2),
        }
    }
}

/// A measure and a threshold, worked out for filters of one length: each measure is
/// a least number of shared bits that depends on the two weights' sum alone.
pub(crate) struct Bar {
    measure: Measure,
    bits: u32,
    /// By the sum of both weights; never falls from one entry to the next.
    least: Vec<u16>,
}

impl Bar {
    pub(crate) fn new(measure: Measure, threshold: Threshold, bits: u32) -> Self {
        let least = (0..=2 * u64::from(bits))
            .map(|total| {
                u16::try_from(measure.least_shared(bits, threshold, total)).unwrap_or(u16::MAX)
            })
            .collect();
        Self { measure, bits, least }
    }

    /// The bar of each view of a comparison.
    pub(crate) fn by_view(comparison: &Comparison<'_>) -> Vec<Self> {
        let views = comparison.sources.first().map(Source::views).unwrap_or_default();
        let bar = |bits| Self::new(comparison.measure, comparison.threshold, bits);
        views.iter().map(|view| bar(view.bits())).collect()
    }

    /// Words of a filter.
    pub(crate) fn words(&self) -> usize {
        self.bits as usize / 64
    }

    /// Least shared bits by the sum of both weights. Two empty filters are let
    /// through here and refused by [`Bar::judge`].
    pub(crate) fn least(&self) -> &[u16] {
        &self.least
    }

    /// The similarity, if it reaches the threshold.
    pub(crate) fn judge(&self, shared: u32, total: u32) -> Option<Similarity> {
        if shared < u32::from(self.least[total as usize]) {
            return None;
        }
        self.measure.similarity(self.bits, shared, total)
    }

    /// Whether two filters of these weights can reach the threshold at all.
    fn possible(&self, one: u32, other: u32) -> bool {
        one.min(other) >= u32::from(self.least[(one + other) as usize])
    }

    /// Least and greatest weight that can match a weight from `light` to `heavy`.
    ///
    /// Nearer weights can only be more similar, so each side is one interval around
    /// the weight itself.
    pub(crate) fn window(&self, light: u32, heavy: u32) -> (u32, u32) {
        let least = first(0..light, |weight| self.possible(weight, light));
        let beyond = first(heavy + 1..self.bits + 1, |weight| !self.possible(weight, heavy));
        (least, beyond - 1)
    }
}

/// The first number in `range` that `holds`, which must stay true once it is; the
/// range's end if none does.
fn first(range: Range<u32>, holds: impl Fn(u32) -> bool) -> u32 {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start.midpoint(end);
        if holds(middle) {
            end = middle;
        } else {
            start = middle + 1;
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MEASURES: [Measure; 3] = [Measure::Dice, Measure::Jaccard, Measure::Hamming];

    /// The textbook definition, in integers and without the table.
    fn reaches(measure: Measure, bits: u64, shared: u64, total: u64, threshold: Threshold) -> bool {
        let (p, q) = threshold.ratio();
        let (numerator, denominator) = match measure {
            Measure::Dice => (2 * shared, total),
            Measure::Jaccard => (shared, total - shared),
            Measure::Hamming => (bits - (total - 2 * shared), bits),
        };
        total > 0 && q * numerator >= p * denominator
    }

    /// Bits of a filter, two weights, and how many bits they may share.
    fn two_weights() -> impl Strategy<Value = (u32, u32, u32, u32)> {
        (1_u32..=128)
            .prop_flat_map(|words| (Just(words * 64), 0..=words * 64, 0..=words * 64))
            .prop_flat_map(|(bits, a, b)| {
                (Just(bits), Just(a), Just(b), (a + b).saturating_sub(bits)..=a.min(b))
            })
    }

    proptest! {
        #[test]
        fn the_table_decides_as_the_definition(
            (bits, a, b, shared) in two_weights(), parts in 1_u32..=1_000_000,
        ) {
            let threshold = Threshold::from_per_million(parts).unwrap();
            for measure in MEASURES {
                let bar = Bar::new(measure, threshold, bits);
                prop_assert!(bar.least.is_sorted());
                let expected =
                    reaches(measure, bits.into(), shared.into(), (a + b).into(), threshold);
                prop_assert_eq!(bar.judge(shared, a + b).is_some(), expected);
                let (least, most) = bar.window(a, a);
                prop_assert!(!expected || (least <= b && b <= most), "{} <= {} <= {}", least, b, most);
            }
        }
    }

    #[test]
    fn two_empty_filters_never_match() {
        for measure in MEASURES {
            let bar = Bar::new(measure, "0.000001".parse().unwrap(), 1_024);
            assert!(bar.judge(0, 0).is_none());
        }
    }

    #[test]
    fn exactly_the_threshold_matches() {
        let bar = Bar::new(Measure::Dice, "0.7".parse().unwrap(), 1_024);
        assert!(bar.judge(350, 1_000).is_some());
        assert!(bar.judge(349, 1_000).is_none());
        let bar = Bar::new(Measure::Hamming, "0.75".parse().unwrap(), 1_024);
        assert!(bar.judge(372, 1_000).is_some());
        assert!(bar.judge(371, 1_000).is_none());
    }
}
