//! Epochs of the linkage unit: how long a key lives, and what every batch under it is compared
//! with.

use crate::proposals::{Approved, consume};
use crate::seal::{Group, KeyStore, Place};
use crate::sql::{Row, Value};
use crate::{Db, Error, Subject, Tx, UnitKind, chain};
use data_encoding::HEXLOWER;
use serde_json::json;

/// Whether batches are still taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Batches are taken.
    Open,
    /// Key, encodings and scored pairs are gone.
    Closed,
}

/// An epoch of a project.
pub struct Epoch {
    /// The project.
    pub project: String,
    /// The epoch's name.
    pub epoch: String,
    /// SHA-256 of the linkage schema.
    pub schema_digest: [u8; 32],
    /// The custodian's key-check value; `None` where the key is too weak to have one, and once the
    /// epoch is closed.
    pub key_check_value: Option<Vec<u8>>,
    /// Whether batches are still taken.
    pub state: State,
    /// When it was opened, in Unix seconds.
    pub opened_at: i64,
}

/// Opens an epoch, or finds it opened with the same values.
///
/// The key-check value stays out of the log: it is scrubbed with the encodings, the log stays.
///
/// # Errors
/// [`Error::Conflict`] naming what differs, or [`Subject::EpochKey`] where another epoch of the
/// project has the same key: their records would be comparable. [`Error::OtherUnit`] at the
/// statistics unit.
pub async fn open(
    db: &Db,
    project: &str,
    epoch: &str,
    schema_digest: &[u8; 32],
    key_check_value: Option<&[u8]>,
    at: i64,
) -> Result<Epoch, Error> {
    let values = (schema_digest, key_check_value);
    open_approved(db, (project, epoch), values, None, at).await
}

/// As [`open`], using up an approval in the same transaction where the epoch is new.
///
/// # Errors
/// As [`open`], and [`Error::NotApproved`] where the approval was used or ended meanwhile.
pub async fn open_approved(
    db: &Db,
    (project, epoch): (&str, &str),
    (schema_digest, key_check_value): (&[u8; 32], Option<&[u8]>),
    approved: Option<Approved>,
    at: i64,
) -> Result<Epoch, Error> {
    db.only(UnitKind::Linkage)?;
    let sealed = match key_check_value {
        Some(value) if get(db, project, epoch).await?.is_none() => {
            Some(db.seal(Group::Epoch, &place(project, epoch), value.to_vec()).await?)
        }
        _ => None,
    };
    let mut tx = db.write().await?;
    if let Some(earlier) = get_in(&mut tx, db.keys(), project, epoch).await? {
        return if earlier.state == State::Closed {
            Err(Error::EpochClosed)
        } else if earlier.schema_digest != *schema_digest {
            Err(Error::Conflict(Subject::Schema))
        } else if earlier.key_check_value.as_deref() != key_check_value {
            Err(Error::Conflict(Subject::KeyCheckValue))
        } else {
            Ok(earlier)
        };
    }
    if let Some(value) = key_check_value
        && with_key_in(&mut tx, db.keys(), project, value).await?.is_some()
    {
        return Err(Error::Conflict(Subject::EpochKey));
    }
    if let Some(approved) = approved {
        consume(&mut tx, approved, at).await?;
    }
    let values = [
        Value::Text(project),
        Value::Text(epoch),
        Value::Bytes(schema_digest),
        sealed.as_ref().map_or(Value::NoBytes, |own| Value::Bytes(&own.bytes)),
        sealed.as_ref().map_or(Value::NoBytes, |own| Value::Bytes(&own.key)),
        Value::Int(at),
    ];
    if let Some(sealed) = &sealed {
        tx.refers_to(sealed).await?;
    }
    let sql = "INSERT INTO epoch (project, epoch, schema_digest, key_check_value, key_id, state, \
               opened_at) VALUES ($1, $2, $3, $4, $5, 'open', $6)";
    tx.execute(sql, &values).await?;
    let body = json!({
        "project": project,
        "epoch": epoch,
        "schema": HEXLOWER.encode(schema_digest),
    });
    chain::append(&mut tx, at, "epoch.opened", body).await?;
    tx.commit().await?;
    Ok(Epoch {
        project: project.to_owned(),
        epoch: epoch.to_owned(),
        schema_digest: *schema_digest,
        key_check_value: key_check_value.map(<[u8]>::to_vec),
        state: State::Open,
        opened_at: at,
    })
}

/// The epoch of that name.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn get(db: &Db, project: &str, epoch: &str) -> Result<Option<Epoch>, Error> {
    db.only(UnitKind::Linkage)?;
    get_in(&mut db.read().await?, db.keys(), project, epoch).await
}

/// The epoch of a project that was opened with this key-check value.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn with_key(
    db: &Db,
    project: &str,
    key_check_value: &[u8],
) -> Result<Option<String>, Error> {
    db.only(UnitKind::Linkage)?;
    with_key_in(&mut db.read().await?, db.keys(), project, key_check_value).await
}

/// Sealed values cannot be looked up: they are opened and compared, one per open epoch.
async fn with_key_in(
    tx: &mut Tx,
    keys: &KeyStore,
    project: &str,
    key_check_value: &[u8],
) -> Result<Option<String>, Error> {
    let sql = "SELECT epoch, key_check_value, key_id FROM epoch WHERE project = $1 ORDER BY epoch";
    for row in tx.rows(sql, &[Value::Text(project)]).await? {
        let epoch = row.text(0)?;
        let value = check_value(keys, project, &epoch, (&row, 1))?;
        if value.as_deref() == Some(key_check_value) {
            return Ok(Some(epoch));
        }
    }
    Ok(None)
}

async fn get_in(
    tx: &mut Tx,
    keys: &KeyStore,
    project: &str,
    epoch: &str,
) -> Result<Option<Epoch>, Error> {
    let sql = "SELECT schema_digest, key_check_value, key_id, state, opened_at FROM epoch \
               WHERE project = $1 AND epoch = $2";
    let row = tx.row(sql, &[Value::Text(project), Value::Text(epoch)]).await?;
    let read = |row: Row| {
        Ok(Epoch {
            project: project.to_owned(),
            epoch: epoch.to_owned(),
            schema_digest: row.array(0)?,
            key_check_value: check_value(keys, project, epoch, (&row, 1))?,
            state: match row.text(3)?.as_str() {
                "open" => State::Open,
                "closed" => State::Closed,
                _ => return Err(Error::Damaged("epoch.state")),
            },
            opened_at: row.int(4)?,
        })
    };
    row.map(read).transpose()
}

fn place<'a>(project: &'a str, epoch: &'a str) -> Place<'a> {
    Place { table: "epoch", row: &[], column: "key_check_value", project, epoch }
}

/// The value in a row that has it sealed, and its key, from `column` on.
fn check_value(
    keys: &KeyStore,
    project: &str,
    epoch: &str,
    (row, column): (&Row, usize),
) -> Result<Option<Vec<u8>>, Error> {
    let Some(sealed) = row.maybe_bytes(column)? else { return Ok(None) };
    keys.unseal(&row.array(column + 1)?, &place(project, epoch), sealed).map(Some)
}
