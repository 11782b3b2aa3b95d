//! Sums, always taken from the rows: there is no running total that could drift.

use super::Price;
use super::charge::year;
use crate::sql::Value;
use crate::{Db, Error, Tx, UnitKind};
use std::collections::BTreeMap;

/// What the lineage (project, event year) has paid so far.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent(db: &Db, project: &str, year: u16) -> Result<Price, Error> {
    db.only(UnitKind::Statistics)?;
    let mut sums = by_year(&mut db.read().await?, project).await?;
    Ok(sums.remove(&year).unwrap_or(Price { rho: 0, delta: 0 }))
}

/// What a purpose has spent in a project: the sum of its prices, each once however many years it
/// read. This bounds its share in every single lineage.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_by_purpose(db: &Db, project: &str, purpose: &str) -> Result<Price, Error> {
    db.only(UnitKind::Statistics)?;
    of_purpose(&mut db.read().await?, project, purpose).await
}

/// What an analyst has spent in a project, counted as in [`spent_by_purpose`].
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_by_analyst(db: &Db, project: &str, analyst: &str) -> Result<Price, Error> {
    db.only(UnitKind::Statistics)?;
    of_analyst(&mut db.read().await?, project, analyst).await
}

// PostgreSQL sums BIGINT as NUMERIC; the cast fails instead of wrapping, as does SQLite's sum.

pub(super) async fn by_year(tx: &mut Tx, project: &str) -> Result<BTreeMap<u16, Price>, Error> {
    let sql = "SELECT year, CAST(SUM(rho) AS BIGINT), CAST(SUM(delta) AS BIGINT) \
               FROM charge_lineage WHERE project = $1 GROUP BY year";
    let rows = tx.rows(sql, &[Value::Text(project)]).await?;
    let sum = |row: &crate::sql::Row| {
        Ok((year(row, 0)?, Price { rho: row.count(1)?, delta: row.count(2)? }))
    };
    rows.iter().map(sum).collect()
}

pub(super) async fn of_purpose(tx: &mut Tx, project: &str, purpose: &str) -> Result<Price, Error> {
    let sql = "SELECT CAST(COALESCE(SUM(rho), 0) AS BIGINT), \
               CAST(COALESCE(SUM(delta), 0) AS BIGINT) \
               FROM charge WHERE project = $1 AND purpose = $2";
    sum(tx, sql, &[Value::Text(project), Value::Text(purpose)]).await
}

pub(super) async fn of_analyst(tx: &mut Tx, project: &str, analyst: &str) -> Result<Price, Error> {
    let sql = "SELECT CAST(COALESCE(SUM(rho), 0) AS BIGINT), \
               CAST(COALESCE(SUM(delta), 0) AS BIGINT) \
               FROM charge WHERE project = $1 AND analyst = $2";
    sum(tx, sql, &[Value::Text(project), Value::Text(analyst)]).await
}

async fn sum(tx: &mut Tx, sql: &'static str, values: &[Value<'_>]) -> Result<Price, Error> {
    let row = tx.row(sql, values).await?.ok_or(Error::Damaged("charge"))?;
    Ok(Price { rho: row.count(0)?, delta: row.count(1)? })
}
