//! A restored backup hands back no budget: each unit's log is witnessed by the other.

use std::process::{Command, Output};

use audit::{Anchor, CountersignedHead, RestoreRequest, UnitKind};
use milchglas::UnitName::{self, Linkage, Statistics};
use policy::{Digest, Name};
use serde_json::{Value, json};
use store::Head;
use submission::{Document, Signed, SigningKey, SpentLine, WitnessMessage, WitnessStatement};

use crate::place::{Answer, PROJECT, Place};

const PLENTY: u64 = 500_000_000;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Two units that witness each other, with one accepted snapshot.
fn county(cap: u64) -> (Place, SigningKey, SigningKey) {
    let place = Place::start(cap);
    place.ready();
    place.with_witnesses()
}

/// The same indicator by another grouping: another question about the same year.
fn by(place: &Place, group_by: &[&str]) -> Answer {
    let body = json!({
        "purpose": "sozialmonitoring-06432", "indicator": "day-care-hours", "year": 2025,
        "group_by": group_by,
    });
    place.post(Statistics, "analyst", "/v1/queries", &body)
}

fn status(place: &Place, unit: UnitName) -> Value {
    place.get(unit, "dpo", "/v1/audit").json()
}

fn head(place: &Place, unit: UnitName) -> Head {
    status(place, unit)["head"].as_str().unwrap().parse().unwrap()
}

/// Waits until the log is witnessed up to an entry.
fn until_witnessed(place: &Place, unit: UnitName, sequence: u64) {
    for _ in 0..1_500 {
        let own = status(place, unit);
        let witnessed = own["witnessed"]["head"].as_str().map(|own| own.parse::<Head>().unwrap());
        if witnessed.is_some_and(|own| own.sequence >= sequence) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("not witnessed: {}", status(place, unit));
}

fn released(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

/// The refusal of a start says in both languages what is wrong and what to do.
fn refused(place: &mut Place, unit: UnitName) -> String {
    let why = place.begin(unit).unwrap_err();
    assert!(why.contains("audit restore request") && why.contains("zu zweit"), "{why}");
    why
}

#[test]
fn a_charge_is_witnessed_before_its_answer_leaves_and_every_release_prints_its_entry() {
    let (place, _, _) = county(PLENTY);
    let release = released(&place.ask("day-care-hours", 2025));
    let (sequence, entry) = (&release["ledger"]["sequence"], &release["ledger"]["head"]);
    // Without waiting: the receipt was there before the answer was.
    let own = status(&place, Statistics);
    let witnessed: Head = own["witnessed"]["head"].as_str().unwrap().parse().unwrap();
    assert!(witnessed.sequence >= sequence.as_u64().unwrap(), "{own}");
    assert_eq!(own["unwitnessed"], json!([]));
    let separation = release["separation"].as_str().unwrap();
    assert!(separation.contains("bestätigt die andere Stelle"), "{separation}");

    // What the release prints is the entry of its charge in the exported log.
    let log = String::from_utf8(place.get(Statistics, "dpo", "/v1/log").body).unwrap();
    let line = log.lines().find(|line| line.contains(entry.as_str().unwrap())).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["hash"], &line["entry"]["sequence"]), (entry, sequence));
    assert_eq!(line["entry"]["kind"], "charge.committed");
    let others = String::from_utf8(place.get(Linkage, "dpo", "/v1/log").body).unwrap();
    assert!(others.contains("\"kind\":\"witness.held\""));
    for text in [&log, &others] {
        assert!(audit::verify(text.lines().map(str::as_bytes), None, Vec::new()).is_ok());
    }
}

#[test]
fn a_database_that_was_put_back_does_not_start_whatever_anchor_is_shown() {
    let (mut place, _, _) = county(PLENTY);
    released(&place.ask("day-care-hours", 2025));
    place.stop(Statistics);
    place.back_up("statistics", "old.sqlite");
    place.begin(Statistics).unwrap();
    let before = head(&place, Statistics);
    released(&by(&place, &["municipality"]));
    let (after, spent) = (head(&place, Statistics), place.spent());

    place.stop(Statistics);
    place.back_up("statistics", "new.sqlite");
    place.put_back("statistics", "old.sqlite");
    let why = refused(&mut place, Statistics);
    assert!(why.contains("die andere Stelle"), "{why}");

    // An anchor from before the copy fits the copy, and helps nobody.
    let anchor = |head| {
        let installation = "test".parse().unwrap();
        Anchor::new(UnitKind::Statistics, installation, "2026".into(), 0, head, 1)
            .to_json()
            .unwrap()
    };
    place.write("anchor.json", anchor(before).as_bytes());
    let config = std::fs::read_to_string(place.folder().join("statistics.toml")).unwrap();
    place.write("statistics.toml", format!("anchor = \"anchor.json\"\n{config}").as_bytes());
    assert!(refused(&mut place, Statistics).contains("die andere Stelle"));
    // One from after it shows the copy to be old without anybody else's word.
    place.write("anchor.json", anchor(after).as_bytes());
    assert!(refused(&mut place, Statistics).contains("anchor.json"));
    place.write("anchor.json", b"{}");
    assert!(place.begin(Statistics).unwrap_err().contains("anchor"));
    place.write("anchor.json", anchor(after).as_bytes());
    place.put_back("statistics", "new.sqlite");
    place.begin(Statistics).unwrap();
    assert_eq!(place.spent(), spent);
}

