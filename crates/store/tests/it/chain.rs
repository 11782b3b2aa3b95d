use crate::place::{Place, exported};
use audit::{PublicKey, Reason, verify};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use store::{Error, UnitKind, chain};

pub(crate) async fn entries_and_changes_are_one(place: &Place) {
    let db = place.open(UnitKind::Linkage).await;
    let before = chain::record(&db, 1, "refusal", json!({"code": "a"})).await.unwrap();
    let mut tx = db.write().await.unwrap();
    chain::append(&mut tx, 2, "refusal", json!({"code": "b"})).await.unwrap();
    drop(tx);
    assert_eq!(chain::head(&db).await.unwrap(), before);
    let refused = chain::record(&db, 3, "Refusal", json!({})).await;
    assert!(matches!(refused, Err(Error::Audit(audit::Error::Kind))));
    let after = chain::record(&db, 4, "refusal", json!({"code": "c"})).await.unwrap();
    assert_eq!((before.sequence, after.sequence), (1, 2));
    let page = chain::entries(&db, 1, 10).await.unwrap();
    assert_eq!(page.len(), 1);
    assert!(page[0].entry.contains("\"code\":\"c\""));
    assert_eq!(page[0].hash, after.hash);
}

pub(crate) async fn an_export_verifies_and_tampering_shows(place: &Place) {
    let db = place.open(UnitKind::Statistics).await;
    let key = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    let public = PublicKey::from_bytes(key.public_key().as_ref().try_into().unwrap());
    chain::checkpoint(&db, 0, &key).await.unwrap();
    let mut tx = db.write().await.unwrap();
    for number in 0..1500 {
        chain::append(&mut tx, number, "refusal", json!({"number": number})).await.unwrap();
    }
    tx.commit().await.unwrap();
    let signed = chain::checkpoint(&db, 7, &key).await.unwrap();
    assert_eq!(signed, chain::checkpoint(&db, 8, &key).await.unwrap());
    chain::record(&db, 9, "refusal", json!({"number": 1500})).await.unwrap();

    let lines = exported(&db).await;
    assert_eq!(lines.len(), 1 + 1501 + 2);
    let report = verify(&lines, Some(public), Vec::new()).unwrap();
    assert_eq!((report.head.sequence, report.checkpoints, report.confirmed), (1501, 2, 1500));
    assert_eq!(report.head, chain::head(&db).await.unwrap());

    let altered: Vec<String> =
        lines.iter().map(|line| line.replace("\"number\":700}", "\"number\":701}")).collect();
    let broken = verify(&altered, Some(public), Vec::new()).unwrap_err();
    assert_eq!((broken.sequence, broken.reason), (701, Reason::Hash));
}
