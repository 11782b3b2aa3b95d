//! A plain CSV file in chunks of rows, in bounded memory.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use policy::ClkhashSchema;
use zeroize::Zeroize;

use super::fault::{RowFault, UnfitCell};
use crate::error::{Error, shown};
use crate::source::Limits;

/// Rows of a chunk.
const MOST_ROWS: usize = 4096;
/// Bytes after which a chunk is full.
const MOST_BYTES: usize = 1 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An open table, behind its header.
pub(super) struct Table {
    path: String,
    input: BufReader<File>,
    reader: Reader,
    columns: usize,
    /// Line ends that the CSV reader did not see.
    skipped: u64,
    /// Whether the last byte was a carriage return, whose line feed belongs to it.
    after_return: bool,
}

/// Rows one after the other: all cells in one buffer, and where each ends.
#[derive(Default)]
pub(super) struct Chunk {
    /// As long as it ever was; `used` of it are cells.
    bytes: Vec<u8>,
    used: usize,
    ends: Vec<usize>,
    ended: usize,
    lines: Vec<u64>,
    columns: usize,
}

impl Table {
    /// Opens a file and reads the header where there is one.
    pub(super) fn open(
        path: &Path,
        delimiter: u8,
        columns: usize,
        header: Option<&ClkhashSchema>,
    ) -> Result<Self, Error> {
        let file = File::open(path).map_err(|e| Error::read(path, &e))?;
        let mut table = Self {
            path: shown(path),
            input: BufReader::with_capacity(1 << 16, file),
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            columns,
            skipped: 0,
            after_return: false,
        };
        let start = table.look()?;
        if start.is_empty() {
            return Err(Error::Empty { path: table.path });
        }
        if start.starts_with(BYTE_ORDER_MARK) {
            table.input.consume(BYTE_ORDER_MARK.len());
        }
        if let Some(schema) = header {
            table.check_header(schema, delimiter)?;
        }
        Ok(table)
    }

    fn look(&mut self) -> Result<&[u8], Error> {
        self.input.fill_buf().map_err(|e| Error::read(Path::new(&self.path), &e))
    }

    /// Fills chunk after chunk; those behind the end of the file stay empty.
    pub(super) fn fill(&mut self, chunks: &mut [Chunk]) -> Result<(), Error> {
        for chunk in chunks {
            chunk.clear(self.columns);
            while chunk.rows() < MOST_ROWS && chunk.used < MOST_BYTES {
                let Some((line, cells)) = self.read(chunk)? else { break };
                if cells != self.columns {
                    return Err(self.width(line, cells));
                }
                chunk.lines.push(line);
            }
        }
        Ok(())
    }

    fn width(&self, line: u64, found: usize) -> Error {
        Error::RowWidth { path: self.path.clone(), line, found, expected: self.columns }
    }

    /// Appends one record; gives its line and number of cells.
    fn read(&mut self, chunk: &mut Chunk) -> Result<Option<(u64, usize)>, Error> {
        if let Some(blank) = self.skip_blank_lines()?
            && !self.look()?.is_empty()
        {
            return Err(self.width(blank, 0));
        }
        let limits = Limits::USUAL;
        let (start, cells_before) = (chunk.used, chunk.ended);
        let line = self.reader.line() + self.skipped;
        chunk.make_room(start + 256, cells_before + self.columns + 1);
        let record = loop {
            let input = self.input.fill_buf();
            let input = input.map_err(|e| Error::read(Path::new(&self.path), &e))?;
            let at_end = input.is_empty();
            let output = chunk.bytes.get_mut(chunk.used..).unwrap_or_default();
            let ends = chunk.ends.get_mut(chunk.ended..cells_before + self.columns + 1);
            let (result, read, out, more) =
                self.reader.read_record(input, output, ends.unwrap_or_default());
            if let Some(last) = read.checked_sub(1).and_then(|last| input.get(last)) {
                self.after_return = *last == b'\r';
            }
            self.input.consume(read);
            chunk.used += out;
            chunk.ended += more;
            match result {
                ReadRecordResult::InputEmpty if !at_end => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break None,
                ReadRecordResult::OutputFull if chunk.used - start >= limits.record => {
                    let (path, limit) = (self.path.clone(), limits.record);
                    return Err(Error::RecordTooLong { path, line, limit });
                }
                ReadRecordResult::OutputFull => {
                    let room = (chunk.used - start).clamp(256, limits.record);
                    chunk.make_room(chunk.used + room, 0);
                }
                ReadRecordResult::OutputEndsFull => return Err(self.width(line, self.columns + 1)),
                ReadRecordResult::Record => break Some((line, chunk.ended - cells_before)),
            }
        };
        let mut from = 0;
        for (column, end) in chunk.ends.iter_mut().take(chunk.ended).skip(cells_before).enumerate()
        {
            if *end - from > limits.cell {
                let (path, limit) = (self.path.clone(), limits.cell);
                return Err(Error::CellTooLong { path, line, column: column + 1, limit });
            }
            from = *end;
            // The reader counts from the start of the record.
            *end += start;
        }
        Ok(record)
    }

