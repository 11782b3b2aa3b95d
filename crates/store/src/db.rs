use crate::batch::Batch;
use crate::connect::{self, SqlitePools};
use crate::seal::{self, Group, KeyId, KeyStore, Place, Sealed, Sealing};
use crate::sql::{Row, Value, bind};
use crate::{Error, chain};
use audit::{Installation, UnitKind};
use futures_core::Stream;
use sqlx::{AssertSqlSafe, Either, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

/// Where a unit's database is. Not printable: the URL may hold a password.
pub enum Location {
    /// A file, made when absent.
    Sqlite(PathBuf),
    /// A PostgreSQL URL, `postgres://user@host/database`.
    Postgres(String),
}

/// SQLite itself ends a transaction that meets a full disk, and the connection, which does not
/// learn of it, would begin none ever after: it is given up for a fresh one.
async fn begin_immediate(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, Error> {
    const BEGIN: &str = "BEGIN IMMEDIATE";
    match writer.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            writer.acquire().await?.close().await?;
            Ok(writer.begin_with(BEGIN).await?)
        }
        begun => Ok(begun?),
    }
}

/// Whose database this is.
pub(crate) struct Identity {
    pub(crate) unit: UnitKind,
    pub(crate) installation: Installation,
}

enum Pools {
    Sqlite(SqlitePools),
    Postgres(PgPool),
}

impl Pools {
    async fn write(&self, identity: &Arc<Identity>) -> Result<Tx, Error> {
        let inner = match self {
            Self::Sqlite(pools) => Inner::Sqlite(begin_immediate(&pools.writer).await?),
            Self::Postgres(pool) => {
                let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                // Every statement after the lock sees all that earlier holders committed.
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(WRITERS)
                    .execute(&mut *tx)
                    .await?;
                Inner::Postgres(tx)
            }
        };
        Ok(Tx { inner, identity: Arc::clone(identity) })
    }
}

/// The database of one unit. Cheap to clone; clones share the connections.
///
/// One serving process per database: [`crate::ledger::recover`] takes every draw it finds for one
/// that a crash interrupted.
#[derive(Clone)]
pub struct Db {
    pools: Arc<Pools>,
    identity: Arc<Identity>,
    keys: Arc<KeyStore>,
}

impl Db {
    /// Opens the database with its key store, brings its tables to this version, writes or compares
    /// whose it is, and destroys the keys that nothing refers to any more.
    ///
    /// A new database makes its key store; one that has a key store never goes on without it.
    ///
    /// # Errors
    /// [`Error::DoesNotFlush`] when a commit could be lost, [`Error::OtherInstallation`] when the
    /// database belongs to another unit or installation, [`Error::Unsealed`] for one from before
    /// sealing, and [`Error::KeyStoreMissing`], [`Error::KeyStoreOther`],
    /// [`Error::KeyStoreBehind`], [`Error::UnitKeyWrong`] for a key store that does not fit.
    pub async fn open(
        location: &Location,
        unit: UnitKind,
        installation: &Installation,
        sealing: &Sealing,
    ) -> Result<Self, Error> {
        let pools = match location {
            Location::Sqlite(path) => Pools::Sqlite(connect::sqlite(path, unit).await?),
            Location::Postgres(url) => Pools::Postgres(connect::postgres(url, unit).await?),
        };
        let identity = Arc::new(Identity { unit, installation: installation.clone() });
        let mut tx = pools.write(&identity).await?;
        chain::register(&mut tx).await?;
        let keys = seal::settle(&mut tx, unit, sealing).await?;
        tx.commit().await?;
        Ok(Self { pools: Arc::new(pools), identity, keys })
    }

    /// Whose database it is.
    #[must_use]
    pub fn unit(&self) -> UnitKind {
        self.identity.unit
    }

