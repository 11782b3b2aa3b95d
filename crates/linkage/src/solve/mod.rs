//! From candidate pairs to clusters: which records are one person.

mod apart;
mod assignment;
mod clusters;
mod components;
mod merge;
mod mutual;
mod optimal;
mod options;

pub use apart::{Apart, apart};
pub use clusters::{Cluster, Clusters};
pub use options::Options;

use rayon::slice::ParallelSliceMut as _;

use self::{clusters::Numbering, merge::Merger};
use crate::{Error, Pair, PairSource, Threshold};

/// Every pair across two clusters must have been seen.
const WHOLE: (u64, u64) = (1, 1);

/// Links the most similar records first, in clusters all of whose pairs were seen.
///
/// Pairs are taken by falling similarity, equals by source and row. Two clusters join
/// when every pair across them is a candidate pair, no source would have two records
/// in the result (unless it may) and the cap holds; between two sources this is greedy
/// one-to-one matching. The same as anonlink 0.15.3's `greedy_solve`.
///
/// Pairs that come ranked ([`PairSource::is_ranked`]) are not kept: memory then grows with
/// the records alone, and with the pairs between groups that may still join.
///
/// `sizes` are the sources' numbers of records; every record ends up in one cluster,
/// alone if need be.
///
/// # Errors
/// [`Error::Read`], [`Error::Unranked`], [`Error::UnknownRecord`] and
/// [`Error::TooManyRecords`].
pub fn greedy(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    options: &Options,
) -> Result<Clusters, Error> {
    groups_of(pairs, sizes, WHOLE, options)
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
    groups_of(pairs, sizes, agreement.ratio(), options)
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
    solve(pairs, sizes, WHOLE, options, mutual::keep)
}

/// Links so that the similarities of all links have the greatest sum, and joins such
/// links as [`greedy`] joins clusters.
///
/// Between two sources this is the heaviest one-to-one matching; with more it is found
/// for every two of them. The heaviest need not have the most links, and where several
/// are as heavy the choice follows from the records' order. A source that may have
/// duplicates is not matched one to one: its pairs are taken as they are.
///
/// The exact solution takes longer the more the pairs hang together; a threshold that
/// tells people apart leaves small components, and each is solved by itself.
///
/// # Errors
/// As [`greedy`].
pub fn optimal(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    options: &Options,
) -> Result<Clusters, Error> {
    solve(pairs, sizes, WHOLE, options, |pairs, numbering| optimal::keep(pairs, numbering, options))
}

/// Links every record to the most similar record of source `one`, equals to the first.
///
/// Records of `one` may so have many records of any other source, up to the cluster
/// cap; a record whose best partner is full stays alone. Pairs that do not concern
/// `one` do not count.
///
/// # Errors
/// As [`greedy`], and [`Error::UnknownSource`] where there is no source `one`.
pub fn one_to_many(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    one: u32,
    options: &Options,
) -> Result<Clusters, Error> {
    if one as usize >= sizes.len() {
        return Err(Error::UnknownSource(one));
    }
    let options = options.many_but_in(one, sizes.len() as u32);
    // Every record brings one pair, which therefore decides alone.
    solve(pairs, sizes, (0, 1), &options, |mut pairs, numbering| {
        let mut placed = vec![false; numbering.total() as usize];
        pairs.retain(|pair| {
            let many = if pair.left.source == one { pair.right } else { pair.left };
            let concerns = (pair.left.source == one) != (pair.right.source == one);
            let number = numbering.index(many).unwrap_or_default() as usize;
            concerns && !std::mem::replace(&mut placed[number], true)
        });
        Ok(pairs)
    })
}

/// Merges all pairs, best first.
fn groups_of(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    agreement: (u64, u64),
    options: &Options,
) -> Result<Clusters, Error> {
    if !pairs.is_ranked() {
        return solve(pairs, sizes, agreement, options, |pairs, _| Ok(pairs));
    }
    let numbering = Numbering::new(sizes)?;
    let mut merger = Merger::new(&numbering, agreement, options)?;
    let (mut chunk, mut last) = (Vec::new(), None);
    while pairs.read(&mut chunk).map_err(Error::Read)? {
        for pair in chunk.drain(..) {
            let rank = pair.rank();
            // Equal to the last one: the same pair again.
            if last.as_ref() == Some(&rank) {
                continue;
            }
            if last.is_some_and(|last| last > rank) {
                return Err(Error::Unranked);
            }
            last = Some(rank);
            if wanted(&pair, &numbering, options)? {
                merger.offer(pair.left, pair.right, pair.similarity, &numbering)?;
            }
        }
    }
    Ok(merger.into_clusters(&numbering))
}

/// Whether a pair reaches the threshold and the rule compares it; its records must exist.
fn wanted(pair: &Pair, numbering: &Numbering, options: &Options) -> Result<bool, Error> {
    numbering.index(pair.left)?;
    numbering.index(pair.right)?;
    let allowed = options.allows(pair.left.source, pair.right.source);
    Ok(allowed && options.threshold.accepts(pair.similarity))
}

/// Ranks the pairs, keeps what `keep` keeps, and merges.
fn solve(
    pairs: &mut impl PairSource,
    sizes: &[u32],
    agreement: (u64, u64),
    options: &Options,
    keep: impl FnOnce(Vec<Pair>, &Numbering) -> Result<Vec<Pair>, Error>,
) -> Result<Clusters, Error> {
    let numbering = Numbering::new(sizes)?;
    let pairs = keep(ranked(pairs, &numbering, options)?, &numbering)?;
    let mut merger = Merger::new(&numbering, agreement, options)?;
    for pair in &pairs {
        merger.offer(pair.left, pair.right, pair.similarity, &numbering)?;
    }
    Ok(merger.into_clusters(&numbering))
}

/// The places of pairs, those between the same two sources in a row, else in order.
fn between_sources(pairs: &[Pair], mut places: Vec<usize>) -> Vec<usize> {
    places.sort_by_key(|&place| (pairs[place].left.source, pairs[place].right.source));
    places
}

/// All pairs that reach the threshold and that the rule compares, best first, each once.
fn ranked(
    source: &mut impl PairSource,
    numbering: &Numbering,
    options: &Options,
) -> Result<Vec<Pair>, Error> {
    let (mut pairs, mut chunk) = (Vec::new(), Vec::new());
    while source.read(&mut chunk).map_err(Error::Read)? {
        for pair in chunk.drain(..) {
            if wanted(&pair, numbering, options)? {
                pairs.push(pair);
            }
        }
    }
    pairs.par_sort_unstable_by_key(Pair::rank);
    pairs.dedup();
    Ok(pairs)
}
