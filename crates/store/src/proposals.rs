//! What needs a second person: proposed by one, approved by another, used once.
//!
//! A proposal binds by digest exactly what it is about; whoever carries that out computes the
//! digest anew and asks for an approval of it ([`require`]), which the transaction of the act eats
//! ([`consume`]). The proposer never approves, whatever any policy says.

mod agreed;
mod approved;
mod decide;

pub use agreed::{Agreed, AgreedPart, agreed};
pub use approved::{Approved, consume, require};
pub use decide::{Refused, Rule, approve};

use data_encoding::HEXLOWER;
use serde_json::json;

use crate::sql::{Row, Value};
use crate::{Db, Error, Tx, chain};

/// What is proposed.
pub struct NewProposal<'a> {
    /// Its random id.
    pub proposal: &'a str,
    /// The project it is about.
    pub project: &'a str,
    /// What it is: a word.
    pub kind: &'a str,
    /// Canonical JSON of what is bound; holds no personal value.
    pub about: &'a str,
    /// SHA-256 of that.
    pub digest: [u8; 32],
    /// Who proposes; `None` for the unit itself, whose proposal two people approve.
    pub proposer: Option<&'a str>,
    /// When it ends unless it was used, in Unix seconds.
    pub expires_at: i64,
}

/// How far a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Somebody has to approve it.
    Open,
    /// It may be carried out, once.
    Approved,
    /// It was.
    Used,
}

impl State {
    fn read(text: &str) -> Result<Self, Error> {
        match text {
            "open" => Ok(Self::Open),
            "approved" => Ok(Self::Approved),
            "used" => Ok(Self::Used),
            _ => Err(Error::Damaged("proposal.state")),
        }
    }
}

/// Who approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Their name.
    pub approver: String,
    /// The project in which they approved.
    pub project: String,
    /// When, in Unix seconds.
    pub at: i64,
}

/// A stored proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its random id.
    pub proposal: String,
    /// The project it is about.
    pub project: String,
    /// What it is.
    pub kind: String,
    /// Canonical JSON of what is bound.
    pub about: String,
    /// SHA-256 of that.
    pub digest: [u8; 32],
    /// Who proposed it; `None` for the unit.
    pub proposer: Option<String>,
    /// How far it is.
    pub state: State,
    /// When it was proposed, in Unix seconds.
    pub proposed_at: i64,
    /// When it ends unless it was used, in Unix seconds.
    pub expires_at: i64,
    /// Who approved it so far.
    pub approvals: Vec<Approval>,
}

/// Proposes something, or finds it proposed by the same person and not yet used or ended.
///
/// # Errors
/// [`Error::Database`], [`Error::Audit`].
pub async fn propose(db: &Db, new: &NewProposal<'_>, at: i64) -> Result<Proposal, Error> {
    let mut tx = db.write().await?;
    let sql = "SELECT proposal FROM proposal WHERE project = $1 AND kind = $2 AND digest = $3 \
               AND state <> 'used' AND expires_at > $4 \
               AND (proposer = $5 OR (proposer IS NULL AND $5 IS NULL))";
    let values = [
        Value::Text(new.project),
        Value::Text(new.kind),
        Value::Bytes(&new.digest),
        Value::Int(at),
        Value::maybe_text(new.proposer),
    ];
    if let Some(row) = tx.row(sql, &values).await? {
        return read(&mut tx, &row.text(0)?).await?.ok_or(Error::Damaged("proposal"));
    }
    let body = json!({
        "proposal": new.proposal,
        "project": new.project,
        "kind": new.kind,
        "digest": HEXLOWER.encode(&new.digest),
        "by": new.proposer,
        "until": new.expires_at,
    });
    let head = chain::append(&mut tx, at, "proposal.made", body).await?;
    let sql = "INSERT INTO proposal (proposal, project, kind, about, digest, proposer, state, \
               proposed_at, expires_at, sequence) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9)";
    let values = [
        Value::Text(new.proposal),
        Value::Text(new.project),
        Value::Text(new.kind),
        Value::Text(new.about),
        Value::Bytes(&new.digest),
        Value::maybe_text(new.proposer),
        Value::Int(at),
        Value::Int(new.expires_at),
        Value::count(head.sequence)?,
    ];
    tx.execute(sql, &values).await?;
    let made = read(&mut tx, new.proposal).await?.ok_or(Error::Damaged("proposal"))?;
    tx.commit().await?;
    Ok(made)
}

/// The proposal of that id.
///
/// # Errors
/// [`Error::Database`].
pub async fn get(db: &Db, proposal: &str) -> Result<Option<Proposal>, Error> {
    read(&mut db.read().await?, proposal).await
}

/// The latest thousand proposals, newest first.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(db: &Db) -> Result<Vec<Proposal>, Error> {
    let mut tx = db.read().await?;
    let sql = "SELECT proposal FROM proposal ORDER BY sequence DESC LIMIT 1000";
    let mut found = Vec::new();
    for row in tx.rows(sql, &[]).await? {
        found.extend(read(&mut tx, &row.text(0)?).await?);
    }
    Ok(found)
}

async fn read(tx: &mut Tx, proposal: &str) -> Result<Option<Proposal>, Error> {
    let sql = "SELECT proposal, project, kind, about, digest, proposer, state, proposed_at, \
               expires_at FROM proposal WHERE proposal = $1";
    let Some(row) = tx.row(sql, &[Value::Text(proposal)]).await? else { return Ok(None) };
    let sql =
        "SELECT approver, project, at FROM approval WHERE proposal = $1 ORDER BY at, approver";
    let rows = tx.rows(sql, &[Value::Text(proposal)]).await?;
    let approval =
        |row: &Row| Ok(Approval { approver: row.text(0)?, project: row.text(1)?, at: row.int(2)? });
    Ok(Some(Proposal {
        proposal: row.text(0)?,
        project: row.text(1)?,
        kind: row.text(2)?,
        about: row.text(3)?,
        digest: row.array(4)?,
        proposer: row.maybe_text(5)?,
        state: State::read(&row.text(6)?)?,
        proposed_at: row.int(7)?,
        expires_at: row.int(8)?,
        approvals: rows.iter().map(approval).collect::<Result<_, Error>>()?,
    }))
}
