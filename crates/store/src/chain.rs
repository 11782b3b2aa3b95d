//! The unit's log: a hash chain whose entries share the transaction of what they record.

use crate::batch::Batch;
use crate::sql::{Row, Value};
use crate::{Db, Error, Tx};
use audit::{Chain, Checkpoint, Head, checkpoint_line, entry_line, header_line};
use ring::signature::Ed25519KeyPair;
use std::io;

const PAGE: u64 = 1000;

/// A stored entry.
pub struct Logged {
    /// Its number.
    pub sequence: u64,
    /// Its canonical JSON as it was hashed.
    pub entry: String,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Writes whose database this is, or compares.
pub(crate) async fn register(tx: &mut Tx) -> Result<(), Error> {
    let identity = tx.identity();
    let (unit, installation) = (identity.unit.as_str(), identity.installation.as_str());
    match tx.row("SELECT unit, installation FROM installation", &[]).await? {
        Some(row) if row.text(0)? == unit && row.text(1)? == installation => Ok(()),
        Some(_) => Err(Error::OtherInstallation),
        None => {
            let sql = "INSERT INTO installation (id, unit, installation) VALUES (1, $1, $2)";
            tx.execute(sql, &[Value::Text(unit), Value::Text(installation)]).await?;
            Ok(())
        }
    }
}

/// Appends an entry in the transaction of the change that it records.
///
/// `at` is in Unix seconds; `body` is a JSON object of whole numbers and texts without any personal
/// value.
///
/// # Errors
/// [`Error::Audit`] when the entry cannot be logged.
pub async fn append(
    tx: &mut Tx,
    at: i64,
    kind: &str,
    body: serde_json::Value,
) -> Result<Head, Error> {
    let last = last_in(tx).await?;
    append_after(tx, last, at, kind, body).await
}

/// As [`append`], where the end of the log was read in the same transaction.
pub(crate) async fn append_after(
    tx: &mut Tx,
    last: Last,
    at: i64,
    kind: &str,
    body: serde_json::Value,
) -> Result<Head, Error> {
    let next = Next::after(last, at, kind, body)?;
    let mut batch = Batch::default();
    next.write(&mut batch)?;
    tx.run(&batch).await?;
    Ok(next.head)
}

/// An entry that is about to be written.
pub(crate) struct Next {
    canonical: String,
    latest: i64,
    /// Its number and hash.
    pub(crate) head: Head,
}

impl Next {
    /// The entry that follows `last`, which was read in the same transaction.
    pub(crate) fn after(
        last: Last,
        at: i64,
        kind: &str,
        body: serde_json::Value,
    ) -> Result<Self, Error> {
        let mut chain = Chain::after(last.head);
        let canonical = chain.append(at, kind, body)?.canonical().to_owned();
        let latest = last.latest.map_or(at, |latest| latest.max(at));
        Ok(Self { canonical, latest, head: chain.head() })
    }

    pub(crate) fn write<'a>(&'a self, batch: &mut Batch<'a>) -> Result<(), Error> {
        let sql = "INSERT INTO log (sequence, entry, hash, latest) VALUES ($1, $2, $3, $4)";
        let values = [
            Value::count(self.head.sequence)?,
            Value::Text(&self.canonical),
            Value::Bytes(&self.head.hash),
            Value::Int(self.latest),
        ];
        batch.push(sql, values);
        Ok(())
    }
}

/// Appends an entry that records no other change, such as a refusal.
///
/// # Errors
/// As [`append`].
pub async fn record(db: &Db, at: i64, kind: &str, body: serde_json::Value) -> Result<Head, Error> {
    let mut tx = db.write().await?;
    let head = append(&mut tx, at, kind, body).await?;
    tx.commit().await?;
    Ok(head)
}

/// Number and hash of the last entry.
///
/// # Errors
/// [`Error::Database`].
pub async fn head(db: &Db) -> Result<Head, Error> {
    head_in(&mut db.read().await?).await
}

/// The latest time at which this unit did anything that it logged, in Unix seconds; `None` while
/// it logged nothing.
///
/// # Errors
/// [`Error::Database`].
pub async fn latest(db: &Db) -> Result<Option<i64>, Error> {
    Ok(last_in(&mut db.read().await?).await?.latest)
}

/// When the first entry was written, in Unix seconds; `None` while there is none.
///
/// # Errors
/// [`Error::Database`].
pub async fn first_at(db: &Db) -> Result<Option<i64>, Error> {
    let first = entries(db, 0, 1).await?;
    let Some(first) = first.first() else { return Ok(None) };
    let entry: serde_json::Value =
        serde_json::from_str(&first.entry).map_err(|_| Error::Damaged("log.entry"))?;
    Ok(entry.get("at").and_then(serde_json::Value::as_i64))
}

