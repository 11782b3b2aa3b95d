//! The half for the statistics unit: subjects with coded facts.

use std::io::Cursor;
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt8Type, UInt16Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, FixedSizeBinaryArray, Int64Array, PrimitiveArray, RecordBatch, UInt8Array,
    UInt16Array, UInt32Array,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use policy::{Catalogue, Dataset, Name, UNKNOWN_CODE};

use crate::linkable::{fixed, required_fixed};
use crate::{Period, SubjectId, SubmissionError, UnitId, limits};

/// One fact row of one subject as the statistics unit sees it.
#[derive(PartialEq, Eq)]
pub struct Measures<'a> {
    /// The random subject id.
    pub subject: SubjectId,
    /// Number of the row within its subject, from 0.
    pub row: u32,
    /// The event year; a record that spans years has a row in each.
    pub year: u16,
    /// First month of the fact in that year, 1 to 12.
    pub first_month: u8,
    /// Last month of the fact in that year, 1 to 12.
    pub last_month: u8,
    /// Household or Bedarfsgemeinschaft, where the dataset names one.
    pub unit: Option<UnitId>,
    /// Key positions, in the dataset's order of dimensions; [`UNKNOWN_CODE`] for none.
    pub codes: &'a [u16],
    /// Amounts, in the dataset's order of measures; none where the row has none.
    pub amounts: &'a [Option<i64>],
}

/// Up to [`limits::CHUNK_ROWS`] fact rows of one dataset; travels as an Arrow IPC stream of one
/// record batch.
///
/// Columns: `subject` FixedSizeBinary(16), `row` UInt32, `year` UInt16, `first_month` UInt8,
/// `last_month` UInt8, `unit` FixedSizeBinary(16) nullable where the dataset has units, then
/// `dimension:<name>` UInt16 and `measure:<name>` Int64 nullable. Normative:
/// `docs/formats/measures.md`. There is no join with [`crate::LinkableChunk`].
pub struct MeasuresChunk {
    dimensions: Vec<Name>,
    measures: Vec<Name>,
    units: bool,
    subjects: Vec<SubjectId>,
    rows: Vec<u32>,
    years: Vec<u16>,
    first_months: Vec<u8>,
    last_months: Vec<u8>,
    unit_ids: Vec<Option<UnitId>>,
    codes: Vec<u16>,
    amounts: Vec<Option<i64>>,
}

impl MeasuresChunk {
    /// An empty chunk for a dataset.
    #[must_use]
    pub fn new(dataset: &Dataset) -> Self {
        Self {
            dimensions: dataset.dimensions.clone(),
            measures: dataset.measures.iter().map(|measure| measure.name.clone()).collect(),
            units: dataset.unit,
            subjects: Vec::new(),
            rows: Vec::new(),
            years: Vec::new(),
            first_months: Vec::new(),
            last_months: Vec::new(),
            unit_ids: Vec::new(),
            codes: Vec::new(),
            amounts: Vec::new(),
        }
    }

    /// Appends a row.
    ///
    /// # Errors
    /// [`SubmissionError::Limit`] for a full chunk, [`SubmissionError::Length`] for another number
    /// of codes or amounts than the dataset has.
    pub fn push(&mut self, row: &Measures<'_>) -> Result<(), SubmissionError> {
        if self.subjects.len() >= limits::CHUNK_ROWS {
            let limit = limits::CHUNK_ROWS as u64;
            return Err(SubmissionError::Limit { what: "number of rows of a chunk", limit });
        }
        for (what, expected, found) in [
            ("list of codes", self.dimensions.len(), row.codes.len()),
            ("list of amounts", self.measures.len(), row.amounts.len()),
        ] {
            if expected != found {
                return Err(SubmissionError::Length { what, expected, found });
            }
        }
        self.subjects.push(row.subject);
        self.rows.push(row.row);
        self.years.push(row.year);
        self.first_months.push(row.first_month);
        self.last_months.push(row.last_month);
        self.unit_ids.push(row.unit);
        self.codes.extend_from_slice(row.codes);
        self.amounts.extend_from_slice(row.amounts);
        Ok(())
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The subject of each row.
    #[must_use]
    pub fn subjects(&self) -> &[SubjectId] {
        &self.subjects
    }

    /// Row by row.
    pub fn iter(&self) -> impl Iterator<Item = Measures<'_>> {
        (0..self.subjects.len()).filter_map(|position| self.get(position))
    }

