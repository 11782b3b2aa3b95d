//! Two people bring into force what a unit found in its folder at its start.

use approval::{ShownProposal, Standing};
use serde::Deserialize;
use serde_json::json;

use access::ProposalKind;

use crate::{Client, ClientError};

#[derive(Deserialize)]
struct List {
    proposals: Vec<ShownProposal>,
}

/// Lets both people approve every folder of policies that waits at a unit, as they would by
/// `milchglas approve`, and says how many. For a demonstration, whose people are invented: real ones
/// read first.
///
/// # Errors
/// [`ClientError`] as each of them gets it.
pub fn agree(first: &Client, second: &Client) -> Result<usize, ClientError> {
    let list: List = first.get("/v1/proposals")?;
    let open =
        |own: &&ShownProposal| own.kind == ProposalKind::Policy && own.standing == Standing::Open;
    let mut count = 0;
    for own in list.proposals.iter().filter(open) {
        for person in [first, second] {
            approve(person, &own.proposal)?;
        }
        count += 1;
    }
    Ok(count)
}

/// Approves one proposal.
///
/// # Errors
/// [`ClientError`].
pub fn approve(person: &Client, proposal: &str) -> Result<ShownProposal, ClientError> {
    person.post(&format!("/v1/proposals/{proposal}/approval"), &json!({}))
}

/// Proposes, and gives back what exactly is bound.
///
/// # Errors
/// [`ClientError`].
pub fn propose(
    person: &Client,
    kind: ProposalKind,
    about: &serde_json::Value,
) -> Result<ShownProposal, ClientError> {
    person.post("/v1/proposals", &json!({ "kind": kind, "about": about }))
}