    /// Passes over line ends before a record; gives the line of the first that is blank.
    fn skip_blank_lines(&mut self) -> Result<Option<u64>, Error> {
        let mut blank = None;
        loop {
            let after_return = self.after_return;
            let line = self.reader.line() + self.skipped;
            let first = self.look()?.first().copied();
            match first {
                Some(b'\n') if after_return => self.skipped += 1,
                Some(b'\n') => {
                    blank = blank.or(Some(line));
                    self.skipped += 1;
                }
                Some(b'\r') => blank = blank.or(Some(line)),
                _ => return Ok(blank),
            }
            self.after_return = first == Some(b'\r');
            self.input.consume(1);
        }
    }

    fn check_header(&mut self, schema: &ClkhashSchema, delimiter: u8) -> Result<(), Error> {
        let wanted: Vec<&str> = schema.header().collect();
        let columns = std::mem::replace(&mut self.columns, Limits::USUAL.columns);
        let mut chunk = Chunk::default();
        let read = self.read(&mut chunk)?;
        self.columns = columns;
        let Some((_, cells)) = read else { return Err(Error::Empty { path: self.path.clone() }) };
        chunk.columns = cells;
        let found: Vec<&str> =
            chunk.text().map_or(Vec::new(), |text| chunk.cells(0, text).collect());
        if found == wanted {
            return Ok(());
        }
        Err(self.wrong_header(&wanted, &found, delimiter))
    }

    /// Names only what the schema names: another header may be a record.
    fn wrong_header(&self, wanted: &[&str], found: &[&str], delimiter: u8) -> Error {
        let path = self.path.clone();
        let missing: Vec<&str> =
            wanted.iter().filter(|name| !found.contains(name)).copied().collect();
        if missing.len() == wanted.len() {
            return Error::HeaderForeign { path, delimiter: char::from(delimiter) };
        }
        if !missing.is_empty() {
            return Error::HeaderMissing { path, columns: missing.join(", ") };
        }
        let unexpected: Vec<String> = found
            .iter()
            .enumerate()
            .filter(|(_, name)| !wanted.contains(name))
            .map(|(position, _)| (position + 1).to_string())
            .collect();
        if unexpected.is_empty() {
            return Error::HeaderOrder { path, columns: wanted.join(", ") };
        }
        Error::HeaderUnexpected { path, columns: unexpected.join(", ") }
    }
}

impl Chunk {
    fn clear(&mut self, columns: usize) {
        (self.used, self.ended) = (0, 0);
        self.lines.clear();
        self.columns = columns;
    }

    fn make_room(&mut self, bytes: usize, ends: usize) {
        if self.bytes.len() < bytes {
            // Not left to the vector, which would leave the old cells behind in memory.
            let mut larger = vec![0; bytes.next_power_of_two()];
            if let Some(start) = larger.get_mut(..self.bytes.len()) {
                start.copy_from_slice(&self.bytes);
            }
            self.bytes.zeroize();
            self.bytes = larger;
        }
        if self.ends.len() < ends {
            self.ends.resize(ends.next_power_of_two(), 0);
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn line(&self, row: usize) -> u64 {
        self.lines.get(row).copied().unwrap_or_default()
    }

    /// All cells, if together they are UTF-8.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.cell_bytes()).ok()
    }

    fn cell_bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// Whether any byte begins a character that nobody sees.
    pub(super) fn may_hold_unseen(&self) -> bool {
        let begins =
            |byte: &u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127 | 0xd8 | 0xe2 | 0xef);
        self.cell_bytes().iter().any(begins)
    }

    fn bounds(&self, row: usize) -> impl Iterator<Item = (usize, usize)> {
        let first = row * self.columns;
        let start = first.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let ends = self.ends.get(first..first + self.columns).unwrap_or_default();
        let mut from = start.unwrap_or_default();
        ends.iter().map(move |&end| (std::mem::replace(&mut from, end), end))
    }

    /// The cells of a row in the text of the chunk.
    pub(super) fn cells<'a>(&'a self, row: usize, text: &'a str) -> impl Iterator<Item = &'a str> {
        self.bounds(row).map(|(from, to)| text.get(from..to).unwrap_or_default())
    }

    /// Refuses a cell that is not UTF-8 by itself or holds what nobody sees.
    pub(super) fn check(&self, row: usize, text: &str, careful: bool) -> Result<(), RowFault> {
        for (column, (from, to)) in self.bounds(row).enumerate() {
            let fault = |cell| Err(RowFault { line: self.line(row), column, cell });
            // Two broken cells can make one whole character, across their border only.
            let Some(cell) = text.get(from..to) else { return fault(UnfitCell::NotUtf8) };
            if careful && let Some(unfit) = unseen(cell) {
                return fault(unfit);
            }
        }
        Ok(())
    }

    /// The first cell that is not UTF-8.
    pub(super) fn broken(&self) -> RowFault {
        let found = (0..self.rows()).find_map(|row| {
            let broken = |(from, to)| {
                let bytes = self.bytes.get(from..to).unwrap_or_default();
                std::str::from_utf8(bytes).is_err()
            };
            self.bounds(row).position(broken).map(|column| (row, column))
        });
        let (row, column) = found.unwrap_or_default();
        RowFault { line: self.line(row), column, cell: UnfitCell::NotUtf8 }
    }
}

/// Characters that change what is hashed and not what is seen.
fn unseen(cell: &str) -> Option<UnfitCell> {
    cell.chars().find_map(|c| match c {
        '\t' | '\n' | '\r' => None,
        '\0'..='\u{1f}' | '\u{7f}' => Some(UnfitCell::Control),
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => Some(UnfitCell::Invisible),
        _ => None,
    })
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
