//! The tables of a charge, and the documents of its answer.

use super::charge::{Charge, NewPart, find, select};
use super::{NewCharge, Price};
use crate::batch::Batch;
use crate::sql::{Row, Value};
use crate::{Db, Error, Tx, UnitKind};
use data_encoding::HEXLOWER;
use serde_json::json;

/// The answer of a charge: its documents, in the order of its tables, with a line feed between two.
///
/// # Errors
/// [`Error::Damaged`] where a document holds a line feed, which canonical JSON does not.
pub fn framed(documents: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    if documents.iter().any(|document| document.contains(&b'\n')) {
        return Err(Error::Damaged("a document"));
    }
    Ok(documents.join(&b'\n'))
}

impl Charge {
    /// The documents of a stored answer, in the order of the tables; none before there is one.
    pub fn documents(&self) -> impl Iterator<Item = &[u8]> {
        self.answer.iter().flat_map(|answer| answer.split(|byte| *byte == b'\n'))
    }
}

/// A question, as it is looked for among the released tables of a snapshot.
pub struct Wanted<'a> {
    /// The snapshot.
    pub snapshot: &'a str,
    /// The purpose that allowed both.
    pub purpose: &'a str,
    /// SHA-256 of the question, price included.
    pub query_digest: &'a [u8; 32],
    /// SHA-256 of the same question whatever it may cost.
    pub question: &'a [u8; 32],
    /// What the table cost at least, in nano-rho; `None` where the price must be the very same.
    pub least_rho: Option<u64>,
}

pub(super) const BEST: &str = "SELECT own.charge, own.idx FROM charge_part AS own \
     JOIN charge ON charge.charge = own.charge \
     WHERE own.snapshot = $1 AND charge.purpose = $2 AND charge.state = 'released' \
     AND (own.query_digest = $3 OR (own.question = $4 AND own.rho >= $5)) \
     ORDER BY CASE WHEN own.query_digest = $3 THEN 0 ELSE 1 END, own.rho DESC, \
     charge.sequence LIMIT 1";

/// The released table that answers a question: the one with the very same price where there is
/// one, else that of highest rho, of equal ones the oldest. The charge with the place of the table
/// in it, from 0.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn best_part(db: &Db, wanted: &Wanted<'_>) -> Result<Option<(Charge, usize)>, Error> {
    db.only(UnitKind::Statistics)?;
    let mut tx = db.read().await?;
    let values = [
        Value::Text(wanted.snapshot),
        Value::Text(wanted.purpose),
        Value::Bytes(wanted.query_digest),
        Value::Bytes(wanted.question),
        // No charge costs more: the log cannot write it.
        Value::count(wanted.least_rho.unwrap_or(audit::NUMBER_LIMIT + 1))?,
    ];
    match tx.row(BEST, &values).await? {
        Some(row) => Ok(Some(place(&mut tx, &row).await?)),
        None => Ok(None),
    }
}

pub(super) const ASKED: &str = "SELECT own.charge, own.idx FROM charge_part AS own \
     JOIN charge ON charge.charge = own.charge \
     WHERE own.snapshot = $1 AND own.query_digest = $2 \
     AND charge.state IN ('committed', 'drawing', 'released') \
     ORDER BY charge.sequence LIMIT 1";

/// A single question that stands as one of several tables in an open or released charge: what
/// [`ASKED`] answered.
pub(super) async fn asked_before(
    tx: &mut Tx,
    new: &NewCharge,
    row: Option<&Row>,
) -> Result<Option<(Charge, usize)>, Error> {
    match row {
        Some(row) if is_single(new) => Ok(Some(place(tx, row).await?)),
        _ => Ok(None),
    }
}

async fn place(tx: &mut Tx, row: &Row) -> Result<(Charge, usize), Error> {
    let (charge, place) = (row.text(0)?, row.count(1)?);
    let found = find(tx, select!("WHERE charge = $1"), &[Value::Text(&charge)]).await?;
    let place = usize::try_from(place).map_err(|_| Error::Damaged("charge_part.idx"))?;
    Ok((found.ok_or(Error::Damaged("charge_part.charge"))?, place))
}

fn is_single(new: &NewCharge) -> bool {
    matches!(new.parts.as_slice(), [only] if only.query_digest == new.query_digest)
}

/// Refuses a charge whose tables do not add up to its price.
pub(super) fn check_sum(new: &NewCharge) -> Result<(), Error> {
    let sum = |amount: fn(&NewPart) -> u64| {
        new.parts.iter().map(amount).try_fold(0_u64, u64::checked_add)
    };
    let (rho, delta) = (sum(|part| part.price.rho), sum(|part| part.price.delta));
    let Price { rho: whole, delta: whole_delta } = new.price;
    if new.parts.is_empty() || rho != Some(whole) || delta != Some(whole_delta) {
        return Err(Error::PartsDiffer);
    }
    Ok(())
}

/// What the log says of the tables; nothing where the charge is one question.
pub(super) fn told(new: &NewCharge) -> Option<serde_json::Value> {
    let part = |own: &NewPart| {
        let query = HEXLOWER.encode(&own.query_digest);
        json!({"query": query, "rho": own.price.rho, "delta": own.price.delta})
    };
    (!is_single(new)).then(|| new.parts.iter().map(part).collect())
}

pub(super) fn insert<'a>(batch: &mut Batch<'a>, new: &'a NewCharge) -> Result<(), Error> {
    let sql = "INSERT INTO charge_part (charge, idx, snapshot, query_digest, question, rho, delta) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for (place, part) in (0_u64..).zip(&new.parts) {
        let values = [
            Value::Text(&new.charge),
            Value::count(place)?,
            Value::Text(&new.snapshot),
            Value::Bytes(&part.query_digest),
            Value::Bytes(&part.question),
            Value::count(part.price.rho)?,
            Value::count(part.price.delta)?,
        ];
        batch.push(sql, values);
    }
    Ok(())
}
