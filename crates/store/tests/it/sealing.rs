//! Sealing, the key store beside the database, and what is left of what was erased.

use crate::Place;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use store::batches::{self, BatchKey, Mode, NewBatch};
use store::pairs::{self, NewComparison};
use store::seal::{Sealing, UnitKey, drill};
use store::{Db, Error, Location, UnitKind, epochs, erasure, snapshots};

const CANARY: &[u8] = b"an encoding that nobody else has";

fn key(batch: &str) -> BatchKey {
    BatchKey { project: "p".into(), department: "kita".into(), batch: batch.into() }
}

/// A complete delivery of one chunk.
async fn deliver(db: &Db, batch: &str, body: &[u8], withdrawn: &[[u8; 16]]) {
    let new = NewBatch {
        key: key(batch),
        epoch: "2026".into(),
        dataset: "kita".into(),
        period: "2024-01/2025-12".into(),
        mode: if withdrawn.is_empty() { Mode::Full } else { Mode::Amend },
        manifest: format!("the manifest of {batch}"),
        manifest_digest: [1; 32],
        body_digest: [2; 32],
        rows: 1,
        chunk_count: 1,
    };
    batches::begin(db, &new, 1).await.unwrap();
    batches::put_chunk(db, &key(batch), 0, &[3; 32], body).await.unwrap();
    batches::complete(db, &key(batch), "receipt", withdrawn, 2).await.unwrap();
}

async fn try_open(place: &Place, sealing: &Sealing) -> Result<Db, Error> {
    Db::open(&place.location, UnitKind::Linkage, &"test".parse().unwrap(), sealing).await
}

pub(crate) async fn a_database_goes_on_only_with_its_own_key_store(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    deliver(&db, "b-1", CANARY, &[]).await;
    db.close().await;
    let mode = fs::metadata(&place.key_store).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let own = fs::read(&place.key_store).unwrap();

    let wrong = Sealing { unit_key: UnitKey::take(&mut [7; 32]), ..place.sealing() };
    assert!(matches!(try_open(place, &wrong).await, Err(Error::UnitKeyWrong)));
    fs::write(&place.key_store, b"something else").unwrap();
    assert!(matches!(try_open(place, &place.sealing()).await, Err(Error::KeyStoreForm)));
    fs::remove_file(&place.key_store).unwrap();
    let Err(error) = try_open(place, &place.sealing()).await else { panic!("without its keys") };
    assert!(matches!(error, Error::KeyStoreMissing(_)), "{error}");
    assert!(!place.key_store.exists(), "none is made for a database that had one");

    // Another database's key store, under the same unit data key.
    let other = tempfile::tempdir().unwrap();
    let stranger = Place::sqlite(other.path());
    stranger.open(UnitKind::Linkage).await.close().await;
    fs::copy(&stranger.key_store, &place.key_store).unwrap();
    let error = try_open(place, &place.sealing()).await;
    assert!(matches!(error, Err(Error::KeyStoreOther(_))));
    // Its own, from before the last delivery.
    fs::write(&place.key_store, &own[..own.len() - 128]).unwrap();
    let error = try_open(place, &place.sealing()).await;
    assert!(matches!(error, Err(Error::KeyStoreBehind { missing: 1 })));

    fs::write(&place.key_store, &own).unwrap();
    fs::set_permissions(&place.key_store, PermissionsExt::from_mode(0o640)).unwrap();
    let error = try_open(place, &place.sealing()).await.err().unwrap().to_string();
    assert!(error.contains("chmod 600"), "{error}");
    fs::set_permissions(&place.key_store, PermissionsExt::from_mode(0o600)).unwrap();
    let db = place.open(UnitKind::Linkage).await;
    assert_eq!(batches::read_chunk(&db, &key("b-1"), 0).await.unwrap(), CANARY);
}

pub(crate) async fn a_database_from_before_sealing_is_refused(place: &Place) {
    place.make_first_linkage_version(32).await;
    let refused = place.try_open(UnitKind::Linkage, "test").await;
    assert!(matches!(refused, Err(Error::Unsealed)));
    assert!(!place.key_store.exists());
}

