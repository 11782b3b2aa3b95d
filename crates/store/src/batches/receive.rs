use super::{
    BatchKey, CHUNK_COUNT_LIMIT, CHUNK_LIMIT, MANIFEST_LIMIT, Mode, NAME_LIMIT, NewBatch, State,
    Status,
};
use crate::sql::Value;
use crate::{Db, Error, Subject, Tx, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

impl BatchKey {
    pub(super) fn values(&self) -> [Value<'_>; 3] {
        [Value::Text(&self.project), Value::Text(&self.department), Value::Text(&self.batch)]
    }
}

/// Announces a batch, or finds it announced with the same manifest.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::Conflict`] when the name was used with another manifest, [`Error::Limit`].
pub async fn begin(db: &Db, new: &NewBatch, at: i64) -> Result<Status, Error> {
    check_limits(new)?;
    let mut tx = db.write().await?;
    if let Some(status) = status_in(&mut tx, &new.key).await? {
        return if status.manifest_digest == new.manifest_digest {
            Ok(status)
        } else {
            Err(Error::Conflict(Subject::Batch))
        };
    }
    let [project, department, batch] = new.key.values();
    let values = [
        project,
        department,
        batch,
        Value::Text(&new.epoch),
        Value::Text(&new.dataset),
        Value::Text(&new.period),
        Value::Text(new.mode.as_str()),
        Value::Text(&new.manifest),
        Value::Bytes(&new.manifest_digest),
        Value::Bytes(&new.body_digest),
        Value::count(new.rows)?,
        Value::count(new.chunk_count)?,
        Value::Int(at),
    ];
    let sql = "INSERT INTO batch (project, department, batch, epoch, dataset, period, mode, state, \
               manifest, manifest_digest, body_digest, rows, chunk_count, received_at) VALUES \
               ($1, $2, $3, $4, $5, $6, $7, 'receiving', $8, $9, $10, $11, $12, $13)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    Ok(Status {
        state: State::Receiving,
        manifest: new.manifest.clone(),
        manifest_digest: new.manifest_digest,
        chunk_count: new.chunk_count,
        present: Vec::new(),
        receipt: None,
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
    let mut tx = db.write().await?;
    let [project, department, batch] = key.values();
    let place = [project, department, batch, Value::count(index)?];
    let sql = "SELECT digest FROM chunk \
               WHERE project = $1 AND department = $2 AND batch = $3 AND idx = $4";
    if let Some(row) = tx.row(sql, &place).await? {
        let same = row.array::<32>(0)? == *digest;
        return if same { Ok(()) } else { Err(Error::Conflict(Subject::Chunk)) };
    }
    let (state, chunk_count) = announced(&mut tx, key).await?;
    if index >= chunk_count {
        return Err(Error::Limit { what: "the position of the chunk", limit: chunk_count });
    }
    if state != State::Receiving {
        return Err(Error::Conflict(Subject::Chunk));
    }
    let values = [
        project,
        department,
        batch,
        Value::count(index)?,
        Value::Bytes(digest),
        Value::Bytes(body),
    ];
    let sql = "INSERT INTO chunk (project, department, batch, idx, digest, body) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(sql, &values).await?;
    tx.commit().await
}

async fn announced(tx: &mut Tx, key: &BatchKey) -> Result<(State, u64), Error> {
    let sql = "SELECT state, chunk_count FROM batch \
               WHERE project = $1 AND department = $2 AND batch = $3";
    let row = tx.row(sql, &key.values()).await?.ok_or(Error::NotFound(Subject::Batch))?;
    Ok((State::read(&row, 0)?, row.count(1)?))
}

/// What is known about a batch, `None` when it was never announced.
///
/// # Errors
/// [`Error::Database`].
pub async fn status(db: &Db, key: &BatchKey) -> Result<Option<Status>, Error> {
    status_in(&mut db.read().await?, key).await
}

async fn status_in(tx: &mut Tx, key: &BatchKey) -> Result<Option<Status>, Error> {
    let sql = "SELECT state, manifest_digest, chunk_count, receipt, manifest FROM batch \
               WHERE project = $1 AND department = $2 AND batch = $3";
    let Some(row) = tx.row(sql, &key.values()).await? else { return Ok(None) };
    let sql = "SELECT idx FROM chunk \
               WHERE project = $1 AND department = $2 AND batch = $3 ORDER BY idx";
    let chunks = tx.rows(sql, &key.values()).await?;
    Ok(Some(Status {
        state: State::read(&row, 0)?,
        manifest_digest: row.array(1)?,
        chunk_count: row.count(2)?,
        present: chunks.iter().map(|chunk| chunk.count(0)).collect::<Result<_, _>>()?,
        receipt: row.maybe_text(3)?,
        manifest: row.text(4)?,
    }))
}

/// Lets a batch count from now on, and returns its receipt.
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
    let status = status_in(&mut tx, key).await?.ok_or(Error::NotFound(Subject::Batch))?;
    if let Some(earlier) = status.receipt {
        return Ok(earlier);
    }
    // Positions are below the count and distinct, so their number says it all.
    let missing = status.chunk_count.saturating_sub(status.present.len() as u64);
    if missing > 0 {
        return Err(Error::Incomplete { missing });
    }
    let announced = Announced::of(&mut tx, key).await?;
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
    tx.commit().await?;
    Ok(receipt.to_owned())
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
