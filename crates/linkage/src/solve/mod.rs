//! From candidate pairs to clusters: which records are one person.

mod clusters;
mod merge;
mod mutual;
mod options;

pub use clusters::{Cluster, Clusters};
pub use options::Options;

use rayon::slice::ParallelSliceMut as _;

use self::{clusters::Numbering, merge::Merger};
use crate::{Error, Pair, PairSource, Threshold};

/// Links the most similar records first, in clusters all of whose pairs were seen.
///
/// Pairs are taken by falling similarity, equals by source and row. Two clusters join
/// when every pair across them is a candidate pair, no source would have two records
/// in the result (unless it may) and the cap holds; between two sources this is greedy
/// one-to-one matching. The same as anonlink 0.15.3's `greedy_solve`.
///
/// `sizes` are the sources' numbers of records; every record ends up in one cluster,
/// alone if need be.
///
/// # Errors
/// [`Error::Read`], [`Error::UnknownRecord`] and [`Error::TooManyRecords`].
pub fn greedy(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    options: &Options,
) -> Result<Clusters, Error> {
    groups(pairs, sizes, Threshold::from_per_million(1_000_000)?, options)
}

/// As [`greedy`], but two clusters already join when `agreement` of the pairs across
/// them are candidate pairs.
///
/// Below 1, records end up together whose own similarity is below the threshold but
/// whose neighbours' is not. anonlink's `probabilistic_greedy_solve` with this
/// `merge_threshold`.
///
/// # Errors
/// As [`greedy`].
pub fn groups(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    agreement: Threshold,
    options: &Options,
) -> Result<Clusters, Error> {
    let numbering = Numbering::new(sizes)?;
    let pairs = ranked(pairs, &numbering, options.threshold)?;
    merge(&pairs, &numbering, agreement, options)
}

/// Links two records when each is the other's best in its source, and joins such links
/// as [`greedy`] joins clusters.
///
/// A record with two equally good partners in one source has none there: a tie says
/// that the encoding cannot tell them apart.
///
/// # Errors
/// As [`greedy`].
pub fn mutual_best(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    options: &Options,
) -> Result<Clusters, Error> {
    let numbering = Numbering::new(sizes)?;
    let pairs = mutual::keep(ranked(pairs, &numbering, options.threshold)?);
    let whole = Threshold::from_per_million(1_000_000)?;
    merge(&pairs, &numbering, whole, options)
}

fn merge(
    pairs: &[Pair],
    numbering: &Numbering,
    agreement: Threshold,
    options: &Options,
) -> Result<Clusters, Error> {
    let mut merger = Merger::new(numbering, agreement, options)?;
    for pair in pairs {
        merger.offer(pair.left, pair.right, pair.similarity, numbering)?;
    }
    Ok(merger.into_clusters(numbering))
}

/// All pairs that reach the threshold, best first, each once.
fn ranked(
    source: &mut impl PairSource,
    numbering: &Numbering,
    threshold: Threshold,
) -> Result<Vec<Pair>, Error> {
    let (mut pairs, mut chunk) = (Vec::new(), Vec::new());
    while source.read(&mut chunk).map_err(Error::Read)? {
        for pair in chunk.drain(..) {
            numbering.index(pair.left)?;
            numbering.index(pair.right)?;
            if threshold.accepts(pair.similarity) {
                pairs.push(pair);
            }
        }
    }
    pairs.par_sort_unstable_by_key(Pair::rank);
    pairs.dedup();
    Ok(pairs)
}
