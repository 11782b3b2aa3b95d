use super::{between_sources, clusters::Numbering};
use crate::{Error, Pair, Similarity};

/// The best similarity that a record reaches in one other source, and whether only
/// one partner reaches it.
#[derive(Clone, Copy)]
struct Best {
    similarity: Similarity,
    unique: bool,
}

/// Keeps the pairs that are the one best pair of both their records between their two
/// sources. `pairs` come best first and without repetition.
pub(super) fn keep(mut pairs: Vec<Pair>, numbering: &Numbering) -> Result<Vec<Pair>, Error> {
    let mut chosen = vec![false; pairs.len()];
    // By number, for the two sources at hand.
    let mut best: Vec<Option<Best>> = vec![None; numbering.total() as usize];
    let all = (0..pairs.len()).collect();
    for places in between_sources(&pairs, all).chunk_by(|a, b| pairs[*a].meets(&pairs[*b])) {
        for &place in places {
            let similarity = pairs[place].similarity;
            for record in [pairs[place].left, pairs[place].right] {
                let slot = &mut best[numbering.index(record)? as usize];
                match slot {
                    Some(best) => best.unique &= best.similarity != similarity,
                    None => *slot = Some(Best { similarity, unique: true }),
                }
            }
        }
        for &place in places {
            let similarity = pairs[place].similarity;
            let of = |number: u32| {
                best[number as usize].is_some_and(|own| own.unique && own.similarity == similarity)
            };
            let (left, right) = (pairs[place].left, pairs[place].right);
            chosen[place] = of(numbering.index(left)?) && of(numbering.index(right)?);
        }
        for &place in places {
            for record in [pairs[place].left, pairs[place].right] {
                best[numbering.index(record)? as usize] = None;
            }
        }
    }
    let mut place = 0..;
    pairs.retain(|_| place.next().is_some_and(|place: usize| chosen[place]));
    Ok(pairs)
}