pub(crate) async fn a_piece_opens_in_its_place_only(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    deliver(&db, "b-1", CANARY, &[]).await;
    deliver(&db, "b-2", b"another", &[]).await;
    db.close().await;
    place
        .tamper(
            "UPDATE chunk SET body = (SELECT body FROM chunk WHERE batch = 'b-1'), \
             key_id = (SELECT key_id FROM chunk WHERE batch = 'b-1') WHERE batch = 'b-2'",
        )
        .await;
    let db = place.open(UnitKind::Linkage).await;
    assert_eq!(batches::read_chunk(&db, &key("b-1"), 0).await.unwrap(), CANARY);
    let moved = batches::read_chunk(&db, &key("b-2"), 0).await;
    assert!(matches!(moved, Err(Error::Damaged(_))));
}

pub(crate) async fn a_row_is_taken_out_and_its_delivery_stays_sent(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    deliver(&db, "b-1", CANARY, &[]).await;
    deliver(&db, "b-2", b"more", &[[8; 16]]).await;
    let [tombstone] = <[_; 1]>::try_from(erasure::tombstones(&db).await.unwrap()).ok().unwrap();
    assert_eq!((tombstone.department.as_str(), tombstone.subjects.len()), ("kita", 1));
    let chunks = erasure::chunks_of(&db, "p", "2026", "kita").await.unwrap();
    assert_eq!(chunks.len(), 2);

    erasure::replace_chunk(&db, &key("b-1"), 0, b"the rest".to_vec()).await.unwrap();
    erasure::tombstoned(&db, &tombstone, 1, 9).await.unwrap();
    assert!(erasure::tombstones(&db).await.unwrap().is_empty());
    assert_eq!(batches::read_chunk(&db, &key("b-1"), 0).await.unwrap(), b"the rest");
    // Sending the chunk as it was does not bring the row back.
    batches::put_chunk(&db, &key("b-1"), 0, &[3; 32], CANARY).await.unwrap();
    assert_eq!(batches::read_chunk(&db, &key("b-1"), 0).await.unwrap(), b"the rest");
    let refused = erasure::replace_chunk(&db, &key("b-1"), 1, Vec::new()).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));

    deliver(&db, "b-3", b"all anew", &[]).await;
    let old = erasure::superseded(&db).await.unwrap();
    assert_eq!(old.len(), 2);
    for key in &old {
        erasure::erase_batch(&db, key, 10).await.unwrap();
    }
    assert!(erasure::superseded(&db).await.unwrap().is_empty());
    assert!(matches!(batches::read_chunk(&db, &key("b-1"), 0).await, Err(Error::NotFound(_))));
    let status = batches::status(&db, &key("b-1")).await.unwrap().unwrap();
    assert_eq!((status.present, status.receipt.as_deref()), (vec![0], Some("receipt")));
    assert!(status.manifest.is_none());
    let kinds = crate::place::kinds(&db).await;
    assert!(kinds.contains(&"subjects.erased".into()) && kinds.contains(&"batch.erased".into()));
}

/// Keys that no piece names: what a crash leaves between destroying and committing, and what an
/// old copy of the key store brings back.
pub(crate) async fn keys_that_a_crash_left_and_keys_that_came_back_are_destroyed(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    deliver(&db, "b-1", CANARY, &[]).await;
    db.close().await;
    let before = fs::read(&place.key_store).unwrap();
    let db = place.open(UnitKind::Linkage).await;
    erasure::replace_chunk(&db, &key("b-1"), 0, b"the rest".to_vec()).await.unwrap();
    db.close().await;
    let after = fs::read(&place.key_store).unwrap();

    // The old key is in its slot again, and an addition was cut off by a power cut.
    let mut both = after.clone();
    both[..before.len()].copy_from_slice(&before);
    assert_ne!(both, after);
    both.extend_from_slice(&[1; 50]);
    fs::write(&place.key_store, &both).unwrap();
    let db = place.open(UnitKind::Linkage).await;
    assert_eq!(batches::read_chunk(&db, &key("b-1"), 0).await.unwrap(), b"the rest");
    deliver(&db, "b-2", b"goes on", &[[8; 16]]).await;
    db.close().await;
    assert_eq!(fs::read(&place.key_store).unwrap()[..after.len()], after, "destroyed again");
}

