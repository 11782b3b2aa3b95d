//! One SQL text with `$1` parameters for both dialects: values in, rows out.

use crate::Error;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Database, Decode, Encode, Postgres, Row as _, SqlSafeStr, Sqlite, Type};

/// A parameter. Nulls carry their type, because PostgreSQL asks for it.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Int(i64),
    Text(&'a str),
    NoText,
    Bytes(&'a [u8]),
    NoBytes,
}

impl<'a> Value<'a> {
    pub(crate) fn maybe_text(text: Option<&'a str>) -> Self {
        text.map_or(Self::NoText, Self::Text)
    }

    /// An unsigned number; both databases count to 2^63−1.
    pub(crate) fn count(number: u64) -> Result<Self, Error> {
        i64::try_from(number).map(Self::Int).map_err(|_| Error::Overflow)
    }
}

pub(crate) fn bind<'q, DB>(
    sql: impl SqlSafeStr,
    values: &[Value<'_>],
) -> Query<'q, DB, <DB as Database>::Arguments>
where
    DB: Database,
    i64: for<'e> Encode<'e, DB> + Type<DB>,
    String: for<'e> Encode<'e, DB> + Type<DB>,
    Option<String>: for<'e> Encode<'e, DB> + Type<DB>,
    Vec<u8>: for<'e> Encode<'e, DB> + Type<DB>,
    Option<Vec<u8>>: for<'e> Encode<'e, DB> + Type<DB>,
{
    values.iter().fold(sqlx::query(sql), |query, value| match *value {
        Value::Int(number) => query.bind(number),
        Value::Text(text) => query.bind(text.to_owned()),
        Value::NoText => query.bind(None::<String>),
        Value::Bytes(bytes) => query.bind(bytes.to_vec()),
        Value::NoBytes => query.bind(None::<Vec<u8>>),
    })
}

/// A row of either database. Columns are read by position.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn get<T>(&self, column: usize) -> Result<T, Error>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite>,
        T: for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        self.get(column)
    }

    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error> {
        self.get(column)
    }

    pub(crate) fn count(&self, column: usize) -> Result<u64, Error> {
        u64::try_from(self.int(column)?).map_err(|_| Error::Damaged("a count"))
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, Error> {
        self.get(column)
    }

    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<String>, Error> {
        self.get(column)
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, Error> {
        self.get(column)
    }

    pub(crate) fn maybe_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, Error> {
        self.get(column)
    }

    /// A value of fixed length: a digest, an id, a signature.
    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Error> {
        self.bytes(column)?.try_into().map_err(|_| Error::Damaged("a digest or id"))
    }
}
