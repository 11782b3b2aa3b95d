use super::{
    BatchKey, CHUNK_COUNT_LIMIT, CHUNK_LIMIT, MANIFEST_LIMIT, Mode, NAME_LIMIT, NewBatch, State,
    Status,
};
use crate::seal::{Group, KeyId, KeyStore, Place, Sealed};
use crate::sql::{Row, Value};
use crate::{Db, Error, Subject, Tx, UnitKind, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

impl BatchKey {
    pub(crate) fn values(&self) -> [Value<'_>; 3] {
        [Value::Text(&self.project), Value::Text(&self.department), Value::Text(&self.batch)]
    }
}

/// What a unit destroys the pieces of a delivery with.
fn group(unit: UnitKind) -> Group {
    match unit {
        UnitKind::Linkage => Group::Epoch,
        UnitKind::Statistics => Group::Facts,
    }
}

/// Seals the body of a chunk for its place.
pub(crate) async fn seal_chunk(
    db: &Db,
    key: &BatchKey,
    epoch: &str,
    index: u64,
    body: Vec<u8>,
) -> Result<Sealed, Error> {
    let index = index.to_string();
    let row = [key.department.as_str(), &key.batch, &index];
    let (table, column, project) = ("chunk", "body", key.project.as_str());
    db.seal(group(db.unit()), &Place { table, row: &row, column, project, epoch }, body).await
}

/// Announces a batch, or finds it announced with the same manifest.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::Conflict`] when the name was used with another manifest, [`Error::Limit`].
pub async fn begin(db: &Db, new: &NewBatch, at: i64) -> Result<Status, Error> {
    check_limits(new)?;
    let same = |status: Status| {
        if status.manifest_digest == new.manifest_digest {
            Ok(status)
        } else {
            Err(Error::Conflict(Subject::Batch))
        }
    };
    if let Some(status) = status(db, &new.key).await? {
        return same(status);
    }
    let row = [new.key.department.as_str(), &new.key.batch];
    let (project, epoch) = (new.key.project.as_str(), new.epoch.as_str());
    let place = Place { table: "batch", row: &row, column: "manifest", project, epoch };
    let manifest = new.manifest.clone().into_bytes();
    let sealed = db.seal(group(db.unit()), &place, manifest).await?;
    let mut tx = db.write().await?;
    if let Some(status) = status_in(&mut tx, db.keys(), &new.key).await? {
        // Somebody else announced it meanwhile.
        drop(tx);
        db.destroy(vec![sealed.key]).await?;
        return same(status);
    }
    let only_withdraws = new.mode == Mode::Amend && new.chunk_count == 0;
    if !only_withdraws && is_closed(&mut tx, &new.key.project, &new.epoch).await? {
        drop(tx);
        db.destroy(vec![sealed.key]).await?;
        return Err(Error::EpochClosed);
    }
    tx.refers_to(&sealed).await?;
    let [project, department, batch] = new.key.values();
    let values = [
        project,
        department,
        batch,
        Value::Text(&new.epoch),
        Value::Text(&new.dataset),
        Value::Text(&new.period),
        Value::Text(new.mode.as_str()),
        Value::Bytes(&sealed.bytes),
        Value::Bytes(&sealed.key),
        Value::Bytes(&new.manifest_digest),
        Value::Bytes(&new.body_digest),
        Value::count(new.rows)?,
        Value::count(new.chunk_count)?,
        Value::Int(at),
    ];
    let sql = "INSERT INTO batch (project, department, batch, epoch, dataset, period, mode, state, \
               manifest, sealed_manifest, manifest_key, manifest_digest, body_digest, rows, \
               chunk_count, received_at) VALUES \
               ($1, $2, $3, $4, $5, $6, $7, 'receiving', '', $8, $9, $10, $11, $12, $13, $14)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    Ok(Status {
        state: State::Receiving,
        manifest: Some(new.manifest.clone()),
        manifest_digest: new.manifest_digest,
        chunk_count: new.chunk_count,
        present: Vec::new(),
        receipt: None,
        kept_from: None,
    })
}

