//! What this unit keeps as witness of the other one's log.

use super::LineageTotal;
use crate::ledger::Price;
use crate::sql::{Row, Value};
use crate::{Db, Error, Head, Tx, chain};
use data_encoding::HEXLOWER;
use serde_json::json;
use std::collections::BTreeMap;

/// A statement of the other unit whose signature was checked.
pub struct NewStatement<'a> {
    /// How often its log was restored.
    pub generation: u64,
    /// The head of its log.
    pub head: Head,
    /// What its lineages have spent.
    pub spent: &'a [LineageTotal],
    /// The signed statement as it came.
    pub document: &'a str,
    /// The statement after which this one goes on where its log was restored, and whose totals it
    /// must reach: the ceremony was checked.
    pub after_restore: Option<(u64, Head)>,
}

/// A statement that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldStatement {
    /// How often the other log had been restored.
    pub generation: u64,
    /// The head that was stated.
    pub head: Head,
    /// The signed statement as it came.
    pub document: String,
    /// The entry in this unit's own log that recorded it.
    pub entry: Head,
    /// When, in Unix seconds.
    pub at: i64,
}

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holding {
    /// It is kept; a statement that was kept before is kept once.
    Held(HeldStatement),
    /// It lies behind what is kept.
    Lower(Head),
    /// It names another head for an entry that is kept.
    OtherHead(Head),
    /// A lineage has spent less than was stated before.
    SpentLess,
    /// The log was restored, and nobody showed that two people approved it.
    NotRestored,
}

/// Keeps a statement with its log entry, never lower, never another head for the same number.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold(db: &Db, new: &NewStatement<'_>, at: i64) -> Result<Holding, Error> {
    let mut tx = db.write().await?;
    if let Some(newest) = newest_in(&mut tx).await? {
        let place = |generation, head: Head| (generation, head.sequence);
        let (kept, stated) =
            (place(newest.generation, newest.head), place(new.generation, new.head));
        if stated == kept && newest.head == new.head {
            return Ok(Holding::Held(newest));
        }
        if let Some(known) = at_place(&mut tx, new.generation, new.head.sequence).await? {
            let same = known.head == new.head;
            return Ok(if same {
                Holding::Lower(newest.head)
            } else {
                Holding::OtherHead(known.head)
            });
        }
        if stated < kept {
            return Ok(Holding::Lower(newest.head));
        }
        if new.generation > newest.generation && !goes_on(&newest, new.after_restore) {
            return Ok(Holding::NotRestored);
        }
        if spent_less(&mut tx, new.spent).await? {
            return Ok(Holding::SpentLess);
        }
    }
    let held = write(&mut tx, new, at).await?;
    tx.commit().await?;
    Ok(Holding::Held(held))
}

/// A restore goes on after the newest statement of all; a witness that lost some of its own may be
/// behind that.
fn goes_on(newest: &HeldStatement, after: Option<(u64, Head)>) -> bool {
    after.is_some_and(|(generation, head)| {
        let (kept, named) =
            ((newest.generation, newest.head.sequence), (generation, head.sequence));
        named > kept || (named == kept && head == newest.head)
    })
}

async fn spent_less(tx: &mut Tx, spent: &[LineageTotal]) -> Result<bool, Error> {
    let stated: BTreeMap<(&str, u16), Price> =
        spent.iter().map(|own| ((own.project.as_str(), own.year), own.price)).collect();
    for row in tx.rows("SELECT project, year, rho, delta FROM held_spent", &[]).await? {
        let kept = LineageTotal::read(&row)?;
        let now = stated.get(&(kept.project.as_str(), kept.year));
        if now.is_none_or(|now| now.rho < kept.price.rho || now.delta < kept.price.delta) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn write(tx: &mut Tx, new: &NewStatement<'_>, at: i64) -> Result<HeldStatement, Error> {
    let body = json!({
        "generation": new.generation,
        "sequence": new.head.sequence,
        "head": HEXLOWER.encode(&new.head.hash),
    });
    let entry = chain::append(tx, at, "witness.held", body).await?;
    let values = [
        Value::count(new.generation)?,
        Value::count(new.head.sequence)?,
        Value::Bytes(&new.head.hash),
        Value::Text(new.document),
        Value::count(entry.sequence)?,
        Value::Bytes(&entry.hash),
        Value::Int(at),
    ];
    let sql = "INSERT INTO held (generation, sequence, head, statement, entry, entry_head, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, &values).await?;
    for own in new.spent {
        let (rho, delta) = (Value::count(own.price.rho)?, Value::count(own.price.delta)?);
        let values = [Value::Text(&own.project), Value::Int(own.year.into()), rho, delta];
        let sql = "INSERT INTO held_spent (project, year, rho, delta) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (project, year) \
                   DO UPDATE SET rho = excluded.rho, delta = excluded.delta \
                   WHERE held_spent.rho <> excluded.rho OR held_spent.delta <> excluded.delta";
        tx.execute(sql, &values).await?;
    }
    Ok(HeldStatement {
        generation: new.generation,
        head: new.head,
        document: new.document.to_owned(),
        entry,
        at,
    })
}

/// The newest statement that is kept.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest_held(db: &Db) -> Result<Option<HeldStatement>, Error> {
    newest_in(&mut db.read().await?).await
}

async fn newest_in(tx: &mut Tx) -> Result<Option<HeldStatement>, Error> {
    let sql = "SELECT generation, sequence, head, statement, entry, entry_head, at FROM held \
               ORDER BY generation DESC, sequence DESC LIMIT 1";
    tx.row(sql, &[]).await?.as_ref().map(read).transpose()
}

async fn at_place(
    tx: &mut Tx,
    generation: u64,
    sequence: u64,
) -> Result<Option<HeldStatement>, Error> {
    let sql = "SELECT generation, sequence, head, statement, entry, entry_head, at FROM held \
               WHERE generation = $1 AND sequence = $2";
    let values = [Value::count(generation)?, Value::count(sequence)?];
    tx.row(sql, &values).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<HeldStatement, Error> {
    Ok(HeldStatement {
        generation: row.count(0)?,
        head: Head { sequence: row.count(1)?, hash: row.array(2)? },
        document: row.text(3)?,
        entry: Head { sequence: row.count(4)?, hash: row.array(5)? },
        at: row.int(6)?,
    })
}
