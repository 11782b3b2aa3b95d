//! Rows of a server that writes its values as text, one after the other.

use std::future::poll_fn;

use futures_core::stream::BoxStream;
use sqlx::{ColumnIndex, Connection, Database, Decode, Executor, Row, ValueRef};

use super::fault::SqlFault;
use super::table::Table;
use super::values::Column;

/// The next row, or `None` at the end.
pub(super) async fn next<R>(
    rows: &mut BoxStream<'_, Result<R, sqlx::Error>>,
) -> Option<Result<R, sqlx::Error>> {
    poll_fn(|context| rows.as_mut().poll_next(context)).await
}

/// Runs a query without preparing it, for then both servers send text, and writes its rows.
pub(super) async fn rows<DB>(
    connection: &mut DB::Connection,
    query: &str,
    columns: &[Column],
    table: &mut Table<'_>,
) -> Result<(), SqlFault>
where
    DB: Database,
    DB::Connection: Connection<Database = DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'r> &'r str: Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    table.header(columns)?;
    let query = sqlx::AssertSqlSafe(query.to_owned());
    let mut rows = sqlx::raw_sql(query).fetch(connection);
    while let Some(row) = next(&mut rows).await {
        let row = row.map_err(|e| SqlFault::after(&e, table.rows()))?;
        let number = table.rows() + 1;
        let cells = columns.iter().enumerate().map(|(position, column)| {
            let fault = || SqlFault::Value {
                row: number,
                column: column.name.clone(),
                kind: column.kind.name(),
            };
            let value = row.try_get_raw(position).map_err(|_| fault())?;
            if value.is_null() {
                return Ok("".into());
            }
            drop(value);
            let text: &str = row.try_get_unchecked(position).map_err(|_| fault())?;
            column.kind.cell(text).ok_or_else(fault)
        });
        let cells = cells.collect::<Result<Vec<_>, SqlFault>>()?;
        table.row(cells.iter().map(|cell| cell.as_bytes()))?;
    }
    Ok(())
}
