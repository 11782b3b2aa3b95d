use super::BINS;
use crate::{Error, Kernel, Measure, Rule, Source, Threshold, scramble::scramble};

/// Pairs of records that a sample decides unless told otherwise.
const PAIRS: u64 = 4_000_000;

/// Deviations beyond the last pair that chance would give: its law is no normal one.
const MARGIN: f64 = 1.5;

/// How similar records are that were put beside each other blindly: nearly all of them
/// strangers. Tells what chance alone gives, and how many pairs a floor would keep.
pub struct Sample {
    /// Estimated pairs of all sources by thousandth; index `n` holds the similarities
    /// from `n` thousandths to below the next.
    pairs: Vec<f64>,
    /// Estimated pairs without a similarity: two empty filters.
    empty: f64,
    decided: u64,
    weight: Moments,
    bits: u32,
}

/// What chance alone would give, if it followed a normal law.
pub(super) struct Chance {
    /// Expected pairs by thousandth.
    pub(super) pairs: Vec<f64>,
    /// The thousandth from which on there would be none.
    pub(super) beyond: usize,
}

/// Mean and variance of the filters' shares of set bits.
#[derive(Default)]
struct Moments {
    number: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.number += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self) -> f64 {
        self.sum / self.number.max(1.0)
    }

    fn deviation(&self) -> f64 {
        (self.squares / self.number.max(1.0) - self.mean() * self.mean()).max(0.0).sqrt()
    }
}

impl Sample {
    /// Puts about four million pairs beside each other, chosen by row number alone: the
    /// same sources give the same sample.
    ///
    /// # Errors
    /// [`Error::UnknownSource`] and [`Error::SourceShape`] for what does not fit together.
    pub fn draw(
        sources: &[Source],
        rule: &Rule,
        measure: Measure,
        kernel: Kernel,
    ) -> Result<Self, Error> {
        rule.check(sources.len())?;
        let shape = sources.iter().position(|source| !source.comparable(&sources[0]));
        if let Some(index) = shape {
            return Err(Error::SourceShape(index));
        }
        let bits = sources.first().map_or(0, |source| source.views()[0].bits());
        let mut sample = Self {
            pairs: vec![0.0; BINS],
            empty: 0.0,
            decided: 0,
            weight: Moments::default(),
            bits,
        };
        for source in sources {
            sample.weigh(source);
        }
        let each = PAIRS / rule.pairs().len().max(1) as u64;
        for &(left, right) in rule.pairs() {
            let (left, right) = (left as usize, right as usize);
            let all = all_pairs(sources[left].rows(), sources[right].rows(), left == right);
            let picks = Picks::new(&sources[left], &sources[right], left == right, each);
            sample.add(&picks, all, measure, kernel);
        }
        Ok(sample)
    }

    fn weigh(&mut self, source: &Source) {
        let view = &source.views()[0];
        let step = (view.rows() / 10_000).max(1);
        for row in (0..view.rows()).step_by(step) {
            self.weight.add(f64::from(view.weight(row)) / f64::from(view.bits()));
        }
    }

    fn add(&mut self, picks: &Picks<'_>, all: f64, measure: Measure, kernel: Kernel) {
        let mut counts = vec![0_u64; BINS];
        let (mut empty, mut decided) = (0_u64, 0_u64);
        for &a in &picks.left_rows {
            for &b in &picks.right_rows {
                if picks.within && a == b {
                    continue;
                }
                decided += 1;
                let views = picks.left.views().iter().zip(picks.right.views());
                let best = views.filter_map(|(x, y)| {
                    let shared = kernel.shared(x.row(a), y.row(b));
                    measure.similarity(x.bits(), shared, x.weight(a) + y.weight(b))
                });
                match best.max() {
                    Some(similarity) => counts[similarity.whole_per_mille() as usize] += 1,
                    None => empty += 1,
                }
            }
        }
        let scale = if decided == 0 { 0.0 } else { all / decided as f64 };
        self.decided += decided;
        self.empty += empty as f64 * scale;
        for (mine, count) in self.pairs.iter_mut().zip(counts) {
            *mine += count as f64 * scale;
        }
    }

    /// Pairs of records that were decided.
    pub fn decided(&self) -> u64 {
        self.decided
    }

    /// Estimated pairs whose similarity lies from `per_mille` thousandths to below the
    /// next; none above 1,000.
    pub fn pairs_at(&self, per_mille: u32) -> f64 {
        self.pairs.get(per_mille as usize).copied().unwrap_or_default()
    }

