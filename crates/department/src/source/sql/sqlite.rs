//! SQLite: a file, opened read-only.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Executor, Row, SqlSafeStr, Statement, TypeInfo,
    ValueRef,
};

use super::SqlSource;
use super::fault::SqlFault;
use super::stream;
use super::table::Table;
use super::values::{Column, Kind, check_names};

pub(super) async fn read(
    source: &SqlSource,
    path: &Path,
    table: &mut Table<'_>,
) -> Result<(), SqlFault> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .pragma("query_only", "ON");
    let mut connection = options.connect().await.map_err(|e| SqlFault::connecting(&e))?;
    let stop = Stop::of(&mut connection).await?;
    let columns = columns(&mut connection, &source.query).await?;
    table.header(&columns)?;
    let query = sqlx::raw_sql(AssertSqlSafe(source.query.clone()));
    let mut rows = query.fetch(&mut connection);
    while let Some(row) = stream::next(&mut rows).await {
        let row = row.map_err(|e| SqlFault::after(&e, table.rows()))?;
        let same = row.columns().len() == columns.len();
        if !same {
            return Err(SqlFault::Query("it has several statements; write one SELECT".into()));
        }
        let number = table.rows() + 1;
        let cells = columns.iter().enumerate().map(|(position, column)| {
            cell(&row, position, column).map_err(|kind| SqlFault::Value {
                row: number,
                column: column.name.clone(),
                kind,
            })
        });
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        table.row(cells.iter())?;
    }
    drop(stop);
    Ok(())
}

/// Dropped when the time is up: then the file's own thread ends its query too.
struct Stop(Arc<AtomicBool>);

impl Stop {
    async fn of(connection: &mut SqliteConnection) -> Result<Self, SqlFault> {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let mut handle = connection.lock_handle().await.map_err(|e| SqlFault::before(&e))?;
        handle.set_progress_handler(10_000, move || !seen.load(Ordering::Relaxed));
        Ok(Self(stop))
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Types are declared, but each value has its own; the declaration tells dates and truth values.
async fn columns(connection: &mut SqliteConnection, query: &str) -> Result<Vec<Column>, SqlFault> {
    let query = AssertSqlSafe(query.to_owned()).into_sql_str();
    let statement = connection.prepare(query).await.map_err(|e| SqlFault::before(&e))?;
    if let Some(sqlx::Either::Right(1..)) = statement.parameters() {
        return Err(SqlFault::Parameters);
    }
    let columns = statement.columns().iter().map(|column| Column {
        name: column.name().to_owned(),
        kind: match column.type_info().name() {
            "BOOLEAN" => Kind::Truth,
            "DATE" => Kind::Date,
            "DATETIME" => Kind::Moment,
            _ => Kind::Text,
        },
    });
    let columns: Vec<Column> = columns.collect();
    check_names(&columns)?;
    Ok(columns)
}

fn cell(row: &SqliteRow, position: usize, column: &Column) -> Result<String, &'static str> {
    let kind = column.kind;
    let value = row.try_get_raw(position).map_err(|_| kind.name())?;
    if value.is_null() {
        return Ok(String::new());
    }
    let own = value.type_info().name().to_owned();
    drop(value);
    match own.as_str() {
        "INTEGER" => {
            let number: i64 = row.try_get_unchecked(position).map_err(|_| "number")?;
            let text = number.to_string();
            let truth = if kind == Kind::Truth { kind.cell(&text) } else { None };
            Ok(truth.map_or_else(|| text.clone(), |truth| truth.into_owned()))
        }
        "REAL" => {
            let number: f64 = row.try_get_unchecked(position).map_err(|_| "number")?;
            Kind::Number.cell(&format!("{number}")).map(|cell| cell.into_owned()).ok_or("number")
        }
        "TEXT" => {
            let text: &str = row.try_get_unchecked(position).map_err(|_| "UTF-8 text")?;
            // A text that is no date in a column of dates is what it is.
            Ok(kind.cell(text).map_or_else(|| text.to_owned(), |cell| cell.into_owned()))
        }
        _ => Err("cell (it is a BLOB)"),
    }
}
