//! What was spent, read from the running totals.

use super::{Price, Quarter};
use crate::sql::{Row, Value};
use crate::{Db, Error, Tx, UnitKind};
use std::collections::BTreeMap;

/// What the lineage (project, event year) has paid so far.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent(db: &Db, project: &str, year: u16) -> Result<Price, Error> {
    Ok(spent_by_year(db, project).await?.remove(&year).unwrap_or(Price::NOTHING))
}

/// What every lineage of a project has paid so far, by event year.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_by_year(db: &Db, project: &str) -> Result<BTreeMap<u16, Price>, Error> {
    Ok(of(db, project, "", "").await?.lineages)
}

/// What a purpose has spent in a project: the sum of its prices, each once however many years it
/// read. This bounds its share in every single lineage.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_by_purpose(db: &Db, project: &str, purpose: &str) -> Result<Price, Error> {
    Ok(of(db, project, purpose, "").await?.purpose)
}

/// What an analyst has spent in a project, counted as in [`spent_by_purpose`].
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_by_analyst(db: &Db, project: &str, analyst: &str) -> Result<Price, Error> {
    Ok(of(db, project, "", analyst).await?.analyst)
}

/// What was charged to a purpose within a calendar quarter, in nano-rho, but for the charges made
/// under the name `apart`.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spent_in_quarter(
    db: &Db,
    project: &str,
    purpose: &str,
    quarter: Quarter,
    apart: &str,
) -> Result<u64, Error> {
    db.only(UnitKind::Statistics)?;
    in_quarter(&mut db.read().await?, project, purpose, quarter, apart).await
}

/// What stands before a charge.
pub(super) struct Sums {
    pub(super) lineages: BTreeMap<u16, Price>,
    pub(super) purpose: Price,
    pub(super) analyst: Price,
}

async fn of(db: &Db, project: &str, purpose: &str, analyst: &str) -> Result<Sums, Error> {
    db.only(UnitKind::Statistics)?;
    sums(&mut db.read().await?, project, purpose, analyst).await
}

pub(super) const SUMS: &str = "SELECT what, name, rho, delta FROM spent WHERE project = $1 \
     AND (what = 'lineage' OR (what = 'purpose' AND name = $2) OR (what = 'analyst' AND name = $3))";

pub(super) async fn sums(
    tx: &mut Tx,
    project: &str,
    purpose: &str,
    analyst: &str,
) -> Result<Sums, Error> {
    let values = [Value::Text(project), Value::Text(purpose), Value::Text(analyst)];
    sums_of(&tx.rows(SUMS, &values).await?)
}

/// What [`SUMS`] answered.
pub(super) fn sums_of(rows: &[Row]) -> Result<Sums, Error> {
    let mut sums =
        Sums { lineages: BTreeMap::new(), purpose: Price::NOTHING, analyst: Price::NOTHING };
    for row in rows {
        let sum = price(row, 2)?;
        match row.text(0)?.as_str() {
            "lineage" => {
                let year = row.text(1)?.parse().map_err(|_| Error::Damaged("spent.name"))?;
                sums.lineages.insert(year, sum);
            }
            "purpose" => sums.purpose = sum,
            _ => sums.analyst = sum,
        }
    }
    Ok(sums)
}

pub(super) const IN_QUARTER: &str = "SELECT analyst, rho FROM spent_quarter \
     WHERE project = $1 AND purpose = $2 AND quarter = $3";

pub(super) async fn in_quarter(
    tx: &mut Tx,
    project: &str,
    purpose: &str,
    quarter: Quarter,
    apart: &str,
) -> Result<u64, Error> {
    let values = [Value::Text(project), Value::Text(purpose), Value::Int(quarter.stored())];
    quarter_of(&tx.rows(IN_QUARTER, &values).await?, apart)
}

/// What [`IN_QUARTER`] answered, but for the charges made under the name `apart`.
pub(super) fn quarter_of(rows: &[Row], apart: &str) -> Result<u64, Error> {
    let mut sum = 0_u64;
    for row in rows {
        if row.text(0)? != apart {
            sum = sum.checked_add(row.count(1)?).ok_or(Error::Overflow)?;
        }
    }
    Ok(sum)
}

pub(super) fn price(row: &Row, column: usize) -> Result<Price, Error> {
    Ok(Price { rho: row.count(column)?, delta: row.count(column + 1)? })
}
