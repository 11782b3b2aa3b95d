//! What was spent, on whose behalf and when: for reading, not for deciding.

use super::State;
use super::charge::state;
use crate::sql::{Row, Value};
use crate::{Db, Error, UnitKind};

/// The charges that have everything below in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spending {
    /// Year of charging, UTC.
    pub year: u16,
    /// Month of charging, 1 to 12.
    pub month: u8,
    /// The purpose.
    pub purpose: String,
    /// Who asked.
    pub analyst: String,
    /// The datasets that were read, ascending; `None` for charges of a version that did not note
    /// them.
    pub datasets: Option<Vec<String>>,
    /// Where the charges stand.
    pub state: State,
    /// How many.
    pub charges: u64,
    /// What they cost, in nano-rho; each charge once, however many event years it reads.
    pub rho: u64,
}

/// All charges of a project, in groups. Reads every charge once.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn spending(db: &Db, project: &str) -> Result<Vec<Spending>, Error> {
    db.only(UnitKind::Statistics)?;
    let sql = "SELECT month, purpose, analyst, datasets, state, COUNT(*), CAST(SUM(rho) AS BIGINT) \
               FROM charge WHERE project = $1 GROUP BY month, purpose, analyst, datasets, state \
               ORDER BY month, purpose, analyst, datasets, state";
    let rows = db.read().await?.rows(sql, &[Value::Text(project)]).await?;
    rows.iter().map(group).collect()
}

fn group(row: &Row) -> Result<Spending, Error> {
    let damaged = |_| Error::Damaged("charge.month");
    let month = row.int(0)?;
    Ok(Spending {
        year: u16::try_from(month / 100).map_err(damaged)?,
        month: u8::try_from(month % 100).map_err(damaged)?,
        purpose: row.text(1)?,
        analyst: row.text(2)?,
        datasets: row.maybe_text(3)?.map(|text| text.split(' ').map(str::to_owned).collect()),
        state: state(&row.text(4)?)?,
        charges: row.count(5)?,
        rho: row.count(6)?,
    })
}