fn check_limits(new: &NewBatch) -> Result<(), Error> {
    let key = &new.key;
    let names = [&key.project, &key.department, &key.batch, &new.epoch, &new.dataset, &new.period];
    let name = names.iter().map(|name| name.len()).max().unwrap_or(0);
    for (what, value, limit) in [
        ("the length of a name", name as u64, NAME_LIMIT as u64),
        ("the manifest in bytes", new.manifest.len() as u64, MANIFEST_LIMIT as u64),
        ("the number of chunks", new.chunk_count, CHUNK_COUNT_LIMIT),
    ] {
        if value > limit {
            return Err(Error::Limit { what, limit });
        }
    }
    Ok(())
}

/// Stores the chunk at position `index`, from 0. `digest` is its SHA-256, which the caller has
/// compared with `body`.
///
/// # Errors
/// [`Error::Conflict`] when another chunk lies there, [`Error::NotFound`] when the batch was not
/// announced, [`Error::Limit`].
pub async fn put_chunk(
    db: &Db,
    key: &BatchKey,
    index: u64,
    digest: &[u8; 32],
    body: &[u8],
) -> Result<(), Error> {
    if body.len() > CHUNK_LIMIT {
        return Err(Error::Limit { what: "the chunk in bytes", limit: CHUNK_LIMIT as u64 });
    }
    // Looked at before it is sealed, and again where it is stored: others wait for that.
    let Some(epoch) = wanted(&mut db.read().await?, key, index, digest).await? else {
        return Ok(());
    };
    let sealed = seal_chunk(db, key, &epoch, index, body.to_vec()).await?;
    let mut tx = db.write().await?;
    if wanted(&mut tx, key, index, digest).await?.is_none() {
        drop(tx);
        return db.destroy(vec![sealed.key]).await;
    }
    tx.refers_to(&sealed).await?;
    let [project, department, batch] = key.values();
    let values = [
        project,
        department,
        batch,
        Value::count(index)?,
        Value::Bytes(digest),
        Value::Bytes(&sealed.bytes),
        Value::Bytes(&sealed.key),
    ];
    let sql = "INSERT INTO chunk (project, department, batch, idx, digest, body, key_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).await?;
    tx.commit().await
}

/// The epoch of a chunk that is to be stored, `None` where the same lies there already.
async fn wanted(
    tx: &mut Tx,
    key: &BatchKey,
    index: u64,
    digest: &[u8; 32],
) -> Result<Option<String>, Error> {
    let [project, department, batch] = key.values();
    let place = [project, department, batch, Value::count(index)?];
    let sql = "SELECT digest FROM chunk \
               WHERE project = $1 AND department = $2 AND batch = $3 AND idx = $4";
    if let Some(row) = tx.row(sql, &place).await? {
        let same = row.array::<32>(0)? == *digest;
        return if same { Ok(None) } else { Err(Error::Conflict(Subject::Chunk)) };
    }
    let sql = "SELECT state, chunk_count, epoch, erased_at FROM batch \
               WHERE project = $1 AND department = $2 AND batch = $3";
    let row = tx.row(sql, &key.values()).await?.ok_or(Error::NotFound(Subject::Batch))?;
    let (state, chunk_count) = (State::read(&row, 0)?, row.count(1)?);
    if index >= chunk_count {
        return Err(Error::Limit { what: "the position of the chunk", limit: chunk_count });
    }
    if row.maybe_int(3)?.is_some() {
        return Err(Error::EpochClosed);
    }
    if state != State::Receiving {
        return Err(Error::Conflict(Subject::Chunk));
    }
    Ok(Some(row.text(2)?))
}

/// What is known about a batch, `None` when it was never announced.
///
/// # Errors
/// [`Error::Database`].
pub async fn status(db: &Db, key: &BatchKey) -> Result<Option<Status>, Error> {
    status_in(&mut db.read().await?, db.keys(), key).await
}