async fn head_in(tx: &mut Tx) -> Result<Head, Error> {
    Ok(last_in(tx).await?.head)
}

/// The end of the log.
#[derive(Clone, Copy)]
pub(crate) struct Last {
    pub(crate) head: Head,
    /// The latest time of all entries: clocks are set back, this only grows.
    pub(crate) latest: Option<i64>,
}

pub(crate) const LAST: &str =
    "SELECT sequence, hash, latest FROM log ORDER BY sequence DESC LIMIT 1";

pub(crate) async fn last_in(tx: &mut Tx) -> Result<Last, Error> {
    let row = tx.row(LAST, &[]).await?;
    last_of(tx, row.as_ref())
}

/// What [`LAST`] answered.
pub(crate) fn last_of(tx: &Tx, row: Option<&Row>) -> Result<Last, Error> {
    match row {
        Some(row) => {
            let head = Head { sequence: row.count(0)?, hash: row.array(1)? };
            Ok(Last { head, latest: row.maybe_int(2)? })
        }
        None => {
            let identity = tx.identity();
            let head = Chain::genesis(identity.unit, &identity.installation).head();
            Ok(Last { head, latest: None })
        }
    }
}

/// Entries after number `after`, at most `limit` and never more than 1000.
///
/// # Errors
/// [`Error::Database`].
pub async fn entries(db: &Db, after: u64, limit: u64) -> Result<Vec<Logged>, Error> {
    entries_in(&mut db.read().await?, after, limit.min(PAGE)).await
}

/// Entries before number `before`, newest first, at most `limit` and never more than 1000; only
/// those whose kind begins with `kind` (small letters and dots), all where it is empty.
///
/// # Errors
/// [`Error::Limit`] for a kind of another form, [`Error::Database`].
pub async fn newest(db: &Db, before: u64, kind: &str, limit: u64) -> Result<Vec<Logged>, Error> {
    if !kind.bytes().all(|own| own.is_ascii_lowercase() || own == b'.') {
        return Err(Error::Limit { what: "the kind of an entry", limit: 64 });
    }
    let (before, limit) = (before.min(i64::MAX as u64), Value::count(limit.min(PAGE))?);
    let mut tx = db.read().await?;
    let rows = if kind.is_empty() {
        let sql = "SELECT sequence, entry, hash FROM log WHERE sequence < $1 \
                   ORDER BY sequence DESC LIMIT $2";
        tx.rows(sql, &[Value::count(before)?, limit]).await?
    } else {
        let sql = "SELECT sequence, entry, hash FROM log WHERE sequence < $1 AND entry LIKE $3 \
                   ORDER BY sequence DESC LIMIT $2";
        // Canonical JSON has one spelling, and no body has a kind that looks like an entry's.
        let like = format!("%\"kind\":\"{kind}%");
        tx.rows(sql, &[Value::count(before)?, limit, Value::Text(&like)]).await?
    };
    rows.iter().map(logged).collect()
}

fn logged(row: &Row) -> Result<Logged, Error> {
    Ok(Logged { sequence: row.count(0)?, entry: row.text(1)?, hash: row.array(2)? })
}

async fn entries_in(tx: &mut Tx, after: u64, limit: u64) -> Result<Vec<Logged>, Error> {
    let sql =
        "SELECT sequence, entry, hash FROM log WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    let rows = tx.rows(sql, &[Value::count(after)?, Value::count(limit)?]).await?;
    rows.iter().map(logged).collect()
}

/// Signs the present head and keeps the statement; a head signed before is not signed again.
///
/// # Errors
/// [`Error::Database`] or [`Error::Audit`].
pub async fn checkpoint(db: &Db, at: i64, key: &Ed25519KeyPair) -> Result<Checkpoint, Error> {
    let mut tx = db.write().await?;
    let head = head_in(&mut tx).await?;
    if let Some(stored) = signed_in(&mut tx, head.sequence).await? {
        return Ok(stored);
    }
    let made = Checkpoint::sign(db.unit(), head, at, key)?;
    let values = [
        Value::count(head.sequence)?,
        Value::Bytes(&head.hash),
        Value::Int(at),
        Value::Bytes(&made.signature),
    ];
    let sql = "INSERT INTO checkpoint (sequence, hash, at, signature) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    Ok(made)
}

