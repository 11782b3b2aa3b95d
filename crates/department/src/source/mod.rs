//! Extracts as they really come: CSV of any delimiter and either encoding, read record by record.

mod limits;
mod survey;
mod text;

use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use zeroize::Zeroize;

use crate::error::{Error, shown};
use text::Text;

pub use limits::Limits;
pub use survey::TextEncoding;

/// What a mapping may say about its file; whatever is missing is detected.
pub struct SourceSettings {
    /// Between cells; detected from the header where missing.
    pub delimiter: Option<u8>,
    /// Detected where missing.
    pub encoding: Option<TextEncoding>,
    /// First cells that mark a totals row, in lower case.
    pub totals: Vec<String>,
    /// Bounds.
    pub limits: Limits,
}

impl SourceSettings {
    /// Everything is detected; `Summe`, `Gesamt` and the like mark a totals row.
    #[must_use]
    pub fn detect() -> Self {
        let totals = ["summe", "gesamtsumme", "gesamt", "insgesamt", "total"];
        Self {
            delimiter: None,
            encoding: None,
            totals: totals.map(str::to_owned).to_vec(),
            limits: Limits::USUAL,
        }
    }
}

/// An open extract, read from front to back in bounded memory.
pub struct Source {
    path: String,
    text: Text,
    reader: Reader,
    limits: Limits,
    totals: Vec<String>,
    encoding: TextEncoding,
    delimiter: u8,
    header: Vec<String>,
    output: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    next: u64,
    line: u64,
}

/// One data record.
pub struct Record<'a> {
    /// Position among all data records of the file, from 0; totals rows count.
    pub number: u64,
    /// Line on which it begins, from 1.
    pub line: u64,
    /// Whether it is a totals row.
    pub totals: bool,
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A cell without the spaces around it; empty where the record is too short.
    #[must_use]
    pub fn cell(&self, position: usize) -> &'a str {
        let from = match position.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let to = self.ends.get(position).copied();
        let bytes = from.zip(to).and_then(|(from, to)| self.bytes.get(from..to));
        // The decoder only gives UTF-8, and a cell ends where a character ends.
        std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default().trim()
    }

    /// All cells in order.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(|position| self.cell(position))
    }
}

impl Source {
    /// Opens a file, finds encoding and delimiter, and reads the header.
    ///
    /// # Errors
    /// [`Error`] for a file that is empty, too large, not text or of an encoding that cannot be
    /// told, and for a header that is too wide or names a column twice.
    pub fn open(path: &Path, settings: &SourceSettings) -> Result<Self, Error> {
        let encoding = survey::survey(path, settings.encoding, settings.limits.file)?;
        let mut text = Text::open(path, encoding)?;
        if text.fill()?.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::Empty { path: shown(path) });
        }
        let delimiter = match settings.delimiter {
            Some(delimiter) => delimiter,
            None => detect(text.fill()?).ok_or_else(|| Error::Delimiter { path: shown(path) })?,
        };
        let limits = settings.limits;
        let mut source = Self {
            path: shown(path),
            text,
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            limits,
            totals: settings.totals.clone(),
            encoding,
            delimiter,
            header: Vec::new(),
            output: vec![0; (4 << 10).min(limits.record)],
            ends: vec![0; limits.columns],
            cells: 0,
            next: 0,
            line: 1,
        };
        source.read_header()?;
        Ok(source)
    }

    fn read_header(&mut self) -> Result<(), Error> {
        if !self.advance()? {
            return Err(Error::Empty { path: self.path.clone() });
        }
        let header: Vec<String> = self.current(0).cells().map(str::to_owned).collect();
        for (position, name) in header.iter().enumerate() {
            if header.iter().skip(position + 1).any(|other| other == name) {
                return Err(Error::ColumnTwice { path: self.path.clone(), column: position + 1 });
            }
        }
        self.header = header;
        Ok(())
    }

    /// The path as messages show it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The column names.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The encoding that was found or given.
    #[must_use]
    pub fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// The delimiter that was found or given.
    #[must_use]
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// The next data record, or `None` at the end of the file.
    ///
    /// # Errors
    /// [`Error::RecordTooLong`], [`Error::CellTooLong`] or [`Error::TooManyCells`] with the line;
    /// [`Error::Read`] where the disk fails.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        let number = self.next;
        self.next += 1;
        Ok(Some(self.current(number)))
    }

    fn current(&self, number: u64) -> Record<'_> {
        let ends = self.ends.get(..self.cells).unwrap_or_default();
        let bytes = self.output.as_slice();
        let mut record = Record { number, line: self.line, totals: false, bytes, ends };
        record.totals = self.is_total(&record);
        record
    }

    /// A person may be called Summe; a totals row is nearly empty besides.
    fn is_total(&self, record: &Record<'_>) -> bool {
        let first = record.cell(0).trim_end_matches(':').to_lowercase();
        let filled = record.cells().filter(|cell| !cell.is_empty()).count();
        self.totals.contains(&first) && filled <= 2.max(self.header.len() / 3)
    }

    /// Reads one record into the buffers; `false` at the end of the file.
    fn advance(&mut self) -> Result<bool, Error> {
        let (mut written, mut ended) = (0, 0);
        self.line = self.reader.line();
        loop {
            let input = self.text.fill()?;
            let input_is_empty = input.is_empty();
            let (result, read, out, ends) = self.reader.read_record(
                input,
                self.output.get_mut(written..).unwrap_or_default(),
                self.ends.get_mut(ended..).unwrap_or_default(),
            );
            self.text.consume(read);
            written += out;
            ended += ends;
            match result {
                ReadRecordResult::InputEmpty if !input_is_empty => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(false),
                ReadRecordResult::OutputFull => self.grow()?,
                ReadRecordResult::OutputEndsFull => {
                    let (line, limit) = (self.line, self.limits.columns);
                    return Err(Error::TooManyCells { path: self.path.clone(), line, limit });
                }
                ReadRecordResult::Record => break,
            }
        }
        self.cells = ended;
        self.check_cells()?;
        Ok(true)
    }

    fn grow(&mut self) -> Result<(), Error> {
        if self.output.len() >= self.limits.record {
            let (line, limit) = (self.line, self.limits.record);
            return Err(Error::RecordTooLong { path: self.path.clone(), line, limit });
        }
        let length = (self.output.len() * 2).min(self.limits.record);
        let mut larger = vec![0; length];
        if let Some(start) = larger.get_mut(..self.output.len()) {
            start.copy_from_slice(&self.output);
        }
        self.output.zeroize();
        self.output = larger;
        Ok(())
    }

    fn check_cells(&self) -> Result<(), Error> {
        let mut from = 0;
        for (position, end) in self.ends.iter().take(self.cells).enumerate() {
            if end - from > self.limits.cell {
                return Err(Error::CellTooLong {
                    path: self.path.clone(),
                    line: self.line,
                    column: position + 1,
                    limit: self.limits.cell,
                });
            }
            from = *end;
        }
        Ok(())
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.output.zeroize();
    }
}

/// The delimiter that occurs most often in the header, outside quotes.
fn detect(start: &[u8]) -> Option<u8> {
    let mut counts = [(b';', 0_usize), (b'\t', 0), (b',', 0)];
    let mut quoted = false;
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(byte == delimiter);
                }
            }
            _ => {}
        }
    }
    // Of equals `max_by_key` takes the last: reversed, that is the semicolon.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).filter(|(_, c)| *c > 0).map(|(d, _)| d)
}

#[cfg(test)]
mod tests;
