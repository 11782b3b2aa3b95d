//! The table on its way from a unit to a program that writes it into a database.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Column, ColumnKind, LongTable, Value};
use crate::Error;

const FORMAT: &str = "milchglas/long-table/v1";
/// Most columns.
const MAX_COLUMNS: usize = 200;
/// Longest text, in characters.
const MAX_TEXT: usize = 4_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    columns: Vec<WireColumn>,
    rows: Vec<Vec<Json>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireColumn {
    german: Option<String>,
    english: Option<String>,
    kind: WireKind,
    optional: bool,
    words: String,
    english_words: String,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum WireKind {
    Text,
    Whole,
    Number,
    Truth,
    Date,
}

impl LongTable {
    /// Most bytes that are read.
    pub const MAX_BYTES: usize = 1 << 30;

    /// With the columns as they are, in `milchglas/long-table/v1`; [`LongTable::read`] reads it.
    ///
    /// # Errors
    /// [`Error::LongTable`].
    pub fn json(&self) -> Result<Vec<u8>, Error> {
        let column = |own: &Column| WireColumn {
            german: own.german.clone(),
            english: own.english.clone(),
            kind: own.kind.into(),
            optional: own.optional,
            words: own.words.clone(),
            english_words: own.english_words.clone(),
        };
        let value = |own: &Value| match own {
            Value::Nothing => Json::Null,
            Value::Text(own) => Json::from(&**own),
            Value::Whole(own) => Json::from(*own),
            Value::Number(own) => Json::from(*own),
            Value::Truth(own) => Json::from(*own),
            Value::Date(own) => Json::from(own.to_string()),
        };
        let wire = Wire {
            format: FORMAT.to_owned(),
            columns: self.columns.iter().map(column).collect(),
            rows: self.rows.iter().map(|row| row.iter().map(value).collect()).collect(),
        };
        serde_json::to_vec(&wire).map_err(|_| Error::LongTable("it could not be written"))
    }

    /// Reads what [`LongTable::json`] wrote. Names of columns become names in a database, so they
    /// are checked like everything else.
    ///
    /// # Errors
    /// [`Error::LongTable`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(Error::LongTable("it is too great"));
        }
        let wire: Wire = serde_json::from_slice(bytes)
            .map_err(|_| Error::LongTable("it is not JSON of this form"))?;
        if wire.format != FORMAT {
            return Err(Error::LongTable("it has another format or version"));
        }
        if wire.columns.len() > MAX_COLUMNS || wire.rows.len() > Self::MAX_ROWS {
            return Err(Error::LongTable("it has too many columns or rows"));
        }
        let columns: Vec<Column> =
            wire.columns.into_iter().map(WireColumn::check).collect::<Result<_, _>>()?;
        for language in [super::Language::German, super::Language::English] {
            let mut names: Vec<&str> =
                columns.iter().filter_map(|own| own.name(language)).collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err(Error::LongTable("two columns have one name"));
            }
        }
        let row = |own: Vec<Json>| {
            if own.len() != columns.len() {
                return Err(Error::LongTable("a row has one value per column"));
            }
            own.into_iter().zip(&columns).map(|(value, column)| read(value, column)).collect()
        };
        let rows = wire.rows.into_iter().map(row).collect::<Result<_, Error>>()?;
        let table = Self { columns, rows };
        let needed = [super::columns::INDICATOR_ID, super::columns::INDICATOR, "is_current", "id"];
        if needed.iter().any(|name| table.place(name).is_none()) {
            return Err(Error::LongTable("a column that every table has is missing"));
        }
        Ok(table)
    }
}

impl WireColumn {
    fn check(self) -> Result<Column, Error> {
        let is_plain = |name: &String| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            (1..=60).contains(&name.len())
                && name.bytes().all(plain)
                && name.starts_with(|c: char| c.is_ascii_lowercase())
        };
        if self.german.is_none() && self.english.is_none() {
            return Err(Error::LongTable("a column has a name"));
        }
        if !self.german.iter().chain(&self.english).all(is_plain) {
            return Err(Error::LongTable("a column's name is of a-z, 0-9 and _"));
        }
        Ok(Column {
            german: self.german,
            english: self.english,
            kind: self.kind.into(),
            optional: self.optional,
            words: text(self.words)?,
            english_words: text(self.english_words)?,
        })
    }
}

fn text(own: String) -> Result<String, Error> {
    if own.chars().count() > MAX_TEXT || own.contains(char::is_control) {
        return Err(Error::LongTable("a text is printable and not overlong"));
    }
    Ok(own)
}

fn read(value: Json, column: &Column) -> Result<Value, Error> {
    const WRONG: Error = Error::LongTable("a value is not of its column's kind");
    Ok(match (value, column.kind) {
        (Json::Null, _) if column.optional => Value::Nothing,
        (Json::String(own), ColumnKind::Text) => Value::Text(Arc::from(text(own)?)),
        (Json::String(own), ColumnKind::Date) => Value::Date(own.parse().map_err(|_| WRONG)?),
        (Json::Bool(own), ColumnKind::Truth) => Value::Truth(own),
        (Json::Number(own), ColumnKind::Whole) => Value::Whole(own.as_i64().ok_or(WRONG)?),
        (Json::Number(own), ColumnKind::Number) => match own.as_i64() {
            Some(own) => Value::Whole(own),
            None => Value::Number(own.as_f64().filter(|own| own.is_finite()).ok_or(WRONG)?),
        },
        _ => return Err(WRONG),
    })
}

impl From<ColumnKind> for WireKind {
    fn from(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Text => Self::Text,
            ColumnKind::Whole => Self::Whole,
            ColumnKind::Number => Self::Number,
            ColumnKind::Truth => Self::Truth,
            ColumnKind::Date => Self::Date,
        }
    }
}

impl From<WireKind> for ColumnKind {
    fn from(kind: WireKind) -> Self {
        match kind {
            WireKind::Text => Self::Text,
            WireKind::Whole => Self::Whole,
            WireKind::Number => Self::Number,
            WireKind::Truth => Self::Truth,
            WireKind::Date => Self::Date,
        }
    }
}
