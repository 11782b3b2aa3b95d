use super::Succession;
use crate::{BoxedError, Pair, PairSource};

/// The pairs of an earlier comparison, as far as both records are still there, followed
/// by those of a comparison that [looked only for new ones](crate::Scope::only_new).
///
/// The same pairs as a comparison of all present records finds, provided measure, rule
/// and threshold are the same and no cap held back any. A solver takes pairs in the order
/// of [`Pair::rank`], whatever order they come in, so its clusters are the same too.
pub struct Carried<'a, E, N> {
    succession: &'a Succession,
    earlier: E,
    new: N,
    chunk: Vec<Pair>,
}

impl<'a, E: PairSource, N: PairSource> Carried<'a, E, N> {
    /// Reads `earlier`, whose records are those of the earlier comparison, and then `new`.
    pub fn new(succession: &'a Succession, earlier: E, new: N) -> Self {
        Self { succession, earlier, new, chunk: Vec::new() }
    }
}

impl<E: PairSource, N: PairSource> PairSource for Carried<'_, E, N> {
    fn read(&mut self, pairs: &mut Vec<Pair>) -> Result<bool, BoxedError> {
        while self.earlier.read(&mut self.chunk)? {
            let before = pairs.len();
            for Pair { left, right, similarity } in self.chunk.drain(..) {
                let both = self.succession.now(left).zip(self.succession.now(right));
                let pair = both.map(|(a, b)| Pair { left: a.min(b), right: a.max(b), similarity });
                pairs.extend(pair);
            }
            // A chunk of which nothing is left does not mean that there is no other.
            if pairs.len() > before {
                return Ok(true);
            }
        }
        self.new.read(pairs)
    }
}
