//! A CSV file of any delimiter and either encoding, record by record.

use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::header::{self, Found, MOST_ABOVE};
use super::text::Text;
use super::{SourceSettings, TextEncoding, survey};
use crate::error::{Error, shown};

/// An open CSV file.
pub(super) struct CsvFile {
    path: String,
    text: Text,
    reader: Reader,
    /// Line ends that the reader never saw.
    skipped: u64,
    pub(super) encoding: TextEncoding,
    pub(super) delimiter: u8,
}

impl CsvFile {
    /// Opens a file in front of its header.
    pub(super) fn open(
        path: &Path,
        settings: &SourceSettings,
        buffer: &mut Buffer,
    ) -> Result<Self, Error> {
        let encoding = survey::survey(path, settings.encoding, settings.limits.file)?;
        let mut text = Text::open(path, encoding)?;
        if text.fill()?.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::Empty { path: shown(path) });
        }
        let delimiter = match settings.delimiter {
            Some(delimiter) => delimiter,
            None => header::delimiter(text.fill()?, &settings.columns)
                .ok_or_else(|| Error::Delimiter { path: shown(path) })?,
        };
        let open = |text| Self {
            path: shown(path),
            text,
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            skipped: 0,
            encoding,
            delimiter,
        };
        let above = open(text).first(buffer, &settings.columns)?.above;
        let mut file = open(Text::open(path, encoding)?);
        for _ in 0..above {
            file.advance(buffer)?;
        }
        Ok(file)
    }

    /// Looks for the header among the first records.
    fn first(mut self, buffer: &mut Buffer, wanted: &[String]) -> Result<Found, Error> {
        let mut rows: Vec<Vec<Zeroizing<String>>> = Vec::new();
        while rows.len() <= MOST_ABOVE {
            match self.advance(buffer) {
                Ok(Some(_)) => {
                    rows.push(buffer.cells().map(|cell| Zeroizing::new(cell.into())).collect());
                }
                Ok(None) => break,
                // A later record's fault is told when it is read as a record.
                Err(_) if !rows.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        let rows: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(|cell| cell.as_str()).collect()).collect();
        Ok(header::find(&rows, wanted))
    }

    /// Reads one record into the buffer and gives its line; `None` at the end of the file.
    pub(super) fn advance(&mut self, buffer: &mut Buffer) -> Result<Option<u64>, Error> {
        let (mut written, mut ended) = (0, 0);
        self.skip_line_ends()?;
        let line = self.reader.line() + self.skipped;
        loop {
            let input = self.text.fill()?;
            let input_is_empty = input.is_empty();
            let (output, ends) = buffer.room(written, ended);
            let (result, read, out, more) = self.reader.read_record(input, output, ends);
            self.text.consume(read);
            written += out;
            ended += more;
            match result {
                ReadRecordResult::InputEmpty if !input_is_empty => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull => buffer.grow(&self.path, line)?,
                ReadRecordResult::OutputEndsFull => return Err(buffer.too_wide(&self.path, line)),
                ReadRecordResult::Record => break,
            }
        }
        buffer.finish(ended, &self.path, line)?;
        Ok(Some(line))
    }

    /// What is left of the line end before (the reader stops behind the first of two characters)
    /// and empty lines, so that a record's line is the one an editor shows.
    fn skip_line_ends(&mut self) -> Result<(), Error> {
        loop {
            let input = self.text.fill()?;
            let ends = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if ends == 0 {
                return Ok(());
            }
            let lines = input.iter().take(ends).filter(|byte| **byte == b'\n').count();
            self.skipped += lines as u64;
            self.text.consume(ends);
        }
    }
}
