//! One fresh database, that a scenario may open, drop and open again.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{PgPool, SqlSafeStr, SqlitePool};
use std::path::{Path, PathBuf};
use store::seal::{Sealing, UnitKey};
use store::{Db, Error, Location, UnitKind};
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) location: Location,
    pub(crate) key_store: PathBuf,
}

/// Where test databases lie: in memory if possible. Flushing is what the store does most, and on a
/// busy disk it takes most of the time; that it is asked for is checked at opening.
pub(crate) fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl Place {
    pub(crate) fn sqlite(directory: &Path) -> Self {
        let location = Location::Sqlite(directory.join("unit.sqlite"));
        Self { location, key_store: directory.join("unit.keys") }
    }

    pub(crate) fn postgres(url: String, key_store: PathBuf) -> Self {
        Self { location: Location::Postgres(url), key_store }
    }

    pub(crate) fn sealing(&self) -> Sealing {
        Sealing { key_store: self.key_store.clone(), unit_key: UnitKey::take(&mut [6; 32]) }
    }

    pub(crate) async fn try_open(&self, unit: UnitKind, installation: &str) -> Result<Db, Error> {
        Db::open(&self.location, unit, &installation.parse().unwrap(), &self.sealing()).await
    }

    /// Makes the linkage unit's tables as its first version did, with one snapshot in them, whose
    /// link map has so many bytes.
    pub(crate) async fn make_first_linkage_version(&self, bytes: usize) {
        let snapshot = "INSERT INTO snapshot (snapshot, project, epoch, state, created_at, \
                        statement, link_map, digest, transfers, sequence) \
                        VALUES ('s-0', 'p', '2026', 'transferred', 1, '{}', $1, $2, 2, 0)";
        match &self.location {
            Location::Sqlite(path) => {
                let sql = include_str!("../../migrations/linkage/sqlite/0001_first.sql");
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let pool = SqlitePool::connect_with(options).await.unwrap();
                first(sql).run(&pool).await.unwrap();
                sqlx::query(snapshot)
                    .bind(vec![4_u8; bytes])
                    .bind(vec![4_u8; 32])
                    .execute(&pool)
                    .await
                    .unwrap();
                pool.close().await;
            }
            Location::Postgres(url) => {
                let sql = include_str!("../../migrations/linkage/postgres/0001_first.sql");
                let pool = PgPool::connect(url).await.unwrap();
                first(sql).run(&pool).await.unwrap();
                sqlx::query(snapshot)
                    .bind(vec![4_u8; bytes])
                    .bind(vec![4_u8; 32])
                    .execute(&pool)
                    .await
                    .unwrap();
                pool.close().await;
            }
        }
    }

    /// Writes past the store, as nobody should.
    pub(crate) async fn tamper(&self, sql: &'static str) {
        match &self.location {
            Location::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                let pool = SqlitePool::connect_with(options).await.unwrap();
                sqlx::query(sql).execute(&pool).await.unwrap();
                pool.close().await;
            }
            Location::Postgres(url) => {
                let pool = PgPool::connect(url).await.unwrap();
                sqlx::query(sql).execute(&pool).await.unwrap();
                pool.close().await;
            }
        }
    }

    pub(crate) async fn open(&self, unit: UnitKind) -> Db {
        self.try_open(unit, "test").await.unwrap()
    }
}

fn first(sql: &'static str) -> Migrator {
    let kind = MigrationType::Simple;
    let step = Migration::new(1, "first".into(), kind, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![step])
}

/// Every line of the log, as an auditor gets it.
pub(crate) async fn exported(db: &Db) -> Vec<String> {
    let mut lines = Vec::new();
    store::chain::export(db, |line| {
        lines.push(line.to_owned());
        Ok(())
    })
    .await
    .unwrap();
    lines
}

/// The kinds of all entries, after the chain was verified.
pub(crate) async fn kinds(db: &Db) -> Vec<String> {
    let lines = exported(db).await;
    audit::verify(&lines, None, Vec::new()).unwrap();
    let entries = lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    entries.filter_map(|line| Some(line.get("entry")?["kind"].as_str()?.to_owned())).collect()
}
