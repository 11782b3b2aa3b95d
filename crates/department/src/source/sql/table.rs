//! The file an export writes.

use std::path::{Path, PathBuf};

use super::fault::SqlFault;
use super::values::Column;
use crate::error::Error;
use crate::new_file::{NewFile, PRIVATE};

/// A CSV file that appears once it is complete; whoever watches the folder sees no part of it.
pub(super) struct Table<'a> {
    writer: csv::Writer<NewFile>,
    output: PathBuf,
    most_rows: u64,
    rows: u64,
    progress: &'a dyn Fn(u64),
}

impl<'a> Table<'a> {
    /// Begins the file.
    pub(super) fn create(
        output: &Path,
        most_rows: u64,
        progress: &'a dyn Fn(u64),
    ) -> Result<Self, Error> {
        let file = NewFile::create(output, PRIVATE)?;
        let writer = csv::WriterBuilder::new().delimiter(b';').from_writer(file);
        Ok(Self { writer, output: output.to_owned(), most_rows, rows: 0, progress })
    }

    /// Rows written so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn header(&mut self, columns: &[Column]) -> Result<(), SqlFault> {
        self.write(columns.iter().map(|column| column.name.as_str()))
    }

    pub(super) fn row<S: AsRef<[u8]>>(
        &mut self,
        cells: impl Iterator<Item = S>,
    ) -> Result<(), SqlFault> {
        if self.rows == self.most_rows {
            return Err(SqlFault::TooManyRows(self.most_rows));
        }
        self.write(cells)?;
        self.rows += 1;
        if self.rows.is_multiple_of(4096) {
            (self.progress)(self.rows);
        }
        Ok(())
    }

    fn write<S: AsRef<[u8]>>(&mut self, cells: impl Iterator<Item = S>) -> Result<(), SqlFault> {
        self.writer.write_record(cells).map_err(|e| match e.kind() {
            csv::ErrorKind::Io(error) => SqlFault::Write(error.kind().to_string()),
            _ => SqlFault::Write("a row has another number of cells".into()),
        })
    }

    /// Puts the file in its place and gives the number of rows.
    pub(super) fn finish(self) -> Result<u64, Error> {
        let file = self.writer.into_inner().map_err(|e| Error::write(&self.output, e.error()))?;
        file.publish()?;
        (self.progress)(self.rows);
        Ok(self.rows)
    }
}
