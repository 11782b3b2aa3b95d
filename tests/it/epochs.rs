//! Two epochs of a project: a batch counts in its own only, and a key belongs to one.

use serde_json::{Value, json};
use submission::KeyCheckValue;

use crate::place::{Answer, EPOCH, HandMade, KCV, Place};
use milchglas::UnitName::Linkage;

const NEXT: &str = "2027";
const NEXT_KCV: [u8; 8] = [9, 8, 7, 6, 5, 4, 3, 2];

fn open(place: &Place, epoch: &str, value: [u8; 8]) -> Answer {
    let schema = place.policies.schemas["county-2026"].digest().unwrap();
    let body = json!({"schema": schema, "key_check_value": KeyCheckValue::from_bytes(value)});
    let mut about = body.clone();
    about["epoch"] = json!(epoch);
    place.consent(Linkage, "custodian", "key-release", &about);
    let path = format!("/v1/epochs/{epoch}");
    place.call(Linkage, "custodian", "PUT", &path, body.to_string().as_bytes())
}

fn batch(place: &Place, department: &str, epoch: &str, value: [u8; 8], subjects: u8) -> HandMade {
    let mut batch = place.batch_of(department, subjects, 4);
    for manifest in &mut batch.manifests {
        manifest.epoch = policy::Name::new(epoch).unwrap();
    }
    batch.manifests[0].key_check_value = Some(KeyCheckValue::from_bytes(value));
    batch
}

/// The end of a run that was asked for by hand.
fn run(place: &Place, epoch: &str) -> Value {
    place.consent(Linkage, "operator", "snapshot", &json!({"epoch": epoch}));
    let started = place.post(Linkage, "operator", "/v1/snapshots", &json!({"epoch": epoch}));
    assert_eq!(started.status, 202, "{}", started.json());
    let snapshot = started.json()["snapshot"].as_str().unwrap().to_owned();
    for _ in 0..500 {
        let path = format!("/v1/snapshots/{snapshot}");
        let state = place.get(Linkage, "operator", &path).json();
        if state["state"] != "running" {
            return state;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("linking takes too long");
}

#[test]
fn a_batch_under_another_epochs_key_is_refused_by_the_epochs_name() {
    let place = Place::start(1_000_000_000);
    assert_eq!(open(&place, EPOCH, KCV).status, 204);
    // The new epoch is not open yet.
    let early = place.submit(Linkage, &batch(&place, "kita", NEXT, NEXT_KCV, 3));
    assert_eq!((early.status, early.code().as_str()), (422, "epoch-unknown"));
    assert!(early.json()["detail"].as_str().unwrap().contains("custodian"));
    assert_eq!(open(&place, NEXT, NEXT_KCV).status, 204);

    // A department that changed the epoch in its settings and forgot the key, or the reverse.
    for (epoch, value, other) in [(NEXT, KCV, EPOCH), (EPOCH, NEXT_KCV, NEXT)] {
        let refused = place.submit(Linkage, &batch(&place, "kita", epoch, value, 3));
        assert_eq!((refused.status, refused.code().as_str()), (422, "key-differs"));
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        for words in
            [format!("under the key of epoch `{other}`"), format!("set the key of epoch `{epoch}`")]
        {
            assert!(detail.contains(&words), "{words}: {detail}");
        }
    }
}

#[test]
fn a_run_links_the_batches_of_its_own_epoch_only() {
    let place = Place::start(1_000_000_000);
    open(&place, EPOCH, KCV);
    open(&place, NEXT, NEXT_KCV);
    assert_eq!(place.submit(Linkage, &batch(&place, "kita", NEXT, NEXT_KCV, 3)).status, 200);
    let nothing = run(&place, EPOCH);
    assert_eq!(nothing["state"], "failed", "{nothing}");
    assert!(nothing.to_string().contains("nothing-to-link"), "{nothing}");

    assert_eq!(place.submit(Linkage, &batch(&place, "kita", EPOCH, KCV, 5)).status, 200);
    let (own, next) = (run(&place, EPOCH), run(&place, NEXT));
    assert_eq!((&own["state"], &next["state"]), (&json!("frozen"), &json!("frozen")));
    assert_eq!(
        (&own["report"]["sources"][0]["records"], &next["report"]["sources"][0]["records"]),
        (&json!(5), &json!(3))
    );
}

#[test]
fn two_epochs_cannot_be_opened_under_one_key() {
    let place = Place::start(1_000_000_000);
    assert_eq!(open(&place, EPOCH, KCV).status, 204);
    let refused = open(&place, NEXT, KCV);
    assert_eq!((refused.status, refused.code().as_str()), (409, "epoch-conflict"));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("keys rotate") && !detail.contains("0102"), "{detail}");
    assert_eq!(open(&place, EPOCH, KCV).status, 204, "the same again is no conflict");
    assert_eq!(open(&place, NEXT, NEXT_KCV).status, 204);
}
