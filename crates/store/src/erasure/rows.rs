//! Single subjects and whole deliveries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::batches::{self, BatchKey};
use crate::sql::{Row, Value};
use crate::{Db, Error, Subject, chain};

/// Subjects of a department who no longer count and whose rows are still there.
pub struct Tombstone {
    /// The project.
    pub project: String,
    /// The epoch.
    pub epoch: String,
    /// The department that withdrew them.
    pub department: String,
    /// Who.
    pub subjects: BTreeSet<[u8; 16]>,
}

/// A chunk that is there.
pub struct ChunkPlace {
    /// The delivery.
    pub key: BatchKey,
    /// Its dataset.
    pub dataset: String,
    /// The months it covers, as the manifest writes them.
    pub period: String,
    /// Position of the chunk, from 0.
    pub index: u64,
}

/// What is still to be done.
///
/// # Errors
/// [`Error::Database`].
pub async fn tombstones(db: &Db) -> Result<Vec<Tombstone>, Error> {
    let sql = "SELECT project, epoch, department, subject FROM withdrawn WHERE erased_at IS NULL";
    let mut found: BTreeMap<_, BTreeSet<[u8; 16]>> = BTreeMap::new();
    for row in db.read().await?.rows(sql, &[]).await? {
        let place = (row.text(0)?, row.text(1)?, row.text(2)?);
        found.entry(place).or_default().insert(row.array(3)?);
    }
    let tombstone = |((project, epoch, department), subjects)| Tombstone {
        project,
        epoch,
        department,
        subjects,
    };
    Ok(found.into_iter().map(tombstone).collect())
}

/// The chunks of a department's deliveries in an epoch, complete or not.
///
/// # Errors
/// [`Error::Database`].
pub async fn chunks_of(
    db: &Db,
    project: &str,
    epoch: &str,
    department: &str,
) -> Result<Vec<ChunkPlace>, Error> {
    let sql = "SELECT b.batch, b.dataset, b.period, c.idx FROM batch b \
               JOIN chunk c ON c.project = b.project AND c.department = b.department \
               AND c.batch = b.batch \
               WHERE b.project = $1 AND b.epoch = $2 AND b.department = $3 \
               ORDER BY b.batch, c.idx";
    let values = [Value::Text(project), Value::Text(epoch), Value::Text(department)];
    let place = |row: &Row| {
        let (project, department) = (project.to_owned(), department.to_owned());
        let key = BatchKey { project, department, batch: row.text(0)? };
        let (dataset, period) = (row.text(1)?, row.text(2)?);
        Ok(ChunkPlace { key, dataset, period, index: row.count(3)? })
    };
    db.read().await?.rows(sql, &values).await?.iter().map(place).collect()
}

/// Puts `body` in the place of a chunk, under a new key, and destroys the old one.
///
/// An empty body says that no row is left, which no chunk that travels does.
///
/// The digest of the chunk as it was sent stays, so that sending it again changes nothing.
///
/// # Errors
/// [`Error::NotFound`] where no chunk is there.
pub async fn replace_chunk(
    db: &Db,
    key: &BatchKey,
    index: u64,
    body: Vec<u8>,
) -> Result<(), Error> {
    let missing = || Error::NotFound(Subject::Chunk);
    let [project, department, batch] = key.values();
    let place = [project, department, batch, Value::count(index)?];
    let sql = "SELECT c.key_id, b.epoch FROM chunk c \
               JOIN batch b ON b.project = c.project AND b.department = c.department \
               AND b.batch = c.batch \
               WHERE c.project = $1 AND c.department = $2 AND c.batch = $3 AND c.idx = $4";
    let row = db.read().await?.row(sql, &place).await?.ok_or_else(missing)?;
    let (old, epoch): ([u8; 16], _) = (row.array(0)?, row.text(1)?);
    let sealed = batches::seal_chunk(db, key, &epoch, index, body).await?;
    let mut tx = db.write().await?;
    tx.refers_to(&sealed).await?;
    let [project, department, batch, index] = place;
    let (body, new) = (Value::Bytes(&sealed.bytes), Value::Bytes(&sealed.key));
    let values = [project, department, batch, index, body, new, Value::Bytes(&old)];
    let sql = "UPDATE chunk SET body = $5, key_id = $6 WHERE project = $1 AND department = $2 \
               AND batch = $3 AND idx = $4 AND key_id = $7";
    if tx.execute(sql, &values).await? == 0 {
        drop(tx);
        db.destroy(vec![sealed.key]).await?;
        return Err(missing());
    }
    tx.commit().await?;
    db.destroy(vec![old]).await
}

