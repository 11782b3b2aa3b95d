use std::collections::HashMap;

use crate::{Pair, RecordRef, Similarity};

/// The best similarity that a record reaches in one other source, and whether only
/// one partner reaches it.
struct Best {
    similarity: Similarity,
    unique: bool,
}

/// Keeps the pairs that are the one best pair of both their records between their two
/// sources. `pairs` come best first and without repetition.
pub(super) fn keep(mut pairs: Vec<Pair>) -> Vec<Pair> {
    let mut best: HashMap<(RecordRef, u32), Best> = HashMap::new();
    for pair in &pairs {
        for (record, other) in [(pair.left, pair.right), (pair.right, pair.left)] {
            best.entry((record, other.source))
                .and_modify(|best| best.unique &= best.similarity != pair.similarity)
                .or_insert(Best { similarity: pair.similarity, unique: true });
        }
    }
    pairs.retain(|pair| {
        [(pair.left, pair.right), (pair.right, pair.left)].iter().all(|(record, other)| {
            best.get(&(*record, other.source))
                .is_some_and(|best| best.unique && best.similarity == pair.similarity)
        })
    });
    pairs
}
