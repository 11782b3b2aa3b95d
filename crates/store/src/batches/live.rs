use super::{BatchKey, Mode, receive};
use crate::seal::Place;
use crate::sql::{Row, Value};
use crate::{Db, Error, Subject};
use std::collections::BTreeSet;

/// A batch that counts.
pub struct LiveBatch {
    /// Its name.
    pub key: BatchKey,
    /// The dataset.
    pub dataset: String,
    /// The months it covers, as the manifest writes them.
    pub period: String,
    /// What it did to earlier batches.
    pub mode: Mode,
    /// The signed manifest.
    pub manifest: String,
    /// SHA-256 of the manifest.
    pub manifest_digest: [u8; 32],
    /// SHA-256 that binds all chunks.
    pub body_digest: [u8; 32],
    /// Rows in all chunks.
    pub rows: u64,
    /// How many chunks it has.
    pub chunk_count: u64,
    /// Number of the log entry that completed it.
    pub sequence: u64,
    /// When it was completed, in Unix seconds.
    pub received_at: i64,
}

/// A batch that counts, by what it covers.
pub struct Delivered {
    /// The epoch under whose key it was encoded.
    pub epoch: String,
    /// The sender.
    pub department: String,
    /// The dataset.
    pub dataset: String,
    /// The sender's id of the delivery.
    pub batch: String,
    /// The months it covers, as the manifest writes them.
    pub period: String,
    /// When it was completed, in Unix seconds.
    pub received_at: i64,
}

/// What [`live`] tells of all epochs of a project, without manifests: cheap enough to ask often.
/// Without amendments that only withdraw: they complete no delivery.
///
/// # Errors
/// [`Error::Database`].
pub async fn delivered(db: &Db, project: &str) -> Result<Vec<Delivered>, Error> {
    let sql = "SELECT epoch, department, dataset, batch, period, received_at FROM batch \
               WHERE project = $1 AND state = 'complete' AND erased_at IS NULL \
               AND (mode = 'full' OR rows > 0) ORDER BY sequence";
    let rows = db.read().await?.rows(sql, &[Value::Text(project)]).await?;
    let delivered = |row: &Row| {
        Ok(Delivered {
            epoch: row.text(0)?,
            department: row.text(1)?,
            dataset: row.text(2)?,
            batch: row.text(3)?,
            period: row.text(4)?,
            received_at: row.int(5)?,
        })
    };
    rows.iter().map(delivered).collect()
}

/// The complete batches of an epoch that no later one superseded, in the order of completion.
///
/// # Errors
/// [`Error::Database`].
pub async fn live(db: &Db, project: &str, epoch: &str) -> Result<Vec<LiveBatch>, Error> {
    let sql = "SELECT department, batch, dataset, period, mode, sealed_manifest, manifest_key, \
               manifest_digest, body_digest, rows, chunk_count, sequence, received_at FROM batch \
               WHERE project = $1 AND epoch = $2 AND state = 'complete' AND erased_at IS NULL \
               ORDER BY sequence";
    let values = [Value::Text(project), Value::Text(epoch)];
    let rows = db.read().await?.rows(sql, &values).await?;
    let batch = |row: &Row| {
        let (project, department) = (project.to_owned(), row.text(0)?);
        let key = BatchKey { project, department, batch: row.text(1)? };
        let manifest = receive::manifest(db.keys(), &key, epoch, (row, 5))?;
        Ok(LiveBatch {
            key,
            dataset: row.text(2)?,
            period: row.text(3)?,
            mode: Mode::read(row, 4)?,
            manifest: manifest.ok_or(Error::KeyDestroyed)?,
            manifest_digest: row.array(7)?,
            body_digest: row.array(8)?,
            rows: row.count(9)?,
            chunk_count: row.count(10)?,
            sequence: row.count(11)?,
            received_at: row.int(12)?,
        })
    };
    rows.iter().map(batch).collect()
}

/// A batch that was complete once, whether or not a later one superseded it since.
pub struct Completed {
    /// The sender.
    pub department: String,
    /// The dataset.
    pub dataset: String,
    /// The sender's id of the delivery.
    pub batch: String,
    /// What it did to earlier batches.
    pub mode: Mode,
}

/// All batches of an epoch that were ever complete, in the order of completion: what counted at any
/// earlier moment can be told from it.
///
/// # Errors
/// [`Error::Database`].
pub async fn completed(db: &Db, project: &str, epoch: &str) -> Result<Vec<Completed>, Error> {
    let sql = "SELECT department, dataset, batch, mode FROM batch WHERE project = $1 \
               AND epoch = $2 AND state IN ('complete', 'superseded') ORDER BY sequence";
    let values = [Value::Text(project), Value::Text(epoch)];
    let rows = db.read().await?.rows(sql, &values).await?;
    let completed = |row: &Row| {
        Ok(Completed {
            department: row.text(0)?,
            dataset: row.text(1)?,
            batch: row.text(2)?,
            mode: Mode::read(row, 3)?,
        })
    };
    rows.iter().map(completed).collect()
}

/// The chunk at position `index`, from 0.
///
/// # Errors
/// [`Error::NotFound`] when it is not here, [`Error::KeyDestroyed`] when a restored copy names a
/// piece that was erased since.
pub async fn read_chunk(db: &Db, key: &BatchKey, index: u64) -> Result<Vec<u8>, Error> {
    let [project, department, batch] = key.values();
    let sql = "SELECT c.body, c.key_id, b.epoch FROM chunk c \
               JOIN batch b ON b.project = c.project AND b.department = c.department \
               AND b.batch = c.batch \
               WHERE c.project = $1 AND c.department = $2 AND c.batch = $3 AND c.idx = $4";
    let values = [project, department, batch, Value::count(index)?];
    let row = db.read().await?.row(sql, &values).await?;
    let row = row.ok_or(Error::NotFound(Subject::Chunk))?;
    let (body, id, epoch) = (row.bytes(0)?, row.array(1)?, row.text(2)?);
    let index = index.to_string();
    let parts = [key.department.as_str(), &key.batch, &index];
    let (project, epoch) = (key.project.as_str(), epoch.as_str());
    let place = Place { table: "chunk", row: &parts, column: "body", project, epoch };
    db.keys().unseal(&id, &place, body)
}

/// The subjects of an epoch that no longer count, each with the batch that withdrew it.
///
/// # Errors
/// [`Error::Database`].
pub async fn withdrawals(
    db: &Db,
    project: &str,
    epoch: &str,
) -> Result<Vec<([u8; 16], String)>, Error> {
    let sql = "SELECT subject, by_batch FROM withdrawn WHERE project = $1 AND epoch = $2";
    let values = [Value::Text(project), Value::Text(epoch)];
    let rows = db.read().await?.rows(sql, &values).await?;
    rows.iter().map(|row| Ok((row.array(0)?, row.text(1)?))).collect()
}

/// The subjects of a department that no longer count in an epoch.
///
/// # Errors
/// [`Error::Database`].
pub async fn withdrawn(
    db: &Db,
    project: &str,
    epoch: &str,
    department: &str,
) -> Result<BTreeSet<[u8; 16]>, Error> {
    let sql = "SELECT subject FROM withdrawn \
               WHERE project = $1 AND epoch = $2 AND department = $3";
    let values = [Value::Text(project), Value::Text(epoch), Value::Text(department)];
    let rows = db.read().await?.rows(sql, &values).await?;
    rows.iter().map(|row| row.array(0)).collect()
}
