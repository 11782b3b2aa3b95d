use super::before::Before;
use super::caps::{self, NewSums};
use super::charge::{find, select};
use super::period::month;
use super::{
    Cap, Caps, Charge, DATASETS_LIMIT, Exceeded, NAME_LIMIT, NewCharge, PARTS_LIMIT, Quarter,
    REQUEST_LIMIT, State, YEARS_LIMIT, parts, totals,
};
use crate::batch::Batch;
use crate::chain::Last;
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
    /// The clock stands before the latest time in the log; nothing was charged.
    ClockBehind {
        /// That time, in Unix seconds.
        latest: i64,
    },
}

/// By how much a clock may be behind the latest entry of the log, in seconds: two machines that take
/// turns, or a clock that is corrected, differ by less.
pub const CLOCK_TOLERANCE: i64 = 300;

/// Charges in one transaction: idempotency key, cache lookup, clock, all caps, charge with its
/// lineages, tables, totals and log entry, commit.
///
/// The caller has validated the request against the policy. `at` is in Unix seconds.
///
/// # Errors
/// [`Error::EmptyCharge`], [`Error::PartsDiffer`], [`Error::Limit`], [`Error::NotFound`] without that snapshot in that
/// project, [`Error::Conflict`] when the charge's id was used; [`Error::OtherUnit`].
pub async fn commit(db: &Db, new: &NewCharge, caps: &Caps<'_>, at: i64) -> Result<Outcome, Error> {
    db.only(UnitKind::Statistics)?;
    check_limits(new)?;
    let quarter = Quarter::at(at)?;
    let mut tx = db.write().await?;
    let before = Before::read(&mut tx, new, quarter).await?;
    if let Some(known) = known(&mut tx, new, &before).await? {
        return Ok(known);
    }
    let last = before.last;
    if let Some(latest) = last.latest.filter(|latest| at < latest.saturating_sub(CLOCK_TOLERANCE)) {
        let query = HEXLOWER.encode(&new.query_digest);
        let body = json!({"project": new.project, "purpose": new.purpose, "query": query,
            "which": {"clock": latest}});
        chain::append_after(&mut tx, last, at, "refusal", body).await?;
        tx.commit().await?;
        return Ok(Outcome::ClockBehind { latest });
    }
    let sums = match caps::check(&mut tx, new, caps, &before).await? {
        Ok(sums) => sums,
        Err(exceeded) => {
            refuse(&mut tx, new, last, &exceeded, at).await?;
            tx.commit().await?;
            return Ok(Outcome::CapExceeded(exceeded));
        }
    };
    let entry = chain::Next::after(last, at, "charge.committed", told(new, &sums))?;
    let datasets = new.datasets.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let mut batch = Batch::default();
    entry.write(&mut batch)?;
    insert(&mut batch, new, &datasets, &entry.head, at)?;
    totals::add(&mut batch, new, quarter)?;
    tx.run(&batch).await?;
    tx.commit().await?;
    Ok(Outcome::Committed(committed(new, entry.head, at)))
}

/// What the ledger knows of a charge before it is made.
pub(super) const KNOWN: &str = "SELECT \
     (SELECT charge FROM charge WHERE analyst = $1 AND idempotency_key = $2), \
     (SELECT snapshot FROM snapshot WHERE snapshot = $3 AND project = $4), \
     (SELECT charge FROM charge WHERE snapshot = $3 AND query_digest = $5 \
      AND state IN ('committed', 'drawing', 'released')), \
     (SELECT charge FROM charge WHERE charge = $6)";

/// What answers a charge that need not be made, or stands in its way.
async fn known(tx: &mut Tx, new: &NewCharge, before: &Before) -> Result<Option<Outcome>, Error> {
    let row = &before.known;
    if let Some(charge) = row.maybe_text(0)? {
        let earlier = whole(tx, &charge).await?;
        let same = earlier.query_digest == new.query_digest && earlier.snapshot == new.snapshot;
        return Ok(Some(if same {
            Outcome::Existing(earlier)
        } else {
            Outcome::IdempotencyConflict(earlier)
        }));
    }
    if row.maybe_text(1)?.is_none() {
        return Err(Error::NotFound(Subject::Snapshot));
    }
    // A failed or void charge is the final result of its own key and does not answer a new one.
    if let Some(charge) = row.maybe_text(2)? {
        return Ok(Some(Outcome::Existing(whole(tx, &charge).await?)));
    }
    if let Some((earlier, place)) = parts::asked_before(tx, new, before.asked.as_ref()).await? {
        return Ok(Some(Outcome::ExistingPart(earlier, place)));
    }
    match row.maybe_text(3)? {
        Some(_) => Err(Error::Conflict(Subject::Charge)),
        None => Ok(None),
    }
}

