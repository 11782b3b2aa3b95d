//! Estimates of link quality, corrected overlaps, and the counts that both rest on.

use publication::{
    Calibration, ClassCount, Error, NoCorrection, NoEstimate, PairCount, QualityWords, RecordCount,
    Run, correct, link_quality, quality_picture,
};
use serde_json::{Value, json};

use crate::sample;

const SCHEMA: &str = "5f0c8f0a3c0f1a8ad1d5fd4d9b1cf2f0d2f6b7a8c9e0f1a2b3c4d5e6f7a8b9c0";

/// A synthetic county: band 0 has nine wrong of a hundred times `times`, 2 % of pairs are missed.
fn run(seed: u64, times: u64) -> Run {
    let class = |persons: u64, wrong: u64| ClassCount {
        persons,
        right: persons - wrong,
        links: persons,
        right_links: persons - wrong,
    };
    let mut classes = vec![class(5_000, 0), class(100, 9 * times)];
    classes.extend([class(400, times); 7]);
    Run {
        county: "06432".into(),
        residents: 100_000,
        seed,
        dirty_per_mille: 350,
        records: 12_000,
        classes,
        pairs: vec![PairCount { real: 1_000, found: 1_000 - 20 * times }; 3],
        repeated: vec![RecordCount { persons: 3_000, records: 3_010 }; 3],
    }
}

fn calibration() -> Calibration {
    let datasets = ["a", "b", "c"].map(str::to_owned).to_vec();
    let runs = vec![run(1, 1), run(2, 1), run(3, 2), run(4, 0)];
    Calibration::new(("county-2026".into(), SCHEMA.into()), "test".into(), datasets, runs).unwrap()
}

fn bands(counts: [i64; 9]) -> Value {
    let keys = ["single", "0", "1", "2", "3", "4", "5", "6", "7"];
    let cell = |(key, value): (&str, i64)| {
        json!({"keys": [key], "labels": [key], "datasets": [], "value": value,
            "low": value - 10, "high": value + 10, "withheld": false})
    };
    let mut document = sample::persons();
    document["kind"] = json!("link_quality");
    document["dimensions"] = json!(["band"]);
    document["cells"] = keys.into_iter().zip(counts).map(cell).collect();
    document["linkage_schema"] = json!(SCHEMA);
    document
}

fn overlap(counts: [i64; 7]) -> Value {
    let names = ["a", "b", "c"];
    let cell = |(mask, value): (usize, i64)| {
        let datasets: Vec<&str> =
            (0..3).filter(|bit| mask >> bit & 1 == 1).map(|b| names[b]).collect();
        json!({"keys": [], "labels": [], "datasets": datasets, "value": value,
            "low": value - 10, "high": value + 10, "withheld": false})
    };
    let mut document = sample::overlap();
    document["cells"] = (1..).zip(counts).map(cell).collect();
    document
}

const BANDS: [i64; 9] = [6_000, 100, 200, 200, 200, 200, 200, 200, 900];

fn estimate(document: &Value) -> Result<publication::LinkQuality, NoEstimate> {
    link_quality(&sample::read(document), &calibration())
}

#[test]
fn precision_weighs_the_bands_of_the_release() {
    let quality = estimate(&bands(BANDS)).unwrap();
    // Wrong are 9 % of band 0 (36 of 400, and half a one) and a fourth of a per cent of the others.
    let wrong = (100.0 * 36.5 / 401.0 + 2_100.0 * 4.5 / 1_601.0) / 2_200.0;
    assert!((quality.precision.value - (1.0 - wrong)).abs() < 1e-9, "{quality:?}");
    assert!((quality.linked.value - 2_200.0 / 8_200.0).abs() < 1e-9);
    assert!(quality.precision.low < quality.precision.value);
    assert!(quality.precision.high > quality.precision.value && quality.precision.high <= 1.0);
    assert!((quality.recall.value - 0.98).abs() < 1e-9);
    assert_eq!((quality.recall.low, quality.recall.high), (0.96, 1.0));
}

