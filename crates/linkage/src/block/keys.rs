use std::ops::Range;

use super::members::Member;
use crate::{Error, RecordRef, Source};

/// Members of a tile.
const TILE: usize = 8_192;

/// Blocking keys of records, given by whoever knows the records. A record may have none,
/// which is then compared with nothing, or several.
///
/// Keys are plain numbers here: equal ones are the same block. Where they come from, they
/// must be keyed (an HMAC) like the encodings, or they are attributes of people.
#[derive(Default)]
pub struct BlockKeys {
    /// In order, without repetition.
    members: Vec<Member>,
    tiles: Vec<Range<usize>>,
    /// By source and row: from where on its keys stand in `keys`.
    starts: Vec<Vec<usize>>,
    keys: Vec<u64>,
}

impl BlockKeys {
    /// Keys as (record, key), in any order. `sizes` are the sources' numbers of records.
    ///
    /// # Errors
    /// [`Error::UnknownRecord`].
    pub fn new(of: Vec<(RecordRef, u64)>, sizes: &[u32]) -> Result<Self, Error> {
        let mut of = of;
        of.sort_unstable();
        of.dedup();
        let known = |record: &RecordRef| {
            sizes.get(record.source as usize).is_some_and(|size| record.row < *size)
        };
        if let Some((record, _)) = of.iter().find(|(record, _)| !known(record)) {
            let RecordRef { source, row } = *record;
            return Err(Error::UnknownRecord { source_index: source, row });
        }
        let mut starts = Vec::new();
        for (source, size) in (0_u32..).zip(sizes) {
            let start = |row| of.partition_point(|(own, _)| *own < RecordRef { source, row });
            starts.push((0..=*size).map(start).collect());
        }
        let keys = of.iter().map(|(_, key)| *key).collect();
        let mut members: Vec<Member> =
            of.iter().map(|&(record, key)| Member { key, record }).collect();
        members.sort_unstable();
        let tiles = tiles(&members);
        Ok(Self { members, tiles, starts, keys })
    }

    pub(super) fn check(&self, sources: &[Source]) -> Result<(), Error> {
        let fit = self.starts.len() == sources.len()
            && self.starts.iter().zip(sources).all(|(own, source)| own.len() == source.rows() + 1);
        if fit { Ok(()) } else { Err(Error::BlockKeys) }
    }

    pub(super) fn tiles(&self) -> usize {
        self.tiles.len()
    }

    pub(super) fn members(&self, tile: usize) -> Vec<Member> {
        self.members[self.tiles[tile].clone()].to_vec()
    }

    /// The tile that holds a key.
    pub(super) fn tile_of(&self, key: u64) -> usize {
        self.tiles.partition_point(|tile| self.members[tile.end - 1].key < key)
    }

    /// Keys that both records have, in order.
    pub(super) fn shared(&self, a: RecordRef, b: RecordRef) -> impl Iterator<Item = u64> {
        let theirs = self.of(b);
        self.of(a).iter().copied().filter(|key| theirs.binary_search(key).is_ok())
    }

    fn of(&self, record: RecordRef) -> &[u64] {
        let starts = &self.starts[record.source as usize];
        &self.keys[starts[record.row as usize]..starts[record.row as usize + 1]]
    }
}

/// Cuts between blocks, each tile long enough to be worth a thread's while.
fn tiles(members: &[Member]) -> Vec<Range<usize>> {
    let mut tiles = Vec::new();
    let (mut start, mut end) = (0, 0);
    for block in members.chunk_by(|a, b| a.key == b.key) {
        end += block.len();
        if end - start >= TILE {
            tiles.push(start..end);
            start = end;
        }
    }
    if start < end {
        tiles.push(start..end);
    }
    tiles
}