/// Records that the rows of these subjects are gone, in `chunks` chunks.
///
/// # Errors
/// [`Error::Database`].
pub async fn tombstoned(db: &Db, done: &Tombstone, chunks: u64, at: i64) -> Result<(), Error> {
    let mut tx = db.write().await?;
    let sql = "UPDATE withdrawn SET erased_at = $5 WHERE project = $1 AND epoch = $2 \
               AND department = $3 AND subject = $4";
    for subject in &done.subjects {
        let values = [
            Value::Text(&done.project),
            Value::Text(&done.epoch),
            Value::Text(&done.department),
            Value::Bytes(subject),
            Value::Int(at),
        ];
        tx.execute(sql, &values).await?;
    }
    let body = json!({
        "project": done.project,
        "epoch": done.epoch,
        "department": done.department,
        "subjects": done.subjects.len(),
        "chunks": chunks,
    });
    chain::append(&mut tx, at, "subjects.erased", body).await?;
    tx.commit().await
}

/// Deliveries of a project that later ones replaced and whose content is still there.
///
/// # Errors
/// [`Error::Database`].
pub async fn superseded(db: &Db) -> Result<Vec<BatchKey>, Error> {
    let sql = "SELECT project, department, batch FROM batch \
               WHERE state = 'superseded' AND erased_at IS NULL ORDER BY sequence";
    let key = |row: &Row| {
        Ok(BatchKey { project: row.text(0)?, department: row.text(1)?, batch: row.text(2)? })
    };
    db.read().await?.rows(sql, &[]).await?.iter().map(key).collect()
}

/// Destroys the content of a delivery and its manifest; its name, digests and receipt stay, so that
/// it cannot be delivered again.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn erase_batch(db: &Db, key: &BatchKey, at: i64) -> Result<(), Error> {
    let mut tx = db.write().await?;
    let sql = "SELECT key_id FROM chunk WHERE project = $1 AND department = $2 AND batch = $3 \
               UNION ALL SELECT manifest_key FROM batch WHERE project = $1 AND department = $2 \
               AND batch = $3 AND manifest_key IS NOT NULL";
    let rows = tx.rows(sql, &key.values()).await?;
    let keys: Vec<[u8; 16]> = rows.iter().map(|row| row.array(0)).collect::<Result<_, _>>()?;
    let sql = "DELETE FROM chunk WHERE project = $1 AND department = $2 AND batch = $3";
    let chunks = tx.execute(sql, &key.values()).await?;
    let [project, department, batch] = key.values();
    let sql = "UPDATE batch SET sealed_manifest = NULL, manifest_key = NULL, erased_at = $4 \
               WHERE project = $1 AND department = $2 AND batch = $3";
    if tx.execute(sql, &[project, department, batch, Value::Int(at)]).await? == 0 {
        return Err(Error::NotFound(Subject::Batch));
    }
    let body = json!({
        "project": key.project,
        "department": key.department,
        "batch": key.batch,
        "reason": "superseded",
        "chunks": chunks,
    });
    chain::append(&mut tx, at, "batch.erased", body).await?;
    tx.commit().await?;
    db.destroy(keys).await
}