#[test]
fn more_noise_makes_the_interval_wider() {
    let width = |noise: i64| {
        let mut document = bands(BANDS);
        for cell in document["cells"].as_array_mut().unwrap() {
            let value = cell["value"].as_i64().unwrap();
            (cell["low"], cell["high"]) = (json!(value - noise), json!(value + noise));
        }
        let precision = estimate(&document).unwrap().precision;
        precision.high - precision.low
    };
    assert!(width(70) > width(10) && width(10) > 0.0);
}

#[test]
fn links_are_judged_by_the_calibration_of_their_schema_or_not_at_all() {
    let mut other = bands(BANDS);
    other["linkage_schema"] = json!("0".repeat(64));
    assert_eq!(estimate(&other).err(), Some(NoEstimate::OtherSchema));
    other.as_object_mut().unwrap().remove("linkage_schema");
    assert_eq!(estimate(&other).err(), Some(NoEstimate::NoSchema));
    assert_eq!(estimate(&sample::persons()).err(), Some(NoEstimate::Kind));
    let mut grouped = bands(BANDS);
    grouped["dimensions"] = json!(["sex", "band"]);
    for cell in grouped["cells"].as_array_mut().unwrap() {
        let band = cell["keys"][0].clone();
        (cell["keys"], cell["labels"]) = (json!(["f", band]), json!(["f", band]));
    }
    assert_eq!(estimate(&grouped).err(), Some(NoEstimate::Grouped));
    let few = bands([6_000, 3, -4, 5, 8, 0, 9, 12, 20]);
    assert_eq!(estimate(&few).err(), Some(NoEstimate::TooFew));
    let negative = bands([6_000, -500, -4, 5, 8, 0, 9, 12, 20]);
    assert_eq!(estimate(&negative).err(), Some(NoEstimate::TooFew));
}

#[test]
fn the_estimate_is_said_and_drawn() {
    let (quality, calibration) = (estimate(&bands(BANDS)).unwrap(), calibration());
    let words = QualityWords::new(&quality, &calibration);
    assert!(words.precision.contains("von 1.000") && words.precision.contains("Bereich"));
    assert!(words.recall.contains("980") && words.recall.contains("erfundenen"));
    assert!(words.basis.contains("4 erfundenen Kreisen") && words.basis.contains("35\u{a0}%"));
    for width in [280, 480, 1_600] {
        let svg = quality_picture(&quality, width).unwrap();
        let tree = roxmltree::Document::parse(&svg).unwrap();
        assert_eq!(tree.root_element().attribute("role"), Some("img"));
        assert!(svg.contains("<desc>Von 1.000") && svg.contains("mg-whisker"));
        assert_eq!(svg, quality_picture(&quality, width).unwrap());
    }
    assert!(matches!(quality_picture(&quality, 200), Err(Error::Width { .. })));
}

fn corrected(overlap: &Value, bands: &Value) -> Result<publication::Correction, NoCorrection> {
    correct(&sample::read(overlap), &sample::read(bands), &calibration())
}

#[test]
fn a_corrected_overlap_has_more_in_common_and_a_wider_interval() {
    let released = [3_000, 2_000, 400, 1_000, 300, 200, 100];
    let correction = corrected(&overlap(released), &bands(BANDS)).unwrap();
    assert_eq!(correction.cells.len(), 7);
    for (at, (cell, released)) in correction.cells.iter().zip(released).enumerate() {
        assert!(cell.low < cell.value && cell.value < cell.high);
        assert!(cell.high - cell.low > 20.0, "wider than noise alone: {cell:?}");
        let released = released as f64;
        let is_single = [0, 1, 3].contains(&at);
        assert_eq!(cell.value < released, is_single, "{at}: {cell:?}");
    }
    // Records of services stay: links only group them.
    let records = |values: &[f64]| -> f64 {
        (1_u32..).zip(values).map(|(mask, own)| f64::from(mask.count_ones()) * own).sum()
    };
    let values: Vec<f64> = correction.cells.iter().map(|own| own.value).collect();
    let before = records(&released.map(|own| own as f64));
    assert!((records(&values) - before).abs() < 1e-6);
}

