//! `milchglas link` where encodings are odd: repeated, like too many, of another length.

use serde_json::Value;

use crate::link_files::{Place, filters, groups, read};

#[test]
fn what_repeats_is_warned_of_and_set_aside_when_asked() {
    let place = Place::new();
    let mut poisoned = filters(30);
    poisoned.extend(vec![filters(3)[2].clone(); 12]);
    place.clks("a.json", &poisoned);
    place.clks("b.json", &filters(30));
    let link =
        "--input a.json --input b.json --threshold 1 --output x.csv --json x.json --overwrite";
    place.linked(link);
    let report = read(&place.path("x.json"));
    assert!(report["warnings"].to_string().contains("one encoding 13 times"), "{report}");
    let told =
        |source: usize, name: &str| read(&place.path("x.json"))["sources"][source][name].clone();
    assert_eq!((told(0, "repeated"), told(0, "most_equal")), (13.into(), 13.into()));
    assert_eq!((told(0, "set_aside"), told(0, "linked")), (0.into(), 30.into()));
    assert_eq!(groups(&place.text("x.csv")).len(), 30);

    place.linked(&format!("{link} --set-aside"));
    assert_eq!((told(0, "set_aside"), told(0, "linked")), (13.into(), 29.into()));
    let found = groups(&place.text("x.csv"));
    assert!(found.len() == 29 && !found.contains(&vec![(0, 2), (1, 2)]), "{found:?}");
    let warnings = read(&place.path("x.json"))["warnings"].to_string();
    assert!(warnings.contains("13 records were set aside"), "{warnings}");
    // Within the limits nothing is odd.
    place.linked(&format!("{link} --set-aside --most-equal 13"));
    assert_eq!(told(0, "set_aside"), 0);
}

#[test]
fn who_matches_too_many_is_warned_of() {
    let place = Place::new();
    // All bits set: by Dice like everybody who has a third of them.
    let mut poisoned = filters(20);
    poisoned.push(vec![0xff; 16]);
    place.clks("a.json", &poisoned);
    place.clks("b.json", &filters(20));
    let link =
        "--input a.json --input b.json --threshold 0.5 --output x.csv --json x.json --overwrite";
    place.linked(&format!("{link} --most-matches 18"));
    let report = read(&place.path("x.json"));
    assert_eq!(report["sources"][0]["crowded"], 1, "{report}");
    assert!(report["warnings"].to_string().contains("more than 18 candidate partners"));
    place.linked(&format!("{link} --most-matches 18 --set-aside"));
    assert_eq!(read(&place.path("x.json"))["sources"][0]["set_aside"], 1);
}

#[test]
fn another_share_than_expected_is_warned_of() {
    let place = Place::new();
    place.clks("a.json", &filters(20));
    place.clks("b.json", &filters(5));
    let link = "--input a.json --input b.json --threshold 1 --output x.csv --json --overwrite";
    let told = |expected: &str| -> String {
        let text = place.linked(&format!("{link} --expected-linked {expected}"));
        let report: Value = serde_json::from_str(&text).unwrap();
        report["warnings"].to_string()
    };
    assert_eq!(told("0.25-1"), "[]");
    let warnings = told("0.5-1");
    assert!(warnings.contains("source 0: 5 of 20 records are linked (25.0 %)"), "{warnings}");
    assert!(told("0-0.3").contains("source 1: 5 of 5"));
    for wrong in ["1-0.5", "0.5", "0.5-2", "a-b"] {
        place.refused(&format!(
            "--input a.json --input b.json --threshold 1 --output y.csv --expected-linked {wrong}"
        ));
    }
}

#[test]
fn members_of_a_household_are_counted_for_review() {
    let place = Place::new();
    // Two brothers, alike at both departments, and somebody else.
    let person = |last: u8| {
        let mut filter = vec![0x5a_u8; 16];
        filter[15] = last;
        filter
    };
    place.clks("a.json", &[person(0x01), person(0x02), vec![0x83; 16]]);
    place.clks("b.json", &[person(0x01), person(0x02), vec![0x83; 16]]);
    let text =
        place.linked("--input a.json --input b.json --threshold 0.9 --output x.csv --json x.json");
    assert!(text.contains("1 classes of 2 persons who are alike"), "{text}");
    let report = read(&place.path("x.json"));
    assert_eq!(report["groups"], 3);
    assert_eq!(
        report["look_alikes"],
        serde_json::json!({
            "classes": 1, "persons": 2, "records": 4,
            "by_persons": [{ "persons": 2, "classes": 1 }]
        })
    );
    let stages: Vec<&str> = report["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["stage"].as_str().unwrap())
        .collect();
    assert_eq!(stages, ["read", "compare", "check", "solve", "review", "write"]);
}

#[test]
fn a_threshold_finer_than_the_measure_is_refused() {
    let place = Place::new();
    place.clks("a.json", &[vec![1; 1_024], vec![3; 1_024]]);
    let link = "--input a.json --input a.json --output x.csv --threshold";
    let error = place.refused(&format!("{link} 0.812347"));
    assert!(error.contains("finer than filters of 8192 bits"), "{error}");
    place.linked(&format!("{link} 0.81234"));
}