    /// Of which installation.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.identity.installation
    }

    /// Begins a writing transaction; no other runs until it ends. Dropping it rolls back.
    ///
    /// # Errors
    /// [`Error::Database`], also when the wait for the others was too long.
    pub async fn write(&self) -> Result<Tx, Error> {
        self.pools.write(&self.identity).await
    }

    /// Begins a transaction that reads one consistent state.
    pub(crate) async fn read(&self) -> Result<Tx, Error> {
        let inner = match &*self.pools {
            Pools::Sqlite(pools) => Inner::Sqlite(pools.readers.begin().await?),
            Pools::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
                Inner::Postgres(pool.begin_with(begin).await?)
            }
        };
        Ok(Tx { inner, identity: Arc::clone(&self.identity) })
    }

    /// Closes all connections; with SQLite the write-ahead log is merged into the file.
    pub async fn close(self) {
        match &*self.pools {
            Pools::Sqlite(pools) => {
                pools.readers.close().await;
                pools.writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn keys(&self) -> &Arc<KeyStore> {
        &self.keys
    }

    /// Seals a piece for `place`; its key is on the disk when this returns.
    pub(crate) async fn seal(
        &self,
        group: Group,
        place: &Place<'_>,
        bytes: Vec<u8>,
    ) -> Result<Sealed, Error> {
        let (keys, mark, bound) = (self.keys(), place.mark(group), place.bytes());
        let keys = Arc::clone(keys);
        on_a_thread_that_may_wait(move || keys.seal(mark, &bound, bytes)).await
    }

    /// Destroys keys of what the last transaction dropped.
    pub(crate) async fn destroy(&self, ids: Vec<KeyId>) -> Result<(), Error> {
        let keys = Arc::clone(&self.keys);
        on_a_thread_that_may_wait(move || keys.destroy(&ids)).await.map(drop)
    }

    /// Destroys every key of a group, whoever refers to it, and says how many there were.
    pub(crate) async fn destroy_group(&self, mark: [u8; 16]) -> Result<usize, Error> {
        let keys = Arc::clone(&self.keys);
        on_a_thread_that_may_wait(move || keys.destroy_group(mark)).await
    }

    pub(crate) fn only(&self, unit: UnitKind) -> Result<(), Error> {
        if self.unit() == unit { Ok(()) } else { Err(Error::OtherUnit) }
    }
}

/// Keys reach the disk before anything goes on, and meanwhile others shall be served.
async fn on_a_thread_that_may_wait<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| Error::KeyStoreFile(std::io::Error::other(error)))?
}

/// The advisory lock that writing transactions on PostgreSQL take: "milchgla" in ASCII.
const WRITERS: i64 = 0x6d69_6c63_6867_6c61;

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction. Without [`Tx::commit`] nothing of it remains.
pub struct Tx {
    inner: Inner,
    identity: Arc<Identity>,
}

impl Tx {
    pub(crate) fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.identity)
    }

    /// Commits; when this returns, the changes lie on the disk.
    ///
    /// # Errors
    /// [`Error::Database`]; whether the changes remain is then known only by reading.
    pub async fn commit(self) -> Result<(), Error> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Remembers the last slot of the key store that this transaction refers to.
    pub(crate) async fn refers_to(&mut self, sealed: &Sealed) -> Result<(), Error> {
        let sql = "UPDATE key_store SET highest = $1 WHERE highest < $1";
        self.execute(sql, &[Value::count(sealed.slot)?]).await.map(drop)
    }

    /// Runs a statement and returns how many rows it touched.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, Error> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                bind::<Sqlite>(sql, values).execute(&mut **tx).await?.rows_affected()
            }
            Inner::Postgres(tx) => {
                bind::<Postgres>(sql, values).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    pub(crate) async fn rows(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Error> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                let rows = bind::<Sqlite>(sql, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Inner::Postgres(tx) => {
                let rows = bind::<Postgres>(sql, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Runs all statements in their order and returns the rows of each.
    pub(crate) async fn run(&mut self, batch: &Batch<'_>) -> Result<Vec<Vec<Row>>, Error> {
        let Inner::Sqlite(tx) = &mut self.inner else {
            // Over a socket to the same machine a journey costs little, and PostgreSQL takes one
            // statement at a time where parameters are bound.
            let mut answers = Vec::with_capacity(batch.statements().len());
            for own in batch.statements() {
                answers.push(self.rows(own.sql, &own.values).await?);
            }
            return Ok(answers);
        };
        let mut answers = Vec::with_capacity(batch.statements().len());
        for (text, values) in batch.texts() {
            let query = bind::<Sqlite>(AssertSqlSafe(text), &values);
            let mut answer = (&mut **tx).fetch_many(query);
            let mut rows = Vec::new();
            // The end of each statement stands between its rows and the next one's.
            while let Some(step) = next(&mut answer).await {
                match step? {
                    Either::Right(row) => rows.push(Row::Sqlite(row)),
                    Either::Left(_) => answers.push(std::mem::take(&mut rows)),
                }
            }
        }
        Ok(answers)
    }

    pub(crate) async fn row(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, Error> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                bind::<Sqlite>(sql, values).fetch_optional(&mut **tx).await?.map(Row::Sqlite)
            }
            Inner::Postgres(tx) => {
                bind::<Postgres>(sql, values).fetch_optional(&mut **tx).await?.map(Row::Postgres)
            }
        })
    }
}

async fn next<T>(stream: &mut Pin<Box<T>>) -> Option<T::Item>
where
    T: Stream + ?Sized,
{
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}
