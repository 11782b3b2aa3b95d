//! A department's own database as a source: one SELECT, read-only, into a CSV file.
//!
//! What comes out is an extract like any other: the mapping says what its columns mean. The file
//! holds personal data and is private to its owner. Nothing else in a department speaks SQL.

mod fault;
mod mysql;
mod place;
mod postgres;
mod settings;
mod sqlite;
mod stream;
mod table;
mod values;

use std::path::Path;
use std::time::Duration;

use crate::error::Error;
use place::Place;
use table::Table;

pub use fault::SqlFault;
pub use settings::SqlSource;

/// Runs the source's query and writes its rows to a new file, header first: UTF-8, semicolons,
/// mode 0600, dates as `dd.mm.yyyy`, decimals with a comma, truth values `ja` and `nein`, NULL as
/// an empty cell. The file appears only once it is whole. Gives the number of rows; `progress` is
/// told it from time to time.
///
/// Rows are taken as the server sends them; memory does not grow with their number.
///
/// # Errors
/// [`Error::Exists`] and [`Error::Write`] for the file; [`Error::Sql`] that says what to do. While
/// rows are read, a database's own words are withheld, because they may quote a value.
pub fn export(source: &SqlSource, output: &Path, progress: &dyn Fn(u64)) -> Result<u64, Error> {
    let mut table = Table::create(output, source.most_rows, progress)?;
    let fail = |fault: SqlFault| fault.of(source);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| fail(SqlFault::Unreachable(e.kind().to_string())))?;
    let limit = Duration::from_secs(u64::from(source.timeout_seconds));
    let done = runtime.block_on(async {
        let reading = async {
            match &source.place {
                Place::Postgres(server) => postgres::read(source, server, &mut table).await,
                Place::MySql(server) => mysql::read(source, server, &mut table).await,
                Place::Sqlite(path) => sqlite::read(source, path, &mut table).await,
            }
        };
        let late = Err(SqlFault::Timeout(source.timeout_seconds));
        tokio::time::timeout(limit, reading).await.unwrap_or(late)
    });
    // A lookup of a name may still be on its way in a thread of its own.
    runtime.shutdown_background();
    done.map_err(fail)?;
    table.finish()
}
