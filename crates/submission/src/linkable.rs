//! The half for the linkage unit: subjects with one encoding per view.

use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use policy::LinkageSchema;

use crate::measures::{decode_batch, encode_batch, fixed_column};
use crate::{Encoding, SubjectId, SubmissionError, limits};

/// One subject as the linkage unit sees it.
pub struct Linkable<'a> {
    /// The random subject id.
    pub subject: SubjectId,
    /// Filter bytes per view, in the order of the schema.
    pub views: Vec<&'a [u8]>,
}

/// Up to [`limits::CHUNK_ROWS`] linkables; travels as an Arrow IPC stream of one record batch.
///
/// Columns: `subject` FixedSizeBinary(16) and, per view, `view:<name>`
/// FixedSizeBinary(bits / 8). Normative: `docs/formats/linkable.md`. There is no join with
/// [`crate::MeasuresChunk`].
pub struct LinkableChunk {
    subjects: Vec<SubjectId>,
    names: Vec<String>,
    width: usize,
    views: Vec<Vec<u8>>,
}

impl LinkableChunk {
    /// An empty chunk for a schema.
    #[must_use]
    pub fn new(schema: &LinkageSchema) -> Self {
        Self {
            subjects: Vec::new(),
            names: schema.views.iter().map(|view| format!("view:{}", view.name)).collect(),
            width: schema.filter_bytes(),
            views: vec![Vec::new(); schema.views.len()],
        }
    }

    /// Appends a subject with its encodings, one per view.
    ///
    /// # Errors
    /// [`SubmissionError::Limit`] for a full chunk, [`SubmissionError::Length`] for an encoding
    /// that does not fit the schema.
    pub fn push(
        &mut self,
        subject: SubjectId,
        encodings: &[Encoding],
    ) -> Result<(), SubmissionError> {
        if encodings.len() != self.views.len() {
            let (expected, found) = (self.views.len(), encodings.len());
            return Err(SubmissionError::Length { what: "list of views", expected, found });
        }
        if let Some(other) = encodings.iter().find(|e| e.as_bytes().len() != self.width) {
            let (expected, found) = (self.width, other.as_bytes().len());
            return Err(SubmissionError::Length { what: "encoding", expected, found });
        }
        self.append(subject, encodings.iter().map(Encoding::as_bytes))
    }

    /// Appends a subject with its encodings as bytes, one view after the other.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_bytes(&mut self, subject: SubjectId, bytes: &[u8]) -> Result<(), SubmissionError> {
        let expected = self.width * self.views.len();
        if bytes.len() != expected {
            let found = bytes.len();
            return Err(SubmissionError::Length { what: "row of encodings", expected, found });
        }
        self.append(subject, bytes.chunks_exact(self.width))
    }

    fn append<'a>(
        &mut self,
        subject: SubjectId,
        encodings: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), SubmissionError> {
        if self.subjects.len() >= limits::CHUNK_ROWS {
            let limit = limits::CHUNK_ROWS as u64;
            return Err(SubmissionError::Limit { what: "number of rows of a chunk", limit });
        }
        for (view, encoding) in self.views.iter_mut().zip(encodings) {
            view.extend_from_slice(encoding);
        }
        self.subjects.push(subject);
        Ok(())
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The subjects, in the order of the chunk.
    #[must_use]
    pub fn subjects(&self) -> &[SubjectId] {
        &self.subjects
    }

    /// Subject by subject.
    pub fn iter(&self) -> impl Iterator<Item = Linkable<'_>> {
        let mut filters: Vec<_> = self.views.iter().map(|v| v.chunks_exact(self.width)).collect();
        self.subjects.iter().map(move |subject| Linkable {
            subject: *subject,
            views: filters.iter_mut().filter_map(Iterator::next).collect(),
        })
    }

    /// The bytes that travel.
    ///
    /// # Errors
    /// [`SubmissionError::Chunk`], which a chunk built by `push` does not give.
    pub fn encode(&self) -> Result<Vec<u8>, SubmissionError> {
        let mut fields = vec![Field::new("subject", DataType::FixedSizeBinary(16), false)];
        let mut columns = vec![fixed(16, self.subjects.iter().map(|s| s.as_bytes().as_slice()))?];
        for (name, view) in self.names.iter().zip(&self.views) {
            let width = i32::try_from(self.width)
                .map_err(|_| SubmissionError::Chunk("filter too long".into()))?;
            fields.push(Field::new(name, DataType::FixedSizeBinary(width), false));
            columns.push(fixed(width, view.chunks_exact(self.width))?);
        }
        encode_batch(Schema::new(fields), columns)
    }

    /// Reads a chunk that arrived; the columns must be the schema's, in its order.
    ///
    /// # Errors
    /// [`SubmissionError::Limit`] or [`SubmissionError::Chunk`] naming the column.
    pub fn decode(bytes: &[u8], schema: &LinkageSchema) -> Result<Self, SubmissionError> {
        let mut chunk = Self::new(schema);
        let batch = decode_batch(bytes, 1 + chunk.names.len())?;
        let subjects = fixed_column(&batch, 0, "subject", 16)?;
        for position in 0..batch.num_rows() {
            chunk.subjects.push(SubjectId::from_wire(subjects.value(position))?);
        }
        for (position, name) in chunk.names.iter().enumerate() {
            let column = fixed_column(&batch, position + 1, name, chunk.width)?;
            let Some(view) = chunk.views.get_mut(position) else { continue };
            view.reserve(column.len() * chunk.width);
            for row in 0..batch.num_rows() {
                view.extend_from_slice(column.value(row));
            }
        }
        Ok(chunk)
    }
}

