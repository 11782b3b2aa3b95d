//! From delivery to accepted snapshot with nobody calling anything: the linkage unit's rule and
//! the courier.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread::{self, sleep};
use std::time::Duration;

use milchglas::UnitName::{Linkage, Statistics};
use milchglas::{Courier, CourierConfig};
use serde_json::Value;

use crate::place::{PROJECT, Place};

const PLENTY: u64 = 1_000_000_000;

/// The configuration that an operator would write, with its token file.
fn courier(place: &Place, project: &str, rest: &str) -> PathBuf {
    let token = place.folder().join("operator.token");
    if !token.exists() {
        milchglas::keys::write_new(&token, "token-of-operator\n").unwrap();
    }
    let path = place.folder().join("courier.toml");
    let (linkage, statistics) = (place.url(Linkage, ""), place.url(Statistics, ""));
    let text = format!(
        "interval_seconds = 1\n[[project]]\nname = \"{project}\"\n{rest}\n\
         linkage = {{ url = \"{linkage}\", token_file = \"operator.token\" }}\n\
         statistics = {{ url = \"{statistics}\", token_file = \"operator.token\" }}\n"
    );
    fs::write(&path, text).unwrap();
    path
}

fn milchglas(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_milchglas")).args(arguments).output().unwrap()
}

fn once(place: &Place, project: &str, rest: &str) -> (i32, String) {
    let config = courier(place, project, rest);
    let output = milchglas(&["carry", "--once", "--config", config.to_str().unwrap()]);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn accepted(place: &Place) -> Vec<Value> {
    let list = place.get(Statistics, "operator", "/v1/link-maps").json();
    list["accepted"].as_array().unwrap().clone()
}

fn submit(place: &Place, department: &str) {
    let batch = place.batch_of(department, 12, 6);
    // Facts first: the last encodings start the run.
    for unit in [Statistics, Linkage] {
        let done = place.submit(unit, &batch);
        assert_eq!(done.status, 200, "{}", done.json());
    }
}

fn frozen(place: &Place) -> Value {
    for _ in 0..500 {
        let list = place.get(Linkage, "operator", "/v1/snapshots").json();
        if let Some(line) = list["snapshots"].as_array().unwrap().last() {
            return line.clone();
        }
        sleep(Duration::from_millis(10));
    }
    panic!("nothing was linked by rule");
}

#[test]
fn departments_submit_and_the_rest_happens() {
    let mut place = Place::start(PLENTY);
    place.open_epoch();
    let config = CourierConfig::read(&courier(&place, PROJECT, "")).unwrap();
    let courier = Courier::new(&config).unwrap();
    let (stop, stopped) = mpsc::channel();
    let carrying = thread::spawn(move || courier.run(&stopped));

    submit(&place, "kita");
    sleep(Duration::from_millis(100));
    let list = place.get(Linkage, "operator", "/v1/snapshots").json();
    assert_eq!(list["snapshots"], serde_json::json!([]), "one delivery is missing");
    submit(&place, "egh");
    let line = frozen(&place);
    assert_eq!(line["period"], "2025-q4");
    for _ in 0..1000 {
        if accepted(&place) == [line["snapshot"].clone()] {
            break;
        }
        sleep(Duration::from_millis(10));
    }
    assert_eq!(accepted(&place), [line["snapshot"].clone()]);
    drop(stop);
    carrying.join().unwrap();

    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let log = String::from_utf8(place.get(Linkage, "dpo", "/v1/log").body).unwrap();
    let entry = log.lines().find(|line| line.contains("snapshot.frozen")).unwrap();
    assert!(entry.contains("\"period\":\"2025-q4\""), "{entry}");

    // After a restart of either unit nothing is linked or carried again.
    place.restart(Linkage);
    place.restart(Statistics);
    let (code, text) = once(&place, PROJECT, "");
    assert_eq!((code, text.as_str()), (0, "nothing to carry\n"));
    let path = format!("/v1/snapshots/{}", line["snapshot"].as_str().unwrap());
    let report = place.get(Linkage, "operator", &path).json();
    assert_eq!(report["report"]["sources"].as_array().unwrap().len(), 2);
    let list = place.get(Linkage, "operator", "/v1/snapshots").json();
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 1);
}