#[test]
fn totals_that_were_set_back_are_noticed_although_the_log_was_left_alone() {
    let (mut place, _, _) = county(PLENTY);
    released(&place.ask("day-care-hours", 2025));
    let (last, key) = (head(&place, Statistics), place.key_of("statistics"));
    place.stop(Statistics);
    // As if this had been stated before somebody made the amounts in the database smaller.
    let line = SpentLine { project: name(PROJECT), year: 2025, rho: PLENTY, delta: 0 };
    let statement = WitnessStatement {
        format: WitnessStatement::FORMAT.into(),
        installation: "test".into(),
        unit: name("statistics"),
        generation: 0,
        sequence: last.sequence,
        head: Digest::from_bytes(last.hash),
        spent: vec![line],
        at: 1,
    };
    let statement = Signed::sign(statement, &key).unwrap();
    let message = json!(WitnessMessage { statement, ceremony: None });
    let held = place.post(Linkage, "nobody", "/v1/witness", &message);
    assert_eq!(held.status, 200, "{}", held.json());
    let why = refused(&mut place, Statistics);
    assert!(why.contains("weiß von weniger"), "{why}");
}

#[test]
fn without_the_witness_a_tranche_is_spent_and_no_more() {
    // One table costs exactly the tranche: five per cent of the cap.
    let (mut place, _, _) = county(1_000_000_000);
    released(&place.ask("day-care-hours", 2025));
    let spent = place.spent();
    place.stop(Linkage);
    // The witness was heard of a moment ago; after that time it is asked before something is paid.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let within = by(&place, &["municipality"]);
    let small = released(&within);
    let now = place.spent();
    assert!(now > spent && now - spent <= 50_000_000, "{now}");
    let own = status(&place, Statistics);
    assert_eq!(own["unwitnessed"][0]["rho"].as_u64(), Some(now - spent), "{own}");

    let beyond = by(&place, &[]);
    assert_eq!((beyond.status, beyond.code().as_str()), (503, "witness-away"));
    assert!(beyond.json()["detail"].as_str().unwrap().contains("nothing was charged"));
    assert_eq!(place.spent(), now, "nothing was charged");

    place.begin(Linkage).unwrap();
    until_witnessed(&place, Statistics, small["ledger"]["sequence"].as_u64().unwrap());
    assert_eq!(status(&place, Statistics)["unwitnessed"], json!([]));
    released(&by(&place, &[]));
}

#[test]
fn a_start_without_the_witness_charges_nothing_and_still_gives_what_was_released() {
    let (mut place, _, _) = county(1_000_000_000);
    let body =
        json!({"purpose": "sozialmonitoring-06432", "indicator": "day-care-hours", "year": 2025});
    let first = place.ask_under("first", &body);
    released(&first);
    let spent = place.spent();
    place.stop(Statistics);
    place.stop(Linkage);
    place.begin(Statistics).unwrap();
    assert_eq!(place.ask_under("first", &body).body, first.body);
    assert_eq!(place.ask("day-care-hours", 2025).body, first.body);
    let fresh = by(&place, &["municipality"]);
    assert_eq!((fresh.status, fresh.code().as_str()), (503, "witness-away"));
    assert_eq!(place.spent(), spent);
    place.begin(Linkage).unwrap();
    // It is tried every two seconds, and whenever somebody asks.
    for _ in 0..20 {
        let asked = by(&place, &["municipality"]);
        if asked.status == 200 {
            return;
        }
        assert_eq!(asked.code(), "witness-away");
    }
    panic!("the witness is back and nothing is charged");
}

