use super::lsh::{Lsh, MOST_BANDS, same_band};
use crate::{Comparison, Error, RecordRef, scramble::scramble};

/// Pairs of records whose distance is looked at.
const SAMPLE: u64 = 20_000;
/// Costs in tenths of a nanosecond: a filter pair of an exact comparison, a pair of
/// records that meet in a block, a record put into a block.
const EXACT: f64 = 6.0;
const MEETING: f64 = 400.0;
const PLACING: f64 = 2_000.0;

/// Bands that are expected to find a share of the pairs.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The bands.
    pub lsh: Lsh,
    /// Bits in which two records of mean weight differ that are just similar enough.
    pub distance: u32,
    /// The share of such pairs expected to be found ([`Lsh::expected`]).
    pub expected: f64,
    /// Pairs of records expected to meet, with repetitions.
    pub meetings: f64,
    /// Whether comparing everything is expected to be faster.
    pub exact_is_faster: bool,
}

/// The cheapest bands that are expected to find at least `completeness` of the pairs that
/// are just similar enough; pairs that are more similar are found more often.
///
/// How often strangers meet is estimated from the distances of some pairs of records,
/// chosen by row number alone.
///
/// # Errors
/// As [`compare()`](crate::compare()) for a comparison that does not fit together, and
/// [`Error::NoBands`] where 4,096 bands are too few: then the threshold is so near to what
/// strangers have that blocking cannot tell them apart.
pub fn choose(comparison: &Comparison<'_>, completeness: f64, seed: u64) -> Result<Choice, Error> {
    comparison.check()?;
    let Some(first) = comparison.sources.first() else { return Err(Error::NoBands) };
    let view = &first.views()[0];
    let (bits, views) = (view.bits(), first.views().len() as f64);
    let distance = distance_at(comparison);
    let sample = distances(comparison);
    let pairs = pairs(comparison);
    let records: f64 = comparison.sources.iter().map(|own| own.rows() as f64).sum();
    let mut best: Option<(f64, Choice)> = None;
    for positions in 1..=64.min(bits) {
        let chance = same_band(bits, distance, positions);
        // The least L with 1 - (1 - chance)^L >= completeness; infinite where a pair at the
        // threshold never meets, one where it always does.
        // By `ln_1p`, or a small chance is lost beside 1 and one band looks enough.
        let bands = (1.0 - completeness).ln() / (-chance).ln_1p();
        let bands = if chance < 1.0 { bands.ceil().max(1.0) } else { 1.0 };
        if chance <= 0.0 || bands > f64::from(MOST_BANDS) {
            continue;
        }
        let strangers = sample.iter().map(|own| same_band(bits, *own, positions)).sum::<f64>()
            / (sample.len() as f64).max(1.0);
        let meetings = pairs * strangers * bands * views;
        let cost = meetings * MEETING + records * bands * views * PLACING;
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            let lsh = Lsh::new(bands as u32, positions, seed)?;
            let expected = lsh.expected(bits, distance);
            let exact_is_faster = pairs * views * EXACT <= cost;
            best = Some((cost, Choice { lsh, distance, expected, meetings, exact_is_faster }));
        }
    }
    best.map(|(_, choice)| choice).ok_or(Error::NoBands)
}

/// Bits in which two filters of mean weight differ at the threshold.
fn distance_at(comparison: &Comparison<'_>) -> u32 {
    let views = comparison.sources.iter().map(|own| &own.views()[0]);
    let (mut weights, mut rows) = (0_u64, 0_u64);
    for view in views {
        rows += view.rows() as u64;
        weights += (0..view.rows()).map(|row| u64::from(view.weight(row))).sum::<u64>();
    }
    let total = 2 * weights / rows.max(1);
    let bits = comparison.sources.first().map_or(0, |own| own.views()[0].bits());
    let shared = comparison.measure.least_shared(bits, comparison.threshold, total);
    total.saturating_sub(2 * shared) as u32
}

/// Distances of some pairs of records.
fn distances(comparison: &Comparison<'_>) -> Vec<u32> {
    let rules = comparison.rule.pairs();
    let mut distances = Vec::new();
    let rows = |source: u32| comparison.sources[source as usize].rows() as u64;
    for number in 0..SAMPLE {
        let Some(&(left, right)) = rules.get(number as usize % rules.len().max(1)) else { break };
        if rows(left) == 0 || rows(right) == 0 {
            continue;
        }
        let a = RecordRef { source: left, row: (scramble(2 * number) % rows(left)) as u32 };
        let b = RecordRef { source: right, row: (scramble(2 * number + 1) % rows(right)) as u32 };
        if a != b {
            let view = |own: RecordRef| &comparison.sources[own.source as usize].views()[0];
            let (x, y) = (view(a), view(b));
            let shared = comparison.kernel.shared(x.row(a.row as usize), y.row(b.row as usize));
            distances.push(x.weight(a.row as usize) + y.weight(b.row as usize) - 2 * shared);
        }
    }
    distances
}

/// Pairs of records that an exact comparison decides.
fn pairs(comparison: &Comparison<'_>) -> f64 {
    let rows = |source: u32| comparison.sources[source as usize].rows() as f64;
    let of = |&(a, b): &(u32, u32)| {
        if a == b { rows(a) * (rows(a) - 1.0).max(0.0) / 2.0 } else { rows(a) * rows(b) }
    };
    comparison.rule.pairs().iter().map(of).sum()
}
