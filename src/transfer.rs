//! One link map on its way: asked for by the statistics unit, sealed by the linkage unit,
//! accepted by the statistics unit. Whoever carries it cannot read it.

use serde::Deserialize;
use serde_json::json;
use submission::{SealedLinkMap, SignedMapRequest, SnapshotId};

use crate::{Client, ClientError};

#[derive(Deserialize)]
struct Accepted {
    sequence: u64,
}

/// Carries the link map of a snapshot and returns the number of the log entry that recorded it.
pub(crate) fn transfer(
    linkage: &Client,
    statistics: &Client,
    snapshot: SnapshotId,
) -> Result<u64, ClientError> {
    let place = format!("/v1/link-maps/{snapshot}/request");
    let asked: SignedMapRequest = statistics.post(&place, &json!({}))?;
    let sealed: SealedLinkMap = linkage.post("/v1/link-maps", &asked)?;
    let accepted: Accepted = statistics.post("/v1/link-maps", &sealed)?;
    Ok(accepted.sequence)
}
