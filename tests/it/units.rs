//! What both units refuse, and that nothing is lost by it.

use milchglas::UnitName::{Linkage, Statistics};
use policy::Digest;
use serde_json::json;
use submission::KeyCheckValue;

use crate::place::{EPOCH, PEOPLE, Place};

const PLENTY: u64 = 500_000_000;

#[test]
fn a_batch_sent_twice_gives_the_same_receipt_and_an_altered_one_is_refused() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let batch = place.batch(5, 2);
    for unit in [Linkage, Statistics] {
        let first = place.submit(unit, &batch);
        assert_eq!(first.status, 200, "{}", first.json());
        let again = place.submit(unit, &batch);
        assert_eq!(again.body, first.body);
    }
    let mut altered = place.batch(5, 2);
    altered.manifests[0].batch = batch.manifests[0].batch;
    let refused = place.announce(Linkage, &altered.manifests[0]);
    assert_eq!((refused.status, refused.code().as_str()), (409, "batch-altered"));
}

#[test]
fn another_schema_or_key_is_refused_before_a_single_encoding_is_taken() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let mut batch = place.batch(3, 3);
    batch.manifests[0].schema = Some(Digest::of(b"another schema"));
    let refused = place.announce(Linkage, &batch.manifests[0]);
    assert_eq!((refused.status, refused.code().as_str()), (422, "schema-differs"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("schema file"));

    let mut batch = place.batch(3, 3);
    batch.manifests[0].key_check_value = Some(KeyCheckValue::from_bytes([0; 8]));
    let refused = place.announce(Linkage, &batch.manifests[0]);
    assert_eq!((refused.status, refused.code().as_str()), (422, "key-differs"));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("key file") && !detail.contains("0102"), "{detail}");

    let mut batch = place.batch(3, 3);
    batch.manifests[1].catalogue = Some(Digest::of(b"another catalogue"));
    let refused = place.announce(Statistics, &batch.manifests[1]);
    assert_eq!((refused.status, refused.code().as_str()), (422, "catalogue-differs"));

    let sent = place.chunk(Linkage, &batch, 0);
    assert_eq!((sent.status, sent.code().as_str()), (404, "not-found"), "nothing was announced");
}

#[test]
fn every_field_of_a_manifest_is_checked_with_a_code_of_its_own() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let good = place.batch(3, 3);
    let name = |text: &str| policy::Name::new(text).unwrap();
    let spoil = |change: &dyn Fn(&mut submission::Manifest)| {
        let mut manifest = good.manifests[0].clone();
        change(&mut manifest);
        place.announce(Linkage, &manifest).code()
    };
    assert_eq!(spoil(&|m| m.project = name("other")), "project-unknown");
    assert_eq!(spoil(&|m| m.epoch = name("1999")), "epoch-unknown");
    assert_eq!(spoil(&|m| m.department = name("egh")), "dataset-unknown");
    assert_eq!(spoil(&|m| m.dataset = name("sgb2")), "dataset-unknown");

    let mut unsigned = place.sign(&good.manifests[0]);
    unsigned["manifest"]["rows"] = json!(2);
    let refused = place.post(Linkage, "kita", "/v1/batches", &unsigned);
    assert_eq!((refused.status, refused.code().as_str()), (422, "signature-invalid"));

    let wrong_half = place.announce(Statistics, &good.manifests[0]);
    assert_eq!(wrong_half.code(), "manifest-invalid");
    let noise = place.call(Linkage, "kita", "POST", "/v1/batches", b"{\"manifest\": 7");
    assert_eq!((noise.status, noise.code().as_str()), (400, "malformed-request"));
}

