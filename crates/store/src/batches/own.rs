//! What a department sees of its own deliveries.

use std::collections::BTreeMap;

use super::{BatchKey, Mode, State, receive};
use crate::sql::{Row, Value};
use crate::{Db, Error, Tx, UnitKind};

/// A delivery of one department, however far it came.
pub struct OwnBatch {
    /// The sender's id of the delivery.
    pub batch: String,
    /// The epoch under whose key it was encoded.
    pub epoch: String,
    /// The dataset.
    pub dataset: String,
    /// The months it covers, as the manifest writes them.
    pub period: String,
    /// What it does to earlier batches.
    pub mode: Mode,
    /// How far it has come.
    pub state: State,
    /// Rows in all chunks.
    pub rows: u64,
    /// How many chunks it has in the end.
    pub chunk_count: u64,
    /// How many of them are here.
    pub present: u64,
    /// The signed manifest; `None` once it was erased.
    pub manifest: Option<String>,
    /// The receipt, once complete.
    pub receipt: Option<String>,
    /// When it was announced or, once complete, completed; in Unix seconds.
    pub received_at: i64,
    /// When its content was destroyed, in Unix seconds.
    pub erased_at: Option<i64>,
    /// First event year whose facts are kept; `None` while all are, and at the linkage unit.
    pub kept_from: Option<i64>,
}

/// The newest `limit` deliveries of a department, newest first.
///
/// # Errors
/// [`Error::Database`], [`Error::KeyDestroyed`].
pub async fn of_department(
    db: &Db,
    project: &str,
    department: &str,
    limit: u64,
) -> Result<Vec<OwnBatch>, Error> {
    let sql = "SELECT b.batch, b.epoch, b.dataset, b.period, b.mode, b.state, b.rows, \
               b.chunk_count, (SELECT COUNT(*) FROM chunk c WHERE c.project = b.project \
               AND c.department = b.department AND c.batch = b.batch), b.sealed_manifest, \
               b.manifest_key, b.receipt, b.received_at, b.erased_at \
               FROM batch b WHERE b.project = $1 AND b.department = $2 \
               ORDER BY b.received_at DESC, b.batch LIMIT $3";
    let values = [Value::Text(project), Value::Text(department), Value::count(limit)?];
    let mut tx = db.read().await?;
    let rows = tx.rows(sql, &values).await?;
    let years = kept_from(&mut tx, project, department).await?;
    let read = |row: &Row| {
        let (batch, epoch) = (row.text(0)?, row.text(1)?);
        let key = BatchKey {
            project: project.to_owned(),
            department: department.to_owned(),
            batch: batch.clone(),
        };
        Ok(OwnBatch {
            manifest: receive::manifest(db.keys(), &key, &epoch, (row, 9))?,
            kept_from: years.get(&batch).copied(),
            batch,
            epoch,
            dataset: row.text(2)?,
            period: row.text(3)?,
            mode: Mode::read(row, 4)?,
            state: State::read(row, 5)?,
            rows: row.count(6)?,
            chunk_count: row.count(7)?,
            present: row.count(8)?,
            receipt: row.maybe_text(11)?,
            received_at: row.int(12)?,
            erased_at: row.maybe_int(13)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The deliveries whose older years were destroyed, each with the first that is kept.
async fn kept_from(
    tx: &mut Tx,
    project: &str,
    department: &str,
) -> Result<BTreeMap<String, i64>, Error> {
    // Encodings are of no year.
    if tx.identity().unit == UnitKind::Linkage {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT batch, kept_from FROM batch WHERE project = $1 AND department = $2 \
               AND kept_from IS NOT NULL";
    let rows = tx.rows(sql, &[Value::Text(project), Value::Text(department)]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}
