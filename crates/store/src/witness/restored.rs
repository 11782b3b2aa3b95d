//! A database that was put back: what it lost is burnt, and its log goes on under a new generation.

use super::{LineageTotal, generation, own};
use crate::sql::Value;
use crate::{Db, Error, Head, Tx, UnitKind, chain};
use serde_json::json;
use std::collections::BTreeMap;

/// A restore that two people approved and whose documents were checked.
pub struct Ceremony<'a> {
    /// The head of the database that was put back, as the request names it.
    pub restored: Head,
    /// The newest statement that the witness keeps, as the request names it.
    pub witnessed: Option<(u64, Head)>,
    /// What is taken from each lineage.
    pub burn: &'a [LineageTotal],
    /// The request and its approvals, for the witness.
    pub documents: &'a str,
    /// SHA-256 of the request, in hexadecimal digits.
    pub digest: &'a str,
    /// Who approved, by the names that stand in the policies.
    pub approved_by: &'a [String],
}

/// A restore that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The generation that began with it.
    pub generation: u64,
    /// Number of the log entry that recorded it.
    pub sequence: u64,
    /// The request and its approvals.
    pub documents: String,
    /// When, in Unix seconds.
    pub at: i64,
}

/// What was burnt of a lineage.
pub type Burnt = LineageTotal;

/// Carries out a restore in one transaction: the burnt amounts enter lineages and totals, the log
/// says so, and a new generation begins.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::Conflict`] where the log has gone on since the request was made.
pub async fn burn(db: &Db, ceremony: &Ceremony<'_>, at: i64) -> Result<Restored, Error> {
    let mut tx = db.write().await?;
    if chain::last_in(&mut tx).await?.head != ceremony.restored {
        return Err(Error::Conflict(crate::Subject::Head));
    }
    if !ceremony.burn.is_empty() {
        db.only(UnitKind::Statistics)?;
    }
    let generation = generation(&mut tx).await?.max(witnessed_generation(ceremony)) + 1;
    let before = sums(&mut tx).await?;
    let mut lineages = Vec::with_capacity(ceremony.burn.len());
    for own in ceremony.burn {
        let kept = before.get(&(own.project.clone(), own.year)).copied().unwrap_or((0, 0));
        let rho = kept.0.checked_add(own.price.rho).ok_or(Error::Overflow)?;
        let delta = kept.1.checked_add(own.price.delta).ok_or(Error::Overflow)?;
        lineages
            .push(json!({"project": own.project, "year": own.year, "rho": rho, "delta": delta}));
    }
    let burnt: Vec<_> = ceremony.burn.iter().map(told).collect();
    let witnessed = ceremony.witnessed.map(|(_, head)| head.to_string());
    let body = json!({
        "generation": generation,
        "request": ceremony.digest,
        "approved_by": ceremony.approved_by,
        "restored": ceremony.restored.to_string(),
        "witnessed": witnessed,
        "burnt": burnt,
        "lineages": lineages,
    });
    let head = chain::append(&mut tx, at, "restore.burnt", body).await?;
    for own in ceremony.burn {
        write(&mut tx, own, head.sequence).await?;
    }
    let values = [
        Value::count(generation)?,
        Value::count(head.sequence)?,
        Value::Text(ceremony.documents),
        Value::Int(at),
    ];
    let sql = "INSERT INTO restored (generation, sequence, ceremony, at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    let (sequence, documents) = (head.sequence, ceremony.documents.to_owned());
    Ok(Restored { generation, sequence, documents, at })
}

fn witnessed_generation(ceremony: &Ceremony<'_>) -> u64 {
    ceremony.witnessed.map_or(0, |(generation, _)| generation)
}

fn told(own: &LineageTotal) -> serde_json::Value {
    let LineageTotal { project, year, price } = own;
    json!({"project": project, "year": year, "rho": price.rho, "delta": price.delta})
}

async fn sums(tx: &mut Tx) -> Result<BTreeMap<(String, u16), (u64, u64)>, Error> {
    if tx.identity().unit == UnitKind::Linkage {
        return Ok(BTreeMap::new());
    }
    let spent = own::spent_in(tx).await?;
    let line = |own: LineageTotal| ((own.project, own.year), (own.price.rho, own.price.delta));
    Ok(spent.into_iter().map(line).collect())
}

async fn write(tx: &mut Tx, own: &LineageTotal, sequence: u64) -> Result<(), Error> {
    let (rho, delta) = (Value::count(own.price.rho)?, Value::count(own.price.delta)?);
    let (project, year) = (Value::Text(&own.project), Value::Int(own.year.into()));
    let sql = "INSERT INTO burnt (sequence, project, year, rho, delta) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, &[Value::count(sequence)?, project, year, rho, delta]).await?;
    let sql = "INSERT INTO spent (project, what, name, rho, delta) \
               VALUES ($1, 'lineage', CAST(CAST($2 AS BIGINT) AS VARCHAR), $3, $4) \
               ON CONFLICT (project, what, name) \
               DO UPDATE SET rho = spent.rho + excluded.rho, delta = spent.delta + excluded.delta";
    tx.execute(sql, &[project, year, rho, delta]).await?;
    Ok(())
}

/// The restore with which the present generation began.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest_restored(db: &Db) -> Result<Option<Restored>, Error> {
    let sql = "SELECT generation, sequence, ceremony, at FROM restored \
               ORDER BY generation DESC LIMIT 1";
    let row = db.read().await?.row(sql, &[]).await?;
    row.map(|row| {
        Ok(Restored {
            generation: row.count(0)?,
            sequence: row.count(1)?,
            documents: row.text(2)?,
            at: row.int(3)?,
        })
    })
    .transpose()
}

/// The first entry that a restore after `generation` wrote: what had that number or a higher one
/// before it is lost. `None` where nothing was restored since.
///
/// # Errors
/// [`Error::Database`].
pub async fn lost_since(db: &Db, generation: u64) -> Result<Option<u64>, Error> {
    let sql = "SELECT MIN(sequence) FROM restored WHERE generation > $1";
    let row = db.read().await?.row(sql, &[Value::count(generation)?]).await?;
    let first = row.map(|row| row.maybe_int(0)).transpose()?.flatten();
    first.map(|own| u64::try_from(own).map_err(|_| Error::Damaged("restored.sequence"))).transpose()
}

/// What was burnt of each lineage over all restores.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn burnt(db: &Db) -> Result<Vec<Burnt>, Error> {
    db.only(UnitKind::Statistics)?;
    let sql = "SELECT project, year, CAST(SUM(rho) AS BIGINT), CAST(SUM(delta) AS BIGINT) \
               FROM burnt GROUP BY project, year ORDER BY project, year";
    db.read().await?.rows(sql, &[]).await?.iter().map(LineageTotal::read).collect()
}