#[test]
fn a_unit_that_restarts_during_an_upload_loses_nothing() {
    for unit in [Linkage, Statistics] {
        let mut place = Place::start(PLENTY);
        place.open_epoch();
        let batch = place.batch(6, 2);
        let half = usize::from(unit == Statistics);
        assert_eq!(place.announce(unit, &batch.manifests[half]).status, 201);
        assert_eq!(place.chunk(unit, &batch, 1).status, 204);
        place.restart(unit);
        let path = format!("/v1/batches/{}", batch.manifests[0].batch);
        let state = place.get(unit, "kita", &path).json();
        assert_eq!(state["missing"], json!([0, 2]));
        let early = place.complete(unit, &batch);
        assert_eq!((early.status, early.code().as_str()), (409, "batch-incomplete"));
        for index in [0, 2] {
            assert_eq!(place.chunk(unit, &batch, index).status, 204);
        }
        assert_eq!(place.complete(unit, &batch).status, 200);
    }
}

#[test]
fn chunks_that_were_not_announced_or_altered_are_refused() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let batch = place.batch(4, 2);
    place.announce(Linkage, &batch.manifests[0]);
    let beyond = place.put_chunk(Linkage, &batch, 9, &batch.chunks[0][0]);
    assert_eq!((beyond.status, beyond.code().as_str()), (422, "chunk-unexpected"));
    let altered = place.put_chunk(Linkage, &batch, 0, &batch.chunks[0][1]);
    assert_eq!((altered.status, altered.code().as_str()), (409, "chunk-altered"));
    let large = place.put_chunk(Linkage, &batch, 0, &vec![0; (8 << 20) + 1]);
    assert_eq!(large.status, 413);
}

#[test]
fn all_ones_and_empty_filters_are_refused() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    for fill in [0xff_u8, 0x00] {
        let mut batch = place.batch(1, 1);
        let schema = &place.policies.schemas["county-2026"];
        let mut chunk = submission::LinkableChunk::new(schema);
        let random = ring::rand::SystemRandom::new();
        let filter = submission::Encoding::new(&[fill; 128]).unwrap();
        let subject = submission::SubjectId::random(&random).unwrap();
        chunk.push(subject, &vec![filter; schema.views.len()]).unwrap();
        batch.chunks[0] = vec![chunk.encode().unwrap()];
        batch.manifests[0].chunks = vec![Digest::of(&batch.chunks[0][0])];
        let refused = place.submit(Linkage, &batch);
        assert_eq!((refused.status, refused.code().as_str()), (422, "chunk-invalid"));
        assert!(refused.json()["detail"].as_str().unwrap().contains("weight window"));
    }
}

#[test]
fn a_batch_that_reached_one_unit_only_makes_no_snapshot() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let batch = place.batch(4, 4);
    assert_eq!(place.submit(Linkage, &batch).status, 200);
    let snapshot = place.link();
    let refused = place.transfer(&snapshot);
    assert_eq!((refused.status, refused.code().as_str()), (409, "snapshot-inconsistent"));

    // The other half arrives: the same snapshot can be accepted now.
    assert_eq!(place.submit(Statistics, &batch).status, 200);
    assert_eq!(place.transfer(&snapshot).status, 201);
}

#[test]
fn a_link_map_is_accepted_once_and_only_with_its_own_request() {
    let place = Place::start(PLENTY);
    let snapshot = place.ready();
    let again = place.transfer(&snapshot);
    assert_eq!((again.status, again.code().as_str()), (409, "snapshot-known"));

    let next = place.link();
    let path = format!("/v1/link-maps/{next}/request");
    let asked = place.post(Statistics, "operator", &path, &json!({})).json();
    let sealed = place.post(Linkage, "operator", "/v1/link-maps", &asked).json();
    // A second request replaces the first, so the first answer opens nothing.
    place.post(Statistics, "operator", &path, &json!({}));
    let stale = place.post(Statistics, "operator", "/v1/link-maps", &sealed);
    assert_eq!(stale.code(), "signature-invalid");
    let spent = place.post(Statistics, "operator", "/v1/link-maps", &sealed);
    assert_eq!((spent.status, spent.code().as_str()), (409, "request-used"));
    let mut forged = asked;
    forged["request"]["snapshot"] = json!(snapshot);
    let refused = place.post(Linkage, "operator", "/v1/link-maps", &forged);
    assert_eq!(refused.code(), "signature-invalid");
}

