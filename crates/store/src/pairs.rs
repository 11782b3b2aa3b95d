//! Candidate pairs that are kept, sealed, for the epoch: written while a comparison runs, tile by
//! tile, and read again by every later run on the same batches.
//!
//! Pairs are bytes here. A comparison that was killed goes on at its first tile that is not on the
//! disk; a complete one replaces the epoch's earlier one.

use std::ops::Range;

use serde_json::json;

use crate::seal::{Group, Place, Sealed};
use crate::sql::{Row, Value};
use crate::{Db, Error, Subject, Tx, UnitKind, chain};

/// A comparison as it begins.
pub struct NewComparison {
    /// Its random id.
    pub comparison: String,
    /// The project.
    pub project: String,
    /// The epoch.
    pub epoch: String,
    /// Digest of what is compared and how.
    pub basis: [u8; 32],
    /// How it is cut into tiles.
    pub tiling: String,
    /// Least similarity of its pairs, in millionths.
    pub floor: u32,
    /// The subjects by source and row.
    pub sources: Vec<u8>,
}

/// A comparison of an epoch.
pub struct Kept {
    /// Its id.
    pub comparison: String,
    /// Digest of what was compared and how.
    pub basis: [u8; 32],
    /// How it was cut into tiles.
    pub tiling: String,
    /// Least similarity of its pairs, in millionths.
    pub floor: u32,
    /// The first tile that is not on the disk.
    pub next_tile: u64,
    /// Pairs kept so far.
    pub pairs: u64,
    /// How many chunks they are in.
    pub chunks: u64,
    /// Whether every tile is there.
    pub complete: bool,
}

/// The comparisons of an epoch, oldest first: at most one that is complete, and one that goes on.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn kept(db: &Db, project: &str, epoch: &str) -> Result<Vec<Kept>, Error> {
    db.only(UnitKind::Linkage)?;
    let sql = "SELECT comparison, basis, tiling, floor, next_tile, pairs, complete, \
               (SELECT COUNT(*) FROM pair_chunk p WHERE p.comparison = c.comparison) \
               FROM comparison c WHERE project = $1 AND epoch = $2 \
               ORDER BY created_at, comparison";
    let values = [Value::Text(project), Value::Text(epoch)];
    let kept = |row: &Row| {
        Ok(Kept {
            comparison: row.text(0)?,
            basis: row.array(1)?,
            tiling: row.text(2)?,
            floor: u32::try_from(row.int(3)?).map_err(|_| Error::Damaged("comparison.floor"))?,
            next_tile: row.count(4)?,
            pairs: row.count(5)?,
            complete: row.int(6)? == 1,
            chunks: row.count(7)?,
        })
    };
    db.read().await?.rows(sql, &values).await?.iter().map(kept).collect()
}

/// Begins a comparison, and drops another of the epoch that is not complete.
///
/// # Errors
/// [`Error::EpochClosed`]; [`Error::OtherUnit`] at the statistics unit.
pub async fn begin(db: &Db, new: NewComparison, at: i64) -> Result<(), Error> {
    db.only(UnitKind::Linkage)?;
    let (project, epoch) = (new.project.as_str(), new.epoch.as_str());
    let parts = [new.comparison.as_str()];
    let place = Place { table: "comparison", row: &parts, column: "sources", project, epoch };
    let sealed = db.seal(Group::Epoch, &place, new.sources).await?;
    let mut tx = db.write().await?;
    let sql = "SELECT state FROM epoch WHERE project = $1 AND epoch = $2";
    let row = tx.row(sql, &[Value::Text(project), Value::Text(epoch)]).await?;
    if row.ok_or(Error::NotFound(Subject::Epoch))?.text(0)? != "open" {
        drop(tx);
        db.destroy(vec![sealed.key]).await?;
        return Err(Error::EpochClosed);
    }
    let sql = "SELECT comparison, key_id FROM comparison \
               WHERE project = $1 AND epoch = $2 AND complete = 0";
    let keys = drop_in(&mut tx, sql, &[Value::Text(project), Value::Text(epoch)]).await?;
    tx.refers_to(&sealed).await?;
    let values = [
        Value::Text(&new.comparison),
        Value::Text(project),
        Value::Text(epoch),
        Value::Bytes(&new.basis),
        Value::Text(&new.tiling),
        Value::Int(i64::from(new.floor)),
        Value::Int(at),
        Value::Bytes(&sealed.bytes),
        Value::Bytes(&sealed.key),
    ];
    let sql = "INSERT INTO comparison (comparison, project, epoch, basis, tiling, floor, \
               next_tile, pairs, complete, created_at, sources, key_id) \
               VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9)";
    tx.execute(sql, &values).await?;
    tx.commit().await?;
    db.destroy(keys).await
}

