use crate::place::{Place, exported, kinds};
use store::snapshots::{
    Made, NewSnapshot, State, accept, accepted, accepted_of, freeze, frozen, frozen_of, lines,
    statements_of, transferred,
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

const BY_HAND: Made = Made { period: None, report: None, solving: None };

fn by_rule(period: &str) -> Made {
    Made {
        period: Some(period.into()),
        report: Some(format!("{{\"of\":\"{period}\"}}")),
        solving: None,
    }
}

pub(crate) async fn a_frozen_snapshot_is_transferred_and_counted(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let head = freeze(&db, &snapshot("s-2"), &BY_HAND, 1).await.unwrap();
    freeze(&db, &snapshot("s-1"), &BY_HAND, 2).await.unwrap();
    let again = freeze(&db, &snapshot("s-2"), &BY_HAND, 3).await;
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
    assert!(matches!(freeze(&db, &snapshot("s-4"), &BY_HAND, 3).await, Err(Error::OtherUnit)));
    assert_eq!(kinds(&db).await, ["snapshot.accepted"]);
}

pub(crate) async fn a_period_is_frozen_once_whoever_is_first(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let mut tries = Vec::new();
    for number in 0..8 {
        // Two processes on one database share no more than a second opening does.
        let own = if number % 2 == 0 { db.clone() } else { place.open(UnitKind::Linkage).await };
        tries.push(tokio::spawn(async move {
            freeze(&own, &snapshot(&format!("s-{number}")), &by_rule("2025-q4"), 1).await
        }));
    }
    let mut won = 0;
    for tried in tries {
        match tried.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, Error::Conflict(Subject::Period))),
        }
    }
    assert_eq!(won, 1);
    let mut other = snapshot("t-1");
    other.project = "q".into();
    freeze(&db, &other, &by_rule("2025-q4"), 2).await.unwrap();
    freeze(&db, &snapshot("t-2"), &by_rule("2026-q1"), 3).await.unwrap();
    for id in ["t-3", "t-4"] {
        freeze(&db, &snapshot(id), &BY_HAND, 4).await.unwrap();
    }
    transferred(&db, "t-2", 5).await.unwrap();

    let own = lines(&db, "p").await.unwrap();
    let periods: Vec<_> = own.iter().map(|line| line.made.period.as_deref()).collect();
    assert_eq!(periods, [Some("2025-q4"), Some("2026-q1"), None, None]);
    assert_eq!((own[1].state, own[1].transfers), (State::Transferred, 1));
    assert_eq!(own[1].made.report.as_deref(), Some("{\"of\":\"2026-q1\"}"));
    let stored = frozen(&db, "t-2").await.unwrap().unwrap().made;
    assert_eq!(stored.period.as_deref(), Some("2026-q1"));
    // A refused freezing leaves no entry; the log names the period where there is one.
    let log = exported(&db).await;
    let of = |line: &&String| line.contains("snapshot.frozen");
    let entries: Vec<&String> = log.iter().filter(of).collect();
    assert_eq!(entries.len(), 5);
    assert_eq!(entries.iter().filter(|line| line.contains("\"period\"")).count(), 3);
}

/// The tables as the first version made them, with a snapshot in them.
pub(crate) async fn a_database_of_the_first_version_goes_on(place: &Place) {
    place.make_first_linkage_version(0).await;
    let db = place.open(UnitKind::Linkage).await;
    let stored = frozen(&db, "s-0").await.unwrap().unwrap();
    assert_eq!((stored.content.epoch.as_str(), stored.transfers), ("2026", 2));
    assert!(stored.made.period.is_none() && stored.made.report.is_none());
    freeze(&db, &snapshot("s-1"), &by_rule("2025-q4"), 1).await.unwrap();
    let ids = lines(&db, "p").await.unwrap().into_iter().map(|line| line.snapshot);
    assert_eq!(ids.collect::<Vec<_>>(), ["s-0", "s-1"]);
    db.close().await;
    place.open(UnitKind::Linkage).await;
}
