//! The table as a Parquet file, for DuckDB, pandas, R and Power BI.

use std::sync::Arc;

use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type, TypePtr};

use super::{Column, ColumnKind, Language, LongTable, Value};
use crate::Error;

/// Rows that are written and read as one piece.
const GROUP: usize = 100_000;

impl LongTable {
    /// As a Parquet file without compression: texts UTF-8, whole numbers 64 bits, numbers double,
    /// days as dates; `null` where there is no value.
    ///
    /// # Errors
    /// [`Error::Parquet`].
    pub fn parquet(&self, language: Language) -> Result<Vec<u8>, Error> {
        self.in_parquet(language).map_err(|_| Error::Parquet)
    }

    fn in_parquet(&self, language: Language) -> Result<Vec<u8>, ParquetError> {
        let columns: Vec<(usize, &Column, &str)> = self.columns_in(language).collect();
        let fields = columns.iter().map(|(_, own, name)| field(own, name));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let schema = Arc::new(Type::group_type_builder("freigaben").with_fields(fields).build()?);
        let words = columns.iter().map(|(_, own, name)| {
            KeyValue::new(format!("column:{name}"), own.words(language).to_owned())
        });
        let properties = WriterProperties::builder()
            .set_created_by("Milchglas".to_owned())
            .set_key_value_metadata(Some(words.collect()))
            .build();
        let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
        for rows in self.rows.chunks(GROUP) {
            let mut group = file.next_row_group()?;
            for (at, own, _) in &columns {
                let Some(mut writer) = group.next_column()? else { break };
                let values = rows.iter().map(|row| row.get(*at).unwrap_or(&Value::Nothing));
                write(&mut writer, own, values)?;
                writer.close()?;
            }
            group.close()?;
        }
        file.into_inner()
    }
}

fn field(column: &Column, name: &str) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match column.kind {
        ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnKind::Whole => (Physical::INT64, None),
        ColumnKind::Number => (Physical::DOUBLE, None),
        ColumnKind::Truth => (Physical::BOOLEAN, None),
        ColumnKind::Date => (Physical::INT32, Some(LogicalType::Date)),
    };
    let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    Type::primitive_type_builder(name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()
        .map(Arc::new)
}

fn write<'a>(
    writer: &mut SerializedColumnWriter<'_>,
    column: &Column,
    values: impl Iterator<Item = &'a Value> + Clone,
) -> Result<(), ParquetError> {
    let there = |own: &Value| i16::from(*own != Value::Nothing);
    let levels: Vec<i16> = values.clone().map(there).collect();
    let levels = column.optional.then_some(levels.as_slice());
    match column.kind {
        ColumnKind::Text => {
            let own = values.filter_map(|own| match own {
                Value::Text(own) => Some(ByteArray::from(&**own)),
                _ => None,
            });
            writer.typed::<ByteArrayType>().write_batch(&own.collect::<Vec<_>>(), levels, None)?;
        }
        ColumnKind::Whole => {
            let own = values.filter_map(|own| match own {
                Value::Whole(own) => Some(*own),
                _ => None,
            });
            writer.typed::<Int64Type>().write_batch(&own.collect::<Vec<_>>(), levels, None)?;
        }
        ColumnKind::Number => {
            let own: Vec<f64> = values.filter_map(number).collect();
            writer.typed::<DoubleType>().write_batch(&own, levels, None)?;
        }
        ColumnKind::Truth => {
            let own = values.filter_map(|own| match own {
                Value::Truth(own) => Some(*own),
                _ => None,
            });
            writer.typed::<BoolType>().write_batch(&own.collect::<Vec<_>>(), levels, None)?;
        }
        ColumnKind::Date => {
            let own: Vec<i32> = values.filter_map(days).collect();
            writer.typed::<Int32Type>().write_batch(&own, levels, None)?;
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "read amounts are at most 2^53")]
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Whole(own) => Some(*own as f64),
        Value::Number(own) => Some(*own),
        _ => None,
    }
}

/// Since 1970.
fn days(value: &Value) -> Option<i32> {
    let Value::Date(own) = value else { return None };
    own.since(jiff::civil::date(1970, 1, 1)).ok().map(|span| span.get_days())
}