/// Keeps the pairs of these tiles, and that every tile before their end is on the disk now.
///
/// # Errors
/// [`Error::DiskFull`]; [`Error::NotFound`] where the comparison was dropped meanwhile, or somebody
/// else went on with it.
pub async fn append(
    db: &Db,
    comparison: &str,
    (body, pairs): (Vec<u8>, u64),
    tiles: Range<u64>,
) -> Result<(), Error> {
    let missing = || Error::NotFound(Subject::Comparison);
    let sql = "SELECT project, epoch, \
               (SELECT COUNT(*) FROM pair_chunk p WHERE p.comparison = c.comparison) \
               FROM comparison c WHERE comparison = $1";
    let row = db.read().await?.row(sql, &[Value::Text(comparison)]).await?.ok_or_else(missing)?;
    let (project, epoch, index) = (row.text(0)?, row.text(1)?, row.count(2)?);
    let sealed = if body.is_empty() {
        None
    } else {
        let number = index.to_string();
        let place = chunk_place(&[comparison, &number], &project, &epoch).bytes();
        let mark = Group::Epoch.mark(&project, &epoch);
        Some(db.keys().seal(mark, &place, body)?)
    };
    let stored = store_chunk(db, comparison, (sealed.as_ref(), index, pairs), tiles).await;
    if let (Err(_), Some(sealed)) = (&stored, &sealed) {
        db.destroy(vec![sealed.key]).await?;
    }
    stored
}

async fn store_chunk(
    db: &Db,
    comparison: &str,
    (sealed, index, pairs): (Option<&Sealed>, u64, u64),
    tiles: Range<u64>,
) -> Result<(), Error> {
    let mut tx = db.write().await?;
    let (from, to) = (Value::count(tiles.start)?, Value::count(tiles.end)?);
    let values = [Value::Text(comparison), Value::count(pairs)?, from, to];
    let sql = "UPDATE comparison SET pairs = pairs + $2, next_tile = $4 \
               WHERE comparison = $1 AND complete = 0 AND next_tile = $3";
    if tx.execute(sql, &values).await? == 0 {
        return Err(Error::NotFound(Subject::Comparison));
    }
    if let Some(sealed) = sealed {
        tx.refers_to(sealed).await?;
        let values = [
            Value::Text(comparison),
            Value::count(index)?,
            Value::count(pairs)?,
            Value::Bytes(&sealed.bytes),
            Value::Bytes(&sealed.key),
        ];
        let sql = "INSERT INTO pair_chunk (comparison, idx, pairs, body, key_id) \
                   VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, &values).await?;
    }
    tx.commit().await
}

/// Says that every tile is there, and drops the epoch's earlier comparisons.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn complete(db: &Db, comparison: &str, at: i64) -> Result<(), Error> {
    let mut tx = db.write().await?;
    let missing = || Error::NotFound(Subject::Comparison);
    let sql = "SELECT project, epoch, pairs FROM comparison WHERE comparison = $1";
    let row = tx.row(sql, &[Value::Text(comparison)]).await?.ok_or_else(missing)?;
    let (project, epoch) = (row.text(0)?, row.text(1)?);
    let sql = "UPDATE comparison SET complete = 1 WHERE comparison = $1";
    tx.execute(sql, &[Value::Text(comparison)]).await?;
    let others = [Value::Text(&project), Value::Text(&epoch), Value::Text(comparison)];
    let sql = "SELECT comparison, key_id FROM comparison \
               WHERE project = $1 AND epoch = $2 AND comparison <> $3";
    let keys = drop_in(&mut tx, sql, &others).await?;
    let body = json!({ "project": project, "epoch": epoch, "pairs": row.count(2)? });
    chain::append(&mut tx, at, "pairs.kept", body).await?;
    tx.commit().await?;
    db.destroy(keys).await
}

/// Drops every kept comparison of an epoch: what was withdrawn must not stay in a scored pair.
///
/// # Errors
/// [`Error::OtherUnit`] at the statistics unit.
pub async fn drop_kept(db: &Db, project: &str, epoch: &str) -> Result<(), Error> {
    db.only(UnitKind::Linkage)?;
    let mut tx = db.write().await?;
    let sql = "SELECT comparison, key_id FROM comparison WHERE project = $1 AND epoch = $2";
    let keys = drop_in(&mut tx, sql, &[Value::Text(project), Value::Text(epoch)]).await?;
    tx.commit().await?;
    db.destroy(keys).await
}

