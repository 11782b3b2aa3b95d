//! The pieces of policy that are in force, each by the digest that two people approved.

use super::Proposal;
use crate::sql::Value;
use crate::{Db, Error, Tx};

/// A piece that comes into force.
pub struct AgreedPart {
    /// What it is: a word.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub digest: [u8; 32],
    /// Its words as JSON: what holds is compared with what waits. Missing in what earlier versions
    /// brought into force, but for the rules of access.
    pub content: Option<String>,
}

/// A piece in force.
pub struct Agreed {
    /// The project.
    pub project: String,
    /// The piece.
    pub part: AgreedPart,
    /// The proposal that brought it into force.
    pub proposal: String,
    /// Since when, in Unix seconds.
    pub at: i64,
}

pub(super) async fn put(
    tx: &mut Tx,
    own: &Proposal,
    parts: &[AgreedPart],
    at: i64,
) -> Result<(), Error> {
    let sql = "INSERT INTO agreed (project, kind, name, digest, content, proposal, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (project, kind, name) DO UPDATE \
               SET digest = excluded.digest, content = excluded.content, \
               proposal = excluded.proposal, at = excluded.at";
    for part in parts {
        let values = [
            Value::Text(&own.project),
            Value::Text(&part.kind),
            Value::Text(&part.name),
            Value::Bytes(&part.digest),
            Value::maybe_text(part.content.as_deref()),
            Value::Text(&own.proposal),
            Value::Int(at),
        ];
        tx.execute(sql, &values).await?;
    }
    Ok(())
}

/// Every piece in force.
///
/// # Errors
/// [`Error::Database`].
pub async fn agreed(db: &Db) -> Result<Vec<Agreed>, Error> {
    let sql = "SELECT project, kind, name, digest, content, proposal, at FROM agreed \
               ORDER BY project, kind, name";
    let rows = db.read().await?.rows(sql, &[]).await?;
    let read = |row: &crate::sql::Row| {
        Ok(Agreed {
            project: row.text(0)?,
            part: AgreedPart {
                kind: row.text(1)?,
                name: row.text(2)?,
                digest: row.array(3)?,
                content: row.maybe_text(4)?,
            },
            proposal: row.text(5)?,
            at: row.int(6)?,
        })
    };
    rows.iter().map(read).collect()
}