/// Hands the whole log to `sink`, line by line without newlines, as `docs/formats/log-entry.md`
/// describes. The log is read in one state, pages of 1000 entries at a time.
///
/// # Errors
/// [`Error::Sink`] when `sink` fails.
pub async fn export(
    db: &Db,
    mut sink: impl FnMut(&str) -> io::Result<()> + Send,
) -> Result<(), Error> {
    let mut tx = db.read().await?;
    sink(&header_line(db.unit(), db.installation())).map_err(Error::Sink)?;
    let mut after = 0;
    let mut signed = signed_in(&mut tx, 0).await?;
    loop {
        // Not only where it stands right after its entry: an entry that is missing from the
        // database must not take the checkpoint that misses it along.
        while let Some(checkpoint) = signed.as_ref().filter(|c| c.head.sequence <= after) {
            sink(&checkpoint_line(checkpoint)).map_err(Error::Sink)?;
            let next = checkpoint.head.sequence + 1;
            signed = signed_in(&mut tx, next).await?;
        }
        let until = signed.as_ref().map_or(PAGE, |next| next.head.sequence - after);
        let page = entries_in(&mut tx, after, until.min(PAGE)).await?;
        match (page.last(), &signed) {
            (Some(last), _) => after = last.sequence,
            (None, Some(next)) => after = next.head.sequence,
            (None, None) => return Ok(()),
        }
        for Logged { entry, hash, .. } in &page {
            sink(&entry_line(entry, hash)).map_err(Error::Sink)?;
        }
    }
}

/// The first checkpoint at or after entry `from`.
async fn signed_in(tx: &mut Tx, from: u64) -> Result<Option<Checkpoint>, Error> {
    let sql = "SELECT sequence, hash, at, signature FROM checkpoint WHERE sequence >= $1 \
               ORDER BY sequence LIMIT 1";
    let Some(row) = tx.row(sql, &[Value::count(from)?]).await? else { return Ok(None) };
    let head = Head { sequence: row.count(0)?, hash: row.array(1)? };
    let unit = tx.identity().unit;
    Ok(Some(Checkpoint { unit, head, at: row.int(2)?, signature: row.array(3)? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Installation, Location, UnitKind};
    use audit::{PublicKey, Reason, verify};
    use ring::signature::KeyPair;
    use serde_json::json;

    async fn exported(db: &Db) -> Vec<String> {
        let mut lines = Vec::new();
        let sink = |line: &str| {
            lines.push(line.to_owned());
            Ok(())
        };
        export(db, sink).await.unwrap();
        lines
    }

    #[tokio::test]
    async fn an_export_shows_what_was_done_to_the_database() {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(directory.path().join("unit.sqlite"));
        let installation: Installation = "test".parse().unwrap();
        let key_store = directory.path().join("unit.keys");
        let unit_key = crate::seal::UnitKey::take(&mut [6; 32]);
        let sealing = crate::seal::Sealing { key_store, unit_key };
        let db = Db::open(&location, UnitKind::Linkage, &installation, &sealing).await.unwrap();
        let key = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
        let public = PublicKey::from_bytes(key.public_key().as_ref().try_into().unwrap());
        for number in 1..=5 {
            record(&db, number, "refusal", json!({"number": number})).await.unwrap();
            if number != 1 && number != 4 {
                checkpoint(&db, number, &key).await.unwrap();
            }
        }
        assert!(verify(exported(&db).await, Some(public), vec![]).is_ok());
        // Each leaves the export whole enough to be read, and names the first bad entry.
        for (sql, sequence) in [
            ("DELETE FROM log WHERE sequence = 5", 5),
            ("DELETE FROM log WHERE sequence = 3", 3),
            ("UPDATE log SET entry = replace(entry, '\"number\":2', '\"number\":9')", 2),
            ("UPDATE log SET entry = 'nonsense' WHERE sequence = 1", 1),
        ] {
            let mut tx = db.write().await.unwrap();
            tx.execute(sql, &[]).await.unwrap();
            tx.commit().await.unwrap();
            let broken = verify(exported(&db).await, Some(public), vec![]).unwrap_err();
            assert_eq!(broken.sequence, sequence, "{sql}");
        }
        let mut tx = db.write().await.unwrap();
        tx.execute("DELETE FROM log", &[]).await.unwrap();
        tx.commit().await.unwrap();
        let broken = verify(exported(&db).await, Some(public), vec![]).unwrap_err();
        assert_eq!(broken.reason, Reason::CheckpointPlace { expected: 0, found: 2 });
    }
}
