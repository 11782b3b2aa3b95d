//! The own log, as it is witnessed by the other unit.

use super::{LineageTotal, generation};
use crate::sql::Value;
use crate::{Db, Error, Head, Tx, UnitKind, chain};

/// What a unit has to say about its log, read in one state.
pub struct Standing {
    /// How often the log was restored.
    pub generation: u64,
    /// Number and hash of the last entry.
    pub head: Head,
    /// What every lineage has spent; empty at the linkage unit.
    pub spent: Vec<LineageTotal>,
}

/// A receipt of the other unit.
pub struct NewReceipt<'a> {
    /// How often the log had been restored.
    pub generation: u64,
    /// What is witnessed.
    pub head: Head,
    /// The signed statement.
    pub statement: &'a str,
    /// The signed receipt.
    pub receipt: &'a str,
}

/// The newest receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptLine {
    /// How often the log had been restored.
    pub generation: u64,
    /// What is witnessed.
    pub head: Head,
    /// When it came, in Unix seconds.
    pub at: i64,
}

/// Entries that the other unit's witnessing wrote do not ask to be witnessed: the two logs would
/// grow for ever by confirming each other.
const OTHERS: &str = "SELECT 1 FROM log WHERE sequence > $1 \
     AND entry NOT LIKE '%,\"kind\":\"witness.held\",\"previous\":\"%' LIMIT 1";

/// So many of them are witnessed all the same, so that nobody looks through an ever longer tail.
const LONGEST_TAIL: u64 = 1000;

/// What is to be witnessed now; `None` where the newest receipt covers all there is.
///
/// # Errors
/// [`Error::Database`].
pub async fn due(db: &Db) -> Result<Option<Standing>, Error> {
    let mut tx = db.read().await?;
    let newest = newest_in(&mut tx).await?;
    let after = newest.map_or(0, |own| own.head.sequence);
    let tail = chain::last_in(&mut tx).await?.head.sequence.saturating_sub(after);
    if tail > LONGEST_TAIL || tx.row(OTHERS, &[Value::count(after)?]).await?.is_some() {
        return Ok(Some(standing_in(&mut tx).await?));
    }
    Ok(None)
}

/// Where the log stands, due or not.
///
/// # Errors
/// [`Error::Database`].
pub async fn standing(db: &Db) -> Result<Standing, Error> {
    standing_in(&mut db.read().await?).await
}

pub(super) async fn standing_in(tx: &mut Tx) -> Result<Standing, Error> {
    let generation = generation(tx).await?;
    let head = chain::last_in(tx).await?.head;
    let spent = match tx.identity().unit {
        UnitKind::Statistics => spent_in(tx).await?,
        UnitKind::Linkage => Vec::new(),
    };
    Ok(Standing { generation, head, spent })
}

/// What every lineage has spent, by project and year.
pub(super) async fn spent_in(tx: &mut Tx) -> Result<Vec<LineageTotal>, Error> {
    let sql = "SELECT project, CAST(name AS BIGINT), rho, delta FROM spent WHERE what = 'lineage' \
               ORDER BY project, name";
    tx.rows(sql, &[]).await?.iter().map(LineageTotal::read).collect()
}

/// Keeps a receipt; a second one for the same entry changes nothing.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::Database`].
pub async fn keep_receipt(db: &Db, new: &NewReceipt<'_>, at: i64) -> Result<(), Error> {
    let mut tx = db.write().await?;
    let values = [
        Value::count(new.head.sequence)?,
        Value::count(new.generation)?,
        Value::Bytes(&new.head.hash),
        Value::Text(new.statement),
        Value::Text(new.receipt),
        Value::Int(at),
    ];
    let sql = "INSERT INTO witnessed (sequence, generation, head, statement, receipt, at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (sequence) DO NOTHING";
    tx.execute(sql, &values).await?;
    tx.commit().await
}

/// The newest receipt.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest_receipt(db: &Db) -> Result<Option<ReceiptLine>, Error> {
    newest_in(&mut db.read().await?).await
}

async fn newest_in(tx: &mut Tx) -> Result<Option<ReceiptLine>, Error> {
    let sql = "SELECT generation, sequence, head, at FROM witnessed ORDER BY sequence DESC LIMIT 1";
    let Some(row) = tx.row(sql, &[]).await? else { return Ok(None) };
    let head = Head { sequence: row.count(1)?, hash: row.array(2)? };
    Ok(Some(ReceiptLine { generation: row.count(0)?, head, at: row.int(3)? }))
}

/// What was charged to each lineage since the newest receipt.
pub(crate) const UNWITNESSED: &str = "SELECT own.project, own.year, \
     CAST(SUM(own.rho) AS BIGINT), CAST(SUM(own.delta) AS BIGINT) FROM charge_lineage AS own \
     JOIN charge ON charge.charge = own.charge \
     WHERE charge.sequence > (SELECT COALESCE(MAX(sequence), 0) FROM witnessed) \
     GROUP BY own.project, own.year";

/// What was charged to each lineage since the newest receipt.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_unwitnessed(db: &Db) -> Result<Vec<LineageTotal>, Error> {
    db.only(UnitKind::Statistics)?;
    unwitnessed_in(&mut db.read().await?).await
}

pub(crate) async fn unwitnessed_in(tx: &mut Tx) -> Result<Vec<LineageTotal>, Error> {
    tx.rows(UNWITNESSED, &[]).await?.iter().map(LineageTotal::read).collect()
}

/// The hash of an entry of the own log; of entry 0 the genesis hash.
///
/// # Errors
/// [`Error::Database`].
pub async fn hash_at(db: &Db, sequence: u64) -> Result<Option<[u8; 32]>, Error> {
    hash_in(&mut db.read().await?, sequence).await
}

pub(super) async fn hash_in(tx: &mut Tx, sequence: u64) -> Result<Option<[u8; 32]>, Error> {
    if sequence == 0 {
        let identity = tx.identity();
        return Ok(Some(audit::Chain::genesis(identity.unit, &identity.installation).head().hash));
    }
    // No log is longer than both databases count.
    let Ok(number) = Value::count(sequence) else { return Ok(None) };
    let row = tx.row("SELECT hash FROM log WHERE sequence = $1", &[number]).await?;
    row.map(|row| row.array(0)).transpose()
}
