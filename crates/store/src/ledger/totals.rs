//! The running totals: written with each charge and by nothing else, compared at each start.

use super::spent::price;
use super::{NewCharge, Price, Quarter};
use crate::batch::Batch;
use crate::sql::{Row, Value};
use crate::{Error, Tx};
use std::collections::BTreeMap;

/// Adds a charge, in its own transaction.
pub(super) fn add<'a>(
    batch: &mut Batch<'a>,
    new: &'a NewCharge,
    quarter: Quarter,
) -> Result<(), Error> {
    let (rho, delta) = (Value::count(new.price.rho)?, Value::count(new.price.delta)?);
    let project = Value::Text(&new.project);
    let (purpose, analyst) = (Value::Text(&new.purpose), Value::Text(&new.analyst));
    let sql = "INSERT INTO spent (project, what, name, rho, delta) \
               VALUES ($1, 'purpose', $2, $4, $5), ($1, 'analyst', $3, $4, $5) \
               ON CONFLICT (project, what, name) \
               DO UPDATE SET rho = spent.rho + excluded.rho, delta = spent.delta + excluded.delta";
    batch.push(sql, [project, purpose, analyst, rho, delta]);
    let sql = "INSERT INTO spent (project, what, name, rho, delta) \
               VALUES ($1, 'lineage', CAST(CAST($2 AS BIGINT) AS VARCHAR), $3, $4) \
               ON CONFLICT (project, what, name) \
               DO UPDATE SET rho = spent.rho + excluded.rho, delta = spent.delta + excluded.delta";
    for &year in &new.years {
        batch.push(sql, [project, Value::Int(year.into()), rho, delta]);
    }
    let sql = "INSERT INTO spent_quarter (project, purpose, quarter, analyst, rho, delta) \
               VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (project, purpose, quarter, analyst) DO UPDATE \
               SET rho = spent_quarter.rho + excluded.rho, \
               delta = spent_quarter.delta + excluded.delta";
    let quarter = Value::Int(quarter.stored());
    batch.push(sql, [project, purpose, quarter, analyst, rho, delta]);
    Ok(())
}

type Totals = BTreeMap<[String; 4], Price>;

/// Compares every total with the sum over the rows.
///
/// # Errors
/// [`Error::TotalsDiffer`] where one is missing, too many or another: then nobody can say what is
/// left, and nothing may be charged.
pub(super) async fn compare(tx: &mut Tx) -> Result<(), Error> {
    // PostgreSQL sums BIGINT as NUMERIC; the cast fails instead of wrapping, as does SQLite's sum.
    let rows = [
        "SELECT project, 'lineage', CAST(year AS VARCHAR), '', CAST(SUM(rho) AS BIGINT), \
         CAST(SUM(delta) AS BIGINT) FROM (SELECT project, year, rho, delta FROM charge_lineage \
         UNION ALL SELECT project, year, rho, delta FROM burnt) AS paid GROUP BY project, year",
        "SELECT project, 'purpose', purpose, '', CAST(SUM(rho) AS BIGINT), \
         CAST(SUM(delta) AS BIGINT) FROM charge GROUP BY project, purpose",
        "SELECT project, 'analyst', analyst, '', CAST(SUM(rho) AS BIGINT), \
         CAST(SUM(delta) AS BIGINT) FROM charge GROUP BY project, analyst",
    ];
    let totals = "SELECT project, what, name, '', rho, delta FROM spent";
    differ(tx, &rows, totals).await?;
    let rows = "SELECT project, purpose, \
                CAST(month / 100 * 10 + (month % 100 + 2) / 3 AS VARCHAR), analyst, \
                CAST(SUM(rho) AS BIGINT), CAST(SUM(delta) AS BIGINT) FROM charge \
                GROUP BY project, purpose, month / 100 * 10 + (month % 100 + 2) / 3, analyst";
    let totals = "SELECT project, purpose, CAST(quarter AS VARCHAR), analyst, rho, delta \
                  FROM spent_quarter";
    differ(tx, &[rows], totals).await
}

async fn differ(tx: &mut Tx, rows: &[&'static str], totals: &'static str) -> Result<(), Error> {
    let mut summed = Totals::new();
    for sql in rows {
        summed.extend(read(tx, sql).await?);
    }
    if summed == read(tx, totals).await? { Ok(()) } else { Err(Error::TotalsDiffer) }
}

async fn read(tx: &mut Tx, sql: &'static str) -> Result<Totals, Error> {
    let total =
        |row: &Row| Ok(([row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?], price(row, 4)?));
    tx.rows(sql, &[]).await?.iter().map(total).collect()
}
