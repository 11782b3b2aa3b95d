use crate::place::{Place, kinds};
use store::batches::{
    self, BatchKey, CHUNK_LIMIT, Mode, NewBatch, State, begin, complete, live, put_chunk,
    read_chunk, status, withdrawn,
};
use store::{Db, Error, Subject, UnitKind};

pub(crate) fn key(department: &str, batch: &str) -> BatchKey {
    BatchKey { project: "p".into(), department: department.into(), batch: batch.into() }
}

pub(crate) fn announced(key: BatchKey, mode: Mode, chunk_count: u64) -> NewBatch {
    NewBatch {
        key,
        epoch: "2026".into(),
        dataset: "wohngeld".into(),
        period: "2025-01..2025-12".into(),
        mode,
        manifest: "{}".into(),
        manifest_digest: [1; 32],
        body_digest: [2; 32],
        rows: 10,
        chunk_count,
    }
}

async fn deliver(db: &Db, key: &BatchKey, mode: Mode, withdrawn: &[[u8; 16]]) {
    begin(db, &announced(key.clone(), mode, 1), 1).await.unwrap();
    put_chunk(db, key, 0, &[3; 32], b"body").await.unwrap();
    complete(db, key, "receipt", withdrawn, 2).await.unwrap();
}

async fn live_names(db: &Db) -> Vec<String> {
    let live = live(db, "p", "2026").await.unwrap();
    live.into_iter().map(|batch| batch.key.batch).collect()
}

pub(crate) async fn an_upload_may_be_repeated_at_every_step(place: &Place) {
    let mut db = place.open(UnitKind::Linkage).await;
    let key = key("a", "1");
    let new = announced(key.clone(), Mode::Full, 3);
    for _ in 0..2 {
        let state = begin(&db, &new, 1).await.unwrap();
        assert_eq!((state.state, state.present.len()), (State::Receiving, 0));
    }
    for index in [2, 0, 2] {
        put_chunk(&db, &key, index, &[3; 32], &[7, 8, 9]).await.unwrap();
    }
    // A restart in mid-upload: what arrived is still here.
    drop(db);
    db = place.open(UnitKind::Linkage).await;
    let state = begin(&db, &new, 5).await.unwrap();
    assert_eq!(state.present, [0, 2]);
    let early = complete(&db, &key, "first", &[], 6).await;
    assert!(matches!(early, Err(Error::Incomplete { missing: 1 })));
    assert!(live_names(&db).await.is_empty());
    put_chunk(&db, &key, 1, &[4; 32], b"").await.unwrap();
    for receipt in ["first", "second"] {
        assert_eq!(complete(&db, &key, receipt, &[], 7).await.unwrap(), "first");
    }
    put_chunk(&db, &key, 1, &[4; 32], b"").await.unwrap();
    let state = begin(&db, &new, 8).await.unwrap();
    assert_eq!((state.state, state.receipt.as_deref()), (State::Complete, Some("first")));
    assert_eq!(read_chunk(&db, &key, 0).await.unwrap(), [7, 8, 9]);
    assert_eq!(kinds(&db).await, ["batch.received"]);
}

pub(crate) async fn other_content_under_the_same_name_conflicts(place: &Place) {
    let db = place.open(UnitKind::Statistics).await;
    let key = key("a", "1");
    begin(&db, &announced(key.clone(), Mode::Full, 2), 1).await.unwrap();
    let mut other = announced(key.clone(), Mode::Full, 2);
    other.manifest_digest = [9; 32];
    let conflict = begin(&db, &other, 2).await;
    assert!(matches!(conflict, Err(Error::Conflict(Subject::Batch))));
    put_chunk(&db, &key, 0, &[3; 32], b"x").await.unwrap();
    let conflict = put_chunk(&db, &key, 0, &[4; 32], b"y").await;
    assert!(matches!(conflict, Err(Error::Conflict(Subject::Chunk))));
    assert_eq!(read_chunk(&db, &key, 0).await.unwrap(), b"x");
    put_chunk(&db, &key, 1, &[5; 32], b"z").await.unwrap();
    complete(&db, &key, "receipt", &[], 3).await.unwrap();
    let conflict = begin(&db, &other, 4).await;
    assert!(matches!(conflict, Err(Error::Conflict(Subject::Batch))));
}

pub(crate) async fn a_full_delivery_supersedes_and_an_amendment_withdraws(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    deliver(&db, &key("a", "full-1"), Mode::Full, &[]).await;
    deliver(&db, &key("b", "other"), Mode::Full, &[]).await;
    deliver(&db, &key("a", "amend-1"), Mode::Amend, &[[1; 16], [2; 16]]).await;
    assert_eq!(live_names(&db).await, ["full-1", "other", "amend-1"]);
    let gone = withdrawn(&db, "p", "2026", "a").await.unwrap();
    assert_eq!(gone.into_iter().collect::<Vec<_>>(), [[1; 16], [2; 16]]);
    assert!(withdrawn(&db, "p", "2026", "b").await.unwrap().is_empty());
    deliver(&db, &key("a", "amend-2"), Mode::Amend, &[[2; 16], [3; 16]]).await;
    assert_eq!(withdrawn(&db, "p", "2026", "a").await.unwrap().len(), 3);

    let mut elsewhere = announced(key("a", "next-epoch"), Mode::Full, 0);
    elsewhere.epoch = "2027".into();
    begin(&db, &elsewhere, 1).await.unwrap();
    complete(&db, &elsewhere.key, "receipt", &[], 2).await.unwrap();
    assert_eq!(live_names(&db).await, ["full-1", "other", "amend-1", "amend-2"]);

    deliver(&db, &key("a", "full-2"), Mode::Full, &[]).await;
    assert_eq!(live_names(&db).await, ["other", "full-2"]);
    let state = status(&db, &key("a", "full-1")).await.unwrap().unwrap();
    assert_eq!((state.state, state.receipt.as_deref()), (State::Superseded, Some("receipt")));
    assert_eq!(complete(&db, &key("a", "full-1"), "new", &[], 9).await.unwrap(), "receipt");
}

pub(crate) async fn limits_hold(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let unknown = put_chunk(&db, &key("a", "1"), 0, &[0; 32], b"").await;
    assert!(matches!(unknown, Err(Error::NotFound(Subject::Batch))));
    let unknown = complete(&db, &key("a", "1"), "receipt", &[], 1).await;
    assert!(matches!(unknown, Err(Error::NotFound(Subject::Batch))));
    let new = announced(key("a", "1"), Mode::Full, 1);
    begin(&db, &new, 1).await.unwrap();
    let beyond = put_chunk(&db, &new.key, 1, &[0; 32], b"").await;
    assert!(matches!(beyond, Err(Error::Limit { limit: 1, .. })));
    let large = put_chunk(&db, &new.key, 0, &[0; 32], &vec![0; CHUNK_LIMIT + 1]).await;
    assert!(matches!(large, Err(Error::Limit { .. })));
    let mut long = announced(key("a", &"x".repeat(batches::NAME_LIMIT + 1)), Mode::Full, 1);
    assert!(matches!(begin(&db, &long, 1).await, Err(Error::Limit { .. })));
    long.key.batch = "2".into();
    long.chunk_count = batches::CHUNK_COUNT_LIMIT + 1;
    assert!(matches!(begin(&db, &long, 1).await, Err(Error::Limit { .. })));
    let missing = read_chunk(&db, &new.key, 0).await;
    assert!(matches!(missing, Err(Error::NotFound(Subject::Chunk))));
}
