//! Encodings from a file of one's own, whose columns say what they are.

use std::io::{self, Read};

use arrow_array::cast::AsArray;
use arrow_array::{Array, FixedSizeBinaryArray, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, DataType};

use crate::{Encoding, SubjectId, SubmissionError};

/// Most rows of one record batch.
const MOST_ROWS: usize = 1 << 20;

/// Reads a file of encodings, an Arrow IPC stream, record batch by record batch.
///
/// Columns: perhaps `subject` FixedSizeBinary(16), then one `view:<name>`
/// FixedSizeBinary(bytes) per view. Every [`crate::LinkableChunk`] is such a file; without
/// `subject` a row may be null in all views, which says that it could not be encoded. Not for
/// what arrives at a unit: there the schema says what must be in it.
pub struct EncodingFile<R: Read> {
    reader: StreamReader<Watched<R>>,
    subjects: bool,
    views: Vec<(String, usize)>,
    rows: u64,
}

impl<R: Read> EncodingFile<R> {
    /// Reads the columns.
    ///
    /// # Errors
    /// [`SubmissionError::Chunk`] for what is no such stream or has other columns.
    pub fn open(from: R) -> Result<Self, SubmissionError> {
        let watched = Watched { inner: from, ended: false };
        let reader = StreamReader::try_new(watched, None).map_err(|error| at(0, &error))?;
        let (mut subjects, mut views) = (false, Vec::new());
        for (position, field) in reader.schema().fields().iter().enumerate() {
            let name = field.name();
            match field.data_type() {
                DataType::FixedSizeBinary(16) if position == 0 && name == "subject" => {
                    subjects = true;
                }
                DataType::FixedSizeBinary(width) if name.starts_with("view:") => {
                    let width = usize::try_from(*width).unwrap_or_default();
                    Encoding::new(&vec![0; width.min(Encoding::MAX_BYTES + 1)])?;
                    views.push((name.clone(), width));
                }
                other => {
                    let why = format!("column `{name}` of type {other} is no subject and no view");
                    return Err(SubmissionError::Chunk(why));
                }
            }
        }
        if views.is_empty() {
            return Err(SubmissionError::Chunk("no column `view:…`".into()));
        }
        Ok(Self { reader, subjects, views, rows: 0 })
    }

    /// Name of the column and bytes of a filter, per view.
    #[must_use]
    pub fn views(&self) -> &[(String, usize)] {
        &self.views
    }

    /// Hands the rows of the next record batch over: subject, where the file has them, and one
    /// filter per view, or none for a row that could not be encoded. `false` at the end.
    ///
    /// # Errors
    /// [`SubmissionError::Chunk`] naming the row after which the file is cut or damaged.
    pub fn next_rows(
        &mut self,
        mut take: impl FnMut(Option<SubjectId>, Option<&[&[u8]]>) -> Result<(), SubmissionError>,
    ) -> Result<bool, SubmissionError> {
        let Some(batch) = self.reader.next() else { return self.end().map(|()| false) };
        let batch = batch.map_err(|error| at(self.rows, &error))?;
        if batch.num_rows() > MOST_ROWS {
            let limit = MOST_ROWS as u64;
            return Err(SubmissionError::Limit { what: "number of rows of a batch", limit });
        }
        let skip = usize::from(self.subjects);
        let subjects = self.subjects.then(|| fixed(&batch, 0)).transpose()?;
        let views: Vec<_> = (skip..skip + self.views.len())
            .map(|column| fixed(&batch, column))
            .collect::<Result<_, _>>()?;
        let mut filters = Vec::with_capacity(views.len());
        for row in 0..batch.num_rows() {
            let whole = self.rows + row as u64;
            let subject = subjects
                .filter(|own| own.is_valid(row))
                .map(|own| SubjectId::from_wire(own.value(row)))
                .transpose()?;
            if self.subjects && subject.is_none() {
                return Err(SubmissionError::Chunk(format!("row {whole} has no subject")));
            }
            filters.clear();
            filters.extend(views.iter().filter(|own| own.is_valid(row)).map(|own| own.value(row)));
            if !filters.is_empty() && filters.len() < views.len() {
                let why = format!("row {whole} has some of its views and not all");
                return Err(SubmissionError::Chunk(why));
            }
            take(subject, (!filters.is_empty()).then_some(filters.as_slice()))?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(true)
    }

    /// The reader takes a file that is cut between two batches for one that ends there.
    fn end(&mut self) -> Result<(), SubmissionError> {
        let watched = self.reader.get_mut();
        if watched.ended {
            let why = format!("the file is cut after row {}", self.rows);
            return Err(SubmissionError::Chunk(why));
        }
        match watched.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(SubmissionError::Chunk("something follows the end of the stream".into())),
            Err(error) => Err(at(self.rows, &error.into())),
        }
    }
}

fn at(rows: u64, error: &ArrowError) -> SubmissionError {
    SubmissionError::Chunk(format!("after {rows} rows: {error}"))
}

fn fixed(batch: &RecordBatch, column: usize) -> Result<&FixedSizeBinaryArray, SubmissionError> {
    let array = batch.columns().get(column).and_then(|own| own.as_fixed_size_binary_opt());
    array.ok_or_else(|| SubmissionError::Chunk(format!("column {column} changed its type")))
}

/// Notes whether the end of the file was met.
struct Watched<R> {
    inner: R,
    ended: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.ended |= count == 0 && !into.is_empty();
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LinkableChunk;
    use crate::test_policy::schema;

    fn chunk() -> Vec<u8> {
        let random = ring::rand::SystemRandom::new();
        let mut chunk = LinkableChunk::new(&schema());
        for fill in [3_u8, 7] {
            let encodings =
                [Encoding::new(&[fill; 128]).unwrap(), Encoding::new(&[1; 128]).unwrap()];
            chunk.push(SubjectId::random(&random).unwrap(), &encodings).unwrap();
        }
        chunk.encode().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(bool, u8)>, SubmissionError> {
        let mut file = EncodingFile::open(bytes)?;
        let mut rows = Vec::new();
        while file.next_rows(|subject, views| {
            rows.push((subject.is_some(), views.map_or(0, |own| own[0][0])));
            Ok(())
        })? {}
        Ok(rows)
    }

    #[test]
    fn rows_of_a_plain_table_keep_their_number_where_one_has_no_encoding() {
        let schema = schema();
        let mut rows = crate::EncodedRows::new(&schema).unwrap();
        let mut file = rows.take();
        for row in [Some(vec![5; 256]), None, Some(vec![9; 256])] {
            rows.push(row.as_deref()).unwrap();
        }
        file.extend(rows.finish().unwrap());
        assert_eq!(read(&file).unwrap(), [(false, 5), (false, 0), (false, 9)]);
    }

    #[test]
    fn a_chunk_is_read_by_its_own_columns() {
        let bytes = chunk();
        assert_eq!(read(&bytes).unwrap(), [(true, 3), (true, 7)]);
        let file = EncodingFile::open(bytes.as_slice()).unwrap();
        assert!(
            file.views().iter().all(|(name, width)| name.starts_with("view:") && *width == 128)
        );
    }

    #[test]
    fn a_file_that_is_cut_or_goes_on_is_refused() {
        let bytes = chunk();
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_err(), "cut at {cut} of {}", bytes.len());
        }
        assert!(read(&[bytes.as_slice(), b"x"].concat()).is_err());
    }
}