    fn get(&self, position: usize) -> Option<Measures<'_>> {
        let (d, m) = (self.dimensions.len(), self.measures.len());
        Some(Measures {
            subject: *self.subjects.get(position)?,
            row: *self.rows.get(position)?,
            year: *self.years.get(position)?,
            first_month: *self.first_months.get(position)?,
            last_month: *self.last_months.get(position)?,
            unit: *self.unit_ids.get(position)?,
            codes: self.codes.get(position * d..(position + 1) * d)?,
            amounts: self.amounts.get(position * m..(position + 1) * m)?,
        })
    }

    /// The bytes that travel.
    ///
    /// # Errors
    /// [`SubmissionError::Chunk`], which a chunk built by `push` does not give.
    pub fn encode(&self) -> Result<Vec<u8>, SubmissionError> {
        let mut columns: Vec<ArrayRef> = vec![
            fixed(16, self.subjects.iter().map(|s| s.as_bytes().as_slice()))?,
            Arc::new(UInt32Array::from(self.rows.clone())),
            Arc::new(UInt16Array::from(self.years.clone())),
            Arc::new(UInt8Array::from(self.first_months.clone())),
            Arc::new(UInt8Array::from(self.last_months.clone())),
        ];
        if self.units {
            columns.push(self.unit_column()?);
        }
        for position in 0..self.dimensions.len() {
            let column = self.codes.iter().skip(position).step_by(self.dimensions.len());
            columns.push(Arc::new(UInt16Array::from_iter_values(column.copied())));
        }
        for position in 0..self.measures.len() {
            let column = self.amounts.iter().skip(position).step_by(self.measures.len());
            columns.push(Arc::new(column.copied().collect::<Int64Array>()));
        }
        encode_batch(self.schema(), columns)
    }

    fn schema(&self) -> Schema {
        let mut fields = vec![
            Field::new("subject", DataType::FixedSizeBinary(16), false),
            Field::new("row", DataType::UInt32, false),
            Field::new("year", DataType::UInt16, false),
            Field::new("first_month", DataType::UInt8, false),
            Field::new("last_month", DataType::UInt8, false),
        ];
        if self.units {
            fields.push(Field::new("unit", DataType::FixedSizeBinary(16), true));
        }
        for name in &self.dimensions {
            fields.push(Field::new(format!("dimension:{name}"), DataType::UInt16, false));
        }
        for name in &self.measures {
            fields.push(Field::new(format!("measure:{name}"), DataType::Int64, true));
        }
        Schema::new(fields)
    }

    fn unit_column(&self) -> Result<ArrayRef, SubmissionError> {
        let mut builder = FixedSizeBinaryBuilder::with_capacity(self.unit_ids.len(), 16);
        for unit in &self.unit_ids {
            match unit {
                Some(id) => builder
                    .append_value(id.as_bytes())
                    .map_err(|e| SubmissionError::Chunk(e.to_string()))?,
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Reads a chunk that arrived and checks every fact against the catalogue.
    ///
    /// # Errors
    /// [`SubmissionError::Limit`], [`SubmissionError::Chunk`] naming the column,
    /// [`SubmissionError::Fact`] or [`SubmissionError::Class`] naming row and rule.
    pub fn decode(
        bytes: &[u8],
        catalogue: &Catalogue,
        name: &Name,
        period: &Period,
    ) -> Result<Self, SubmissionError> {
        let dataset = catalogue.dataset(name)?;
        let mut chunk = Self::new(dataset);
        let expected = chunk.schema();
        let batch = decode_batch(bytes, expected.fields().len())?;
        for (position, field) in expected.fields().iter().enumerate() {
            let own = batch.schema_ref().fields().get(position).map(|f| f.name().clone());
            if own.as_ref() != Some(field.name()) {
                return Err(column_error(position, field.name()));
            }
        }
        chunk.read_columns(&batch)?;
        chunk.check(catalogue, dataset, period)?;
        Ok(chunk)
    }

    fn read_columns(&mut self, batch: &RecordBatch) -> Result<(), SubmissionError> {
        let subjects = fixed_column(batch, 0, "subject", 16)?;
        for row in 0..batch.num_rows() {
            self.subjects.push(SubjectId::from_wire(subjects.value(row))?);
        }
        self.rows = primitive::<UInt32Type>(batch, 1, "row")?.values().to_vec();
        self.years = primitive::<UInt16Type>(batch, 2, "year")?.values().to_vec();
        self.first_months = primitive::<UInt8Type>(batch, 3, "first_month")?.values().to_vec();
        self.last_months = primitive::<UInt8Type>(batch, 4, "last_month")?.values().to_vec();
        let mut next = 5;
        if self.units {
            let units =
                required_fixed(batch, next, 16).ok_or_else(|| column_error(next, "unit"))?;
            for row in 0..batch.num_rows() {
                let unit = units.is_valid(row).then(|| UnitId::from_wire(units.value(row)));
                self.unit_ids.push(unit.transpose()?);
            }
            next += 1;
        } else {
            self.unit_ids = vec![None; batch.num_rows()];
        }
        let mut code_columns = Vec::new();
        for name in &self.dimensions {
            code_columns.push(primitive::<UInt16Type>(batch, next, name.as_str())?);
            next += 1;
        }
        let mut amount_columns = Vec::new();
        for name in &self.measures {
            amount_columns.push(amounts(batch, next, name.as_str())?);
            next += 1;
        }
        for row in 0..batch.num_rows() {
            self.codes.extend(code_columns.iter().map(|column| column.value(row)));
            let value = |c: &&Int64Array| c.is_valid(row).then(|| c.value(row));
            self.amounts.extend(amount_columns.iter().map(value));
        }
        Ok(())
    }

    fn check(
        &self,
        catalogue: &Catalogue,
        dataset: &Dataset,
        period: &Period,
    ) -> Result<(), SubmissionError> {
        let mut keys = Vec::new();
        for name in &self.dimensions {
            keys.push((name, catalogue.dimension(name)?.keys.len()));
        }
        for (position, row) in self.iter().enumerate() {
            let fail = |why: String| Err(SubmissionError::Fact { row: position, why });
            let outside = |why: String| Err(SubmissionError::Class { row: position, why });
            let months = 1..=12;
            let ordered = row.first_month <= row.last_month;
            if !months.contains(&row.first_month) || !months.contains(&row.last_month) || !ordered {
                return fail("months must be 1 to 12 in order".into());
            }
            let index = |month: u8| u32::from(row.year) * 12 + u32::from(month) - 1;
            if index(row.first_month) < period.from.index()
                || index(row.last_month) > period.to.index()
            {
                return fail("month lies outside the period of the manifest".into());
            }
            for (code, (name, count)) in row.codes.iter().zip(&keys) {
                if *code != UNKNOWN_CODE && usize::from(*code) >= *count {
                    return outside(format!("dimension `{name}` has no such key"));
                }
            }
            for (amount, measure) in row.amounts.iter().zip(&dataset.measures) {
                let Some(amount) = amount else { continue };
                if *amount != measure.coarsen(*amount) {
                    return outside(format!(
                        "measure `{}` is out of bounds or too fine",
                        measure.name
                    ));
                }
            }
        }
        Ok(())
    }
}

fn column_error(position: usize, name: &str) -> SubmissionError {
    SubmissionError::Chunk(format!("column {position} must be `{name}` of the agreed type"))
}

pub(crate) fn fixed_column<'a>(
    batch: &'a RecordBatch,
    position: usize,
    name: &str,
    width: usize,
) -> Result<&'a FixedSizeBinaryArray, SubmissionError> {
    let named = batch.schema_ref().fields().get(position).is_some_and(|f| f.name() == name);
    required_fixed(batch, position, width)
        .filter(|array| named && array.null_count() == 0)
        .ok_or_else(|| column_error(position, name))
}

