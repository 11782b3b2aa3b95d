use linkage::{BoxedError, Pair, PairSink, Threshold};
use store::{Db, pairs};
use tokio::runtime::Handle;

use super::reader::{KeptPairs, PAIR_BYTES};
use crate::UnitError;

/// When pairs go to the disk, whichever comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spill {
    /// Bytes that wait in memory.
    pub(crate) bytes: usize,
    /// Tiles whose pairs, be there none, are lost by a crash.
    pub(crate) tiles: u64,
}

impl Spill {
    /// 262,144 pairs, or some seconds of comparing.
    pub(crate) const USUAL: Self = Self { bytes: 4 << 20, tiles: 512 };
}

/// Where a comparison's pairs become durable.
pub(crate) struct KeptSink {
    db: Db,
    handle: Handle,
    comparison: String,
    floor: Threshold,
    spill: Spill,
    now: i64,
    /// The tiles whose pairs wait, and those pairs.
    tiles: std::ops::Range<u64>,
    waiting: Vec<u8>,
    stored: u64,
}

impl KeptSink {
    /// Goes on with a comparison that has all tiles before `next_tile` and `stored` pairs.
    pub(crate) fn new(
        db: Db,
        (comparison, floor): (String, Threshold),
        (next_tile, stored): (u64, u64),
        spill: Spill,
        now: i64,
    ) -> Self {
        let (handle, tiles) = (Handle::current(), next_tile..next_tile);
        Self { db, handle, comparison, floor, spill, now, tiles, waiting: Vec::new(), stored }
    }

    pub(crate) fn next_tile(&self) -> u64 {
        self.tiles.start
    }

    pub(crate) fn floor(&self) -> Threshold {
        self.floor
    }

    /// Pairs that are on the disk.
    pub(crate) fn pairs(&self) -> u64 {
        self.stored
    }

    /// Says that all tiles before `tiles` are compared.
    pub(super) fn end_at(&mut self, tiles: u64) -> Result<(), store::Error> {
        if self.tiles.end < tiles || !self.waiting.is_empty() {
            self.tiles.end = self.tiles.end.max(tiles);
            self.flush()?;
        }
        Ok(())
    }

    /// Stores pairs as those of the tiles before `end`.
    pub(super) fn put(&mut self, body: Vec<u8>, end: u64) -> Result<(), store::Error> {
        (self.waiting, self.tiles.end) = (body, end);
        self.flush()
    }

    /// A chunk of another comparison.
    pub(super) fn read(&self, comparison: &str, index: u64) -> Result<Vec<u8>, store::Error> {
        self.handle.block_on(pairs::read_chunk(&self.db, comparison, index))
    }

    fn flush(&mut self) -> Result<(), store::Error> {
        let body = std::mem::take(&mut self.waiting);
        let count = (body.len() / PAIR_BYTES) as u64;
        let tiles = self.tiles.clone();
        self.handle.block_on(pairs::append(&self.db, &self.comparison, (body, count), tiles))?;
        self.stored += count;
        self.tiles.start = self.tiles.end;
        Ok(())
    }

    /// Says that every tile is there, and reads the pairs back.
    pub(crate) fn finish(mut self) -> Result<KeptPairs, UnitError> {
        if !self.tiles.is_empty() {
            self.flush()?;
        }
        self.handle.block_on(pairs::complete(&self.db, &self.comparison, self.now))?;
        Ok(KeptPairs::new(self.db, self.handle, self.comparison, self.floor))
    }
}

impl PairSink for KeptSink {
    fn accept(&mut self, tile: u64, pairs: &[Pair]) -> Result<(), BoxedError> {
        for pair in pairs {
            self.waiting.extend_from_slice(&super::reader::bytes(pair)?);
        }
        self.tiles.end = tile + 1;
        let waits = self.tiles.end - self.tiles.start;
        if self.waiting.len() >= self.spill.bytes || waits >= self.spill.tiles {
            self.flush()?;
        }
        Ok(())
    }
}
