//! Heads that an officer countersigned outside and laid down here.

use super::own::hash_in;
use crate::sql::Value;
use crate::{Db, Error, Head, UnitKind, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

/// A countersignature whose own signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countersigned {
    /// Whose log.
    pub unit: UnitKind,
    /// How often that log had been restored.
    pub generation: u64,
    /// The head that was countersigned.
    pub head: Head,
    /// Who, by the name that stands in the policies.
    pub officer: String,
    /// The file as it came.
    pub document: String,
    /// When the officer signed, in Unix seconds.
    pub signed_at: i64,
}

/// Keeps a countersignature with its log entry; the same one again changes nothing. One about the
/// own log is refused where that log has another entry at its place, or none.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::Conflict`] where it is about another log than this one.
pub async fn countersign(db: &Db, new: &Countersigned, at: i64) -> Result<(), Error> {
    let mut tx = db.write().await?;
    let own = new.unit == db.unit();
    let expected = match own {
        true => hash_in(&mut tx, new.head.sequence).await?,
        // Of the other log this unit knows what it witnessed, and nothing in between.
        false => {
            let sql = "SELECT head FROM held WHERE generation = $1 AND sequence = $2";
            let place = [Value::count(new.generation)?, Value::count(new.head.sequence)?];
            tx.row(sql, &place).await?.map(|row| row.array(0)).transpose()?
        }
    };
    if expected.map_or(own, |hash| hash != new.head.hash) {
        return Err(Error::Conflict(crate::Subject::Head));
    }
    let values = [
        Value::Text(new.unit.as_str()),
        Value::count(new.generation)?,
        Value::count(new.head.sequence)?,
        Value::Bytes(&new.head.hash),
        Value::Text(&new.officer),
        Value::Text(&new.document),
        Value::Int(new.signed_at),
        Value::Int(at),
    ];
    let sql = "INSERT INTO countersigned \
               (unit, generation, sequence, head, officer, document, signed_at, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (unit, generation, sequence, officer) DO NOTHING";
    if tx.execute(sql, &values).await? == 1 {
        let body = json!({
            "unit": new.unit.as_str(),
            "generation": new.generation,
            "sequence": new.head.sequence,
            "head": HEXLOWER.encode(&new.head.hash),
            "officer": new.officer,
        });
        chain::append(&mut tx, at, "log.countersigned", body).await?;
    }
    tx.commit().await
}

/// The newest countersignature of a unit's log.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest_countersigned(db: &Db, unit: UnitKind) -> Result<Option<Countersigned>, Error> {
    let sql = "SELECT generation, sequence, head, officer, document, signed_at FROM countersigned \
               WHERE unit = $1 ORDER BY generation DESC, sequence DESC, signed_at DESC LIMIT 1";
    let row = db.read().await?.row(sql, &[Value::Text(unit.as_str())]).await?;
    row.map(|row| {
        Ok(Countersigned {
            unit,
            generation: row.count(0)?,
            head: Head { sequence: row.count(1)?, hash: row.array(2)? },
            officer: row.text(3)?,
            document: row.text(4)?,
            signed_at: row.int(5)?,
        })
    })
    .transpose()
}