async fn status_in(tx: &mut Tx, keys: &KeyStore, key: &BatchKey) -> Result<Option<Status>, Error> {
    let sql = "SELECT state, manifest_digest, chunk_count, receipt, sealed_manifest, \
               manifest_key, epoch, erased_at, kept_from FROM batch \
               WHERE project = $1 AND department = $2 AND batch = $3";
    let linkage = "SELECT state, manifest_digest, chunk_count, receipt, sealed_manifest, \
                   manifest_key, epoch, erased_at FROM batch \
                   WHERE project = $1 AND department = $2 AND batch = $3";
    let facts = tx.identity().unit == UnitKind::Statistics;
    let sql = if facts { sql } else { linkage };
    let Some(row) = tx.row(sql, &key.values()).await? else { return Ok(None) };
    let chunk_count = row.count(2)?;
    let present = if row.maybe_int(7)?.is_some() {
        // They were here, and nobody is to send them again.
        (0..chunk_count).collect()
    } else {
        let sql = "SELECT idx FROM chunk \
                   WHERE project = $1 AND department = $2 AND batch = $3 ORDER BY idx";
        let chunks = tx.rows(sql, &key.values()).await?;
        chunks.iter().map(|chunk| chunk.count(0)).collect::<Result<_, _>>()?
    };
    Ok(Some(Status {
        state: State::read(&row, 0)?,
        manifest_digest: row.array(1)?,
        chunk_count,
        present,
        receipt: row.maybe_text(3)?,
        manifest: manifest(keys, key, &row.text(6)?, (&row, 4))?,
        kept_from: if facts { row.maybe_int(8)? } else { None },
    }))
}

/// The manifest in a row that has the sealed one and its key from `column` on; `None` once erased.
pub(super) fn manifest(
    keys: &KeyStore,
    key: &BatchKey,
    epoch: &str,
    (row, column): (&Row, usize),
) -> Result<Option<String>, Error> {
    let Some(sealed) = row.maybe_bytes(column)? else { return Ok(None) };
    let parts = [key.department.as_str(), &key.batch];
    let (table, project) = ("batch", key.project.as_str());
    let place = Place { table, row: &parts, column: "manifest", project, epoch };
    let bytes = keys.unseal(&row.array(column + 1)?, &place, sealed)?;
    String::from_utf8(bytes).map(Some).map_err(|_| Error::Damaged("batch.sealed_manifest"))
}

/// Lets a batch count from now on, and returns its receipt.
///
/// Of an epoch that is closed only withdrawals are taken: what they name may live on elsewhere.
/// Their manifest, which holds the key-check value, is destroyed at once.
///
/// A full batch supersedes the sender's earlier complete batches of the same project, epoch and
/// dataset; `withdrawn` are subjects of earlier batches that no longer count. A batch that is
/// complete already keeps its receipt, and that one is returned.
///
/// # Errors
/// [`Error::Incomplete`] when chunks are missing, [`Error::NotFound`].
pub async fn complete(
    db: &Db,
    key: &BatchKey,
    receipt: &str,
    withdrawn: &[[u8; 16]],
    at: i64,
) -> Result<String, Error> {
    let mut tx = db.write().await?;
    let status =
        status_in(&mut tx, db.keys(), key).await?.ok_or(Error::NotFound(Subject::Batch))?;
    if let Some(earlier) = status.receipt {
        return Ok(earlier);
    }
    // Positions are below the count and distinct, so their number says it all.
    let missing = status.chunk_count.saturating_sub(status.present.len() as u64);
    if missing > 0 {
        return Err(Error::Incomplete { missing });
    }
    let announced = Announced::of(&mut tx, key).await?;
    let closed = is_closed(&mut tx, &key.project, &announced.epoch).await?;
    if closed && status.chunk_count > 0 {
        return Err(Error::EpochClosed);
    }
    let superseded = match announced.mode {
        Mode::Full => supersede(&mut tx, key, &announced).await?,
        Mode::Amend => 0,
    };
    withdraw(&mut tx, key, &announced.epoch, withdrawn).await?;
    let body = json!({
        "project": key.project,
        "department": key.department,
        "batch": key.batch,
        "epoch": announced.epoch,
        "dataset": announced.dataset,
        "mode": announced.mode.as_str(),
        "rows": announced.rows,
        "superseded": superseded,
        "withdrawn": withdrawn.len(),
        "manifest": HEXLOWER.encode(&status.manifest_digest),
    });
    let head = chain::append(&mut tx, at, "batch.received", body).await?;
    let [project, department, batch] = key.values();
    let values = [
        project,
        department,
        batch,
        Value::Text(receipt),
        Value::count(head.sequence)?,
        Value::Int(at),
    ];
    let sql = "UPDATE batch SET state = 'complete', receipt = $4, sequence = $5, received_at = $6 \
               WHERE project = $1 AND department = $2 AND batch = $3";
    tx.execute(sql, &values).await?;
    let scrubbed = if closed { scrub_manifest(&mut tx, key, at).await? } else { Vec::new() };
    tx.commit().await?;
    db.destroy(scrubbed).await?;
    Ok(receipt.to_owned())
}

