//! The end of an epoch at the linkage unit.

use serde_json::json;

use crate::epochs::{self, State};
use crate::proposals::{Approved, consume};
use crate::seal::Group;
use crate::sql::Value;
use crate::{Db, Error, Subject, UnitKind, chain};

/// What closing an epoch destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Deliveries.
    pub batches: u64,
    /// Their chunks.
    pub chunks: u64,
    /// Runs of candidate pairs.
    pub pair_chunks: u64,
    /// Keys, counting those that nothing referred to any more.
    pub keys: u64,
}

/// Closes an epoch for ever: encodings, manifests, key-check value and scored pairs go, and every
/// key of the epoch is destroyed. Snapshots with their link maps stay, and so do the names, digests
/// and receipts of deliveries.
///
/// An epoch that is closed already is closed again, which changes nothing but for keys that a crash
/// left. An approval is used up in the transaction of the end.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotApproved`] where the approval was used or ended meanwhile;
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn close_epoch(
    db: &Db,
    (project, epoch): (&str, &str),
    approved: Option<Approved>,
    at: i64,
) -> Result<Closed, Error> {
    let missing = || Error::NotFound(Subject::Epoch);
    db.only(UnitKind::Linkage)?;
    let open = epochs::get(db, project, epoch).await?.ok_or_else(missing)?;
    let mut closed = Closed { batches: 0, chunks: 0, pair_chunks: 0, keys: 0 };
    if open.state == State::Open {
        drop_all(db, (project, epoch), approved, at, &mut closed).await?;
    }
    closed.keys = db.destroy_group(Group::Epoch.mark(project, epoch)).await? as u64;
    if closed.keys > 0 {
        let body = json!({ "project": project, "epoch": epoch, "keys": closed.keys });
        chain::record(db, at, "keys.destroyed", body).await?;
    }
    Ok(closed)
}

async fn drop_all(
    db: &Db,
    (project, epoch): (&str, &str),
    approved: Option<Approved>,
    at: i64,
    closed: &mut Closed,
) -> Result<(), Error> {
    let of = [Value::Text(project), Value::Text(epoch)];
    let [own_project, own_epoch] = of;
    let dated = [own_project, own_epoch, Value::Int(at)];
    let mut tx = db.write().await?;
    if let Some(approved) = approved {
        consume(&mut tx, approved, at).await?;
    }
    let sql = "DELETE FROM pair_chunk WHERE comparison IN \
               (SELECT comparison FROM comparison WHERE project = $1 AND epoch = $2)";
    closed.pair_chunks = tx.execute(sql, &of).await?;
    tx.execute("DELETE FROM comparison WHERE project = $1 AND epoch = $2", &of).await?;
    let sql = "DELETE FROM chunk WHERE EXISTS (SELECT 1 FROM batch b WHERE b.project = $1 \
               AND b.epoch = $2 AND b.project = chunk.project \
               AND b.department = chunk.department AND b.batch = chunk.batch)";
    closed.chunks = tx.execute(sql, &of).await?;
    tx.execute("DELETE FROM withdrawn WHERE project = $1 AND epoch = $2", &of).await?;
    let sql = "UPDATE batch SET sealed_manifest = NULL, manifest_key = NULL, \
               erased_at = COALESCE(erased_at, $3) WHERE project = $1 AND epoch = $2";
    closed.batches = tx.execute(sql, &dated).await?;
    let sql = "UPDATE epoch SET state = 'closed', key_check_value = NULL, key_id = NULL, \
               closed_at = $3 WHERE project = $1 AND epoch = $2";
    tx.execute(sql, &dated).await?;
    let body = json!({
        "project": project,
        "epoch": epoch,
        "batches": closed.batches,
        "chunks": closed.chunks,
        "pair_chunks": closed.pair_chunks,
    });
    chain::append(&mut tx, at, "epoch.closed", body).await?;
    tx.commit().await
}
