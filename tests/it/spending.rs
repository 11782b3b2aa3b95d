//! The budget as seen from outside: many at once, and who sees whose name.

use std::collections::BTreeMap;
use std::fs;

use milchglas::UnitName::Statistics;
use serde_json::{Value, json};

use crate::place::{Place, expect_only, without_plans};

const PURPOSE: &str = "sozialmonitoring-06432";

/// A hundred questions, none of which answers another, and each as dear as the others.
fn with_a_hundred_questions(cap: u64) -> Place {
    Place::start_with(cap, |policies| {
        without_plans(policies);
        expect_only(&policies.join("schedules/county-06432.toml"), &["kita", "egh"]);
        let path = policies.join(format!("purposes/{PURPOSE}.toml"));
        let mut text = fs::read_to_string(&path).unwrap();
        for number in 0..100 {
            text += &format!(
                "\n[[indicator]]\nid = \"at-once-{number}\"\nlabel = \"Frage {number}\"\n\
                 rho_nano = {}\n[indicator.query]\n\
                 compute = {{ kind = \"persons\", datasets = [\"kita\"] }}\n\
                 group_by = [\"sex\"]\n",
                50_000_000 + number
            );
        }
        fs::write(path, text).unwrap();
    })
}

#[test]
fn of_a_hundred_at_once_exactly_one_is_paid() {
    // One fits, two do not.
    let mut place = with_a_hundred_questions(60_000_000);
    place.ready();
    // A hundred questions are counted within half of the slot, also on a busy machine.
    place.reconfigure("answer_slot_millis = 1500", "answer_slot_millis = 20000");
    let before = place.spent();
    let mut statuses: BTreeMap<(u16, String), u32> = BTreeMap::new();
    std::thread::scope(|scope| {
        let place = &place;
        let ask = |number: u32| {
            let body = json!({"purpose": PURPOSE, "indicator": format!("at-once-{number}"),
                "year": 2025, "fresh": true});
            place.ask_under(&format!("at-once-{number}"), &body)
        };
        let asked: Vec<_> = (0..100).map(|number| scope.spawn(move || ask(number))).collect();
        for answer in asked {
            let answer = answer.join().unwrap();
            *statuses.entry((answer.status, answer.code())).or_default() += 1;
        }
    });
    let expected = [((200, "none".to_owned()), 1), ((409, "budget-exceeded".to_owned()), 99)];
    assert_eq!(statuses, expected.into());
    let spent = place.spent();
    assert!(before == 0 && (49_000_000..=50_000_099).contains(&spent), "{spent}");
    let report = place.get(Statistics, "dpo", "/v1/budget").json();
    assert_eq!(report["charges"], 1);
    let released = place.get(Statistics, "dpo", "/v1/releases").body;
    assert_eq!(released.iter().filter(|byte| **byte == b'\n').count(), 1);
    let log = String::from_utf8(place.get(Statistics, "dpo", "/v1/log").body).unwrap();
    assert_eq!(log.matches("\"kind\":\"refusal\"").count(), 99);
}

#[test]
fn the_officer_sees_who_spent_what_and_an_analyst_only_the_own_part() {
    let place = Place::start(500_000_000);
    place.ready();
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let officer = place.get(Statistics, "dpo", "/v1/budget").json();
    let analyst = place.get(Statistics, "analyst", "/v1/budget").json();
    let spent = place.spent();
    for report in [&officer, &analyst] {
        assert_eq!(report["analysts"], json!([{"analyst": "analyst", "spent": spent}]));
        let group = &report["spending"][0];
        assert_eq!((&group["datasets"], &group["state"]), (&json!(["kita"]), &json!("released")));
        assert_eq!(group["spent"], json!(spent));
        let year = &report["lineages"][0];
        assert_eq!(year["left"], json!(500_000_000 - spent));
        let purposes = report["purposes"].as_array().unwrap();
        let own: &Value = purposes.iter().find(|own| own["purpose"] == PURPOSE).unwrap();
        assert_eq!((&own["horizon"]["years"], &own["horizon"]["to"]), (&json!(10), &json!(2025)));
    }
}

#[test]
fn an_unknown_snapshot_is_refused_before_the_charge() {
    let place = Place::start(500_000_000);
    place.ready();
    let body = json!({"purpose": PURPOSE, "indicator": "day-care-hours", "year": 2025,
        "snapshot": "00112233445566778899aabbccddeeff"});
    let unknown = place.ask_under("unknown", &body);
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "snapshot-unknown"));
    assert_eq!(place.spent(), 0);
}
