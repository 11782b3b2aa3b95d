//! `milchglas link assess`: which threshold, by the program itself.

use serde_json::{Value, json};

use crate::link_files::{Place, filters, read, shared};

#[test]
fn a_threshold_is_recommended_near_the_best_one() {
    let Some(clks) = shared("clkhash/febrl4_clks.json") else { return };
    let (place, clks) = (Place::new(), read(&clks));
    for (name, side) in [("a.json", "clks_a"), ("b.json", "clks_b")] {
        place.write(name, json!({ "clks": clks[side] }).to_string());
    }
    let text = place.linked("assess --input a.json --input b.json --json told.json");
    assert!(text.contains("recommended threshold  0.7"), "{text}");
    assert!(text.contains("precision") && text.contains("recall at most"), "{text}");
    let told = read(&place.path("told.json"));
    assert_eq!(told["format"], "milchglas/assessment/v1");
    let threshold: f64 = told["recommended"].as_str().unwrap().parse().unwrap();
    let plateau: Vec<f64> = told["plateau"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own.as_str().unwrap().parse().unwrap())
        .collect();
    assert!(plateau[0] <= threshold && threshold <= plateau[1], "{told}");
    let matches = told["matches"].as_f64().unwrap();
    let records = told["between"][0]["records"][0].as_f64().unwrap();
    assert!(matches > 0.9 * records && matches < 1.05 * records, "{matches} of {records}");
    assert_eq!(told["sampled"].as_array().unwrap().len(), 1_001);

    // The same threshold, whoever asks again, and on the standard output alone.
    let again: Value =
        serde_json::from_str(&place.linked("assess --input a.json --input b.json --json")).unwrap();
    assert_eq!(again, told);
    // And it links.
    let link = format!("--input a.json --input b.json --threshold {threshold} --output x.csv");
    place.linked(&link);
}

#[test]
fn little_is_said_of_few_records_and_nothing_without_warning() {
    let place = Place::new();
    place.clks("a.json", &filters(20));
    place.clks("b.json", &filters(15));
    let told: Value =
        serde_json::from_str(&place.linked("assess --input a.json --input b.json --json")).unwrap();
    let warnings = told["warnings"].as_array().unwrap();
    assert!(!warnings.is_empty(), "{told}");
    // Within one source, by another measure.
    place.linked("assess --input a.json --deduplicate 0 --measure hamming");
}

#[test]
fn bad_input_is_refused() {
    let place = Place::new();
    place.clks("a.json", &filters(5));
    place.clks("long.json", &[vec![1; 32]]);
    place.clks("none.json", &[]);
    place.write("cut.json", &place.text("a.json")[..60]);
    place.write("told.json", "mine");
    for (arguments, words) in [
        ("assess --input a.json", "--deduplicate 0"),
        ("assess", "--input"),
        ("assess --input a.json --input long.json", "one schema"),
        ("assess --input a.json --input none.json", "no encoding"),
        ("assess --input a.json --input cut.json", "cut.json"),
        ("assess --input a.json --input absent.json", "cannot be read"),
        ("assess --input a.json --deduplicate 3", "3"),
        ("assess --input a.json --input a.json --json told.json", "told.json exists"),
        ("assess --input a.json --input a.json --measure cosine", "cosine"),
        ("assess --input a.json --input a.json --threshold 0.8", "--threshold"),
    ] {
        let error = place.refused(arguments);
        assert!(error.contains(words), "{arguments}: {error}");
    }
    assert_eq!(place.text("told.json"), "mine");
}
