//! What an officer of IT does with a unit: look whether it works, copy it, put it back.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use milchglas::UnitName::{Linkage, Statistics};
use serde_json::Value;

use crate::place::Place;

fn milchglas(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_milchglas")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn path(place: &Place, name: &str) -> String {
    place.folder().join(name).display().to_string()
}

#[test]
fn a_unit_is_ready_once_two_people_approved_and_says_how_it_is() {
    let mut place = Place::unapproved();
    assert_eq!(place.get(Statistics, "stranger", "/health").status, 200);
    let waiting = place.get(Statistics, "stranger", "/ready");
    assert_eq!(waiting.status, 503);
    assert_eq!(waiting.json()["rules"], false);
    place.agree();
    assert_eq!(place.get(Statistics, "stranger", "/ready").status, 200);

    place.configure("metrics_listen = \"127.0.0.1:0\"");
    // The port is the system's: nobody knows it but the log, so another is named.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    place.reconfigure("127.0.0.1:0\"\nunit", &format!("{free}\"\nunit"));
    place.get(Statistics, "stranger", "/nothing");
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let mut answer = agent.get(format!("http://{free}/metrics")).call().unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    for wanted in [
        "milchglas_build_info{version=\"0.1.0\",unit=\"statistics\"} 1",
        "milchglas_responses_total{class=\"4xx\"} 1",
        "milchglas_log_sequence ",
        "milchglas_disk_free_bytes ",
        "# EOF",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    for name in ["analyst", "dpo", "operator", "kita"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
}

#[test]
fn a_copy_made_while_the_unit_works_is_put_back() {
    let mut place = Place::start(500_000_000);
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let (config, copy) = (path(&place, "statistics.toml"), path(&place, "copy.sqlite"));
    let made = milchglas(&["backup", "--config", &config, "--output", &copy, "--json"]);
    assert!(made.status.success(), "{}", said(&made));
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(made["sequence"].as_u64().unwrap() > 3, "{made}");
    let spent = place.spent();

    let again = milchglas(&["backup", "--config", &config, "--output", &copy]);
    assert!(!again.status.success() && said(&again).contains("never overwrites"));
    let early = milchglas(&["restore", "--config", &config, "--from", &copy]);
    assert!(!early.status.success() && said(&early).contains("still there"), "{}", said(&early));

    place.stop(Statistics);
    let other = milchglas(&["restore", "--config", &path(&place, "linkage.toml"), "--from", &copy]);
    assert!(!other.status.success(), "a copy of the other unit");
    for end in ["", "-wal", "-shm"] {
        let database: PathBuf = place.folder().join(format!("statistics.sqlite{end}"));
        if database.exists() {
            fs::remove_file(database).unwrap();
        }
    }
    let broken = path(&place, "broken.sqlite");
    fs::write(&broken, "no database").unwrap();
    let refused = milchglas(&["restore", "--config", &config, "--from", &broken]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(!place.folder().join("statistics.sqlite").exists(), "nothing was put there");
    let done = milchglas(&["restore", "--config", &config, "--from", &copy]);
    assert!(done.status.success(), "{}", said(&done));
    place.start_again(Statistics);
    assert_eq!(place.spent(), spent, "what was spent stays spent");
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
}

#[test]
fn a_doctor_sees_what_is_wrong_and_changes_nothing() {
    let mut place = Place::start(1_000_000);
    let config = path(&place, "statistics.toml");
    let well = milchglas(&["doctor", "--config", &config]);
    assert!(well.status.success(), "{}", said(&well));
    for wanted in ["whole, and this unit's", "no officer", "no witness", "free beside"] {
        assert!(said(&well).contains(wanted), "{wanted}: {}", said(&well));
    }
    let entry = "name = \"analyst\"\n";
    place.reconfigure(entry, &format!("{entry}valid_until = \"2020-12-31\"\n"));
    assert_eq!(place.get(Statistics, "analyst", "/v1/budget").status, 404, "their time is over");
    fs::remove_file(place.folder().join("rank.key")).unwrap();
    let ill = milchglas(&["doctor", "--config", &config, "--json"]);
    assert_eq!(ill.status.code(), Some(1), "{}", said(&ill));
    let findings: Vec<Value> = serde_json::from_slice(&ill.stdout).unwrap();
    let wrong: Vec<&Value> = findings.iter().filter(|own| own["grade"] == "error").collect();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(said(&ill).contains("access of `analyst` ends on 2020-12-31"));
    assert_eq!(place.get(Linkage, "stranger", "/ready").status, 200);
}
