use super::charge::{read, select};
use super::{ANSWER_LIMIT, Charge, State, totals};
use crate::sql::Value;
use crate::{Db, Error, Tx, UnitKind, chain};
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde_json::json;

/// The final result of a draw.
pub enum Answer<'a> {
    /// The release as it will be sent.
    Released(&'a [u8]),
    /// The uniform error as it will be sent.
    Failed(&'a [u8]),
}

/// What a start found.
pub struct Recovery {
    /// Ids of the charges whose draw a crash interrupted; they are void now.
    pub voided: Vec<String>,
    /// Charges that are paid and not drawn: they may run.
    pub committed: Vec<Charge>,
}

pub(super) const DRAW: &str =
    "UPDATE charge SET state = 'drawing' WHERE charge = $1 AND state = 'committed'";

/// Marks that noise is about to be drawn. When this returns the mark lies on the disk.
///
/// # Errors
/// [`Error::ChargeState`] unless the charge is committed: nothing may be drawn then.
pub async fn mark_drawing(db: &Db, charge: &str) -> Result<(), Error> {
    db.only(UnitKind::Statistics)?;
    let mut tx = db.write().await?;
    if tx.execute(DRAW, &[Value::Text(charge)]).await? != 1 {
        return Err(Error::ChargeState);
    }
    tx.commit().await
}

/// Stores the result of a draw with its log entry. What is sent is read back by
/// [`super::charge`], never taken from memory.
///
/// `at` is in Unix seconds.
///
/// # Errors
/// [`Error::ChargeState`] unless the charge is being drawn, [`Error::Limit`].
pub async fn store_answer(db: &Db, charge: &str, answer: Answer<'_>, at: i64) -> Result<(), Error> {
    db.only(UnitKind::Statistics)?;
    let (state, kind, bytes) = match answer {
        Answer::Released(bytes) => (State::Released, "release.stored", bytes),
        Answer::Failed(bytes) => (State::Failed, "charge.failed", bytes),
    };
    if bytes.len() > ANSWER_LIMIT {
        return Err(Error::Limit { what: "the answer in bytes", limit: ANSWER_LIMIT as u64 });
    }
    let mut tx = db.write().await?;
    finish(&mut tx, charge, state, kind, bytes, at).await?;
    tx.commit().await
}

pub(super) const FINISH: &str =
    "UPDATE charge SET state = $2, answer = $3 WHERE charge = $1 AND state = 'drawing'";

async fn finish(
    tx: &mut Tx,
    charge: &str,
    state: State,
    kind: &str,
    answer: &[u8],
    at: i64,
) -> Result<(), Error> {
    let values = [Value::Text(charge), Value::Text(state.as_str()), Value::Bytes(answer)];
    if tx.execute(FINISH, &values).await? != 1 {
        return Err(Error::ChargeState);
    }
    let answer = HEXLOWER.encode(digest(&SHA256, answer).as_ref());
    chain::append(tx, at, kind, json!({"charge": charge, "answer": answer})).await?;
    Ok(())
}

/// Settles what a crash left behind, before anything else runs: totals that are not the sums of
/// their charges are a damage, nothing is charged then. Every interrupted draw becomes void
/// with `uniform_error` as its stored answer, because drawing again until it works would be
/// rejection sampling. Paid and undrawn charges are listed; they may run.
///
/// # Errors
/// [`Error::TotalsDiffer`]; [`Error::OtherUnit`] at the linkage unit.
pub async fn recover(db: &Db, at: i64, uniform_error: &[u8]) -> Result<Recovery, Error> {
    db.only(UnitKind::Statistics)?;
    let mut tx = db.write().await?;
    totals::compare(&mut tx).await?;
    let sql = "SELECT charge FROM charge WHERE state = 'drawing' ORDER BY sequence";
    let mut voided = Vec::new();
    for row in tx.rows(sql, &[]).await? {
        let charge = row.text(0)?;
        finish(&mut tx, &charge, State::Void, "charge.void", uniform_error, at).await?;
        voided.push(charge);
    }
    let sql = select!("WHERE state = 'committed' ORDER BY sequence");
    let mut committed = Vec::new();
    for row in tx.rows(sql, &[]).await? {
        committed.push(read(&mut tx, &row).await?);
    }
    tx.commit().await?;
    Ok(Recovery { voided, committed })
}
