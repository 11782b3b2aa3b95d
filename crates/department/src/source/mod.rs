//! Extracts as they really come: CSV of any delimiter and either encoding, read record by record,
//! and Excel workbooks.

mod buffer;
mod csv;
mod header;
mod limits;
mod sql;
mod survey;
mod text;
mod workbook;

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, shown};
use crate::mapping::{Decimal, TimeFormat};
use buffer::Buffer;
use csv::CsvFile;
use workbook::Sheet;

pub use limits::Limits;
pub use sql::{SqlFault, SqlSource, export};
pub use survey::TextEncoding;
pub use workbook::{TooMuch, WorkbookFault};

/// What a mapping may say about its file; whatever is missing is detected.
pub struct SourceSettings {
    /// Between cells; detected from the header where missing.
    pub delimiter: Option<u8>,
    /// Detected where missing.
    pub encoding: Option<TextEncoding>,
    /// First cells that mark a totals row, in lower case.
    pub totals: Vec<String>,
    /// Columns that the header is known to name; rows above it are passed over.
    pub columns: Vec<String>,
    /// The sheet of a workbook; where missing, the one whose header fits.
    pub sheet: Option<String>,
    /// How numbers and dates of a workbook's columns are written as text, by column.
    pub forms: BTreeMap<String, CellForm>,
    /// Bounds.
    pub limits: Limits,
}

/// How a workbook's numbers and dates become the text that a mapping reads; in CSV they are text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CellForm {
    /// With this decimal sign. Everywhere else it is the comma.
    Number(Decimal),
    /// Dates in this form. Everywhere else it is `dd.mm.yyyy`.
    Time(TimeFormat),
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
            columns: Vec::new(),
            sheet: None,
            forms: BTreeMap::new(),
            limits: Limits::USUAL,
        }
    }
}

/// An open extract, read from front to back.
pub struct Source {
    path: String,
    file: File,
    buffer: Buffer,
    totals: Vec<String>,
    header: Vec<String>,
    next: u64,
    line: u64,
}

enum File {
    Csv(Box<CsvFile>),
    Sheet(Sheet),
}

/// One data record.
pub struct Record<'a> {
    /// Position among all data records of the file, from 0; totals rows count.
    pub number: u64,
    /// Line on which it begins, from 1; the row of a sheet.
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
        buffer::cell(self.bytes, self.ends, position)
    }

    /// All cells in order.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(|position| self.cell(position))
    }

    /// Whether a cell holds what a spreadsheet shows instead of a value it could not compute, such
    /// as `#NV`; a CSV file saved from one holds it as text.
    #[must_use]
    pub fn is_error(&self, position: usize) -> bool {
        workbook::is_error(self.cell(position))
    }
}

impl Source {
    /// Opens a file, finds out what it is, and reads the header.
    ///
    /// A workbook is known by its first bytes, whatever its name. Its sheet is read into memory,
    /// within [`Limits`]; macros are not looked at.
    ///
    /// # Errors
    /// [`Error`] for a file that is empty, too large, neither text nor a workbook, or of an
    /// encoding that cannot be told; for a workbook that is damaged, encrypted or has no sheet
    /// that fits; for a header that is too wide or names a column twice.
    pub fn open(path: &Path, settings: &SourceSettings) -> Result<Self, Error> {
        let mut buffer = Buffer::new(settings.limits);
        let file = if workbook::is_workbook(path)? {
            File::Sheet(workbook::open(path, settings)?)
        } else {
            File::Csv(Box::new(CsvFile::open(path, settings, &mut buffer)?))
        };
        let mut source = Self {
            path: shown(path),
            file,
            buffer,
            totals: settings.totals.clone(),
            header: Vec::new(),
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
        let header: Vec<String> = self.buffer.cells().map(str::to_owned).collect();
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

    /// The encoding that was found or given; a workbook has none of its own.
    #[must_use]
    pub fn encoding(&self) -> Option<TextEncoding> {
        match &self.file {
            File::Csv(file) => Some(file.encoding),
            File::Sheet(_) => None,
        }
    }

    /// The delimiter that was found or given; a workbook has none.
    #[must_use]
    pub fn delimiter(&self) -> Option<char> {
        match &self.file {
            File::Csv(file) => Some(char::from(file.delimiter)),
            File::Sheet(_) => None,
        }
    }

    /// The sheet that is read, where the file is a workbook.
    #[must_use]
    pub fn sheet(&self) -> Option<&str> {
        match &self.file {
            File::Csv(_) => None,
            File::Sheet(sheet) => Some(sheet.name()),
        }
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
        let (bytes, ends) = (self.buffer.bytes(), self.buffer.ends());
        let mut record = Record { number, line: self.line, totals: false, bytes, ends };
        record.totals = self.is_total(&record);
        Ok(Some(record))
    }

    /// A person may be called Summe; a totals row is nearly empty besides.
    fn is_total(&self, record: &Record<'_>) -> bool {
        let first = record.cell(0).trim_end_matches(':');
        let named = |total: &String| first.chars().flat_map(char::to_lowercase).eq(total.chars());
        self.totals.iter().any(named)
            && record.cells().filter(|cell| !cell.is_empty()).count()
                <= 2.max(self.header.len() / 3)
    }

    /// Reads one record into the buffer; `false` at the end of the file.
    fn advance(&mut self) -> Result<bool, Error> {
        let line = match &mut self.file {
            File::Csv(file) => file.advance(&mut self.buffer)?,
            File::Sheet(sheet) => sheet.advance(&mut self.buffer)?,
        };
        self.line = line.unwrap_or(self.line);
        Ok(line.is_some())
    }
}

#[cfg(test)]
mod tests;