#[test]
fn the_linkage_unit_is_witnessed_too() {
    let (mut place, _, _) = county(PLENTY);
    until_witnessed(&place, Linkage, 1);
    place.stop(Linkage);
    place.back_up("linkage", "old.sqlite");
    place.begin(Linkage).unwrap();
    place.link();
    let sequence = head(&place, Linkage).sequence;
    until_witnessed(&place, Linkage, sequence);
    place.stop(Linkage);
    place.put_back("linkage", "old.sqlite");
    refused(&mut place, Linkage);
}

#[test]
fn what_was_countersigned_after_the_copy_is_enough_to_notice_it() {
    // Nobody witnesses; the officer countersigned after something was spent.
    let place = Place::start(PLENTY);
    place.ready();
    let (mut place, _, dora) = place.with_witnesses();
    place.stop(Statistics);
    let config = std::fs::read_to_string(place.folder().join("statistics.toml")).unwrap();
    let (witness, alone) = config.split_once('\n').unwrap();
    place.write("statistics.toml", alone.as_bytes());
    place.back_up("statistics", "old.sqlite");
    place.begin(Statistics).unwrap();
    let release = released(&place.ask("day-care-hours", 2025));
    let separation = release["separation"].as_str().unwrap();
    assert!(separation.contains("keine andere Stelle"), "{separation}");
    let signed = countersigned(&place, &dora, "dora");
    let stored = place.call(Linkage, "dpo", "POST", "/v1/countersignatures", signed.as_bytes());
    assert_eq!(stored.status, 201, "{}", stored.json());

    place.stop(Statistics);
    place.put_back("statistics", "old.sqlite");
    place.write("statistics.toml", format!("{witness}\n{alone}").as_bytes());
    let why = refused(&mut place, Statistics);
    assert!(why.contains("Gegenzeichnung"), "{why}");
}

fn countersigned(place: &Place, key: &SigningKey, name: &str) -> String {
    let log = place.get(Statistics, "dpo", "/v1/log").body;
    let lines = String::from_utf8(log).unwrap();
    let report = audit::verify(lines.lines().map(str::as_bytes), None, Vec::new()).unwrap();
    let head = CountersignedHead::new(
        report.unit,
        report.installation,
        0,
        report.head,
        name.into(),
        i64::from(u32::MAX),
    );
    head.sign(key.key_pair()).unwrap().to_json().unwrap()
}

#[test]
fn a_countersignature_counts_where_it_is_the_officers_and_of_this_log() {
    let (place, otto, dora) = county(PLENTY);
    let lay_down = |document: &str| {
        place.call(Statistics, "dpo", "POST", "/v1/countersignatures", document.as_bytes())
    };
    let good = countersigned(&place, &dora, "dora");
    for (bad, code) in [
        (countersigned(&place, &otto, "dora"), "signature-invalid"),
        (countersigned(&place, &otto, "otto"), "signature-invalid"),
        (good.replacen("\"dora\"", "\"nora\"", 1), "signature-invalid"),
        ("{}".into(), "malformed-request"),
        ("{\"short\": \"1 AAAA\"}".into(), "malformed-request"),
        ("{\"short\": \"1 AAAA-AAAA-AAAA-AAAA\"}".into(), "log-behind"),
    ] {
        assert_eq!(lay_down(&bad).code(), code, "{bad}");
    }
    let other = Head { sequence: 1, hash: [7; 32] };
    let about = (UnitKind::Statistics, "test".parse().unwrap());
    let other = CountersignedHead::new(about.0, about.1, 0, other, "dora".into(), 1);
    let other = other.sign(dora.key_pair()).unwrap().to_json().unwrap();
    assert_eq!(lay_down(&other).code(), "log-behind");

    let own = status(&place, Statistics);
    assert_eq!(own["countersigned"], Value::Null);
    assert_eq!(lay_down(&good).status, 201);
    assert_eq!(status(&place, Statistics)["countersigned"]["officer"], "dora");
    // From paper: number and sixteen letters.
    let short = status(&place, Statistics)["short"].as_str().unwrap().to_lowercase();
    let typed = lay_down(&json!({ "short": short }).to_string());
    assert_eq!(typed.status, 201, "{}", typed.json());
    assert_eq!(status(&place, Statistics)["countersigned"]["officer"], "dpo");
}

fn milchglas(place: &Place, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_milchglas");
    Command::new(program).args(arguments).current_dir(place.folder()).output().unwrap()
}

