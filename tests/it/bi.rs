//! What BI tools read from a real unit: files, the feed, and the database it writes by itself.

use std::process::Command;
use std::time::{Duration, Instant};

use milchglas::UnitName::Statistics;
use serde_json::Value;

use crate::place::{Answer, PROJECT, Place, without_plans};

const PLENTY: u64 = 500_000_000;

fn released() -> Place {
    let place = Place::start_with(PLENTY, without_plans);
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    place
}

fn get(place: &Place, path: &str) -> Answer {
    let answer = place.get(Statistics, "stranger", path);
    assert_eq!(answer.status, 200, "{path}");
    answer
}

fn json(place: &Place, path: &str) -> Value {
    serde_json::from_slice(&get(place, path).body).unwrap()
}

#[test]
fn every_file_of_a_project_holds_the_same_rows() {
    let place = released();
    let csv = String::from_utf8(get(&place, &format!("/projects/{PROJECT}/freigaben.csv")).body);
    let csv = csv.unwrap();
    let rows = csv.lines().count() - 1;
    assert!(rows > 1 && csv.starts_with("kennzahl,ags,gemeinde,altersgruppe,"), "{csv}");
    for (file, start) in [
        ("freigaben-excel.csv", b"\xef\xbb\xbfken".as_slice()),
        ("releases.csv", b"indicator,municipality_key,"),
        ("freigaben.parquet", b"PAR1"),
        ("releases.parquet", b"PAR1"),
        ("Sozialmonitoring.xlsx", b"PK"),
        ("freigaben.jsonstat", b"{"),
        ("datapackage.json", b"{"),
        ("freigaben.csv-metadata.json", b"{"),
        ("releases.csv-metadata.json", b"{"),
        ("long-table.json", b"{"),
    ] {
        let answer = get(&place, &format!("/projects/{PROJECT}/{file}"));
        assert!(answer.body.starts_with(start), "{file}");
        let disposition = answer.headers["content-disposition"].to_str().unwrap();
        assert_eq!(disposition, format!("attachment; filename=\"{file}\""));
    }
    let long = json(&place, &format!("/projects/{PROJECT}/long-table.json"));
    assert_eq!(long["rows"].as_array().unwrap().len(), rows);
    assert_eq!(json(&place, "/odata/Freigaben")["value"].as_array().unwrap().len(), rows);
    assert_eq!(get(&place, "/odata/Releases/$count").body, rows.to_string().into_bytes());
    let table = csv.lines().nth(1).unwrap();
    let cube = json(&place, &format!("/projects/{PROJECT}/freigaben.jsonstat"));
    let release = &cube["link"]["item"][0]["extension"]["milchglas"]["release"];
    assert!(table.contains(&format!(",{release},")), "{table}");
    let stem = "day-care-hours.2025.age_group";
    let single = place.get(Statistics, "stranger", &format!("/releases/{release}/{stem}.jsonstat"));
    if single.status == 200 {
        let single: Value = serde_json::from_slice(&single.body).unwrap();
        assert_eq!(single, cube["link"]["item"][0]);
    }
}

#[test]
fn what_is_no_file_of_a_project_looks_like_what_is_missing() {
    let place = released();
    let nowhere = place.get(Statistics, "stranger", "/v1/nothing");
    for path in [
        format!("/projects/{PROJECT}/other.csv"),
        format!("/projects/{PROJECT}/"),
        "/projects/county-99999/freigaben.csv".to_owned(),
        "/projects/..%2f/freigaben.csv".to_owned(),
        "/releases/1/day-care-hours.2025.jsonstat".to_owned(),
    ] {
        let answer = place.get(Statistics, "stranger", &path);
        assert_eq!((answer.status, &answer.body), (404, &nowhere.body), "{path}");
    }
    let empty = get(&place, "/projects/county-06440/freigaben.csv").body;
    assert_eq!(String::from_utf8(empty).unwrap().lines().count(), 1, "a header and no row");
}

#[test]
fn the_feed_speaks_of_the_host_that_was_asked() {
    let place = released();
    let base = place.url(Statistics, "");
    let service = json(&place, "/odata/");
    assert_eq!(service["@odata.context"], format!("{base}/odata/$metadata"));
    assert_eq!(service, json(&place, "/odata"));
    let answer = get(&place, "/odata/$metadata");
    assert_eq!(answer.headers["odata-version"], "4.0");
    assert_eq!(answer.headers["content-type"], "application/xml");
    let path = "/odata/Freigaben?$filter=projekt%20ne%20null&$top=1&$count=true&$select=wert,id";
    let one = json(&place, path);
    assert_eq!(one["value"].as_array().unwrap().len(), 1);
    let id = one["value"][0]["id"].as_str().unwrap();
    let entity = json(&place, &format!("/odata/Freigaben('{id}')"));
    assert_eq!(entity["wert"], one["value"][0]["wert"]);
    assert_eq!(entity["projekt"], PROJECT);
    let refused = place.get(Statistics, "stranger", "/odata/Freigaben?$filter=x");
    assert_eq!(refused.status, 400);
    let post = Command::new("curl")
        .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST"])
        .arg(place.url(Statistics, "/odata/Freigaben"))
        .output();
    match post {
        Ok(own) => assert_eq!(String::from_utf8(own.stdout).unwrap(), "405"),
        Err(_) => eprintln!("skipped: curl is missing"),
    }
}

#[test]
fn a_unit_writes_its_releases_by_itself_and_a_reader_by_hand() {
    let mut place = Place::start_with(PLENTY, without_plans);
    let file = place.folder().join("bi.sqlite");
    // There is no such file with an address: it warns, and answers are given all the same.
    place.configure("bi = { sqlite = \"bi.sqlite\", postgres_url_file = \"missing.url\" }");
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let rows = get(&place, "/odata/Freigaben/$count").body;
    let until = Instant::now() + Duration::from_secs(30);
    let count = |file: &std::path::Path| {
        let output =
            Command::new("sqlite3").arg(file).arg("SELECT COUNT(*) FROM freigaben").output();
        output.ok().map(|own| own.stdout.trim_ascii().to_vec())
    };
    loop {
        match count(&file) {
            None => return eprintln!("skipped: sqlite3 is missing"),
            Some(own) if own == rows => break,
            _ => assert!(Instant::now() < until, "the file did not follow the release"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let by_hand = place.folder().join("by-hand.sqlite");
    let written = Command::new(env!("CARGO_BIN_EXE_milchglas"))
        .args(["bi", "write", "--json", "--project", PROJECT, "--url"])
        .arg(place.url(Statistics, ""))
        .arg("--sqlite")
        .arg(&by_hand)
        .output()
        .unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let said: Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!(said[0]["rows"].to_string().into_bytes(), rows);
    assert_eq!(count(&by_hand).unwrap(), rows);
}
