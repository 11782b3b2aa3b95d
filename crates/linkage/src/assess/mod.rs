//! Which threshold, when nobody knows the truth.
//!
//! A person has at most one record in a source, so of all pairs of a record with another
//! source at most one is a match. What is not a record's best pair is therefore a
//! stranger, and shows how similar strangers get: the *second-best baseline*. Taken best
//! first and one to one, the pairs are a mixture of matches and of strangers whose shape
//! the baseline gives; the mixture says how many of the pairs from a threshold on are
//! matches.
//!
//! Sources. Mixture models for record linkage: Fellegi and Sunter 1969; Belin and Rubin
//! 1995; Enamorado, Fifield and Imai 2019. Strangers taken from what loses against a
//! better partner: as decoys in Elias and Gygi 2007.

mod fit;
mod report;
mod sample;
mod tally;

pub use report::{Assessment, Between, Figure, Level, Warning};
pub use sample::Sample;

use crate::{
    Comparison, Error, Kernel, Limits, Measure, PairList, PairSource, Progress, Rule, Source,
    Threshold, compare,
};

/// Thousandths from 0 to 1, both included.
const BINS: usize = 1_001;
/// Candidate pairs for each record that the floor aims at.
const PAIRS_PER_RECORD: u64 = 20;

/// Samples, compares from a floor on that suits the sample, and assesses.
///
/// `limits` are those of the comparison. With candidate pairs at hand that reach low
/// enough, [`assess`] is all that is needed.
///
/// # Errors
/// As [`compare()`] and [`Sample::draw`]; never [`Error::TooManyPairs`], which is a
/// [`Warning::Crowded`].
pub fn assess_sources(
    sources: &[Source],
    rule: &Rule,
    measure: Measure,
    limits: Limits,
    kernel: Kernel,
    progress: &Progress,
) -> Result<Assessment, Error> {
    let sample = Sample::draw(sources, rule, measure, kernel)?;
    let sizes: Vec<u32> = sources.iter().map(|source| source.rows() as u32).collect();
    let mut floor = sample.floor(suitable(&sizes, rule).min(limits.pairs / 2))?;
    loop {
        let mut pairs = PairList::new();
        let (threshold, first_tile) = (floor, 0);
        let comparison =
            Comparison { sources, rule, measure, threshold, limits, first_tile, kernel };
        match compare(&comparison, &mut pairs, progress) {
            Ok(_) => return assess(&mut pairs.reader(), &sizes, rule, floor, measure, &sample),
            Err(Error::TooManyPairs { fits: Some(fits), .. }) if fits != floor => floor = fits,
            Err(Error::TooManyPairs { found, .. }) => {
                let none = PairList::new();
                let mut told = assess(&mut none.reader(), &sizes, rule, floor, measure, &sample)?;
                told.warnings.push(Warning::Crowded { pairs: found });
                return Ok(told);
            }
            Err(other) => return Err(other),
        }
    }
}

/// Candidate pairs enough to see strangers as well as matches.
fn suitable(sizes: &[u32], rule: &Rule) -> u64 {
    let size = |source: u32| sizes.get(source as usize).copied().unwrap_or_default();
    let larger = rule.pairs().iter().map(|&(a, b)| u64::from(size(a).max(size(b))));
    larger.sum::<u64>().saturating_mul(PAIRS_PER_RECORD)
}

/// Assesses candidate pairs that were kept from `floor` on.
///
/// `sizes` are the sources' numbers of records. Pairs that `rule` does not ask for are
/// ignored. Where the floor lies so high that hardly a stranger is left,
/// [`Warning::FloorTooHigh`] says so.
///
/// # Errors
/// [`Error::Read`], [`Error::UnknownRecord`] and [`Error::UnknownSource`].
pub fn assess(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    rule: &Rule,
    floor: Threshold,
    measure: Measure,
    sample: &Sample,
) -> Result<Assessment, Error> {
    let tallies = tally::count(pairs, sizes, rule)?;
    // Bins below the floor are not whole.
    let lowest = floor.per_million().div_ceil(1_000) as usize;
    let fit = fit::fit(&tallies, lowest, &sample.chance());
    report::report(&tallies, &fit, lowest, measure, sample)
}
