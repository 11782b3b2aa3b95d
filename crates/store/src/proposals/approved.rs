//! An approval on its way to the one act it is for.

use data_encoding::HEXLOWER;
use serde_json::json;

use crate::sql::Value;
use crate::{Db, Error, Tx, chain};

/// An approval that was there when it was asked for. It is eaten by [`consume`] in the transaction
/// of the act, which looks again.
///
/// No `Clone`, no constructor: only [`require`] makes one.
#[derive(Debug)]
#[must_use = "an approval that no act consumes changes nothing"]
pub struct Approved {
    project: String,
    kind: String,
    digest: [u8; 32],
}

/// Whether exactly this was approved, has not ended and was not used.
///
/// # Errors
/// [`Error::NotApproved`] where it was not.
pub async fn require(
    db: &Db,
    (project, kind): (&str, &str),
    digest: [u8; 32],
    at: i64,
) -> Result<Approved, Error> {
    let approved = Approved { project: project.to_owned(), kind: kind.to_owned(), digest };
    let found = usable(&mut db.read().await?, &approved, at).await?;
    found.map(|_| approved).ok_or(Error::NotApproved)
}

async fn usable(tx: &mut Tx, own: &Approved, at: i64) -> Result<Option<String>, Error> {
    let sql = "SELECT proposal FROM proposal WHERE project = $1 AND kind = $2 AND digest = $3 \
               AND state = 'approved' AND expires_at > $4 ORDER BY sequence LIMIT 1";
    let values = [
        Value::Text(&own.project),
        Value::Text(&own.kind),
        Value::Bytes(&own.digest),
        Value::Int(at),
    ];
    tx.row(sql, &values).await?.map(|row| row.text(0)).transpose()
}

/// Uses an approval up, in the transaction of what it is for.
///
/// # Errors
/// [`Error::NotApproved`] where it was used or ended meanwhile; the act must not happen then.
pub async fn consume(tx: &mut Tx, approved: Approved, at: i64) -> Result<(), Error> {
    let proposal = usable(tx, &approved, at).await?.ok_or(Error::NotApproved)?;
    let sql = "UPDATE proposal SET state = 'used' WHERE proposal = $1 AND state = 'approved'";
    if tx.execute(sql, &[Value::Text(&proposal)]).await? != 1 {
        return Err(Error::NotApproved);
    }
    let Approved { project, kind, digest } = approved;
    let body = json!({
        "proposal": proposal,
        "project": project,
        "kind": kind,
        "digest": HEXLOWER.encode(&digest),
    });
    chain::append(tx, at, "proposal.used", body).await?;
    Ok(())
}
