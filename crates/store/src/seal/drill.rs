//! What somebody finds who holds a copy of the database and the key store as it now is.

use std::path::Path;

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use super::key_store::KeyStore;
use super::piece::Place;
use super::unit_key::Sealing;
use crate::{Error, UnitKind};

/// A piece that some key opens.
pub struct Find {
    /// In which table it lay.
    pub table: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A kind of piece: the table, the column that binds it, and how its rows are read as body,
/// project, epoch and the parts of the row.
type Kind = (&'static str, &'static str, &'static str);

const BOTH: [Kind; 3] = [
    (
        "chunk",
        "body",
        "SELECT c.body, b.project, b.epoch, c.department, c.batch, CAST(c.idx AS TEXT) \
         FROM chunk c JOIN batch b USING (project, department, batch)",
    ),
    (
        "batch",
        "manifest",
        "SELECT sealed_manifest, project, epoch, department, batch FROM batch \
         WHERE sealed_manifest IS NOT NULL",
    ),
    ("snapshot", "link_map", "SELECT link_map, project, epoch, snapshot FROM snapshot"),
];

const LINKAGE: [Kind; 3] = [
    (
        "epoch",
        "key_check_value",
        "SELECT key_check_value, project, epoch FROM epoch WHERE key_check_value IS NOT NULL",
    ),
    ("comparison", "sources", "SELECT sources, project, epoch, comparison FROM comparison"),
    (
        "pair_chunk",
        "body",
        "SELECT p.body, c.project, c.epoch, p.comparison, CAST(p.idx AS TEXT) \
         FROM pair_chunk p JOIN comparison c USING (comparison)",
    ),
];

/// Opens whatever opens: every sealed piece of a copy of a SQLite database (with its write-ahead
/// log, where that lies beside it) is tried with every key that is not destroyed, whichever the
/// copy names. For showing that an erasure reached the backups; changes neither.
///
/// # Errors
/// [`Error::Database`] where the copy cannot be read, and those of the key store.
pub async fn drill(copy: &Path, unit: UnitKind, sealing: &Sealing) -> Result<Vec<Find>, Error> {
    let keys = KeyStore::open(sealing)?;
    let living = keys.ids()?;
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(copy)).await?;
    let own = if unit == UnitKind::Linkage { &LINKAGE[..] } else { &[] };
    let mut finds = Vec::new();
    for (table, column, sql) in BOTH.iter().chain(own) {
        for row in sqlx::query(*sql).fetch_all(&pool).await? {
            let (project, epoch): (String, String) = (row.try_get(1)?, row.try_get(2)?);
            let mut parts = Vec::new();
            for position in 3..row.len() {
                parts.push(row.try_get::<String, _>(position)?);
            }
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let place = Place { table, column, project: &project, epoch: &epoch, row: &parts };
            let body: Vec<u8> = row.try_get(0)?;
            let opened = living.iter().find_map(|id| keys.unseal(id, &place, body.clone()).ok());
            finds.extend(opened.map(|bytes| Find { table, bytes }));
        }
    }
    pool.close().await;
    Ok(finds)
}