fn primitive<'a, T: arrow_array::ArrowPrimitiveType>(
    batch: &'a RecordBatch,
    position: usize,
    name: &str,
) -> Result<&'a PrimitiveArray<T>, SubmissionError> {
    batch
        .columns()
        .get(position)
        .and_then(|column| column.as_primitive_opt::<T>())
        .filter(|array| array.null_count() == 0)
        .ok_or_else(|| column_error(position, name))
}

fn amounts<'a>(
    batch: &'a RecordBatch,
    position: usize,
    name: &str,
) -> Result<&'a Int64Array, SubmissionError> {
    batch
        .columns()
        .get(position)
        .and_then(|column| column.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| column_error(position, name))
}

pub(crate) fn encode_batch(
    schema: Schema,
    columns: Vec<ArrayRef>,
) -> Result<Vec<u8>, SubmissionError> {
    let fail = |e: arrow_schema::ArrowError| SubmissionError::Chunk(e.to_string());
    let batch = RecordBatch::try_new(Arc::new(schema), columns).map_err(fail)?;
    let mut writer = StreamWriter::try_new(Vec::new(), batch.schema_ref()).map_err(fail)?;
    writer.write(&batch).map_err(fail)?;
    writer.into_inner().map_err(fail)
}

pub(crate) fn decode_batch(bytes: &[u8], columns: usize) -> Result<RecordBatch, SubmissionError> {
    if bytes.len() as u64 > limits::CHUNK_BYTES {
        return Err(SubmissionError::Limit { what: "size of a chunk", limit: limits::CHUNK_BYTES });
    }
    let fail = |e: arrow_schema::ArrowError| SubmissionError::Chunk(e.to_string());
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None).map_err(fail)?;
    let missing = || SubmissionError::Chunk("no record batch in the stream".into());
    let batch = reader.next().ok_or_else(missing)?.map_err(fail)?;
    if reader.next().is_some() {
        return Err(SubmissionError::Chunk("more than one record batch in the stream".into()));
    }
    if batch.num_rows() == 0 || batch.num_rows() > limits::CHUNK_ROWS {
        let limit = limits::CHUNK_ROWS as u64;
        return Err(SubmissionError::Limit { what: "number of rows of a chunk", limit });
    }
    if batch.num_columns() != columns {
        let found = batch.num_columns();
        return Err(SubmissionError::Chunk(format!("{columns} columns expected, {found} found")));
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_policy::{catalogue, sgb2};
    use crate::{Month, SubjectId};

    fn period() -> Period {
        Period { from: Month::new(2022, 1).unwrap(), to: Month::new(2025, 12).unwrap() }
    }

    fn row(codes: &'static [u16; 1], amounts: &'static [Option<i64>; 1]) -> Measures<'static> {
        Measures {
            subject: SubjectId::from_wire(&[5; 16]).unwrap(),
            row: 0,
            year: 2024,
            first_month: 2,
            last_month: 3,
            unit: Some(UnitId::from_wire(&[6; 16]).unwrap()),
            codes,
            amounts,
        }
    }

    fn round_trip(row: &Measures<'_>) -> Result<MeasuresChunk, SubmissionError> {
        let catalogue = catalogue();
        let mut chunk = MeasuresChunk::new(catalogue.dataset(&sgb2()).unwrap());
        chunk.push(row).unwrap();
        MeasuresChunk::decode(&chunk.encode().unwrap(), &catalogue, &sgb2(), &period())
    }

    #[test]
    fn a_row_reads_back() {
        let sent = row(&[1], &[Some(440)]);
        let chunk = round_trip(&sent).unwrap();
        assert!(chunk.iter().next().unwrap() == sent);
        assert!(round_trip(&row(&[UNKNOWN_CODE], &[None])).is_ok());
    }

    #[test]
    fn facts_outside_the_catalogue_are_refused_without_their_value() {
        let cases: [(fn(&mut Measures<'static>), &str); 7] = [
            (|r| r.codes = &[2], "no such key"),
            (|r| r.amounts = &[Some(1510)], "out of bounds"),
            (|r| r.amounts = &[Some(-10)], "out of bounds"),
            (|r| r.amounts = &[Some(443)], "too fine"),
            (|r| r.first_month = 0, "months"),
            (|r| r.last_month = 1, "months"),
            (|r| r.year = 2021, "period"),
        ];
        for (spoil, word) in cases {
            let mut spoilt = row(&[1], &[Some(440)]);
            spoil(&mut spoilt);
            let text = round_trip(&spoilt).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{word}: {text}");
            assert!(!text.contains("443") && !text.contains("1510"), "{text}");
        }
    }
}
