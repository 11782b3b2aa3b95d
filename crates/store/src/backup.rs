//! Copies of a SQLite database, made while its unit works.

use std::path::Path;

use audit::{Installation, UnitKind};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::{Error, Location};

/// Copies a database as it stands at one moment into a new file and says what the copy holds. Other
/// connections go on reading and writing.
///
/// What SQLite writes is whole or not there: an interrupted copy does not open.
///
/// # Errors
/// [`Error::Database`]; [`Error::NoCopy`] for PostgreSQL, which has programs of its own.
pub async fn copy(location: &Location, file: &Path) -> Result<Seen, Error> {
    let Location::Sqlite(path) = location else { return Err(Error::NoCopy) };
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
    let mut connection = options.connect().await?;
    let target = file.to_string_lossy().into_owned();
    let done = sqlx::query("VACUUM INTO $1").bind(target).execute(&mut connection).await;
    connection.close().await?;
    done?;
    std::fs::File::open(file).and_then(|own| own.sync_all()).map_err(sqlx::Error::Io)?;
    // Nobody else writes to a copy; so looking at it leaves no file beside it.
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut copied = options.connect().await?;
    let seen = newest(&mut copied).await?;
    copied.close().await?;
    Ok(seen)
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Newest entry of its log.
    pub sequence: u64,
    /// When that was written, in Unix seconds.
    pub at: Option<i64>,
}

/// Looks whether a file is an undamaged database of this unit and installation. Reads alone, so that
/// it may look at one that a unit works with.
///
/// # Errors
/// [`Error::OtherInstallation`], [`Error::Damaged`], [`Error::Database`].
pub async fn look(file: &Path, unit: UnitKind, installation: &Installation) -> Result<Seen, Error> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = options.connect().await?;
    let sql = "PRAGMA integrity_check(1)";
    let sound: String = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
    if sound != "ok" {
        return Err(Error::Damaged("backup"));
    }
    let sql = "SELECT unit, installation FROM installation";
    let stored: Option<(String, String)> =
        sqlx::query_as(sql).fetch_optional(&mut connection).await?;
    let own =
        stored.is_some_and(|(kind, name)| kind == unit.as_str() && name == installation.as_str());
    if !own {
        return Err(Error::OtherInstallation);
    }
    let seen = newest(&mut connection).await?;
    connection.close().await?;
    Ok(seen)
}

async fn newest(connection: &mut SqliteConnection) -> Result<Seen, Error> {
    let sql = "SELECT sequence, entry FROM log ORDER BY sequence DESC LIMIT 1";
    let row: Option<(i64, String)> = sqlx::query_as(sql).fetch_optional(connection).await?;
    let Some((sequence, entry)) = row else { return Ok(Seen { sequence: 0, at: None }) };
    let sequence = u64::try_from(sequence).map_err(|_| Error::Damaged("log.sequence"))?;
    let entry: serde_json::Value =
        serde_json::from_str(&entry).map_err(|_| Error::Damaged("log.entry"))?;
    Ok(Seen { sequence, at: entry.get("at").and_then(serde_json::Value::as_i64) })
}
