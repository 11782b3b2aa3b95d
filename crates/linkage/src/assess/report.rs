use std::fmt;

use super::{BINS, Sample, fit::Fit, tally::Tally};
use crate::{Error, Measure, Threshold};

/// Records below which a source tells little.
const FEW_RECORDS: u32 = 100;
/// Expected matches below which the fit tells little.
const FEW_MATCHES: f64 = 50.0;
/// Predicted F1 below which the two modes overlap too much.
const BLURRED: f64 = 0.9;
/// Chance of a match at the floor from which strangers are missing there.
const UNSEEN: f64 = 0.5;
/// Share of equal filters in the sample that no population has.
const EQUAL: f64 = 0.01;
/// Share of pairs passed over where nearly all are matches, from which a source is said
/// to hold persons twice.
const TWICE: f64 = 0.05;
/// Difference of predicted F1 that is none.
const NEAR: f64 = 0.0005;
/// Loss of predicted F1 that a threshold of the plateau may have.
const PLATEAU: f64 = 0.005;

/// What a set of candidate pairs says about the threshold. Exact counts, so for the
/// linkage operator only; floating-point members are estimates, the threshold itself is
/// exact.
pub struct Assessment {
    /// The threshold of the greatest predicted F1; none where there is nothing to fit.
    pub recommended: Option<Threshold>,
    /// Least and greatest threshold that lose at most .005 of predicted F1 against it.
    pub plateau: Option<(Threshold, Threshold)>,
    /// Least similarity of the pairs that were looked at.
    pub floor: Threshold,
    /// Estimated matching pairs, taken one to one, from the floor on.
    pub matches: f64,
    /// What stands against relying on the figures.
    pub warnings: Vec<Warning>,
    /// By thousandth from the floor to 1.
    pub figures: Vec<Figure>,
    /// The same by pair of sources, in the rule's order.
    pub between: Vec<Between>,
    /// Estimated pairs of all sources by thousandth from 0 to 1, from a sample.
    pub sampled: Vec<Level>,
    /// Pairs of records that the sample decided.
    pub sample_pairs: u64,
}

/// Estimated number of pairs from one thousandth to below the next.
pub struct Level {
    /// The thousandth.
    pub per_mille: u32,
    /// Pairs.
    pub pairs: f64,
}

