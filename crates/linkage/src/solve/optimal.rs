use std::ops::Range;

use rayon::{
    iter::{IntoParallelRefIterator as _, ParallelIterator as _},
    slice::ParallelSliceMut as _,
};

use super::{
    Options, assignment, between_sources, clusters::Numbering, components::Components,
    merge::Merger,
};
use crate::{Error, Pair};

/// A pair between two sources: which component, records by number, which pair.
struct Edge {
    component: u32,
    left: u32,
    right: u32,
    weight: u32,
    place: usize,
}

/// Keeps, between any two sources that hold each person once, the one-to-one pairs
/// whose similarities have the greatest sum. Pairs that concern a source with
/// duplicates are all kept; pairs that the known links decide are dropped.
///
/// `pairs` come best first and without repetition.
pub(super) fn keep(
    mut pairs: Vec<Pair>,
    numbering: &Numbering,
    options: &Options,
) -> Result<Vec<Pair>, Error> {
    let mut known = Merger::new(numbering, (1, 1), options)?;
    let mut chosen = vec![false; pairs.len()];
    let mut matched = Vec::new();
    for (place, pair) in pairs.iter().enumerate() {
        let single = |source| options.is_single(source);
        if !known.is_open(pair.left, pair.right, numbering)? {
            continue;
        }
        if single(pair.left.source) && single(pair.right.source) {
            matched.push(place);
        } else {
            chosen[place] = true;
        }
    }
    for places in between_sources(&pairs, matched).chunk_by(|a, b| pairs[*a].meets(&pairs[*b])) {
        for place in best(&pairs, places, numbering)? {
            chosen[place] = true;
        }
    }
    let mut place = 0..;
    pairs.retain(|_| place.next().is_some_and(|place: usize| chosen[place]));
    Ok(pairs)
}

/// The chosen ones of the pairs at `places`, which are all between the same two sources.
fn best(pairs: &[Pair], places: &[usize], numbering: &Numbering) -> Result<Vec<usize>, Error> {
    let mut edges = Vec::with_capacity(places.len());
    let mut components = Components::new(numbering.total());
    for &place in places {
        let pair = &pairs[place];
        let (left, right) = (numbering.index(pair.left)?, numbering.index(pair.right)?);
        components.join(left, right);
        edges.push(Edge { component: 0, left, right, weight: pair.similarity.to_bits(), place });
    }
    for edge in &mut edges {
        edge.component = components.root(edge.left);
    }
    edges.par_sort_unstable_by_key(|edge| (edge.component, edge.left, edge.right));
    let parts: Vec<&[Edge]> = edges.chunk_by(|a, b| a.component == b.component).collect();
    Ok(parts.par_iter().flat_map_iter(|part| solve(part)).collect())
}

/// The chosen pairs of one component, whose edges come by left and then right record.
fn solve(edges: &[Edge]) -> Vec<usize> {
    if let [edge] = edges {
        return vec![edge.place];
    }
    let mut rights: Vec<u32> = edges.iter().map(|edge| edge.right).collect();
    rights.sort_unstable();
    rights.dedup();
    let mut rows: Vec<Range<usize>> = Vec::new();
    for row in edges.chunk_by(|a, b| a.left == b.left) {
        let start = rows.last().map_or(0, |range| range.end);
        rows.push(start..start + row.len());
    }
    let column = |edge: &Edge| rights.partition_point(|&right| right < edge.right);
    let columns: Vec<usize> = edges.iter().map(column).collect();
    let weights: Vec<i64> = edges.iter().map(|edge| edge.weight.into()).collect();
    let kept = assignment::heaviest(&rows, &columns, &weights, rights.len());
    kept.into_iter().map(|edge| edges[edge].place).collect()
}
