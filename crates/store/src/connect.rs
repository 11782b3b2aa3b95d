//! Opening the pools, and refusing a database that could lose a commit.

use crate::Error;
use crate::migrations::{Dialect, migrator};
use audit::UnitKind;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// Memory for pages of the writing connection, in KiB (negative: not in pages). The keys of a ledger
/// are spread over their range, so a charge touches pages all over the indexes; what SQLite keeps
/// otherwise, 2 MB, holds those of some thousand charges.
const WRITER_CACHE: &str = "-65536";
/// Pages of the write-ahead log before they go to the file: a page that many charges touch is
/// written once for all of them.
const PAGES_BEFORE_CHECKPOINT: &str = "8192";
/// `PRAGMA synchronous` of FULL; EXTRA is 3.
const FULL: i64 = 2;

/// One connection that writes, several that read: within the process nobody waits on a lock.
///
/// They are not asked whether they live before each use, as a connection over a network is: a file
/// that is open stays open, and the question costs as much as a statement.
pub(crate) struct SqlitePools {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

pub(crate) async fn sqlite(path: &Path, unit: UnitKind) -> Result<SqlitePools, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .acquire_timeout(BUSY_TIMEOUT * 6)
        .connect_with(
            options
                .clone()
                .pragma("cache_size", WRITER_CACHE)
                .pragma("wal_autocheckpoint", PAGES_BEFORE_CHECKPOINT),
        )
        .await?;
    check_sqlite_flushes(&mut *writer.acquire().await?).await?;
    let marker = "SELECT count(*) FROM sqlite_master WHERE name = 'installation'";
    if sqlx::query_scalar::<_, i64>(marker).fetch_one(&writer).await? > 0 {
        let unit_of = "SELECT unit FROM installation";
        let stored = sqlx::query_scalar(unit_of).fetch_optional(&writer).await?;
        check_unit(stored, unit)?;
        let marker = "SELECT count(*) FROM sqlite_master WHERE name = 'key_store'";
        let sealed = sqlx::query_scalar::<_, i64>(marker).fetch_one(&writer).await? > 0;
        let bulk: i64 = sqlx::query_scalar(BULK).fetch_one(&writer).await?;
        check_sealed(sealed, bulk)?;
    }
    migrator(unit, Dialect::Sqlite).run(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .acquire_timeout(BUSY_TIMEOUT * 6)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok(SqlitePools { writer, readers })
}

pub(crate) async fn postgres(url: &str, unit: UnitKind) -> Result<PgPool, Error> {
    let options = PgConnectOptions::from_str(url)?;
    let pool = PgPoolOptions::new()
        .max_connections(READERS + 1)
        .acquire_timeout(BUSY_TIMEOUT * 6)
        .connect_with(options)
        .await?;
    check_postgres_flushes(&pool).await?;
    let marker = "SELECT to_regclass('installation') IS NOT NULL";
    if sqlx::query_scalar::<_, bool>(marker).fetch_one(&pool).await? {
        let stored =
            sqlx::query_scalar("SELECT unit FROM installation").fetch_optional(&pool).await?;
        check_unit(stored, unit)?;
        let marker = "SELECT to_regclass('key_store') IS NOT NULL";
        let sealed: bool = sqlx::query_scalar(marker).fetch_one(&pool).await?;
        let bulk: i64 = sqlx::query_scalar(BULK).fetch_one(&pool).await?;
        check_sealed(sealed, bulk)?;
    }
    migrator(unit, Dialect::Postgres).run(&pool).await?;
    Ok(pool)
}

/// Asked before the migrations, whose own message would speak of versions.
fn check_unit(stored: Option<String>, unit: UnitKind) -> Result<(), Error> {
    match stored {
        Some(stored) if stored != unit.as_str() => Err(Error::OtherInstallation),
        _ => Ok(()),
    }
}

/// Whether there is anything to seal: without it the tables of an earlier version go on.
const BULK: &str = "SELECT (SELECT COUNT(*) FROM batch) + \
                    (SELECT COUNT(*) FROM snapshot WHERE LENGTH(link_map) > 0)";

/// Asked before the migrations, so that the version which made the database can still open it.
fn check_sealed(sealed: bool, bulk: i64) -> Result<(), Error> {
    if sealed || bulk == 0 { Ok(()) } else { Err(Error::Unsealed) }
}

async fn check_sqlite_flushes(connection: &mut SqliteConnection) -> Result<(), Error> {
    let level: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
    if level < FULL {
        return Err(Error::DoesNotFlush("synchronous to FULL"));
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(connection).await?;
    if mode != "wal" {
        return Err(Error::DoesNotFlush("journal_mode to WAL, on a local disk"));
    }
    Ok(())
}

async fn check_postgres_flushes(pool: &PgPool) -> Result<(), Error> {
    let setting = "SELECT current_setting($1)";
    let fsync: String = sqlx::query_scalar(setting).bind("fsync").fetch_one(pool).await?;
    if fsync != "on" {
        return Err(Error::DoesNotFlush("fsync to on"));
    }
    let commit: String =
        sqlx::query_scalar(setting).bind("synchronous_commit").fetch_one(pool).await?;
    if commit == "off" {
        return Err(Error::DoesNotFlush("synchronous_commit to on"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::ConnectOptions;

    #[tokio::test]
    async fn a_sqlite_connection_below_full_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("a.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        for (level, passes) in [
            (SqliteSynchronous::Off, false),
            (SqliteSynchronous::Normal, false),
            (SqliteSynchronous::Full, true),
            (SqliteSynchronous::Extra, true),
        ] {
            let mut connection = options.clone().synchronous(level).connect().await.unwrap();
            assert_eq!(check_sqlite_flushes(&mut connection).await.is_ok(), passes);
        }
        let options = options.journal_mode(SqliteJournalMode::Memory);
        let mut connection = options.synchronous(SqliteSynchronous::Full).connect().await.unwrap();
        assert!(check_sqlite_flushes(&mut connection).await.is_err());
    }
}