#[test]
fn nothing_is_answered_outside_a_purpose_or_above_the_cap() {
    // Two tables fit, a third does not.
    let place = Place::start(100_000_000);
    place.ready();
    let unknown = place.ask("names-of-children", 2025);
    assert_eq!((unknown.status, unknown.code().as_str()), (422, "query-refused"));
    assert!(unknown.json()["detail"].as_str().unwrap().contains("children-in-benefits"));
    let year = place.ask("day-care-hours", 1999);
    assert_eq!((year.status, year.code().as_str()), (422, "query-refused"));
    let purpose = json!({"purpose": "advertising", "indicator": "overlap", "year": 2025});
    let refused = place.post(Statistics, "analyst", "/v1/queries", &purpose);
    assert_eq!((refused.status, refused.code().as_str()), (422, "purpose-unknown"));
    assert_eq!(place.spent(), 0, "a refusal costs nothing");
}

#[test]
fn the_cap_holds_the_cache_is_free_and_a_restart_forgets_nothing() {
    let mut place = Place::start(60_000_000);
    place.ready();
    let first = place.ask("day-care-hours", 2025);
    assert_eq!(first.status, 200, "{}", first.json());
    assert_eq!(first.stored.as_deref(), Some("false"));
    let spent = place.spent();
    assert!((49_000_000..=50_000_000).contains(&spent), "{spent}");

    place.restart(Statistics);
    let again = place.ask("day-care-hours", 2025);
    assert_eq!(again.stored.as_deref(), Some("true"));
    assert_eq!(again.body, first.body, "the stored bytes, not a second draw");
    assert_eq!(place.spent(), spent);

    // Another snapshot of the same year is the same lineage.
    let snapshot = place.link();
    assert_eq!(place.transfer(&snapshot).status, 201);
    let refused = place.ask("day-care-hours", 2025);
    assert_eq!((refused.status, refused.code().as_str()), (409, "budget-exceeded"));
    assert_eq!(place.spent(), spent);
}

#[test]
fn a_lost_answer_is_given_again_under_its_key() {
    let place = Place::start(PLENTY);
    place.ready();
    let body = |indicator: &str| json!({"purpose": "sozialmonitoring-06432", "indicator": indicator, "year": 2025});
    let first = place.ask_under("lost", &body("day-care-hours"));
    assert_eq!(first.status, 200, "{}", first.json());
    let spent = place.spent();
    // A newer snapshot changes nothing for who asked before it.
    let snapshot = place.link();
    assert_eq!(place.transfer(&snapshot).status, 201);
    let again = place.ask_under("lost", &body("day-care-hours"));
    assert_eq!((again.stored.as_deref(), &again.body), (Some("true"), &first.body));
    assert_eq!(place.spent(), spent);

    let mut other = body("day-care-hours");
    other["snapshot"] = json!(snapshot);
    let refused = place.ask_under("lost", &other);
    assert_eq!((refused.status, refused.code().as_str()), (409, "idempotency-conflict"));
}

