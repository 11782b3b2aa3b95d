//! The file an export writes.

use std::fs::{self, File, OpenOptions};
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::fault::SqlFault;
use super::values::Column;
use crate::error::{Error, shown};

/// A CSV file beside its final place; it is removed unless it is finished.
pub(super) struct Table<'a> {
    writer: Option<csv::Writer<BufWriter<File>>>,
    partial: PathBuf,
    output: PathBuf,
    most_rows: u64,
    rows: u64,
    progress: &'a dyn Fn(u64),
}

impl<'a> Table<'a> {
    /// Creates the file; whoever watches the folder sees it only once it is whole.
    pub(super) fn create(
        output: &Path,
        most_rows: u64,
        progress: &'a dyn Fn(u64),
    ) -> Result<Self, Error> {
        if output.exists() {
            return Err(Error::Exists { path: shown(output) });
        }
        let Some(name) = output.file_name().and_then(|name| name.to_str()) else {
            let reason = "it has no file name".into();
            return Err(Error::Write { path: shown(output), reason });
        };
        let partial = output.with_file_name(format!(".{name}.partial"));
        // One of an export that was killed.
        let _ = fs::remove_file(&partial);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
        let file = file.map_err(|e| Error::write(&partial, &e))?;
        let writer = csv::WriterBuilder::new().delimiter(b';').from_writer(BufWriter::new(file));
        let output = output.to_owned();
        Ok(Self { writer: Some(writer), partial, output, most_rows, rows: 0, progress })
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
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.write_record(cells).map_err(|e| match e.kind() {
            csv::ErrorKind::Io(error) => SqlFault::Write(error.kind().to_string()),
            _ => SqlFault::Write("a row has another number of cells".into()),
        })
    }

    /// Puts the file in its place and gives the number of rows.
    pub(super) fn finish(mut self) -> Result<u64, Error> {
        let failed = |e: &std::io::Error| Error::write(&self.partial, e);
        if let Some(writer) = self.writer.take() {
            let buffered = writer.into_inner().map_err(|e| failed(e.error()))?;
            let file = buffered.into_inner().map_err(|e| failed(e.error()))?;
            file.sync_all().map_err(|e| failed(&e))?;
        }
        if self.output.exists() {
            return Err(Error::Exists { path: shown(&self.output) });
        }
        fs::rename(&self.partial, &self.output).map_err(|e| Error::write(&self.output, &e))?;
        (self.progress)(self.rows);
        Ok(self.rows)
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        // The writer would write its last rows into the removed file.
        drop(self.writer.take());
        let _ = fs::remove_file(&self.partial);
    }
}
