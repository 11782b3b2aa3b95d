use crate::place::{Place, kinds};
use store::snapshots::{
    NewSnapshot, State, accept, accepted, accepted_of, freeze, frozen, frozen_of, statements_of,
    transferred,
};
use store::{Error, Subject, UnitKind};

fn snapshot(id: &str) -> NewSnapshot {
    NewSnapshot {
        snapshot: id.into(),
        project: "p".into(),
        epoch: "2026".into(),
        statement: "{\"batches\":[]}".into(),
        link_map: vec![1, 2, 3],
        digest: [4; 32],
    }
}

pub(crate) async fn a_frozen_snapshot_is_transferred_and_counted(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let head = freeze(&db, &snapshot("s-2"), 1).await.unwrap();
    freeze(&db, &snapshot("s-1"), 2).await.unwrap();
    let again = freeze(&db, &snapshot("s-2"), 3).await;
    assert!(matches!(again, Err(Error::Conflict(Subject::Snapshot))));
    assert_eq!(frozen(&db, "s-2").await.unwrap().unwrap().state, State::Frozen);
    assert_eq!(transferred(&db, "s-2", 4).await.unwrap(), 1);
    assert_eq!(transferred(&db, "s-2", 5).await.unwrap(), 2);
    let stored = frozen(&db, "s-2").await.unwrap().unwrap();
    assert_eq!((stored.state, stored.transfers), (State::Transferred, 2));
    assert_eq!((stored.sequence, stored.content.link_map), (head.sequence, vec![1, 2, 3]));
    assert_eq!(frozen_of(&db, "p").await.unwrap(), ["s-2", "s-1"]);
    let unknown = transferred(&db, "s-3", 6).await;
    assert!(matches!(unknown, Err(Error::NotFound(Subject::Snapshot))));
    let other = accept(&db, &snapshot("s-4"), 7).await;
    assert!(matches!(other, Err(Error::OtherUnit)));
    let expected =
        ["snapshot.frozen", "snapshot.frozen", "snapshot.transferred", "snapshot.transferred"];
    assert_eq!(kinds(&db).await, expected);
}

pub(crate) async fn a_link_map_is_accepted_once(place: &Place) {
    let db = place.open(UnitKind::Statistics).await;
    accept(&db, &snapshot("s-1"), 1).await.unwrap();
    let again = accept(&db, &snapshot("s-1"), 2).await;
    assert!(matches!(again, Err(Error::AlreadyAccepted)));
    let stored = accepted(&db, "s-1").await.unwrap().unwrap();
    assert_eq!((stored.accepted_at, stored.content.digest), (1, [4; 32]));
    assert_eq!(accepted_of(&db, "p").await.unwrap(), ["s-1"]);
    assert_eq!(statements_of(&db, "p").await.unwrap().len(), 1);
    assert!(statements_of(&db, "q").await.unwrap().is_empty());
    assert!(accepted(&db, "s-2").await.unwrap().is_none());
    assert!(matches!(freeze(&db, &snapshot("s-4"), 3).await, Err(Error::OtherUnit)));
    assert_eq!(kinds(&db).await, ["snapshot.accepted"]);
}
