//! The second person's word.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use serde_json::json;

use super::agreed::{self, AgreedPart};
use super::{Approval, Proposal, State, read};
use crate::sql::Value;
use crate::{Db, Error, chain};

/// How many have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Two different people: who proposed and who approves; two who approve what a unit proposed.
    TwoPeople,
    /// Two who approve, each in another project.
    TwoProjects,
}

impl Rule {
    fn kept(self, proposal: &Proposal) -> bool {
        let given = &proposal.approvals;
        match self {
            Self::TwoPeople => given.len() + usize::from(proposal.proposer.is_some()) >= 2,
            Self::TwoProjects => {
                given.iter().map(|own| &own.project).collect::<BTreeSet<_>>().len() >= 2
            }
        }
    }
}

/// Why an approval does not count. Nothing was changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no such proposal.
    Unknown,
    /// Whoever proposed does not approve.
    OwnProposal,
    /// One person approves once.
    Twice,
    /// It ended, or was approved or used before.
    Closed,
}

/// Approves a proposal as `by` in `project`. Where that makes enough, it may be carried out once;
/// a proposal with `parts` is carried out by that: the parts are in force.
///
/// # Errors
/// [`Error::Database`], [`Error::Audit`].
pub async fn approve(
    db: &Db,
    proposal: &str,
    (by, project): (&str, &str),
    rule: Rule,
    parts: &[AgreedPart],
    at: i64,
) -> Result<Result<Proposal, Refused>, Error> {
    let mut tx = db.write().await?;
    let Some(mut own) = read(&mut tx, proposal).await? else { return Ok(Err(Refused::Unknown)) };
    if own.state != State::Open || own.expires_at <= at {
        return Ok(Err(Refused::Closed));
    }
    if own.proposer.as_deref() == Some(by) {
        return Ok(Err(Refused::OwnProposal));
    }
    if own.approvals.iter().any(|given| given.approver == by) {
        return Ok(Err(Refused::Twice));
    }
    let sql = "INSERT INTO approval (proposal, approver, project, at) VALUES ($1, $2, $3, $4)";
    let values = [Value::Text(proposal), Value::Text(by), Value::Text(project), Value::Int(at)];
    tx.execute(sql, &values).await?;
    own.approvals.push(Approval { approver: by.into(), project: project.into(), at });
    let enough = rule.kept(&own);
    let body = json!({
        "proposal": proposal,
        "project": own.project,
        "kind": own.kind,
        "digest": HEXLOWER.encode(&own.digest),
        "by": by,
        "of": project,
        "enough": enough,
    });
    chain::append(&mut tx, at, "proposal.approved", body).await?;
    if enough {
        own.state = if parts.is_empty() { State::Approved } else { State::Used };
        let word = if parts.is_empty() { "approved" } else { "used" };
        let sql = "UPDATE proposal SET state = $2 WHERE proposal = $1";
        tx.execute(sql, &[Value::Text(proposal), Value::Text(word)]).await?;
        if !parts.is_empty() {
            agreed::put(&mut tx, &own, parts, at).await?;
        }
    }
    tx.commit().await?;
    Ok(Ok(own))
}