#[test]
fn what_cannot_be_corrected_is_refused_with_a_reason() {
    let good = overlap([3_000, 2_000, 400, 1_000, 300, 200, 100]);
    let why = |overlap: &Value, bands: &Value| corrected(overlap, bands).err().unwrap();
    assert_eq!(why(&sample::persons(), &bands(BANDS)), NoCorrection::Kind);
    for member in ["snapshot", "project"] {
        let mut other = bands(BANDS);
        other[member] = json!("other");
        assert_eq!(why(&good, &other), NoCorrection::Snapshot);
    }
    let mut other = bands(BANDS);
    other["year"] = json!(2024);
    assert_eq!(why(&good, &other), NoCorrection::Snapshot);
    assert_eq!(why(&good, &sample::persons()), NoCorrection::Quality(NoEstimate::Kind));
    let mut short = good.clone();
    short["cells"].as_array_mut().unwrap().pop();
    assert_eq!(why(&short, &bands(BANDS)), NoCorrection::Cells);
    let mut mixed = good.clone();
    mixed["cells"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(why(&mixed, &bands(BANDS)), NoCorrection::Cells);
    let unseen = why(&sample::overlap(), &bands(BANDS));
    assert!(matches!(&unseen, NoCorrection::Unseen { least: 100, .. }), "{unseen}");
}

/// Sets one member of a valid calibration to something else and reads it.
fn broken(path: &str, value: Value) -> String {
    let mut wrong = serde_json::to_value(calibration()).unwrap();
    *wrong.pointer_mut(path).unwrap() = value;
    match Calibration::read(&serde_json::to_vec(&wrong).unwrap()) {
        Err(Error::Calibration(why)) => why,
        other => unreachable!("{path}: {other:?}"),
    }
}

#[test]
fn a_calibration_is_read_as_it_was_written() {
    let own = calibration();
    let bytes = serde_json::to_vec(&own).unwrap();
    assert!(Calibration::read(&bytes).unwrap() == own);
    assert_eq!(own.pair("a", "b"), Some(0));
    assert_eq!(own.pair("c", "a"), Some(1));
    assert_eq!(own.pair("b", "c"), Some(2));
    assert_eq!((own.pair("a", "a"), own.pair("a", "d")), (None, None));
}

#[test]
fn a_calibration_that_contradicts_itself_is_refused() {
    for (path, value, word) in [
        ("/format", json!("milchglas/calibration/2"), "milchglas/calibration/1"),
        ("/linkage_schema", json!("ABC"), "64"),
        ("/schema", json!(""), "1 to 80"),
        ("/datasets", json!(["b", "a", "c"]), "ascending"),
        ("/datasets", json!(["a"]), "2 to 16"),
        ("/datasets", json!(["a", "b"]), "run 1"),
        ("/runs", json!([]), "3 to 500"),
        ("/runs/0/classes", json!([[1, 1, 0, 0]]), "nine"),
        ("/runs/1/classes/3/1", json!(99_999), "run 2: a part is greater"),
        ("/runs/0/pairs/0", json!([10, 11]), "greater"),
        ("/runs/0/pairs/0", json!([-1, 0]), "u64"),
        ("/runs/0/repeated/0", json!([10, 9]), "greater"),
        ("/runs/0/records", json!(1_u64 << 50), "beyond"),
        ("/runs/0/dirty_per_mille", json!(1_001), "1000"),
        ("/runs/0/pairs", json!([[1, 1]]), "per pair"),
    ] {
        let why = broken(path, value);
        assert!(why.contains(word), "{path}: {why}");
    }
    assert!(Calibration::read(b"{").is_err());
    assert!(Calibration::read(&vec![b' '; Calibration::MAX_BYTES + 1]).is_err());
}

/// The calibration that ships is one, and of the schema that ships.
#[test]
fn the_shipped_calibration_is_read() {
    let bytes = include_bytes!("../../../../policies/calibration/county-2026.json");
    let shipped = Calibration::read(bytes).unwrap();
    assert_eq!(shipped.schema(), "county-2026");
    assert!(shipped.runs().len() >= 6, "several counties");
}
