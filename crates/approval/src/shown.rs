//! A proposal as people see it.

use access::ProposalKind;
use policy::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::proposals::{Proposal, State};

use crate::Bound;

/// A proposal on its way out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShownProposal {
    /// Its id.
    pub proposal: String,
    /// What it is.
    pub kind: ProposalKind,
    /// The project.
    pub project: String,
    /// What exactly is bound.
    pub about: Value,
    /// The digest of that.
    pub digest: Digest,
    /// Who proposed; none where the unit itself did, so that two have to approve.
    pub proposer: Option<String>,
    /// Who approved so far.
    pub approvals: Vec<ShownApproval>,
    /// How far it is.
    pub standing: Standing,
    /// When it was proposed, in Unix seconds.
    pub proposed_at: i64,
    /// Until when it can be approved and used, in Unix seconds.
    pub expires_at: i64,
}

/// An approval on its way out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShownApproval {
    /// Who.
    pub approver: String,
    /// In which project.
    pub project: String,
    /// When, in Unix seconds.
    pub at: i64,
}

/// How far a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It waits for somebody.
    Open,
    /// It may happen, once.
    Approved,
    /// It happened.
    Used,
    /// Nobody approved or used it in time.
    Expired,
}

impl ShownProposal {
    pub(crate) fn of(own: Proposal, now: i64) -> Result<Self, store::Error> {
        let damaged = |_| store::Error::Damaged("proposal.about");
        let bound: Bound = serde_json::from_str(&own.about).map_err(damaged)?;
        let standing = match own.state {
            State::Used => Standing::Used,
            _ if own.expires_at <= now => Standing::Expired,
            State::Open => Standing::Open,
            State::Approved => Standing::Approved,
        };
        let approval = |own: store::proposals::Approval| ShownApproval {
            approver: own.approver,
            project: own.project,
            at: own.at,
        };
        Ok(Self {
            proposal: own.proposal,
            kind: bound.kind,
            project: own.project,
            about: bound.about,
            digest: Digest::from_bytes(own.digest),
            proposer: own.proposer,
            approvals: own.approvals.into_iter().map(approval).collect(),
            standing,
            proposed_at: own.proposed_at,
            expires_at: own.expires_at,
        })
    }
}