/// What is known at one thousandth: counts are of similarities from it to below the
/// next, predictions are for it as the threshold.
pub struct Figure {
    /// The threshold.
    pub threshold: Threshold,
    /// Candidate pairs.
    pub pairs: u64,
    /// Records (once per source compared with) whose best similarity lies here.
    pub best: u64,
    /// The same of the second best: strangers, unless a source holds persons twice.
    pub second: u64,
    /// Pairs taken best first and one to one.
    pub taken: u64,
    /// Of these, expected by the mixture to be matches.
    pub matches: f64,
    /// Of these, expected by the mixture to be strangers.
    pub strangers: f64,
    /// Predicted share of matches among the pairs taken from here on.
    pub precision: f64,
    /// Predicted share of all matches that show above the floor.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

/// Two sources, or one within itself.
pub struct Between {
    /// Index of the one.
    pub left: u32,
    /// Index of the other; the same for duplicates within a source.
    pub right: u32,
    /// Records of either.
    pub records: (u32, u32),
    /// Estimated matching pairs, taken one to one, from the recommended threshold on.
    pub matches: f64,
    /// Estimated matching pairs from there on, however many of one record.
    pub pairs: f64,
}

/// Why figures may mislead.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// A source of fewer than 100 records.
    FewRecords {
        /// Index of the source.
        source: u32,
        /// Its records.
        records: u32,
    },
    /// Fewer than 50 matches are expected in all.
    FewMatches {
        /// Expected matches.
        matches: f64,
    },
    /// Matches and strangers are not apart: even the best threshold confuses many.
    NoGap {
        /// Predicted F1 at the best threshold.
        f1: f64,
    },
    /// More matching pairs than the smaller source has records: persons are in a source
    /// twice, or filters are too alike to tell people apart.
    MoreMatchesThanRecords {
        /// Index of the one source.
        left: u32,
        /// Index of the other.
        right: u32,
        /// Estimated matching pairs.
        pairs: f64,
        /// Records of the smaller source.
        records: u32,
    },
    /// Many records have a second partner among the matches: look for duplicates within
    /// the sources as well.
    Twice {
        /// Index of the one source.
        left: u32,
        /// Index of the other.
        right: u32,
        /// Further matching pairs for each one taken.
        further: f64,
    },
    /// Most pairs at the floor are still matches: a better threshold may lie below it.
    FloorTooHigh,
    /// One sampled pair in a hundred or more is of equal filters.
    EqualFilters {
        /// Their share.
        share: f64,
    },
    /// More pairs than may be kept even among the most similar ones.
    Crowded {
        /// Pairs counted.
        pairs: u64,
    },
    /// The filters look diffused and are measured by what they share, not by Hamming.
    Diffused,
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::FewRecords { source, records } => {
                write!(out, "source {source} has only {records} records: do not rely on a fit")
            }
            Self::FewMatches { matches } => {
                write!(out, "only about {matches:.0} matches: do not rely on a fit")
            }
            Self::NoGap { f1 } => write!(
                out,
                "matches and strangers overlap, F1 of {f1:.2} is expected at best: encode more or \
                 better fields"
            ),
            Self::MoreMatchesThanRecords { left, right, pairs, records } => write!(
                out,
                "about {pairs:.0} matching pairs between sources {left} and {right}, of which the \
                 smaller has {records} records: look for duplicates within them"
            ),
            Self::Twice { left, right, further } => write!(
                out,
                "{further:.2} further matches for each one between sources {left} and {right}: \
                 look for duplicates within them"
            ),
            Self::FloorTooHigh => {
                out.write_str("most pairs at the floor are still matches: look below it")
            }
            Self::EqualFilters { share } => write!(
                out,
                "{:.0} % of sampled pairs have equal filters: look for empty or default records",
                share * 100.0
            ),
            Self::Crowded { pairs } => write!(
                out,
                "{pairs} or more pairs among the most similar alone: look for repeated encodings"
            ),
            Self::Diffused => {
                out.write_str("the filters look diffused: measure them by Hamming distance")
            }
        }
    }
}

pub(super) fn report(
    tallies: &[Tally],
    fit: &Fit,
    lowest: usize,
    measure: Measure,
    sample: &Sample,
) -> Result<Assessment, Error> {
    let figures = figures(tallies, fit, lowest)?;
    let matches = expected(tallies, fit, lowest);
    let best = best(&figures).filter(|_| matches >= 1.0);
    let plateau = best.map(|best| plateau(&figures, best));
    let recommended = best.map(|best| figures[best].threshold);
    let from = recommended.map_or(BINS, |own| own.per_million() as usize / 1_000);
    let between: Vec<Between> = tallies.iter().map(|own| between(own, fit, from)).collect();
    let mut warnings = warnings(tallies, &between, sample, measure);
    if matches < FEW_MATCHES {
        warnings.push(Warning::FewMatches { matches });
    }
    if let Some(f1) = best.map(|best| figures[best].f1).filter(|f1| *f1 < BLURRED) {
        warnings.push(Warning::NoGap { f1 });
    }
    if best.is_some() && lowest > 1 && fit.chance(lowest) > UNSEEN {
        warnings.push(Warning::FloorTooHigh);
    }
    let level = |per_mille: u32| Level { per_mille, pairs: sample.pairs_at(per_mille) };
    Ok(Assessment {
        recommended,
        plateau,
        floor: Threshold::from_per_million(lowest as u32 * 1_000)?,
        matches,
        warnings,
        figures,
        between,
        sampled: (0..BINS as u32).map(level).collect(),
        sample_pairs: sample.decided(),
    })
}

/// Expected matches among the pairs taken from a thousandth on.
fn expected(tallies: &[Tally], fit: &Fit, from: usize) -> f64 {
    let at = |bin: usize| {
        let taken: u64 = tallies.iter().map(|tally| tally.taken[bin]).sum();
        taken as f64 * fit.chance(bin)
    };
    (from..BINS).map(at).sum()
}