pub(crate) async fn a_closed_epoch_takes_nothing_and_stays_closed(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    epochs::open(&db, "p", "2026", &[1; 32], Some(&[2; 8]), 1).await.unwrap();
    deliver(&db, "b-1", CANARY, &[]).await;
    let half = NewBatch {
        key: key("b-2"),
        epoch: "2026".into(),
        dataset: "kita".into(),
        period: "2024-01/2025-12".into(),
        mode: Mode::Full,
        manifest: "m".into(),
        manifest_digest: [4; 32],
        body_digest: [2; 32],
        rows: 1,
        chunk_count: 1,
    };
    batches::begin(&db, &half, 1).await.unwrap();
    assert!(matches!(
        erasure::close_epoch(&db, ("p", "2025"), None, 5).await,
        Err(Error::NotFound(_))
    ));
    let closed = erasure::close_epoch(&db, ("p", "2026"), None, 5).await.unwrap();
    assert_eq!((closed.batches, closed.chunks, closed.keys), (2, 1, 4));
    let again = erasure::close_epoch(&db, ("p", "2026"), None, 6).await.unwrap();
    assert_eq!((again.batches, again.keys), (0, 0));

    let stored = epochs::get(&db, "p", "2026").await.unwrap().unwrap();
    assert!(stored.state == epochs::State::Closed && stored.key_check_value.is_none());
    let anew = epochs::open(&db, "p", "2026", &[1; 32], Some(&[2; 8]), 7).await;
    assert!(matches!(anew, Err(Error::EpochClosed)));
    let late = batches::put_chunk(&db, &key("b-2"), 0, &[3; 32], CANARY).await;
    assert!(matches!(late, Err(Error::EpochClosed)));
    let full = NewBatch { key: key("b-3"), ..half };
    assert!(matches!(batches::begin(&db, &full, 1).await, Err(Error::EpochClosed)));
    // A withdrawal is taken: the facts may live on at the other unit. No key is left of it.
    let list = NewBatch { key: key("b-4"), mode: Mode::Amend, rows: 0, chunk_count: 0, ..full };
    batches::begin(&db, &list, 1).await.unwrap();
    batches::complete(&db, &key("b-4"), "receipt", &[[8; 16]], 8).await.unwrap();
    assert!(batches::status(&db, &key("b-4")).await.unwrap().unwrap().manifest.is_none());
    let [tombstone] = <[_; 1]>::try_from(erasure::tombstones(&db).await.unwrap()).ok().unwrap();
    erasure::tombstoned(&db, &tombstone, 0, 9).await.unwrap();
    let again = erasure::close_epoch(&db, ("p", "2026"), None, 10).await.unwrap();
    assert_eq!(again.keys, 0);
    assert!(batches::live(&db, "p", "2026").await.unwrap().is_empty());
    assert!(batches::delivered(&db, "p").await.unwrap().is_empty());
    let kinds = crate::place::kinds(&db).await;
    let closing = ["epoch.closed", "keys.destroyed", "batch.received", "subjects.erased"];
    assert!(kinds.ends_with(&closing.map(String::from)), "{kinds:?}");
}

fn comparison(id: &str) -> NewComparison {
    NewComparison {
        comparison: id.into(),
        project: "p".into(),
        epoch: "2026".into(),
        basis: [7; 32],
        tiling: "1".into(),
        floor: 560_000,
        sources: b"who".to_vec(),
    }
}