/// Drops the comparisons that `sql` names with their keys; returns all keys of theirs.
async fn drop_in(
    tx: &mut Tx,
    sql: &'static str,
    values: &[Value<'_>],
) -> Result<Vec<[u8; 16]>, Error> {
    let mut keys = Vec::new();
    for row in tx.rows(sql, values).await? {
        let comparison = row.text(0)?;
        let own = [Value::Text(&comparison)];
        keys.push(row.array(1)?);
        let sql = "SELECT key_id FROM pair_chunk WHERE comparison = $1";
        for row in tx.rows(sql, &own).await? {
            keys.push(row.array(0)?);
        }
        tx.execute("DELETE FROM pair_chunk WHERE comparison = $1", &own).await?;
        tx.execute("DELETE FROM comparison WHERE comparison = $1", &own).await?;
    }
    Ok(keys)
}

/// The pairs of the chunk at position `index`, from 0.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read_chunk(db: &Db, comparison: &str, index: u64) -> Result<Vec<u8>, Error> {
    let sql = "SELECT p.body, p.key_id, c.project, c.epoch FROM pair_chunk p \
               JOIN comparison c ON c.comparison = p.comparison \
               WHERE p.comparison = $1 AND p.idx = $2";
    let values = [Value::Text(comparison), Value::count(index)?];
    let row = db.read().await?.row(sql, &values).await?;
    let row = row.ok_or(Error::NotFound(Subject::Comparison))?;
    let (project, epoch, number) = (row.text(2)?, row.text(3)?, index.to_string());
    let place = [comparison, &number];
    let place = chunk_place(&place, &project, &epoch);
    db.keys().unseal(&row.array(1)?, &place, row.bytes(0)?)
}

/// The subjects of a comparison by source and row, as they were given.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn sources(db: &Db, comparison: &str) -> Result<Vec<u8>, Error> {
    let sql = "SELECT sources, key_id, project, epoch FROM comparison WHERE comparison = $1";
    let row = db.read().await?.row(sql, &[Value::Text(comparison)]).await?;
    let row = row.ok_or(Error::NotFound(Subject::Comparison))?;
    let (project, epoch) = (&row.text(2)?, &row.text(3)?);
    let parts = [comparison];
    let place = Place { table: "comparison", row: &parts, column: "sources", project, epoch };
    db.keys().unseal(&row.array(1)?, &place, row.bytes(0)?)
}

fn chunk_place<'a>(row: &'a [&'a str; 2], project: &'a str, epoch: &'a str) -> Place<'a> {
    Place { table: "pair_chunk", row, column: "body", project, epoch }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;
    use crate::seal::{Sealing, UnitKey};

    /// The disk is as full as SQLite may make it: the step is refused, and all before it stays.
    #[tokio::test]
    async fn a_full_disk_is_said_and_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(directory.path().join("unit.sqlite"));
        let key_store = directory.path().join("unit.keys");
        let sealing = Sealing { key_store, unit_key: UnitKey::take(&mut [6; 32]) };
        let installation = "test".parse().unwrap();
        let db = Db::open(&location, UnitKind::Linkage, &installation, &sealing).await.unwrap();
        crate::epochs::open(&db, "p", "2026", &[1; 32], None, 1).await.unwrap();
        let new = NewComparison {
            comparison: "c".into(),
            project: "p".into(),
            epoch: "2026".into(),
            basis: [7; 32],
            tiling: "1".into(),
            floor: 1,
            sources: Vec::new(),
        };
        begin(&db, new, 1).await.unwrap();
        append(&db, "c", (vec![1; 1000], 1), 0..1).await.unwrap();
        let living = db.keys().ids().unwrap().len();
        let limit = |pages: &'static str| {
            let db = db.clone();
            async move {
                let mut tx = db.write().await.unwrap();
                tx.rows(pages, &[]).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        limit("PRAGMA max_page_count = 50").await;
        let full = append(&db, "c", (vec![2; 4 << 20], 1), 1..2).await;
        assert!(matches!(full, Err(Error::DiskFull)), "{:?}", full.err());
        assert_eq!(db.keys().ids().unwrap().len(), living, "the key of nothing is destroyed");
        let [kept] = <[_; 1]>::try_from(kept(&db, "p", "2026").await.unwrap()).ok().unwrap();
        assert_eq!((kept.next_tile, kept.chunks), (1, 1));
        // The limit was the connection's, which is given up.
        append(&db, "c", (vec![2; 4 << 20], 1), 1..2).await.unwrap();
        assert_eq!(read_chunk(&db, "c", 1).await.unwrap(), vec![2; 4 << 20]);
    }
}
