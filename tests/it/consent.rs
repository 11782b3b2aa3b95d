//! Two people: what waits, who approves, and that exactly what was approved happens, once.

use std::fs;
use std::process::Command;

use milchglas::UnitName::{Linkage, Statistics};
use serde_json::{Value, json};
use submission::KeyCheckValue;

use crate::place::{EPOCH, KCV, Place};

const PLENTY: u64 = 1_000_000_000;

fn propose(place: &Place, who: &str, kind: &str, about: &Value) -> (u16, Value) {
    let body = json!({"kind": kind, "about": about});
    let answer = place.post(Linkage, who, "/v1/proposals", &body);
    (answer.status, answer.json())
}

fn approve(place: &Place, who: &str, proposal: &Value) -> (u16, String) {
    let id = proposal["proposal"].as_str().unwrap();
    let answer = place.post(Linkage, who, &format!("/v1/proposals/{id}/approval"), &json!({}));
    (answer.status, answer.code())
}

#[test]
fn before_two_people_approved_the_folder_nothing_but_approving_is_possible() {
    let mut place = Place::unapproved();
    let stranger = place.get(Linkage, "stranger", "/v1/nothing").body;
    for (unit, who, path) in [
        (Linkage, "operator", "/v1/snapshots"),
        (Linkage, "dpo", "/v1/log"),
        (Statistics, "analyst", "/v1/budget"),
    ] {
        assert_eq!(place.get(unit, who, path).body, stranger, "{who} {path}");
    }
    let list = place.get(Linkage, "dpo", "/v1/proposals").json();
    let [waiting] = list["proposals"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!((&waiting["kind"], &waiting["proposer"]), (&json!("policy"), &Value::Null));
    assert_eq!(approve(&place, "dpo", waiting).0, 200);
    assert_eq!(approve(&place, "dpo", waiting), (409, "approval-refused".into()));
    assert_eq!(place.get(Linkage, "operator", "/v1/snapshots").status, 404, "one is not enough");
    assert_eq!(approve(&place, "approver", waiting).0, 200);
    assert_eq!(place.get(Linkage, "operator", "/v1/snapshots").status, 200);
    // The other unit has its own desk, and a restart forgets nothing.
    assert_eq!(place.get(Statistics, "analyst", "/v1/budget").status, 404);
    place.stop(Linkage);
    place.start_again(Linkage);
    assert_eq!(place.get(Linkage, "operator", "/v1/snapshots").status, 200);
}

#[test]
fn a_raised_cap_is_not_answered_from_until_it_is_approved() {
    let mut place = Place::start(PLENTY);
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let path = place.folder().join("policies/purposes/sozialmonitoring-06432.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("= 1000000000", "= 2000000000")).unwrap();
    place.stop(Statistics);
    place.start_again(Statistics);
    let refused = place.ask("overlap", 2025);
    assert_eq!((refused.status, refused.code().as_str()), (409, "approval-needed"));
    assert_eq!(place.get(Statistics, "analyst", "/v1/releases").status, 200, "the rest goes on");
    place.agree();
    let answer = place.ask("overlap", 2025);
    assert_ne!(answer.code(), "approval-needed", "{}", answer.json());
}

#[test]
fn a_snapshot_by_hand_is_of_exactly_the_approved_deliveries_and_is_made_once() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    assert_eq!(place.submit(Linkage, &place.batch(12, 6)).status, 200);
    let link = || place.post(Linkage, "operator", "/v1/snapshots", &json!({"epoch": EPOCH}));
    let early = link();
    assert_eq!((early.status, early.code().as_str()), (409, "approval-needed"));
    let (status, made) = propose(&place, "operator", "snapshot", &json!({"epoch": EPOCH}));
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["about"]["batches"].as_array().unwrap().len(), 1);
    assert_eq!(approve(&place, "operator", &made).0, 404, "who proposes may not even try");
    assert_eq!(approve(&place, "approver", &made).0, 200);
    // Another delivery arrives: that was not approved.
    assert_eq!(place.submit(Linkage, &place.batch_of("egh", 8, 8)).status, 200);
    assert_eq!(link().code(), "approval-needed");
    place.link();
    let again = link();
    assert_eq!((again.status, again.code().as_str()), (409, "approval-needed"), "used once");
    let log = String::from_utf8(place.get(Linkage, "dpo", "/v1/log").body).unwrap();
    for kind in ["proposal.made", "proposal.approved", "proposal.used"] {
        assert!(log.contains(kind), "{kind}");
    }
}