/// Drops the manifest of a batch and returns its key, to be destroyed after the transaction.
async fn scrub_manifest(tx: &mut Tx, key: &BatchKey, at: i64) -> Result<Vec<KeyId>, Error> {
    let sql = "SELECT manifest_key FROM batch WHERE project = $1 AND department = $2 \
               AND batch = $3 AND manifest_key IS NOT NULL";
    let keys = tx.rows(sql, &key.values()).await?;
    let [project, department, batch] = key.values();
    let sql = "UPDATE batch SET sealed_manifest = NULL, manifest_key = NULL, erased_at = $4 \
               WHERE project = $1 AND department = $2 AND batch = $3";
    tx.execute(sql, &[project, department, batch, Value::Int(at)]).await?;
    keys.iter().map(|row| row.array(0)).collect()
}

/// Whether the epoch is over. The statistics unit knows no epochs.
async fn is_closed(tx: &mut Tx, project: &str, epoch: &str) -> Result<bool, Error> {
    if tx.identity().unit != UnitKind::Linkage {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM epoch WHERE project = $1 AND epoch = $2 AND state = 'closed'";
    Ok(tx.row(sql, &[Value::Text(project), Value::Text(epoch)]).await?.is_some())
}

struct Announced {
    epoch: String,
    dataset: String,
    mode: Mode,
    rows: u64,
}

impl Announced {
    async fn of(tx: &mut Tx, key: &BatchKey) -> Result<Self, Error> {
        let sql = "SELECT epoch, dataset, mode, rows FROM batch \
                   WHERE project = $1 AND department = $2 AND batch = $3";
        let row = tx.row(sql, &key.values()).await?.ok_or(Error::NotFound(Subject::Batch))?;
        let mode = Mode::read(&row, 2)?;
        Ok(Self { epoch: row.text(0)?, dataset: row.text(1)?, mode, rows: row.count(3)? })
    }
}

async fn supersede(tx: &mut Tx, key: &BatchKey, announced: &Announced) -> Result<u64, Error> {
    let values = [
        Value::Text(&key.project),
        Value::Text(&announced.epoch),
        Value::Text(&key.department),
        Value::Text(&announced.dataset),
    ];
    let sql = "UPDATE batch SET state = 'superseded' WHERE project = $1 AND epoch = $2 \
               AND department = $3 AND dataset = $4 AND state = 'complete'";
    tx.execute(sql, &values).await
}

async fn withdraw(
    tx: &mut Tx,
    key: &BatchKey,
    epoch: &str,
    subjects: &[[u8; 16]],
) -> Result<(), Error> {
    let sql = "INSERT INTO withdrawn (project, epoch, department, subject, by_batch) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    for subject in subjects {
        let values = [
            Value::Text(&key.project),
            Value::Text(epoch),
            Value::Text(&key.department),
            Value::Bytes(subject),
            Value::Text(&key.batch),
        ];
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
