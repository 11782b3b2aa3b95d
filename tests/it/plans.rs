//! A release plan through the running unit: nobody asks, and the tables are there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use milchglas::UnitName::Statistics;
use policy::{Digest, Name};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use submission::{
    BatchStatement, Link, LinkMap, PersonId, SealedLinkMap, SignedMapRequest, SnapshotId,
    SnapshotStatement,
};

use crate::place::{EPOCH, HandMade, PROJECT, Place};

const SCHEDULE: &str = r#"
version = 1
project = "county-06432"
approvals = ["a", "b"]
expected = [{ department = "kita", dataset = "kita" }]
period = [{ id = "2025-q4", epoch = "2026", last_month = "2025-12" }]
"#;
const PLAN: &str = r#"
id = "plan-2026-06432"
version = 1
purpose = "sozialmonitoring-06432"
approvals = ["a", "b"]
run = [{ period = "2025-q4", event_year = 2025, rho_nano = 90_000_000 }]
release = [{ indicator = "day-care-hours", share_per_mille = 1000 }]
"#;

fn start() -> Place {
    Place::start_with(120_000_000, |policies: &Path| {
        fs::write(policies.join("schedules/county-06432.toml"), SCHEDULE).unwrap();
        for other in ["zwischenstand", "rueckblick-1", "rueckblick-2"] {
            let file = format!("purposes/plan-2026-06432-{other}.toml");
            fs::remove_file(policies.join(file)).unwrap();
        }
        fs::write(policies.join("purposes/plan-2026-06432.toml"), PLAN).unwrap();
    })
}

/// Hands over what the linkage unit would seal after linking `batch` by rule.
fn accept(place: &Place, batch: &HandMade) {
    let random = SystemRandom::new();
    let link = |subject: &submission::SubjectId| Link {
        subject: *subject,
        person: PersonId::random(&random).unwrap(),
        band: 7,
    };
    let map = LinkMap::new(batch.subjects.iter().map(link).collect()).unwrap().to_bytes();
    let manifest = &batch.manifests[1];
    let statement = SnapshotStatement {
        format: SnapshotStatement::FORMAT.into(),
        snapshot: SnapshotId::random(&random).unwrap(),
        project: Name::new(PROJECT).unwrap(),
        epoch: Name::new(EPOCH).unwrap(),
        schema: Digest::of(b"schema"),
        batches: vec![BatchStatement {
            batch: manifest.batch,
            department: manifest.department.clone(),
            dataset: manifest.dataset.clone(),
            subjects_digest: manifest.subjects_digest,
        }],
        link_map: Digest::of(&map),
        subjects: manifest.subjects,
        period: Some(Name::new("2025-q4").unwrap()),
    };
    let path = format!("/v1/link-maps/{}/request", statement.snapshot);
    let asked = place.post(Statistics, "operator", &path, &json!({}));
    let asked: SignedMapRequest = serde_json::from_slice(&asked.body).unwrap();
    let (own, peer) = (place.key_of("linkage"), place.key_of("statistics").public());
    let sealed = SealedLinkMap::seal(statement, &map, &asked, &peer, &own, &random).unwrap();
    let accepted = place.post(Statistics, "operator", "/v1/link-maps", &json!(sealed));
    assert_eq!(accepted.status, 201, "{}", accepted.json());
}

fn run(place: &Place) -> Value {
    let plans = place.get(Statistics, "dpo", "/v1/plans").json();
    assert_eq!(plans["project"], PROJECT);
    plans["plans"][0]["runs"][0].clone()
}

#[test]
fn an_accepted_map_is_enough_for_the_tables_of_a_plan() {
    let mut place = start();
    let waiting = run(&place);
    assert_eq!(waiting["state"], "waiting-for-period");
    assert_eq!(waiting["tables"][0]["indicator"], "day-care-hours");
    let budget = place.get(Statistics, "analyst", "/v1/budget").json();
    let kept = json!([{"year": 2025, "spent": 0, "reserved": 90_000_000, "cap": 120_000_000,
        "left": 30_000_000}]);
    assert_eq!(budget["lineages"], kept);

    let batch = place.batch(40, 16);
    assert_eq!(place.submit(Statistics, &batch).status, 200);
    accept(&place, &batch);
    let mut released = run(&place);
    for _ in 0..500 {
        if released["state"] == "released" {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
        released = run(&place);
    }
    assert_eq!(released["state"], "released", "{released}");

    let lines = place.get(Statistics, "analyst", "/v1/releases?period=2025-q4").body;
    let lines = String::from_utf8(lines).unwrap();
    let [line] = lines.lines().collect::<Vec<_>>()[..] else { panic!("one table: {lines}") };
    let document: Value = serde_json::from_str(line).unwrap();
    assert_eq!(document["plan"]["id"], "plan-2026-06432");
    assert_eq!(document["ledger"]["sequence"], released["charge"]["sequence"]);
    // What it released is the answer of its question, and what is left is what others may ask.
    let given = place.ask("day-care-hours", 2025);
    assert_eq!((given.stored.as_deref(), given.body.as_slice()), (Some("true"), line.as_bytes()));
    let spent = place.spent();
    assert!((89_000_000..=90_000_000).contains(&spent), "{spent}");
    assert_eq!(place.ask("housing-cost", 2025).status, 422, "not delivered");

    place.restart(Statistics);
    assert_eq!(run(&place)["state"], "released");
    assert_eq!(place.spent(), spent);
}

#[test]
fn what_a_plan_needs_is_not_for_asking() {
    let place = start();
    place.ready();
    assert_eq!(run(&place)["state"], "waiting-for-period", "linked by hand");
    let refused = place.ask("day-care-hours", 2025);
    assert_eq!((refused.status, refused.code().as_str()), (409, "budget-exceeded"));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("90000000 is kept for release plans"), "{detail}");
    assert_eq!(place.spent(), 0);
}

#[test]
fn releases_are_chosen_by_words_that_exist() {
    let place = start();
    let ask = |query: &str| place.get(Statistics, "analyst", &format!("/v1/releases{query}"));
    for good in ["", "?indicator=overlap", "?year=2025&period=2025-q4"] {
        assert_eq!(ask(good).status, 200, "{good}");
    }
    for bad in ["?quarter=4", "?year=last", "?indicator=Kinder", "?year=2025&year=2024"] {
        let refused = ask(bad);
        assert_eq!((refused.status, refused.code().as_str()), (400, "malformed-request"), "{bad}");
    }
}
