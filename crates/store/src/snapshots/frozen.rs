use super::{NewSnapshot, link_map, place};
use crate::proposals::{Approved, consume};
use crate::seal::{Group, KeyStore};
use crate::sql::{Row, Value};
use crate::{Db, Error, Head, Subject, Tx, UnitKind, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

/// Whether the link map has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has not.
    Frozen,
    /// It was handed to the statistics unit at least once.
    Transferred,
}

impl State {
    fn read(row: &Row, column: usize) -> Result<Self, Error> {
        match row.text(column)?.as_str() {
            "frozen" => Ok(Self::Frozen),
            "transferred" => Ok(Self::Transferred),
            _ => Err(Error::Damaged("snapshot.state")),
        }
    }
}

/// How a snapshot was made; only the linkage unit keeps it.
pub struct Made {
    /// The period of the schedule by whose rule it was made; none where somebody started it.
    pub period: Option<String>,
    /// What the run counted, as JSON; missing in snapshots of earlier versions.
    pub report: Option<String>,
    /// By what pairs became persons, in words for the log; not kept elsewhere.
    pub solving: Option<String>,
}

/// A snapshot of the linkage unit.
pub struct Frozen {
    /// What was frozen.
    pub content: NewSnapshot,
    /// How it was made.
    pub made: Made,
    /// Whether the link map has left.
    pub state: State,
    /// When it was frozen, in Unix seconds.
    pub created_at: i64,
    /// How often the link map was handed over.
    pub transfers: u64,
    /// Number of the log entry that recorded it.
    pub sequence: u64,
}

/// A snapshot of the linkage unit without its link map.
pub struct FrozenLine {
    /// Its random id.
    pub snapshot: String,
    /// The epoch whose batches went in.
    pub epoch: String,
    /// Canonical JSON of the batches and their digests.
    pub statement: String,
    /// How it was made.
    pub made: Made,
    /// Whether the link map has left.
    pub state: State,
    /// When it was frozen, in Unix seconds.
    pub created_at: i64,
    /// How often the link map was handed over.
    pub transfers: u64,
}

/// Freezes a snapshot; one for a period once.
///
/// # Errors
/// [`Error::Conflict`] when the id was used, or the period has its snapshot;
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn freeze(db: &Db, new: &NewSnapshot, made: &Made, at: i64) -> Result<Head, Error> {
    freeze_approved(db, new, made, None, at).await
}

/// As [`freeze`], using up an approval in the same transaction: what no schedule leads to needs one.
///
/// # Errors
/// As [`freeze`], and [`Error::NotApproved`] where the approval was used or ended meanwhile.
pub async fn freeze_approved(
    db: &Db,
    new: &NewSnapshot,
    made: &Made,
    approved: Option<Approved>,
    at: i64,
) -> Result<Head, Error> {
    db.only(UnitKind::Linkage)?;
    let sealed =
        db.seal(Group::LinkMaps, &place(new, &[&new.snapshot]), new.link_map.clone()).await?;
    let mut tx = db.write().await?;
    if let Some(approved) = approved {
        consume(&mut tx, approved, at).await?;
    }
    if read(&mut tx, db.keys(), &new.snapshot).await?.is_some() {
        return Err(Error::Conflict(Subject::Snapshot));
    }
    let mut body = json!({
        "snapshot": new.snapshot,
        "project": new.project,
        "epoch": new.epoch,
        "link_map": HEXLOWER.encode(&new.digest),
    });
    let period = made.period.as_deref();
    if let Some(period) = period {
        let sql = "SELECT snapshot FROM snapshot WHERE project = $1 AND period = $2";
        if tx.row(sql, &[Value::Text(&new.project), Value::Text(period)]).await?.is_some() {
            return Err(Error::Conflict(Subject::Period));
        }
        body["period"] = period.into();
    }
    if let Some(solving) = &made.solving {
        body["solving"] = solving.as_str().into();
    }
    let head = chain::append(&mut tx, at, "snapshot.frozen", body).await?;
    let values = [
        Value::Text(&new.snapshot),
        Value::Text(&new.project),
        Value::Text(&new.epoch),
        Value::Int(at),
        Value::Text(&new.statement),
        Value::Bytes(&sealed.bytes),
        Value::Bytes(&new.digest),
        Value::count(head.sequence)?,
        Value::maybe_text(period),
        Value::maybe_text(made.report.as_deref()),
        Value::Bytes(&sealed.key),
    ];
    tx.refers_to(&sealed).await?;
    let sql = "INSERT INTO snapshot (snapshot, project, epoch, state, created_at, statement, \
               link_map, digest, transfers, sequence, period, report, key_id) \
               VALUES ($1, $2, $3, 'frozen', $4, $5, $6, $7, 0, $8, $9, $10, $11)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    Ok(head)
}

