use super::{NewSnapshot, link_map, place};
use crate::seal::{Group, KeyStore};
use crate::sql::{Row, Value};
use crate::{Db, Error, Head, Tx, UnitKind, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

/// A snapshot of the statistics unit.
pub struct Accepted {
    /// What was accepted.
    pub content: NewSnapshot,
    /// When, in Unix seconds.
    pub accepted_at: i64,
    /// Number of the log entry that recorded it.
    pub sequence: u64,
}

/// Accepts a snapshot, once.
///
/// # Errors
/// [`Error::AlreadyAccepted`], also for the same content: a second link map under the same id would
/// be a second snapshot without a second decision. [`Error::OtherUnit`] at the linkage unit.
pub async fn accept(db: &Db, new: &NewSnapshot, at: i64) -> Result<Head, Error> {
    db.only(UnitKind::Statistics)?;
    let sealed =
        db.seal(Group::LinkMaps, &place(new, &[&new.snapshot]), new.link_map.clone()).await?;
    let mut tx = db.write().await?;
    if read(&mut tx, db.keys(), &new.snapshot).await?.is_some() {
        return Err(Error::AlreadyAccepted);
    }
    let body = json!({
        "snapshot": new.snapshot,
        "project": new.project,
        "epoch": new.epoch,
        "link_map": HEXLOWER.encode(&new.digest),
    });
    let head = chain::append(&mut tx, at, "snapshot.accepted", body).await?;
    let values = [
        Value::Text(&new.snapshot),
        Value::Text(&new.project),
        Value::Text(&new.epoch),
        Value::Text(&new.statement),
        Value::Bytes(&sealed.bytes),
        Value::Bytes(&new.digest),
        Value::Int(at),
        Value::count(head.sequence)?,
        Value::Bytes(&sealed.key),
    ];
    tx.refers_to(&sealed).await?;
    let sql = "INSERT INTO snapshot (snapshot, project, epoch, statement, link_map, digest, \
               accepted_at, sequence, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    Ok(head)
}

/// The snapshot of that id with its link map.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn accepted(db: &Db, snapshot: &str) -> Result<Option<Accepted>, Error> {
    db.only(UnitKind::Statistics)?;
    read(&mut db.read().await?, db.keys(), snapshot).await
}

/// Ids of a project's snapshots, oldest first.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn accepted_of(db: &Db, project: &str) -> Result<Vec<String>, Error> {
    db.only(UnitKind::Statistics)?;
    let sql = "SELECT snapshot FROM snapshot WHERE project = $1 ORDER BY sequence";
    let rows = db.read().await?.rows(sql, &[Value::Text(project)]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// The statements of a project's snapshots as they were accepted, oldest first.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn statements_of(db: &Db, project: &str) -> Result<Vec<String>, Error> {
    db.only(UnitKind::Statistics)?;
    let sql = "SELECT statement FROM snapshot WHERE project = $1 ORDER BY sequence";
    let rows = db.read().await?.rows(sql, &[Value::Text(project)]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

async fn read(tx: &mut Tx, keys: &KeyStore, snapshot: &str) -> Result<Option<Accepted>, Error> {
    let sql = "SELECT project, epoch, statement, link_map, digest, accepted_at, sequence, key_id \
               FROM snapshot WHERE snapshot = $1";
    let read = |row: Row| {
        let mut content = NewSnapshot {
            snapshot: snapshot.to_owned(),
            project: row.text(0)?,
            epoch: row.text(1)?,
            statement: row.text(2)?,
            link_map: Vec::new(),
            digest: row.array(4)?,
        };
        content.link_map = link_map(keys, &content, &row, (3, 7))?;
        Ok(Accepted { content, accepted_at: row.int(5)?, sequence: row.count(6)? })
    };
    tx.row(sql, &[Value::Text(snapshot)]).await?.map(read).transpose()
}