fn says(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn two_people_restore_and_what_was_lost_is_burnt() {
    let (mut place, _, dora) = county(PLENTY);
    released(&place.ask("day-care-hours", 2025));
    place.stop(Statistics);
    place.back_up("statistics", "old.sqlite");
    place.begin(Statistics).unwrap();
    let good = milchglas(
        &place,
        &["audit", "restore", "request", "--config", "statistics.toml", "--output", "none.json"],
    );
    assert!(!good.status.success(), "a database that lost nothing is not restored");
    released(&by(&place, &["municipality"]));
    let spent = place.spent();
    place.stop(Statistics);
    place.put_back("statistics", "old.sqlite");
    refused(&mut place, Statistics);

    let step = |arguments: &[&str], well: bool| {
        let done = milchglas(&place, arguments);
        assert_eq!(done.status.success(), well, "{arguments:?}: {}", says(&done));
        says(&done)
    };
    let request = ["audit", "restore", "request", "--config", "statistics.toml", "--output"];
    let whole = [&request[..], &["request.json", "--witness-was-never-away"]].concat();
    assert!(step(&whole, true).contains("burn        county-06432 2025"));
    step(&whole, false);
    let approve =
        ["audit", "restore", "approve", "request.json", "--name", "otto", "--key", "otto.key"];
    step(&[&approve[..], &["--output", "otto.json"]].concat(), true);
    let approval = |name: &str| {
        let text = std::fs::read_to_string(place.folder().join("request.json")).unwrap();
        let request = RestoreRequest::from_json(text.trim()).unwrap();
        request.approve(name.into(), 2, dora.key_pair()).unwrap().to_json().unwrap()
    };
    place.write("dora.json", approval("dora").as_bytes());
    let apply = ["audit", "restore", "apply", "request.json", "--config", "statistics.toml"];
    let with = |approvals: &[&'static str]| {
        let own = approvals.iter().flat_map(|own| ["--approval", own]);
        apply.iter().copied().chain(own).collect::<Vec<_>>()
    };
    assert!(step(&with(&["otto.json"]), false).contains("two valid approvals"));
    assert!(step(&with(&["dora.json"]), false).contains("two valid approvals"));
    step(&with(&["otto.json", "otto.json"]), false);
    assert!(step(&with(&["otto.json", "dora.json"]), true).contains("generation 1"));

    place.begin(Statistics).unwrap();
    assert_eq!(place.spent(), spent, "exactly what was spent and lost");
    let budget = place.get(Statistics, "dpo", "/v1/budget").json();
    assert!(budget["lineages"][0]["burnt"].as_u64().unwrap() > 0, "{budget}");
    let log = String::from_utf8(place.get(Statistics, "dpo", "/v1/log").body).unwrap();
    assert!(audit::verify(log.lines().map(str::as_bytes), None, Vec::new()).is_ok());
    let entry = log.lines().find(|line| line.contains("\"kind\":\"restore.burnt\"")).unwrap();
    assert!(entry.contains("\"approved_by\":[\"dora\",\"otto\"]"), "{entry}");
    let again = released(&by(&place, &["municipality"]));
    until_witnessed(&place, Statistics, again["ledger"]["sequence"].as_u64().unwrap());
    assert_eq!(status(&place, Statistics)["generation"], 1);

    // The same backup and the same papers a second time.
    place.stop(Statistics);
    place.put_back("statistics", "old.sqlite");
    refused(&mut place, Statistics);
    let again = milchglas(&place, &with(&["otto.json", "dora.json"]));
    assert!(!again.status.success() && says(&again).contains("make a new one"), "{}", says(&again));
}

#[test]
fn what_may_have_been_spent_without_the_witness_is_burnt_unless_two_say_it_was_not() {
    let (mut place, _, _) = county(PLENTY);
    place.stop(Statistics);
    place.back_up("statistics", "old.sqlite");
    place.begin(Statistics).unwrap();
    released(&place.ask("day-care-hours", 2025));
    let spent = place.spent();
    place.stop(Statistics);
    place.put_back("statistics", "old.sqlite");
    let request =
        ["audit", "restore", "request", "--config", "statistics.toml", "--output", "r.json"];
    let done = milchglas(&place, &request);
    assert!(done.status.success(), "{}", says(&done));
    let text = std::fs::read_to_string(place.folder().join("r.json")).unwrap();
    let request = RestoreRequest::from_json(text.trim()).unwrap();
    let of = |year| {
        let own = |line: &&audit::BurnLine| line.project == "county-06432" && line.year == year;
        request.burn.iter().find(own).map_or(0, |line| line.rho)
    };
    // The other years that may have been asked are burnt by the tranche alone. The other county's
    // purposes have caps of their own.
    assert_eq!(of(2025), spent + PLENTY / 20);
    assert_eq!(of(2024), 0);
}