pub(crate) async fn kept_pairs_go_on_where_they_were_and_replace_the_earlier(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let begun = pairs::begin(&db, comparison("c-1"), 1).await;
    assert!(matches!(begun, Err(Error::NotFound(_))), "an epoch that was never opened");
    epochs::open(&db, "p", "2026", &[1; 32], None, 1).await.unwrap();
    pairs::begin(&db, comparison("c-1"), 1).await.unwrap();
    pairs::append(&db, "c-1", (b"two".to_vec(), 2), 0..5).await.unwrap();
    pairs::append(&db, "c-1", (Vec::new(), 0), 5..9).await.unwrap();
    db.close().await;
    let db = place.open(UnitKind::Linkage).await;
    let [kept] = <[_; 1]>::try_from(pairs::kept(&db, "p", "2026").await.unwrap()).ok().unwrap();
    assert_eq!((kept.next_tile, kept.pairs, kept.chunks, kept.complete), (9, 2, 1, false));
    let twice = pairs::append(&db, "c-1", (b"again".to_vec(), 1), 5..9).await;
    assert!(matches!(twice, Err(Error::NotFound(_))), "tiles that are there already");
    pairs::append(&db, "c-1", (b"three".to_vec(), 3), 9..12).await.unwrap();
    pairs::complete(&db, "c-1", 3).await.unwrap();
    assert_eq!(pairs::read_chunk(&db, "c-1", 1).await.unwrap(), b"three");
    assert_eq!(pairs::sources(&db, "c-1").await.unwrap(), b"who");

    pairs::begin(&db, comparison("c-2"), 4).await.unwrap();
    pairs::begin(&db, comparison("c-3"), 5).await.unwrap();
    let ids: Vec<String> = pairs::kept(&db, "p", "2026")
        .await
        .unwrap()
        .into_iter()
        .map(|own| own.comparison)
        .collect();
    assert_eq!(ids, ["c-1", "c-3"], "one that did not end is given up");
    let gone = pairs::append(&db, "c-2", (b"late".to_vec(), 1), 0..1).await;
    assert!(matches!(gone, Err(Error::NotFound(_))));
    pairs::complete(&db, "c-3", 6).await.unwrap();
    assert!(matches!(pairs::read_chunk(&db, "c-1", 0).await, Err(Error::NotFound(_))));
    pairs::drop_kept(&db, "p", "2026").await.unwrap();
    assert!(pairs::kept(&db, "p", "2026").await.unwrap().is_empty());
}

fn copy(from: &Path, to: &Path) {
    for ending in ["sqlite", "sqlite-wal"] {
        let from = from.with_extension(ending);
        if from.exists() {
            fs::copy(from, to.with_extension(ending)).unwrap();
        }
    }
}

async fn found(copy: &Path, place: &Place, what: &[u8]) -> Vec<&'static str> {
    let finds = drill(copy, UnitKind::Linkage, &place.sealing()).await.unwrap();
    let holds = |bytes: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    finds.into_iter().filter(|find| holds(&find.bytes)).map(|find| find.table).collect()
}

/// Not one byte of a piece lies in the files in clear, and nothing that the epoch held opens any
/// more once it is closed: neither in the database nor in a copy from before. The link map stays.
#[tokio::test]
async fn a_closed_epoch_is_closed_in_backups_too() {
    let folder = crate::place::directory();
    let place = Place::sqlite(folder.path());
    let Location::Sqlite(path) = &place.location else { panic!("a file") };
    let db = place.open(UnitKind::Linkage).await;
    epochs::open(&db, "p", "2026", &[1; 32], Some(b"CHECKVAL"), 1).await.unwrap();
    deliver(&db, "b-1", CANARY, &[]).await;
    pairs::begin(&db, comparison("c-1"), 1).await.unwrap();
    pairs::append(&db, "c-1", (b"scored pairs".to_vec(), 1), 0..1).await.unwrap();
    let map = snapshots::NewSnapshot {
        snapshot: "s-1".into(),
        project: "p".into(),
        epoch: "2026".into(),
        statement: "{}".into(),
        link_map: b"who is whom".to_vec(),
        digest: [5; 32],
    };
    let made = snapshots::Made { period: None, report: None, solving: None };
    snapshots::freeze(&db, &map, &made, 3).await.unwrap();

    let held: [(&[u8], &str); 6] = [
        (CANARY, "chunk"),
        (b"the manifest of b-1", "batch"),
        (b"CHECKVAL", "epoch"),
        (b"who", "comparison"),
        (b"scored pairs", "pair_chunk"),
        (b"who is whom", "snapshot"),
    ];
    let backup = folder.path().join("backup.sqlite");
    copy(path, &backup);
    for (what, table) in held {
        assert!(found(&backup, &place, what).await.contains(&table), "{table} before");
        for file in fs::read_dir(folder.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let clear = bytes.windows(what.len()).any(|window| window == what);
            assert!(!clear || what == b"who", "{table} lies in clear");
        }
    }
    erasure::close_epoch(&db, ("p", "2026"), None, 9).await.unwrap();
    let now = folder.path().join("now.sqlite");
    copy(path, &now);
    for at in [&backup, &now] {
        for (what, table) in held {
            let left = found(at, &place, what).await;
            assert_eq!(left.contains(&table), table == "snapshot", "{table} after");
        }
    }
}
