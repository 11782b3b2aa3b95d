//! Encodings without subjects, row by row, for whoever links by other means than a batch.

use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use policy::LinkageSchema;

use crate::{SubmissionError, limits};

/// A file of encodings as it comes about: an Arrow IPC stream with one column `view:<name>` per
/// view, FixedSizeBinary(bits / 8), in record batches of [`limits::CHUNK_ROWS`]. A row that could
/// not be encoded is null in every view, so that rows keep their number.
///
/// It holds one record batch at a time; what is finished is taken by [`Self::take`].
pub struct EncodedRows {
    schema: SchemaRef,
    writer: StreamWriter<Vec<u8>>,
    views: Vec<FixedSizeBinaryBuilder>,
    width: usize,
    rows: usize,
}

impl EncodedRows {
    /// A file without rows.
    ///
    /// # Errors
    /// [`SubmissionError::Chunk`], which a checked schema does not give.
    pub fn new(schema: &LinkageSchema) -> Result<Self, SubmissionError> {
        let width = schema.filter_bytes();
        let column = i32::try_from(width).map_err(|e| SubmissionError::Chunk(e.to_string()))?;
        let field = |name| Field::new(name, DataType::FixedSizeBinary(column), true);
        let names = schema.views.iter().map(|view| format!("view:{}", view.name));
        let arrow: SchemaRef = Arc::new(Schema::new(names.map(field).collect::<Vec<_>>()));
        let writer = StreamWriter::try_new(Vec::new(), &arrow).map_err(failed)?;
        let builder = |_| FixedSizeBinaryBuilder::with_capacity(limits::CHUNK_ROWS, column);
        let views = schema.views.iter().map(builder).collect();
        Ok(Self { schema: arrow, writer, views, width, rows: 0 })
    }

    /// Appends a row: its encodings, one view after the other, or none.
    ///
    /// # Errors
    /// [`SubmissionError::Length`] for encodings that do not fit the schema.
    pub fn push(&mut self, encodings: Option<&[u8]>) -> Result<(), SubmissionError> {
        match encodings {
            None => self.views.iter_mut().for_each(FixedSizeBinaryBuilder::append_null),
            Some(bytes) if bytes.len() == self.width * self.views.len() => {
                for (view, filter) in self.views.iter_mut().zip(bytes.chunks_exact(self.width)) {
                    view.append_value(filter).map_err(failed)?;
                }
            }
            Some(bytes) => {
                let (expected, found) = (self.width * self.views.len(), bytes.len());
                return Err(SubmissionError::Length { what: "row of encodings", expected, found });
            }
        }
        self.rows += 1;
        if self.rows == limits::CHUNK_ROWS { self.end_batch() } else { Ok(()) }
    }

    fn end_batch(&mut self) -> Result<(), SubmissionError> {
        let columns = self.views.iter_mut().map(|view| Arc::new(view.finish()) as ArrayRef);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect());
        self.rows = 0;
        self.writer.write(&batch.map_err(failed)?).map_err(failed)
    }

    /// What is finished of the file since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.get_mut())
    }

    /// The end of the file.
    ///
    /// # Errors
    /// [`SubmissionError::Chunk`], which rows taken by [`Self::push`] do not give.
    pub fn finish(mut self) -> Result<Vec<u8>, SubmissionError> {
        if self.rows > 0 {
            self.end_batch()?;
        }
        self.writer.into_inner().map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn failed(error: ArrowError) -> SubmissionError {
    SubmissionError::Chunk(error.to_string())
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_ipc::reader::StreamReader;

    use super::*;
    use crate::test_policy::schema;

    #[test]
    fn rows_keep_their_number_over_batches_and_gaps() {
        let schema = schema();
        let width = schema.filter_bytes() * schema.views.len();
        let mut rows = EncodedRows::new(&schema).unwrap();
        let mut file = rows.take();
        let count = limits::CHUNK_ROWS + 3;
        for row in 0..count {
            let bytes = vec![row as u8; width];
            rows.push((row % 5 != 4).then_some(&bytes[..])).unwrap();
            file.extend(rows.take());
        }
        assert!(rows.push(Some(&[1; 3])).is_err());
        file.extend(rows.finish().unwrap());
        let mut row = 0_usize;
        for batch in StreamReader::try_new(std::io::Cursor::new(file), None).unwrap() {
            let batch = batch.unwrap();
            assert_eq!(batch.num_columns(), schema.views.len());
            assert_eq!(batch.schema().field(0).name(), &format!("view:{}", schema.views[0].name));
            for column in batch.columns() {
                let column = column.as_fixed_size_binary();
                for at in 0..column.len() {
                    assert_eq!(column.is_null(at), (row + at) % 5 == 4);
                    assert!(column.is_null(at) || column.value(at)[0] == (row + at) as u8);
                }
            }
            row += batch.num_rows();
        }
        assert_eq!(row, count);
    }
}
