//! The canary: an encoding that is found before it is erased, and not after, with every key that is
//! left, in the database, its log and a copy from before.

use std::fs;
use std::path::Path;

use access::{Identity, ProposalKind};
use ring::rand::SystemRandom;
use store::UnitKind;
use store::seal::drill;
use submission::{Mode, ProblemCode, SubjectId};

use crate::keeper::tests::place::{AUTUMN, Place, name, operator};
use crate::keeper::tests::{agree, by_hand, look, settle, start_approved};
use crate::{JobState, LinkageUnit, UnitError};

/// Half of its bits are set, as in every honest encoding.
const CANARY: [u8; 128] = *b"milchglas-canary-01 milchglas-canary-02 milchglas-canary-03 \
    milchglas-canary-04 milchglas-canary-05 milchglas-canary-06 12345678";

fn copy(place: &Place, to: &str) -> std::path::PathBuf {
    let copy = place.folder().join(format!("{to}.sqlite"));
    for ending in ["sqlite", "sqlite-wal"] {
        let from = place.folder().join("linkage.sqlite").with_extension(ending);
        if from.exists() {
            fs::copy(from, copy.with_extension(ending)).unwrap();
        }
    }
    copy
}

/// How many pieces of a copy hold the bytes, opened by any key of the key store as it now is.
async fn opened(place: &Place, copy: &Path, what: &[u8]) -> usize {
    let finds = drill(copy, UnitKind::Linkage, &place.sealing()).await.unwrap();
    finds.iter().filter(|find| holds(&find.bytes, what)).count()
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Nothing that the folder holds shows the canary to somebody without keys.
fn in_clear(place: &Place) -> bool {
    let mut files = fs::read_dir(place.folder()).unwrap();
    files.any(|file| holds(&fs::read(file.unwrap().path()).unwrap(), &CANARY))
}

fn custodian() -> Identity {
    let mut own = operator("p");
    own.role = access::Role::Custodian;
    own
}

async fn canary(place: &Place, unit: &LinkageUnit) -> SubjectId {
    let subjects: Vec<SubjectId> =
        (0..4).map(|_| SubjectId::random(&SystemRandom::new()).unwrap()).collect();
    let rows = [(subjects[0], [0x55; 128]), (subjects[1], CANARY), (subjects[2], [0x33; 128])];
    place.send_rows(unit, "p", ("a", "sgb2"), "2025-09", (&rows, &[]), Mode::Full).await;
    let other = [(subjects[3], [0x55; 128])];
    place.send_rows(unit, "p", ("b", "kita"), "2025-09", (&other, &[]), Mode::Full).await;
    subjects[1]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_encoding_is_gone_from_database_log_and_backup() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    let subject = canary(&place, &unit).await;
    look(&unit).await;
    let backup = copy(&place, "backup");
    assert_eq!(opened(&place, &backup, &CANARY).await, 1, "found before");
    assert!(!in_clear(&place));
    let kept = || async { store::pairs::kept(unit.db(), "p", "2026").await.unwrap().len() };
    assert_eq!(kept().await, 1);

    place.send_rows(&unit, "p", ("a", "sgb2"), "2025-09", (&[], &[subject]), Mode::Amend).await;
    assert_eq!(opened(&place, &backup, &CANARY).await, 1, "marked, and still there");
    look(&unit).await;
    let now = copy(&place, "now");
    for copy in [&backup, &now] {
        assert_eq!(opened(&place, copy, &CANARY).await, 0, "not after");
    }
    assert!(opened(&place, &now, &[0x33; 128]).await > 0, "the other rows of the chunk are there");
    assert_eq!(kept().await, 0, "what was scored with it is gone");
    assert!(!in_clear(&place));

    // And what is left is linked.
    let snapshot = start_approved(&unit, &by_hand()).await;
    settle(&unit).await;
    let done = unit.progress(&operator("p"), snapshot).await.unwrap().unwrap();
    assert_eq!(done.report.unwrap().sources.iter().map(|own| own.records).sum::<u64>(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_delivery_is_gone_and_keeps_its_receipt() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    canary(&place, &unit).await;
    let backup = copy(&place, "backup");
    assert_eq!(opened(&place, &backup, &CANARY).await, 1);
    place.deliver(&unit, "p", "a", "sgb2", "2025-09", 3).await;
    look(&unit).await;
    assert_eq!(opened(&place, &backup, &CANARY).await, 0);
    assert_eq!(opened(&place, &copy(&place, "now"), &CANARY).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_epoch_is_gone_and_its_link_map_stays() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    canary(&place, &unit).await;
    look(&unit).await;
    let backup = copy(&place, "backup");
    assert_eq!(opened(&place, &backup, &CANARY).await, 1);
    let unknown = unit.close_epoch(&custodian(), &name("2025")).await;
    let Err(UnitError::Refused(problem)) = unknown else { panic!("there is none") };
    assert_eq!(problem.code, ProblemCode::EpochUnknown);

    let alone = unit.close_epoch(&custodian(), &name("2026")).await;
    assert!(
        matches!(alone, Err(UnitError::Refused(own)) if own.code == ProblemCode::ApprovalNeeded)
    );
    assert_eq!(opened(&place, &backup, &CANARY).await, 1, "one person alone erases nothing");
    agree(&unit, ProposalKind::EpochClosing, serde_json::json!({"epoch": "2026"})).await;
    let closed = unit.close_epoch(&custodian(), &name("2026")).await.unwrap();
    assert!(closed.keys >= 6, "two chunks, two manifests, subjects and pairs: {}", closed.keys);
    let now = copy(&place, "now");
    for copy in [&backup, &now] {
        assert_eq!(opened(&place, copy, &CANARY).await, 0);
        let tables: Vec<_> = drill(copy, UnitKind::Linkage, &place.sealing())
            .await
            .unwrap()
            .into_iter()
            .map(|find| find.table)
            .collect();
        assert_eq!(tables, ["snapshot"], "the link map alone opens");
    }
    let refused = unit.start_link(&operator("p"), &by_hand()).await;
    assert!(matches!(refused, Err(UnitError::Refused(_))));
    drop(unit);
    let again = place.unit().await;
    look(&again).await;
    let [line] = <[_; 1]>::try_from(again.snapshots(&operator("p")).await.unwrap()).ok().unwrap();
    let stored = store::snapshots::frozen(again.db(), &line.snapshot.to_string()).await.unwrap();
    assert!(!stored.unwrap().content.link_map.is_empty());
}

/// Nobody of a chunk is left, and everything goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_may_lose_all_of_its_rows() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    let rows = [(SubjectId::random(&SystemRandom::new()).unwrap(), CANARY)];
    place.send_rows(&unit, "p", ("a", "sgb2"), "2025-09", (&rows, &[]), Mode::Full).await;
    place.deliver(&unit, "p", "b", "kita", "2025-09", 3).await;
    for _ in 0..2 {
        let gone = [rows[0].0];
        place.send_rows(&unit, "p", ("a", "sgb2"), "2025-09", (&[], &gone), Mode::Amend).await;
        unit.erase().await.unwrap();
    }
    assert_eq!(opened(&place, &copy(&place, "now"), &CANARY).await, 0);
    let snapshot = start_approved(&unit, &by_hand()).await;
    settle(&unit).await;
    let done = unit.progress(&operator("p"), snapshot).await.unwrap().unwrap();
    assert_eq!(done.report.unwrap().sources.iter().map(|own| own.records).sum::<u64>(), 3);
}

/// A run that reads is not disturbed; what ends it erases.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_erased_while_a_run_reads() {
    let place = Place::new(AUTUMN);
    let unit = place.unit().await;
    let subject = canary(&place, &unit).await;
    let reading = unit.readers().read().await;
    place.send_rows(&unit, "p", ("a", "sgb2"), "2025-09", (&[], &[subject]), Mode::Amend).await;
    unit.erase().await.unwrap();
    assert_eq!(opened(&place, &copy(&place, "during"), &CANARY).await, 1);
    let busy = unit.close_epoch(&custodian(), &name("2026")).await;
    assert!(matches!(busy, Err(UnitError::Refused(own)) if own.code == ProblemCode::Busy));
    drop(reading);
    unit.erase().await.unwrap();
    assert_eq!(opened(&place, &copy(&place, "after"), &CANARY).await, 0);
    let snapshot = start_approved(&unit, &by_hand()).await;
    settle(&unit).await;
    let done = unit.progress(&operator("p"), snapshot).await.unwrap().unwrap();
    assert!(done.state == JobState::Frozen);
}