#[test]
fn the_key_of_an_epoch_is_the_approved_one() {
    let place = Place::start(PLENTY);
    let schema = place.policies.schemas["county-2026"].digest().unwrap();
    let values = |value: [u8; 8]| json!({"schema": schema, "key_check_value": KeyCheckValue::from_bytes(value)});
    let open = |value: [u8; 8]| {
        let body = values(value).to_string();
        place.call(Linkage, "custodian", "PUT", &format!("/v1/epochs/{EPOCH}"), body.as_bytes())
    };
    assert_eq!(open(KCV).code(), "approval-needed");
    let mut about = values(KCV);
    about["epoch"] = json!(EPOCH);
    let (_, made) = propose(&place, "custodian", "key-release", &about);
    let value = String::from(KeyCheckValue::from_bytes(KCV));
    assert!(!made.to_string().contains(&value), "the value is scrubbed with the encodings");
    assert_eq!(approve(&place, "dpo", &made).0, 200);
    assert_eq!(open([7; 8]).code(), "approval-needed", "another key was not approved");
    assert_eq!(open(KCV).status, 204);
    assert_eq!(open(KCV).status, 204, "opening again changes nothing");
}

#[test]
fn who_may_not_propose_or_approve_this_learns_nothing() {
    let place = Place::start(PLENTY);
    let stranger = place.get(Linkage, "stranger", "/v1/nothing").body;
    for (who, kind) in [("custodian", "snapshot"), ("operator", "key-release"), ("dpo", "restore")]
    {
        let body = json!({"kind": kind, "about": {"epoch": EPOCH}});
        let answer = place.post(Linkage, who, "/v1/proposals", &body);
        assert_eq!(answer.body, stranger, "{who} {kind}");
    }
    let (_, made) = propose(&place, "dpo", "deletion", &json!({"batch": "b-1"}));
    for who in ["operator", "custodian", "kita", "analyst", "stranger"] {
        let path = format!("/v1/proposals/{}/approval", made["proposal"].as_str().unwrap());
        assert_eq!(place.post(Linkage, who, &path, &json!({})).body, stranger, "{who}");
    }
    assert_eq!(approve(&place, "dpo", &made), (409, "approval-refused".into()));
    let odd = place.post(Linkage, "dpo", "/v1/proposals", &json!({"kind": "advertising"}));
    assert_eq!((odd.status, odd.code().as_str()), (400, "malformed-request"));
}

#[test]
fn the_commands_propose_show_and_approve_with_the_approvers_own_copy() {
    let place = Place::unapproved();
    let run = |who: &str, words: &[&str]| {
        let token = place.folder().join(format!("{who}.token"));
        if !token.exists() {
            milchglas::keys::write_new(&token, &format!("token-of-{who}\n")).unwrap();
        }
        let done = Command::new(env!("CARGO_BIN_EXE_milchglas"))
            .args(words)
            .args(["--url", &place.url(Statistics, ""), "--token-file", token.to_str().unwrap()])
            .output()
            .unwrap();
        let text = [done.stdout, done.stderr].concat();
        (done.status.code().unwrap(), String::from_utf8(text).unwrap())
    };
    let (code, shown) = run("dpo", &["proposals"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("not in force  purpose sozialmonitoring-06432"), "{shown}");
    assert!(shown.contains("the unit, so two people approve"), "{shown}");
    let id = shown.lines().find(|line| line.contains("policy of")).unwrap();
    let id = id.split_whitespace().next().unwrap();
    let (code, text) = run("dpo", &["approve", id]);
    assert!(code == 1 && text.contains("--policies"), "{text}");
    let own = place.folder().join("policies");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let (code, text) = run("dpo", &["approve", id, "--policies", shipped]);
    assert!(code == 1 && text.contains("nothing was approved"), "{text}");
    let own = own.to_str().unwrap();
    assert_eq!(run("dpo", &["approve", id, "--policies", own]).0, 0);
    let (code, text) = run("dpo", &["approve", id, "--policies", own]);
    assert!(code == 6 && text.contains("somebody else"), "{text}");
    let (_, text) = run("approver", &["approve", id, "--policies", own]);
    assert!(text.contains("done"), "{text}");
    assert!(run("dpo", &["proposals"]).1.contains("nothing waits"));
    let (code, text) = run("dpo", &["approve", "0000", "--json"]);
    assert!(code == 1 && text.contains("no such proposal"), "{text}");
}

#[test]
fn one_process_does_not_serve_both_units() {
    let place = Place::start(PLENTY);
    assert!(place.beside().contains("two processes"), "{}", place.beside());
}

#[test]
fn every_release_names_the_folder_it_was_made_under_rules_of_access_included() {
    let mut place = Place::start(PLENTY);
    place.ready();
    let first = place.ask("day-care-hours", 2025).json();
    assert_eq!(first["policy_digest"], json!(place.policies.digest), "{first}");
    let path = place.folder().join("policies/access/rollen.cedar");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("2027-12-31", "2027-12-30")).unwrap();
    place.restart(Statistics);
    // Another grouping: the same question would be answered by the stored release.
    let body = json!({"purpose": "sozialmonitoring-06432", "indicator": "day-care-hours",
                      "year": 2025, "group_by": []});
    let second = place.ask_under("anew", &body).json();
    let now = policy::PolicySet::load(&place.folder().join("policies")).unwrap().digest;
    assert_eq!(second["policy_digest"], json!(now));
    assert_ne!(first["policy_digest"], second["policy_digest"]);
}