fn figures(tallies: &[Tally], fit: &Fit, lowest: usize) -> Result<Vec<Figure>, Error> {
    let all = expected(tallies, fit, lowest);
    let (mut kept, mut right) = (0.0, 0.0);
    let mut figures = Vec::with_capacity(BINS - lowest);
    for bin in (lowest..BINS).rev() {
        let sum = |of: fn(&Tally) -> &[u64]| tallies.iter().map(|own| of(own)[bin]).sum::<u64>();
        let taken = sum(|own| &own.taken);
        kept += taken as f64;
        right += taken as f64 * fit.chance(bin);
        let ratio = |part: f64, whole: f64| if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 };
        figures.push(Figure {
            threshold: Threshold::from_per_million(bin as u32 * 1_000)?,
            pairs: sum(|own| &own.pairs),
            best: sum(|own| &own.best),
            second: sum(|own| &own.second),
            taken,
            matches: fit.matches[bin],
            strangers: fit.strangers[bin],
            precision: ratio(right, kept),
            recall: ratio(right, all),
            f1: ratio(2.0 * right, kept + all),
        });
    }
    figures.reverse();
    Ok(figures)
}

/// The highest threshold that comes near the greatest predicted F1: what differs by less
/// is not known, and then a false link does more harm than a missed one.
fn best(figures: &[Figure]) -> Option<usize> {
    let greatest = figures.iter().map(|figure| figure.f1).max_by(f64::total_cmp)?;
    let near = |figure: &Figure| figure.f1 >= greatest - NEAR;
    figures.iter().rposition(near).filter(|_| greatest > 0.0)
}

fn plateau(figures: &[Figure], best: usize) -> (Threshold, Threshold) {
    let near = |figure: &&Figure| figure.f1 >= figures[best].f1 - PLATEAU;
    let low = figures[..=best].iter().rev().take_while(near).last();
    let high = figures[best..].iter().take_while(near).last();
    let threshold = |figure: Option<&Figure>| figure.unwrap_or(&figures[best]).threshold;
    (threshold(low), threshold(high))
}

fn between(tally: &Tally, fit: &Fit, from: usize) -> Between {
    let (mut matches, mut further) = (0.0, 0.0);
    for bin in from..BINS {
        matches += tally.taken[bin] as f64 * fit.chance(bin);
        further += tally.passed[bin] as f64 * fit.again[bin];
    }
    Between {
        left: tally.sources.0,
        right: tally.sources.1,
        records: tally.sizes,
        matches,
        pairs: matches + further,
    }
}

fn warnings(
    tallies: &[Tally],
    between: &[Between],
    sample: &Sample,
    measure: Measure,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut sizes: Vec<(u32, u32)> = Vec::new();
    for tally in tallies {
        sizes.extend([(tally.sources.0, tally.sizes.0), (tally.sources.1, tally.sizes.1)]);
    }
    sizes.sort_unstable();
    sizes.dedup();
    for (source, records) in sizes.into_iter().filter(|(_, records)| *records < FEW_RECORDS) {
        warnings.push(Warning::FewRecords { source, records });
    }
    if sample.equal() >= EQUAL {
        warnings.push(Warning::EqualFilters { share: sample.equal() });
    }
    if sample.diffused() && measure != Measure::Hamming {
        warnings.push(Warning::Diffused);
    }
    for own in between {
        let (left, right) = (own.left, own.right);
        let records = own.records.0.min(own.records.1);
        if own.pairs > f64::from(records) * (1.0 + TWICE) {
            let pairs = own.pairs;
            warnings.push(Warning::MoreMatchesThanRecords { left, right, pairs, records });
        }
        let further = own.pairs / own.matches.max(1.0) - 1.0;
        if further > TWICE && own.matches >= FEW_MATCHES && left != right {
            warnings.push(Warning::Twice { left, right, further });
        }
    }
    warnings
}
