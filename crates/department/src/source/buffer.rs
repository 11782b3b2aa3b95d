//! The one record that is in memory, overwritten by the next.

use zeroize::Zeroize;

use super::Limits;
use crate::error::Error;

/// Cells one after the other, and where each ends.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    limits: Limits,
}

impl Buffer {
    pub(super) fn new(limits: Limits) -> Self {
        let bytes = vec![0; (4 << 10).min(limits.record)];
        Self { bytes, ends: vec![0; limits.columns], cells: 0, limits }
    }

    /// The bytes of all cells.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where each cell ends.
    pub(super) fn ends(&self) -> &[usize] {
        self.ends.get(..self.cells).unwrap_or_default()
    }

    /// All cells without the spaces around them.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.cells).map(|position| cell(&self.bytes, self.ends(), position))
    }

    /// What is free behind so many bytes and ends.
    pub(super) fn room(&mut self, written: usize, ended: usize) -> (&mut [u8], &mut [usize]) {
        (
            self.bytes.get_mut(written..).unwrap_or_default(),
            self.ends.get_mut(ended..).unwrap_or_default(),
        )
    }

    /// Doubles the room for bytes.
    pub(super) fn grow(&mut self, path: &str, line: u64) -> Result<(), Error> {
        let limit = self.limits.record;
        if self.bytes.len() >= limit {
            return Err(Error::RecordTooLong { path: path.to_owned(), line, limit });
        }
        let mut larger = vec![0; (self.bytes.len() * 2).min(limit)];
        if let Some(start) = larger.get_mut(..self.bytes.len()) {
            start.copy_from_slice(&self.bytes);
        }
        self.bytes.zeroize();
        self.bytes = larger;
        Ok(())
    }

    /// Takes a record of so many cells as complete.
    pub(super) fn finish(&mut self, cells: usize, path: &str, line: u64) -> Result<(), Error> {
        self.cells = cells;
        let mut from = 0;
        for (position, end) in self.ends().iter().enumerate() {
            if end - from > self.limits.cell {
                let (path, column, limit) = (path.to_owned(), position + 1, self.limits.cell);
                return Err(Error::CellTooLong { path, line, column, limit });
            }
            from = *end;
        }
        Ok(())
    }

    /// Fills the buffer with a record that is known to fit.
    pub(super) fn set<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a [u8]>,
        path: &str,
        line: u64,
    ) -> Result<(), Error> {
        let (mut written, mut count) = (0, 0);
        for cell in cells {
            while self.bytes.len() < written + cell.len() {
                self.grow(path, line)?;
            }
            let Some(end) = self.ends.get_mut(count) else { return Err(self.too_wide(path, line)) };
            if let Some(place) = self.bytes.get_mut(written..written + cell.len()) {
                place.copy_from_slice(cell);
            }
            written += cell.len();
            *end = written;
            count += 1;
        }
        self.finish(count, path, line)
    }

    pub(super) fn too_wide(&self, path: &str, line: u64) -> Error {
        Error::TooManyCells { path: path.to_owned(), line, limit: self.limits.columns }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// A cell without the spaces around it; empty where the record is too short.
pub(super) fn cell<'a>(bytes: &'a [u8], ends: &[usize], position: usize) -> &'a str {
    let from = match position.checked_sub(1) {
        Some(before) => ends.get(before).copied(),
        None => Some(0),
    };
    let to = ends.get(position).copied();
    let bytes = from.zip(to).and_then(|(from, to)| bytes.get(from..to));
    // Both readers only give UTF-8, and a cell ends where a character ends.
    std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default().trim()
}
