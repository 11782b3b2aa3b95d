use linkage::{BoxedError, Pair, PairList, PairSource, RecordRef, Similarity, Threshold};
use store::{Db, pairs};
use tokio::runtime::Handle;

use super::Pairs;

/// A pair on the disk: two sources of 16 bits, two rows and the similarity of 32, little endian.
pub(super) const PAIR_BYTES: usize = 16;

/// Kept pairs, chunk by chunk.
pub(crate) struct KeptPairs {
    db: Db,
    handle: Handle,
    comparison: String,
    floor: Threshold,
    next: u64,
}

impl KeptPairs {
    pub(crate) fn new(db: Db, handle: Handle, comparison: String, floor: Threshold) -> Self {
        Self { db, handle, comparison, floor, next: 0 }
    }

    pub(crate) fn floor(&self) -> Threshold {
        self.floor
    }
}

impl PairSource for KeptPairs {
    fn read(&mut self, into: &mut Vec<Pair>) -> Result<bool, BoxedError> {
        let read = pairs::read_chunk(&self.db, &self.comparison, self.next);
        let bytes = match self.handle.block_on(read) {
            Ok(bytes) => bytes,
            // Positions have no gaps: the first that is not there is the end.
            Err(store::Error::NotFound(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        self.next += 1;
        into.extend(pairs_of(&bytes)?);
        Ok(true)
    }
}

/// The pairs of a chunk.
pub(crate) fn pairs_of(bytes: &[u8]) -> Result<impl Iterator<Item = Pair>, store::Error> {
    let (chunks, rest) = bytes.as_chunks::<PAIR_BYTES>();
    if rest.is_empty() {
        Ok(chunks.iter().map(pair))
    } else {
        Err(store::Error::Damaged("pair_chunk.body"))
    }
}

/// Pairs with how many were read that reach a threshold.
pub(crate) struct Counted<'a> {
    from: &'a mut Pairs,
    threshold: Threshold,
    given: usize,
    pub(crate) reached: u64,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(from: &'a mut Pairs, threshold: Threshold) -> Self {
        Self { from, threshold, given: 0, reached: 0 }
    }
}

impl PairSource for Counted<'_> {
    fn read(&mut self, into: &mut Vec<Pair>) -> Result<bool, BoxedError> {
        let before = into.len();
        let more = match self.from {
            Pairs::Kept(kept) => kept.read(into)?,
            Pairs::Memory(list) => given(list, &mut self.given, into),
        };
        let read = into.get(before..).unwrap_or_default();
        let reached = read.iter().filter(|pair| self.threshold.accepts(pair.similarity)).count();
        self.reached += reached as u64;
        Ok(more)
    }
}

/// All of a list, once.
fn given(list: &PairList, given: &mut usize, into: &mut Vec<Pair>) -> bool {
    let rest = list.pairs().get(*given..).unwrap_or_default();
    into.extend_from_slice(rest);
    *given += rest.len();
    !rest.is_empty()
}

pub(super) fn bytes(pair: &Pair) -> Result<[u8; PAIR_BYTES], BoxedError> {
    let many = |_| "a run compares at most 65,536 sources";
    let mut bytes = [0; PAIR_BYTES];
    let parts = [
        &u16::try_from(pair.left.source).map_err(many)?.to_le_bytes()[..],
        &u16::try_from(pair.right.source).map_err(many)?.to_le_bytes(),
        &pair.left.row.to_le_bytes(),
        &pair.right.row.to_le_bytes(),
        &pair.similarity.to_bits().to_le_bytes(),
    ];
    for (to, from) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
        *to = *from;
    }
    Ok(bytes)
}

fn pair(bytes: &[u8; PAIR_BYTES]) -> Pair {
    let [a, b, c, d, rest @ ..] = *bytes;
    let [e, f, g, h, i, j, k, l, m, n, o, p] = rest;
    let record = |source, row| RecordRef {
        source: u32::from(u16::from_le_bytes(source)),
        row: u32::from_le_bytes(row),
    };
    Pair {
        left: record([a, b], [e, f, g, h]),
        right: record([c, d], [i, j, k, l]),
        similarity: Similarity::from_bits(u32::from_le_bytes([m, n, o, p])),
    }
}
