use crate::place::{Place, exported, kinds};
use store::epochs::{State, get, open, with_key};
use store::{Error, Subject, UnitKind};

pub(crate) async fn an_epoch_opens_once_and_names_what_differs(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    assert!(get(&db, "p", "2026").await.unwrap().is_none());
    for at in [1, 2] {
        let epoch = open(&db, "p", "2026", &[1; 32], Some(&[0xab; 8]), at).await.unwrap();
        assert_eq!((epoch.opened_at, epoch.state), (1, State::Open));
    }
    let schema = open(&db, "p", "2026", &[2; 32], Some(&[0xab; 8]), 3).await;
    assert!(matches!(schema, Err(Error::Conflict(Subject::Schema))));
    for other in [Some([0xac; 8].as_slice()), None] {
        let key = open(&db, "p", "2026", &[1; 32], other, 3).await;
        assert!(matches!(key, Err(Error::Conflict(Subject::KeyCheckValue))));
    }
    // One key for two epochs would make their records comparable.
    let again = open(&db, "p", "2027", &[1; 32], Some(&[0xab; 8]), 3).await;
    assert!(matches!(again, Err(Error::Conflict(Subject::EpochKey))));
    assert!(get(&db, "p", "2027").await.unwrap().is_none());
    assert_eq!(with_key(&db, "p", &[0xab; 8]).await.unwrap().as_deref(), Some("2026"));
    assert!(with_key(&db, "p", &[0xac; 8]).await.unwrap().is_none());
    assert!(with_key(&db, "q", &[0xab; 8]).await.unwrap().is_none(), "each project has its own");
    open(&db, "p", "2027", &[1; 32], None, 4).await.unwrap();
    let stored = get(&db, "p", "2026").await.unwrap().unwrap();
    assert_eq!(stored.key_check_value.as_deref(), Some([0xab; 8].as_slice()));
    assert_eq!(kinds(&db).await, ["epoch.opened", "epoch.opened"]);
    assert!(!exported(&db).await.concat().contains("abababab"), "the log outlives the value");
}
