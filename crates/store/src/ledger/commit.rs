use super::caps::{self, NewSums};
use super::charge::{by_key, find, select};
use super::{
    Cap, Caps, Charge, Exceeded, NAME_LIMIT, NewCharge, PARTS_LIMIT, REQUEST_LIMIT, State,
    YEARS_LIMIT, parts,
};
use crate::sql::Value;
use crate::{Db, Error, Head, Subject, Tx, UnitKind, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

/// What became of a charge that was asked for.
pub enum Outcome {
    /// It is paid and on the disk; it may run.
    Committed(Charge),
    /// The same was asked before: nothing was charged, this is that charge in its present state.
    Existing(Charge),
    /// The same was asked before as one table of several: nothing was charged, this is that charge
    /// in its present state and the place of the table in it, from 0.
    ExistingPart(Charge, usize),
    /// The idempotency key was used for another request, this one; nothing was charged.
    IdempotencyConflict(Charge),
    /// A cap would be exceeded; nothing was charged, the refusal was logged.
    CapExceeded(Exceeded),
}

/// Charges in one transaction: idempotency key, cache lookup, all caps, charge with its lineages,
/// tables and log entry, commit.
///
/// The caller has validated the request against the policy. `at` is in Unix seconds.
///
/// # Errors
/// [`Error::EmptyCharge`], [`Error::PartsDiffer`], [`Error::Limit`], [`Error::NotFound`] without that snapshot in that
/// project, [`Error::Conflict`] when the charge's id was used; [`Error::OtherUnit`].
pub async fn commit(db: &Db, new: &NewCharge, caps: &Caps<'_>, at: i64) -> Result<Outcome, Error> {
    db.only(UnitKind::Statistics)?;
    check_limits(new)?;
    let mut tx = db.write().await?;
    if let Some(earlier) = by_key(&mut tx, &new.analyst, &new.idempotency_key).await? {
        let same = earlier.query_digest == new.query_digest && earlier.snapshot == new.snapshot;
        return Ok(if same {
            Outcome::Existing(earlier)
        } else {
            Outcome::IdempotencyConflict(earlier)
        });
    }
    check_snapshot(&mut tx, new).await?;
    if let Some(earlier) = by_query(&mut tx, new).await? {
        return Ok(Outcome::Existing(earlier));
    }
    if let Some((earlier, place)) = parts::asked_before(&mut tx, new).await? {
        return Ok(Outcome::ExistingPart(earlier, place));
    }
    let sums = match caps::check(&mut tx, new, caps).await? {
        Ok(sums) => sums,
        Err(exceeded) => {
            refuse(&mut tx, new, &exceeded, at).await?;
            tx.commit().await?;
            return Ok(Outcome::CapExceeded(exceeded));
        }
    };
    let head = log(&mut tx, new, &sums, at).await?;
    insert(&mut tx, new, head, at).await?;
    let made = by_key(&mut tx, &new.analyst, &new.idempotency_key)
        .await?
        .ok_or(Error::Damaged("charge"))?;
    tx.commit().await?;
    Ok(Outcome::Committed(made))
}

fn check_limits(new: &NewCharge) -> Result<(), Error> {
    if (new.price.rho == 0 && new.price.delta == 0) || new.years.is_empty() {
        return Err(Error::EmptyCharge);
    }
    parts::check_sum(new)?;
    let names = [
        &new.charge,
        &new.project,
        &new.snapshot,
        &new.purpose,
        &new.analyst,
        &new.idempotency_key,
    ];
    let name = names.iter().map(|name| name.len()).max().unwrap_or(0);
    for (what, value, limit) in [
        ("the length of a name", name, NAME_LIMIT),
        ("the request in bytes", new.request.len(), REQUEST_LIMIT),
        ("the number of event years", new.years.len(), YEARS_LIMIT),
        ("the number of tables", new.parts.len(), PARTS_LIMIT),
    ] {
        if value > limit {
            return Err(Error::Limit { what, limit: limit as u64 });
        }
    }
    Ok(())
}

/// A failed or void charge is the final result of its own key and does not answer a new one.
async fn by_query(tx: &mut Tx, new: &NewCharge) -> Result<Option<Charge>, Error> {
    let values = [Value::Text(&new.snapshot), Value::Bytes(&new.query_digest)];
    let sql = select!(
        "WHERE snapshot = $1 AND query_digest = $2 AND state IN ('committed', 'drawing', 'released')"
    );
    find(tx, sql, &values).await
}

async fn check_snapshot(tx: &mut Tx, new: &NewCharge) -> Result<(), Error> {
    let sql = "SELECT snapshot FROM snapshot WHERE snapshot = $1 AND project = $2";
    let values = [Value::Text(&new.snapshot), Value::Text(&new.project)];
    match tx.row(sql, &values).await? {
        Some(_) => Ok(()),
        None => Err(Error::NotFound(Subject::Snapshot)),
    }
}

async fn log(tx: &mut Tx, new: &NewCharge, sums: &NewSums, at: i64) -> Result<Head, Error> {
    let lineages: Vec<_> = sums
        .iter()
        .map(|(year, sum)| json!({"year": year, "rho": sum.rho, "delta": sum.delta}))
        .collect();
    let mut body = json!({
        "charge": new.charge,
        "project": new.project,
        "snapshot": new.snapshot,
        "purpose": new.purpose,
        "query": HEXLOWER.encode(&new.query_digest),
        "rho": new.price.rho,
        "delta": new.price.delta,
        "lineages": lineages,
    });
    if let (Some(members), Some(parts)) = (body.as_object_mut(), parts::told(new)) {
        members.insert("parts".into(), parts);
    }
    chain::append(tx, at, "charge.committed", body).await
}

async fn insert(tx: &mut Tx, new: &NewCharge, head: Head, at: i64) -> Result<(), Error> {
    if find(tx, select!("WHERE charge = $1"), &[Value::Text(&new.charge)]).await?.is_some() {
        return Err(Error::Conflict(Subject::Charge));
    }
    let (rho, delta) = (Value::count(new.price.rho)?, Value::count(new.price.delta)?);
    let values = [
        Value::Text(&new.charge),
        Value::Text(&new.project),
        Value::Text(&new.snapshot),
        Value::Text(&new.purpose),
        Value::Text(&new.analyst),
        Value::Bytes(&new.query_digest),
        Value::Text(&new.idempotency_key),
        Value::Text(&new.request),
        rho,
        delta,
        Value::Text(State::Committed.as_str()),
        Value::count(head.sequence)?,
        Value::Bytes(&head.hash),
        Value::Int(at),
    ];
    let sql = "INSERT INTO charge (charge, project, snapshot, purpose, analyst, query_digest, \
               idempotency_key, request, rho, delta, state, sequence, head, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    tx.execute(sql, &values).await?;
    let sql = "INSERT INTO charge_lineage (charge, project, year, rho, delta) \
               VALUES ($1, $2, $3, $4, $5)";
    for &year in &new.years {
        let charge = Value::Text(&new.charge);
        let values = [charge, Value::Text(&new.project), Value::Int(year.into()), rho, delta];
        tx.execute(sql, &values).await?;
    }
    parts::insert(tx, new).await
}

async fn refuse(tx: &mut Tx, new: &NewCharge, exceeded: &Exceeded, at: i64) -> Result<(), Error> {
    let which = match exceeded.which {
        Cap::LineageRho { year } => json!({"cap": "lineage-rho", "year": year}),
        Cap::LineageDelta { year } => json!({"cap": "lineage-delta", "year": year}),
        Cap::Horizon { from, to } => json!({"cap": "horizon", "from": from, "to": to}),
        Cap::Purpose => json!({"cap": "purpose"}),
        Cap::Analyst => json!({"cap": "analyst"}),
    };
    // What is asked comes from outside and may be beyond what the log can write.
    let told = |amount: u64| amount.min(audit::NUMBER_LIMIT);
    let body = json!({
        "project": new.project,
        "purpose": new.purpose,
        "query": HEXLOWER.encode(&new.query_digest),
        "which": which,
        "limit": told(exceeded.cap),
        "spent": told(exceeded.spent),
        "reserved": told(exceeded.reserved),
        "asked": told(exceeded.asked),
    });
    chain::append(tx, at, "refusal", body).await?;
    Ok(())
}
