use super::Price;
use crate::sql::{Row, Value};
use crate::{Db, Error, Head, Tx, UnitKind};
use std::collections::BTreeSet;

const PAGE: u64 = 1000;

/// Where a charge stands. Every state is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Paid, nothing drawn: it may run.
    Committed,
    /// Noise may have been drawn: it never runs again.
    Drawing,
    /// Answered.
    Released,
    /// Answered with an error; a final result.
    Failed,
    /// Found in [`State::Drawing`] at a start; answered with the uniform error.
    Void,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Drawing => "drawing",
            Self::Released => "released",
            Self::Failed => "failed",
            Self::Void => "void",
        }
    }
}

/// A charge as it is asked for.
pub struct NewCharge {
    /// A fresh random id.
    pub charge: String,
    /// The project, whose lineages pay.
    pub project: String,
    /// The accepted snapshot that is read.
    pub snapshot: String,
    /// The purpose that allows it.
    pub purpose: String,
    /// Who asks.
    pub analyst: String,
    /// SHA-256 of the request in canonical form, price included.
    pub query_digest: [u8; 32],
    /// The asker's own name for this request.
    pub idempotency_key: String,
    /// The request in canonical form.
    pub request: String,
    /// What it costs, known before any data is touched: the sum over its tables.
    pub price: Price,
    /// Every event year it reads; each pays the price in full.
    pub years: BTreeSet<u16>,
    /// Every dataset it reads; names without a blank.
    pub datasets: BTreeSet<String>,
    /// Its tables, in the order of the documents in its answer.
    pub parts: Vec<NewPart>,
}

/// One table of a charge.
#[derive(Clone)]
pub struct NewPart {
    /// SHA-256 of this table's own question, price included.
    pub query_digest: [u8; 32],
    /// SHA-256 of the same question whatever it may cost.
    pub question: [u8; 32],
    /// This table's part of the price.
    pub price: Price,
}

/// A charge as it stands in the ledger.
pub struct Charge {
    /// Its id.
    pub charge: String,
    /// The project, whose lineages paid.
    pub project: String,
    /// The snapshot.
    pub snapshot: String,
    /// The purpose.
    pub purpose: String,
    /// Who asked.
    pub analyst: String,
    /// SHA-256 of the request.
    pub query_digest: [u8; 32],
    /// The asker's own name for this request.
    pub idempotency_key: String,
    /// The request in canonical form.
    pub request: String,
    /// What it cost.
    pub price: Price,
    /// The event years that paid it, each in full.
    pub years: BTreeSet<u16>,
    /// Where it stands.
    pub state: State,
    /// Number and hash of the log entry written with it.
    pub head: Head,
    /// What was stored as the answer, from `Released`, `Failed` and `Void` on.
    pub answer: Option<Vec<u8>>,
    /// When it was committed, in Unix seconds.
    pub created_at: i64,
}

/// The columns in the order that [`read`] takes them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT charge, project, snapshot, purpose, analyst, query_digest, idempotency_key, \
             request, rho, delta, state, sequence, head, answer, created_at FROM charge ",
            $rest
        )
    };
}
pub(super) use select;

pub(super) const YEARS: &str = "SELECT year FROM charge_lineage WHERE charge = $1";

pub(super) async fn read(tx: &mut Tx, row: &Row) -> Result<Charge, Error> {
    let charge = row.text(0)?;
    let years = tx.rows(YEARS, &[Value::Text(&charge)]).await?;
    Ok(Charge {
        charge,
        project: row.text(1)?,
        snapshot: row.text(2)?,
        purpose: row.text(3)?,
        analyst: row.text(4)?,
        query_digest: row.array(5)?,
        idempotency_key: row.text(6)?,
        request: row.text(7)?,
        price: Price { rho: row.count(8)?, delta: row.count(9)? },
        years: years.iter().map(|row| year(row, 0)).collect::<Result<_, _>>()?,
        state: state(&row.text(10)?)?,
        head: Head { sequence: row.count(11)?, hash: row.array(12)? },
        answer: row.maybe_bytes(13)?,
        created_at: row.int(14)?,
    })
}

pub(super) fn state(text: &str) -> Result<State, Error> {
    Ok(match text {
        "committed" => State::Committed,
        "drawing" => State::Drawing,
        "released" => State::Released,
        "failed" => State::Failed,
        "void" => State::Void,
        _ => return Err(Error::Damaged("charge.state")),
    })
}

pub(super) fn year(row: &Row, column: usize) -> Result<u16, Error> {
    u16::try_from(row.int(column)?).map_err(|_| Error::Damaged("charge_lineage.year"))
}

pub(super) async fn find(
    tx: &mut Tx,
    sql: &'static str,
    values: &[Value<'_>],
) -> Result<Option<Charge>, Error> {
    match tx.row(sql, values).await? {
        Some(row) => Ok(Some(read(tx, &row).await?)),
        None => Ok(None),
    }
}

/// The charge of that id, with its stored answer.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn charge(db: &Db, charge: &str) -> Result<Option<Charge>, Error> {
    db.only(UnitKind::Statistics)?;
    find(&mut db.read().await?, select!("WHERE charge = $1"), &[Value::Text(charge)]).await
}

/// The charge that an analyst made under an idempotency key.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn charge_by_key(db: &Db, analyst: &str, key: &str) -> Result<Option<Charge>, Error> {
    db.only(UnitKind::Statistics)?;
    by_key(&mut db.read().await?, analyst, key).await
}

pub(super) const BY_KEY: &str = select!("WHERE analyst = $1 AND idempotency_key = $2");

/// Keys are the asker's own: another analyst's key says nothing and gives nothing away.
pub(super) async fn by_key(tx: &mut Tx, analyst: &str, key: &str) -> Result<Option<Charge>, Error> {
    find(tx, BY_KEY, &[Value::Text(analyst), Value::Text(key)]).await
}

/// A project's charges after log entry `after`, in the order they were committed, at most `limit`
/// and never more than 1000.
///
/// # Errors
/// [`Error::OtherUnit`] at the linkage unit.
pub async fn charges(db: &Db, project: &str, after: u64, limit: u64) -> Result<Vec<Charge>, Error> {
    db.only(UnitKind::Statistics)?;
    let mut tx = db.read().await?;
    let values = [Value::Text(project), Value::count(after)?, Value::count(limit.min(PAGE))?];
    let sql = select!("WHERE project = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
    let mut found = Vec::new();
    for row in tx.rows(sql, &values).await? {
        found.push(read(&mut tx, &row).await?);
    }
    Ok(found)
}