pub(crate) fn fixed<'a>(
    width: i32,
    values: impl ExactSizeIterator<Item = &'a [u8]>,
) -> Result<ArrayRef, SubmissionError> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(values.len(), width);
    for value in values {
        builder.append_value(value).map_err(|e| SubmissionError::Chunk(e.to_string()))?;
    }
    Ok(Arc::new(builder.finish()))
}

/// Column `position` as fixed-size bytes without nulls.
pub(crate) fn required_fixed(
    batch: &RecordBatch,
    position: usize,
    width: usize,
) -> Option<&arrow_array::FixedSizeBinaryArray> {
    let column = batch.columns().get(position)?;
    let array = column.as_fixed_size_binary_opt()?;
    let fits = usize::try_from(array.value_length()).is_ok_and(|own| own == width);
    fits.then_some(array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_policy::schema;

    #[test]
    fn a_chunk_reads_back_and_other_columns_are_refused() {
        let random = ring::rand::SystemRandom::new();
        let mut chunk = LinkableChunk::new(&schema());
        for fill in [3_u8, 7] {
            let encodings =
                [Encoding::new(&[fill; 128]).unwrap(), Encoding::new(&[1; 128]).unwrap()];
            let subject = SubjectId::random(&random).unwrap();
            let bytes: Vec<u8> = encodings.iter().flat_map(|e| e.as_bytes()).copied().collect();
            match fill {
                3 => chunk.push(subject, &encodings).unwrap(),
                _ => chunk.push_bytes(subject, &bytes).unwrap(),
            }
            assert!(chunk.push_bytes(subject, &bytes[1..]).is_err());
        }
        let bytes = chunk.encode().unwrap();
        let back = LinkableChunk::decode(&bytes, &schema()).unwrap();
        assert_eq!(back.subjects(), chunk.subjects());
        let views: Vec<u8> = back.iter().map(|l| l.views[0][5]).collect();
        assert_eq!(views, [3, 7]);

        let mut other = schema();
        other.views.pop();
        assert!(LinkableChunk::decode(&bytes, &other).is_err(), "number of views");
        let mut other = schema();
        other.bits = 512;
        assert!(LinkableChunk::decode(&bytes, &other).is_err(), "length of a filter");
        let mut other = schema();
        other.views.swap(0, 1);
        assert!(LinkableChunk::decode(&bytes, &other).is_err(), "order of views");
    }

    #[test]
    fn truncated_and_altered_streams_are_errors() {
        let random = ring::rand::SystemRandom::new();
        let mut chunk = LinkableChunk::new(&schema());
        let encodings = [Encoding::new(&[9; 128]).unwrap(), Encoding::new(&[1; 128]).unwrap()];
        chunk.push(SubjectId::random(&random).unwrap(), &encodings).unwrap();
        let bytes = chunk.encode().unwrap();
        assert!(LinkableChunk::decode(&[], &schema()).is_err());
        for cut in (0..bytes.len().saturating_sub(16)).step_by(7) {
            assert!(LinkableChunk::decode(&bytes[..cut], &schema()).is_err(), "cut at {cut}");
        }
    }
}
