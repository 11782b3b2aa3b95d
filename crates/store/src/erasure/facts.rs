//! Facts past their retention, at the statistics unit.

use std::collections::BTreeSet;

use serde_json::json;

use crate::batches::BatchKey;
use crate::sql::{Row, Value};
use crate::{Db, Error, Subject, UnitKind, chain};

/// A delivery of facts whose content is there.
pub struct KeptFacts {
    /// Its name.
    pub key: BatchKey,
    /// The epoch under which it came.
    pub epoch: String,
    /// Its dataset.
    pub dataset: String,
    /// The months it covers, as the manifest writes them.
    pub period: String,
    /// First event year whose rows are kept; `None` while all are.
    pub kept_from: Option<i64>,
    /// How many chunks it has.
    pub chunk_count: u64,
}

/// The complete deliveries whose content is there, whether or not they still count.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn kept_facts(db: &Db) -> Result<Vec<KeptFacts>, Error> {
    db.only(UnitKind::Statistics)?;
    let sql = "SELECT project, department, batch, epoch, dataset, period, kept_from, chunk_count \
               FROM batch WHERE state IN ('complete', 'superseded') AND erased_at IS NULL \
               ORDER BY sequence";
    let kept = |row: &Row| {
        let (project, department) = (row.text(0)?, row.text(1)?);
        Ok(KeptFacts {
            key: BatchKey { project, department, batch: row.text(2)? },
            epoch: row.text(3)?,
            dataset: row.text(4)?,
            period: row.text(5)?,
            kept_from: row.maybe_int(6)?,
            chunk_count: row.count(7)?,
        })
    };
    db.read().await?.rows(sql, &[]).await?.iter().map(kept).collect()
}

/// What was taken out of a delivery.
pub struct Expired<'a> {
    /// The delivery.
    pub batch: &'a KeptFacts,
    /// First event year whose rows are kept from now on.
    pub kept_from: u16,
    /// Subjects of whom no row is left.
    pub vanished: BTreeSet<[u8; 16]>,
    /// How many chunks were sealed anew without some rows.
    pub chunks: u64,
}

/// Records that rows past their retention are gone; the chunks were replaced before.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::OtherUnit`] at the linkage unit.
pub async fn expire(db: &Db, done: &Expired<'_>, at: i64) -> Result<(), Error> {
    db.only(UnitKind::Statistics)?;
    let KeptFacts { key, epoch, dataset, .. } = done.batch;
    let mut tx = db.write().await?;
    let sql = "INSERT INTO vanished (project, epoch, department, subject) \
               VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    for subject in &done.vanished {
        let (project, department) = (Value::Text(&key.project), Value::Text(&key.department));
        let values = [project, Value::Text(epoch), department, Value::Bytes(subject)];
        tx.execute(sql, &values).await?;
    }
    let [project, department, batch] = key.values();
    let values = [project, department, batch, Value::Int(i64::from(done.kept_from))];
    let sql = "UPDATE batch SET kept_from = $4 \
               WHERE project = $1 AND department = $2 AND batch = $3";
    if tx.execute(sql, &values).await? == 0 {
        return Err(Error::NotFound(Subject::Batch));
    }
    let body = json!({
        "project": key.project,
        "department": key.department,
        "batch": key.batch,
        "dataset": dataset,
        "kept_from": done.kept_from,
        "chunks": done.chunks,
    });
    chain::append(&mut tx, at, "facts.expired", body).await?;
    tx.commit().await
}

/// Subjects of an epoch of whom no fact is left.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn vanished(db: &Db, project: &str, epoch: &str) -> Result<BTreeSet<[u8; 16]>, Error> {
    db.only(UnitKind::Statistics)?;
    let sql = "SELECT subject FROM vanished WHERE project = $1 AND epoch = $2";
    let values = [Value::Text(project), Value::Text(epoch)];
    db.read().await?.rows(sql, &values).await?.iter().map(|row| row.array(0)).collect()
}