async fn whole(tx: &mut Tx, charge: &str) -> Result<Charge, Error> {
    let found = find(tx, select!("WHERE charge = $1"), &[Value::Text(charge)]).await?;
    found.ok_or(Error::Damaged("charge"))
}

fn committed(new: &NewCharge, head: Head, at: i64) -> Charge {
    Charge {
        charge: new.charge.clone(),
        project: new.project.clone(),
        snapshot: new.snapshot.clone(),
        purpose: new.purpose.clone(),
        analyst: new.analyst.clone(),
        query_digest: new.query_digest,
        idempotency_key: new.idempotency_key.clone(),
        request: new.request.clone(),
        price: new.price,
        years: new.years.clone(),
        state: State::Committed,
        head,
        answer: None,
        created_at: at,
    }
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
    let names = names.into_iter().chain(&new.datasets);
    let name = names.map(String::len).max().unwrap_or(0);
    for (what, value, limit) in [
        ("the length of a name", name, NAME_LIMIT),
        ("the request in bytes", new.request.len(), REQUEST_LIMIT),
        ("the number of event years", new.years.len(), YEARS_LIMIT),
        ("the number of datasets", new.datasets.len(), DATASETS_LIMIT),
        ("the number of tables", new.parts.len(), PARTS_LIMIT),
    ] {
        if value > limit {
            return Err(Error::Limit { what, limit: limit as u64 });
        }
    }
    Ok(())
}

/// What the log says of a charge.
fn told(new: &NewCharge, sums: &NewSums) -> serde_json::Value {
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
    body
}

fn insert<'a>(
    batch: &mut Batch<'a>,
    new: &'a NewCharge,
    datasets: &'a str,
    head: &'a Head,
    at: i64,
) -> Result<(), Error> {
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
        Value::Int(month(at)?),
        Value::maybe_text((!datasets.is_empty()).then_some(datasets)),
    ];
    let sql = "INSERT INTO charge (charge, project, snapshot, purpose, analyst, query_digest, \
               idempotency_key, request, rho, delta, state, sequence, head, created_at, month, \
               datasets) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    batch.push(sql, values);
    let sql = "INSERT INTO charge_lineage (charge, project, year, rho, delta) \
               VALUES ($1, $2, $3, $4, $5)";
    for &year in &new.years {
        let charge = Value::Text(&new.charge);
        let values = [charge, Value::Text(&new.project), Value::Int(year.into()), rho, delta];
        batch.push(sql, values);
    }
    parts::insert(batch, new)
}

async fn refuse(
    tx: &mut Tx,
    new: &NewCharge,
    last: Last,
    exceeded: &Exceeded,
    at: i64,
) -> Result<(), Error> {
    let which = match exceeded.which {
        Cap::LineageRho { year } => json!({"cap": "lineage-rho", "year": year}),
        Cap::LineageDelta { year } => json!({"cap": "lineage-delta", "year": year}),
        Cap::Horizon { from, to } => json!({"cap": "horizon", "from": from, "to": to}),
        Cap::Quarter(quarter) => json!({"cap": "quarter", "quarter": quarter.to_string()}),
        Cap::Purpose => json!({"cap": "purpose"}),
        Cap::Analyst => json!({"cap": "analyst"}),
        Cap::UnwitnessedRho { year } => json!({"cap": "unwitnessed-rho", "year": year}),
        Cap::UnwitnessedDelta { year } => json!({"cap": "unwitnessed-delta", "year": year}),
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
    chain::append_after(tx, last, at, "refusal", body).await?;
    Ok(())
}