    /// Estimated pairs in all, with those of two empty filters.
    pub fn pairs(&self) -> f64 {
        self.pairs.iter().sum::<f64>() + self.empty
    }

    /// The similarity, in thousandths, that half of the pairs do not exceed.
    pub fn median(&self) -> u32 {
        let half = self.pairs.iter().sum::<f64>() / 2.0;
        let mut below = 0.0;
        let median = self.pairs.iter().position(|pairs| {
            below += pairs;
            below >= half
        });
        median.unwrap_or_default() as u32
    }

    /// The least threshold, in thousandths, above which about `most` pairs lie, but never
    /// below what half of all pairs have; 1 where even equal filters are more than that.
    ///
    /// # Errors
    /// None in practice: every thousandth is a threshold.
    pub fn floor(&self, most: u64) -> Result<Threshold, Error> {
        let mut above = 0.0;
        let mut floor = BINS - 1;
        for per_mille in (1..BINS).rev() {
            above += self.pairs[per_mille];
            if above > most as f64 {
                break;
            }
            floor = per_mille;
        }
        let floor = (floor as u32).max(self.median()).max(1);
        Threshold::from_per_million(floor * 1_000)
    }

    /// The normal law of chance: centre and spread from the median and from the similarity
    /// that one pair in fifty exceeds, which matches hardly move.
    pub(super) fn chance(&self) -> Chance {
        let all: f64 = self.pairs.iter().sum();
        let mut above = 0.0;
        let high = (0..BINS).rev().find(|bin| {
            above += self.pairs[*bin];
            above >= all / 50.0
        });
        let median = f64::from(self.median());
        // One in fifty lies 2.054 deviations up.
        let deviation = ((high.unwrap_or_default() as f64 - median) / 2.054).max(0.5);
        let density = |bin: usize| {
            let z = (bin as f64 + 0.5 - median) / deviation;
            all * (-z * z / 2.0).exp() / (deviation * std::f64::consts::TAU.sqrt())
        };
        let pairs: Vec<f64> = (0..BINS).map(density).collect();
        let mut above = 0.0;
        let last = (0..BINS).rev().find(|bin| {
            above += pairs[*bin];
            above > 1.0
        });
        let beyond = last.unwrap_or_default() + (MARGIN * deviation) as usize + 1;
        Chance { pairs, beyond: beyond.min(BINS - 1) }
    }

    /// Share of the sampled pairs whose filters are equal.
    pub(super) fn equal(&self) -> f64 {
        let all = self.pairs();
        if all > 0.0 { self.pairs[BINS - 1] / all } else { 0.0 }
    }

    /// Whether the filters look diffused: half of the bits set, no more spread about
    /// than coins would be.
    pub(super) fn diffused(&self) -> bool {
        let coin = 0.5 / f64::from(self.bits.max(1)).sqrt();
        self.weight.number > 0.0
            && (self.weight.mean() - 0.5).abs() < 2.0 * coin
            && self.weight.deviation() < 1.5 * coin
    }
}

/// Pairs of two sources, or within one.
pub(super) fn all_pairs(left: usize, right: usize, within: bool) -> f64 {
    let (left, right) = (left as f64, right as f64);
    if within { left * (left - 1.0).max(0.0) / 2.0 } else { left * right }
}

/// Some rows of two sources, every one against every other.
struct Picks<'a> {
    left: &'a Source,
    right: &'a Source,
    within: bool,
    left_rows: Vec<usize>,
    right_rows: Vec<usize>,
}

impl<'a> Picks<'a> {
    fn new(left: &'a Source, right: &'a Source, within: bool, pairs: u64) -> Self {
        let side = pairs.isqrt();
        let few = (left.rows().min(right.rows()) as u64).min(side).max(1);
        // A short side leaves more room for the other.
        let many = pairs / few;
        let (l, r) = if left.rows() <= right.rows() { (few, many) } else { (many, few) };
        let (left_rows, right_rows) = (rows(left.rows(), l, 1), rows(right.rows(), r, 2));
        Self { left, right, within, left_rows, right_rows }
    }
}

/// At most `most` of `rows` rows. Scrambled, because neighbours in a list may be one
/// family, and differently on both sides.
fn rows(rows: usize, most: u64, side: u64) -> Vec<usize> {
    if rows as u64 <= most {
        return (0..rows).collect();
    }
    let pick = |index: u64| (scramble(index << 2 | side) % rows as u64) as usize;
    (0..most).map(pick).collect()
}