/// Records that the link map was handed over, and returns how often by now.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::OtherUnit`] at the statistics unit.
pub async fn transferred(db: &Db, snapshot: &str, at: i64) -> Result<u64, Error> {
    db.only(UnitKind::Linkage)?;
    let mut tx = db.write().await?;
    let sql = "UPDATE snapshot SET state = 'transferred', transfers = transfers + 1 \
               WHERE snapshot = $1";
    if tx.execute(sql, &[Value::Text(snapshot)]).await? == 0 {
        return Err(Error::NotFound(Subject::Snapshot));
    }
    let frozen =
        read(&mut tx, db.keys(), snapshot).await?.ok_or(Error::NotFound(Subject::Snapshot))?;
    let body = json!({
        "snapshot": snapshot,
        "transfer": frozen.transfers,
        "link_map": HEXLOWER.encode(&frozen.content.digest),
    });
    chain::append(&mut tx, at, "snapshot.transferred", body).await?;
    tx.commit().await?;
    Ok(frozen.transfers)
}

/// The snapshot of that id with its link map.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn frozen(db: &Db, snapshot: &str) -> Result<Option<Frozen>, Error> {
    db.only(UnitKind::Linkage)?;
    read(&mut db.read().await?, db.keys(), snapshot).await
}

/// Ids of a project's snapshots, oldest first.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn frozen_of(db: &Db, project: &str) -> Result<Vec<String>, Error> {
    db.only(UnitKind::Linkage)?;
    let sql = "SELECT snapshot FROM snapshot WHERE project = $1 ORDER BY sequence";
    let rows = db.read().await?.rows(sql, &[Value::Text(project)]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// A project's snapshots without their link maps, oldest first.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn lines(db: &Db, project: &str) -> Result<Vec<FrozenLine>, Error> {
    db.only(UnitKind::Linkage)?;
    let sql = "SELECT snapshot, epoch, statement, period, report, state, created_at, transfers \
               FROM snapshot WHERE project = $1 ORDER BY sequence";
    let rows = db.read().await?.rows(sql, &[Value::Text(project)]).await?;
    let line = |row: &Row| {
        Ok(FrozenLine {
            snapshot: row.text(0)?,
            epoch: row.text(1)?,
            statement: row.text(2)?,
            made: made(row, 3)?,
            state: State::read(row, 5)?,
            created_at: row.int(6)?,
            transfers: row.count(7)?,
        })
    };
    rows.iter().map(line).collect()
}

/// From a row that has period and report from `column` on.
fn made(row: &Row, column: usize) -> Result<Made, Error> {
    let (period, report) = (row.maybe_text(column)?, row.maybe_text(column + 1)?);
    Ok(Made { period, report, solving: None })
}

async fn read(tx: &mut Tx, keys: &KeyStore, snapshot: &str) -> Result<Option<Frozen>, Error> {
    let sql = "SELECT project, epoch, state, created_at, statement, link_map, digest, transfers, \
               sequence, period, report, key_id FROM snapshot WHERE snapshot = $1";
    let read = |row: Row| {
        let mut content = NewSnapshot {
            snapshot: snapshot.to_owned(),
            project: row.text(0)?,
            epoch: row.text(1)?,
            statement: row.text(4)?,
            link_map: Vec::new(),
            digest: row.array(6)?,
        };
        content.link_map = link_map(keys, &content, &row, (5, 11))?;
        Ok(Frozen {
            content,
            made: made(&row, 9)?,
            state: State::read(&row, 2)?,
            created_at: row.int(3)?,
            transfers: row.count(7)?,
            sequence: row.count(8)?,
        })
    };
    tx.row(sql, &[Value::Text(snapshot)]).await?.map(read).transpose()
}