/// Every route with every role: what is not meant for somebody looks as if it were not there.
#[test]
fn every_route_answers_only_its_roles() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    let id = "00112233445566778899aabbccddeeff";
    let proposing = ["custodian", "operator", "dpo", "approver"].as_slice();
    let routes: [(_, &str, String, &[&str]); 36] = [
        (Linkage, "POST", "/v1/batches".into(), &["department"]),
        (Linkage, "GET", format!("/v1/batches/{id}"), &["department"]),
        (Linkage, "PUT", format!("/v1/batches/{id}/chunks/0"), &["department"]),
        (Linkage, "POST", format!("/v1/batches/{id}/complete"), &["department"]),
        (Linkage, "PUT", format!("/v1/epochs/{EPOCH}"), &["custodian"]),
        (Linkage, "POST", "/v1/snapshots".into(), &["operator"]),
        (Linkage, "GET", "/v1/snapshots".into(), &["operator"]),
        (Linkage, "GET", "/v1/schedule".into(), &["operator"]),
        (Linkage, "POST", "/v1/link-maps".into(), &["operator"]),
        (Linkage, "GET", "/v1/log".into(), &["dpo"]),
        (Linkage, "GET", "/v1/audit".into(), &["dpo"]),
        (Linkage, "POST", "/v1/countersignatures".into(), &["dpo"]),
        // Between the units a signature counts and nobody's token.
        (Linkage, "POST", "/v1/witness".into(), &[]),
        (Statistics, "POST", "/v1/witness/newest".into(), &[]),
        (Statistics, "GET", "/v1/audit".into(), &["dpo"]),
        (Statistics, "POST", "/v1/countersignatures".into(), &["dpo"]),
        (Statistics, "POST", "/v1/batches".into(), &["department"]),
        (Statistics, "POST", format!("/v1/link-maps/{id}/request"), &["operator"]),
        (Statistics, "POST", "/v1/link-maps".into(), &["operator"]),
        (Statistics, "GET", "/v1/link-maps".into(), &["operator"]),
        (Statistics, "GET", "/v1/snapshots".into(), &["analyst", "dpo"]),
        (Statistics, "POST", "/v1/queries/price".into(), &["analyst", "dpo"]),
        (Statistics, "POST", "/v1/queries".into(), &["analyst"]),
        (Statistics, "GET", "/v1/releases".into(), &["analyst", "dpo"]),
        (Statistics, "GET", "/v1/releases/rollup".into(), &["analyst", "dpo"]),
        (Statistics, "GET", "/v1/budget".into(), &["analyst", "dpo"]),
        (Statistics, "GET", "/v1/plans".into(), &["analyst", "dpo"]),
        (Statistics, "GET", "/v1/log".into(), &["dpo"]),
        (Linkage, "POST", "/v1/proposals".into(), proposing),
        (Linkage, "GET", "/v1/proposals".into(), proposing),
        (Linkage, "POST", format!("/v1/proposals/{id}/approval"), &["dpo", "approver"]),
        (Statistics, "POST", "/v1/proposals".into(), proposing),
        (Statistics, "GET", "/v1/proposals".into(), proposing),
        (Statistics, "POST", format!("/v1/proposals/{id}/approval"), &["dpo", "approver"]),
        (Linkage, "GET", "/v1/queries".into(), &[]),
        // Last, because it ends what the others look at.
        (Linkage, "DELETE", format!("/v1/epochs/{EPOCH}"), &["custodian"]),
    ];
    let stranger = place.get(Linkage, "stranger", "/v1/nothing").body;
    for (unit, method, path, roles) in &routes {
        for (who, role) in PEOPLE.iter().chain([&("stranger", "stranger")]) {
            let answer = place.call(*unit, who, method, path, b"");
            if roles.contains(role) {
                // An unknown batch or proposal looks the same to those who would see their own.
                let approval = path.ends_with("approval");
                let missing = path.contains(id) && (*role == "department" || approval);
                assert!(answer.status != 404 || missing, "{method} {path} {role}");
            } else {
                assert_eq!(answer.status, 404, "{method} {path} {role}");
                assert_eq!(answer.body, stranger, "{method} {path} {role}");
            }
        }
    }
}

#[test]
fn the_log_of_each_unit_verifies_offline() {
    let place = Place::start(PLENTY);
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    for unit in [Linkage, Statistics] {
        let log = String::from_utf8(place.get(unit, "dpo", "/v1/log").body).unwrap();
        let verified = audit::verify(log.lines().map(str::as_bytes), None, Vec::new());
        assert!(verified.is_ok());
        let altered = log.replacen("\"at\":1", "\"at\":2", 1);
        assert_ne!(altered, log);
        assert!(audit::verify(altered.lines().map(str::as_bytes), None, Vec::new()).is_err());
    }
    let log = String::from_utf8(place.get(Statistics, "dpo", "/v1/log").body).unwrap();
    for kind in ["batch.received", "snapshot.accepted", "charge.committed", "release.stored"] {
        assert!(log.contains(kind), "{kind}");
    }
}