#[test]
fn a_missing_half_is_said_and_heals() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    submit(&place, "egh");
    let kita = place.batch(12, 12);
    assert_eq!(place.submit(Linkage, &kita).status, 200);
    frozen(&place);
    let (code, text) = once(&place, PROJECT, "");
    assert_eq!(code, 6, "{text}");
    assert!(text.contains("2025-q4") && text.contains("other half"), "{text}");
    assert!(!text.contains("token-of-operator"), "{text}");

    assert_eq!(place.submit(Statistics, &kita).status, 200);
    let (code, text) = once(&place, PROJECT, "");
    assert!(code == 0 && text.contains("accepted, log entry"), "{text}");
}

#[test]
fn a_snapshot_by_hand_is_carried_where_the_project_says_so() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    submit(&place, "kita");
    let snapshot = place.link();
    assert_eq!(once(&place, PROJECT, ""), (0, "nothing to carry\n".to_owned()));
    let (code, text) = once(&place, PROJECT, "by_hand = true");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(&snapshot) && text.contains("by hand"), "{text}");
}

#[test]
fn only_the_newest_is_left_to_carry() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    submit(&place, "kita");
    let (older, newer) = (place.link(), place.link());
    assert_eq!(place.transfer(&newer).status, 201);
    let (code, text) = once(&place, PROJECT, "by_hand = true");
    assert_eq!((code, text.as_str()), (0, "nothing to carry\n"), "{older}");
}

#[test]
fn tokens_of_another_project_and_absent_units_are_told_apart() {
    let place = Place::start(PLENTY);
    let (code, text) = once(&place, "county-06440", "");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("of project `county-06432`"), "{text}");

    let away = fs::read_to_string(courier(&place, PROJECT, "")).unwrap();
    let away = away.replace(&place.url(Linkage, ""), "http://127.0.0.1:1");
    fs::write(place.folder().join("away.toml"), away).unwrap();
    let config = place.folder().join("away.toml");
    let output = milchglas(&["carry", "--once", "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(7));
    // The same in the library: who cannot be reached is left alone for a while.
    let mut courier = Courier::new(&CourierConfig::read(&config).unwrap()).unwrap();
    assert_eq!(courier.round().len(), 1);
    assert!(courier.round().is_empty(), "the pause");
}

#[test]
fn a_courier_ends_when_it_is_asked_to() {
    let place = Place::start(PLENTY);
    let config = courier(&place, PROJECT, "");
    let mut process = Command::new(env!("CARGO_BIN_EXE_milchglas"))
        .args(["carry", "--config", config.to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(500));
    let pid = process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(process.wait().unwrap().success());
}

#[test]
fn an_operator_sees_who_is_missing_and_waits_for_a_period() {
    let place = Place::start(PLENTY);
    place.open_epoch();
    courier(&place, PROJECT, "");
    submit(&place, "kita");
    let (url, token) = (place.url(Linkage, ""), place.folder().join("operator.token"));
    let schedule = |more: &[&str]| {
        let usual = ["schedule", "--url", &url, "--token-file", token.to_str().unwrap()];
        let output = milchglas(&[&usual, more].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    };
    let (code, text) = schedule(&[]);
    assert_eq!(code, 0, "{text}");
    let egh = text.lines().find(|line| line.contains(" egh ")).unwrap();
    assert!(egh.contains("missing"), "{text}");
    assert!(text.contains("2025-q4      waiting    1 of 2 deliveries"), "{text}");
    let (code, text) = schedule(&["--wait", "2031-q4"]);
    assert!(code == 1 && text.contains("2025-q4"), "{text}");

    thread::scope(|scope| {
        let waiting = scope.spawn(|| schedule(&["--wait", "2025-q4", "--json"]));
        submit(&place, "egh");
        let (code, text) = waiting.join().unwrap();
        assert_eq!(code, 0, "{text}");
        let state: Value = serde_json::from_str(&text).unwrap();
        let last = state["periods"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["period"], &last["state"]), (&"2025-q4".into(), &"frozen".into()));
    });
    let (code, text) = schedule(&["--wait", "2025-q3"]);
    assert!(code == 1 && text.contains("newer period"), "{text}");
}
