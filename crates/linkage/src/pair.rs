use crate::{BoxedError, Similarity};

/// Pairs that a [`PairReader`] gives at a time.
const CHUNK: usize = 65_536;

/// One record: a source, in the order the sources were given, and a row in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// Index of the source.
    pub source: u32,
    /// Row in the source.
    pub row: u32,
}

/// Two records whose similarity reached the threshold; `left < right`.
///
/// No `Serialize` and no `Debug`: see [`Similarity`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The lesser record.
    pub left: RecordRef,
    /// The greater record.
    pub right: RecordRef,
    /// Similarity of their best view.
    pub similarity: Similarity,
}

impl Pair {
    /// Whether both pairs are between the same two sources.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        (self.left.source, self.right.source) == (other.left.source, other.right.source)
    }

    /// By this the solvers take pairs: most similar first; equals by source and then by
    /// row, never by thread. No two pairs of a comparison have the same.
    pub fn rank(&self) -> impl Ord + use<> {
        (
            std::cmp::Reverse(self.similarity),
            self.left.source,
            self.right.source,
            self.left.row,
            self.right.row,
        )
    }
}

/// Where candidate pairs go. A comparison hands over each tile's pairs once, in the
/// order of the tiles, so that a sink which remembers the last tile it has made
/// durable can be continued from the next one.
pub trait PairSink {
    /// Takes the pairs of tile number `tile`; may be none.
    ///
    /// # Errors
    /// Whatever keeps the sink from taking them; the comparison stops.
    fn accept(&mut self, tile: u64, pairs: &[Pair]) -> Result<(), BoxedError>;
}

/// Where a solver reads candidate pairs from, in any order.
pub trait PairSource {
    /// Appends some further pairs to `pairs`; `false`, and none appended, when there
    /// are no more.
    ///
    /// # Errors
    /// Whatever keeps the source from reading; the solver stops.
    fn read(&mut self, pairs: &mut Vec<Pair>) -> Result<bool, BoxedError>;
}

/// Pairs kept in memory.
#[derive(Default)]
pub struct PairList {
    pairs: Vec<Pair>,
}

impl PairList {
    /// No pairs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The pairs in the order they came.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Reads the list from its start.
    pub fn reader(&self) -> PairReader<'_> {
        PairReader { rest: &self.pairs }
    }
}

impl PairSink for PairList {
    fn accept(&mut self, _tile: u64, pairs: &[Pair]) -> Result<(), BoxedError> {
        self.pairs.extend_from_slice(pairs);
        Ok(())
    }
}

impl FromIterator<Pair> for PairList {
    fn from_iter<I: IntoIterator<Item = Pair>>(pairs: I) -> Self {
        Self { pairs: pairs.into_iter().collect() }
    }
}

/// A [`PairSource`] over a [`PairList`] or a slice.
pub struct PairReader<'a> {
    rest: &'a [Pair],
}

impl<'a> PairReader<'a> {
    /// Reads `pairs` once.
    pub fn new(pairs: &'a [Pair]) -> Self {
        Self { rest: pairs }
    }
}

impl PairSource for PairReader<'_> {
    fn read(&mut self, pairs: &mut Vec<Pair>) -> Result<bool, BoxedError> {
        let (chunk, rest) = self.rest.split_at(self.rest.len().min(CHUNK));
        pairs.extend_from_slice(chunk);
        self.rest = rest;
        Ok(!chunk.is_empty())
    }
}
