//! What is read, and what is refused.

use publication::{Amount, Counted, Document, Error, HalfWidth, Kind, Names};
use serde_json::{Value, json};

use crate::sample;

const PAGE: &str = include_str!("../../../../docs/formats/release.md");

fn refused(document: &Value) -> Error {
    Document::read(&serde_json::to_vec(document).unwrap()).err().unwrap()
}

#[test]
fn the_examples_of_the_format_are_read() {
    let blocks = PAGE.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let read: Vec<_> = blocks.map(|example| Document::read(example.as_bytes())).collect();
    let documents: Vec<_> = read.iter().flatten().collect();
    assert_eq!(documents.iter().map(|d| d.kind).collect::<Vec<_>>(), [Kind::Overlap, Kind::Mean]);
    assert_eq!(documents[0].cells[2].datasets, ["kita", "wohngeld"]);
    assert_eq!(read.iter().filter(|r| r.as_ref().err() == Some(&Error::Failure)).count(), 1);
}

#[test]
fn a_document_keeps_what_it_says() {
    let document = sample::read(&sample::mean());
    assert_eq!(document.label, "Mittlere Betreuungszeit in Stunden je Woche");
    assert_eq!((document.rho_nano, document.delta_conv_femto), (49_974_450, 1_000_000_000));
    assert_eq!(document.ledger.sequence, 17);
    let assumed = HalfWidth::Assumed { half_width: Some(0.9), assumed_count: 300, least_count: 70 };
    assert_eq!(document.half_width, assumed);
    assert_eq!(document.cells[0].numbers.unwrap().value, Amount::Decimal(27.306));
    assert!(document.cells[2].numbers.is_none());
}

#[test]
fn a_whole_mean_is_a_mean() {
    let mut document = sample::mean();
    document["cells"][0]["value"] = json!(27);
    let numbers = sample::read(&document).cells[0].numbers.unwrap();
    assert_eq!(numbers.value.german(), "27,00");
}

#[test]
fn a_pooled_dimension_says_what_its_groups_stand_for() {
    let document = sample::read(&sample::pooled());
    assert!(document.is_of_places() && document.is_ranked());
    assert_eq!(document.places(&document.cells[0]), ["06432001", "06432003"]);
    let plain = sample::read(&sample::persons());
    assert_eq!(plain.places(&plain.cells[1]), ["06432002"]);
    let ages = sample::read(&sample::mean());
    assert!(!ages.is_of_places() && ages.places(&ages.cells[0]).is_empty());
    let mut stray = sample::pooled();
    stray["dimensions"] = json!(["municipality"]);
    assert!(matches!(refused(&stray), Error::Broken(_)));
}

#[test]
fn unknown_members_are_ignored() {
    let mut document = sample::persons();
    document["household_losses"] = json!([1, 2]);
    assert_eq!(sample::read(&document).cells.len(), 24);
}

#[test]
fn other_formats_are_refused_clearly() {
    for format in ["milchglas/release/v2", "milchglas/price/v1", ""] {
        let mut document = sample::persons();
        document["format"] = json!(format);
        let error = refused(&document);
        assert_eq!(error, Error::Format);
        assert!(error.to_string().contains("milchglas/release/v1"));
    }
    assert_eq!(refused(&json!({"format": "milchglas/failure/v1", "error": "x"})), Error::Failure);
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    for bytes in [b"".as_slice(), b"[]", b"{", b"kennzahl;jahr\r\n", b"\xff\xfe"] {
        assert!(matches!(Document::read(bytes), Err(Error::Json { .. })));
    }
    for member in ["label", "cells", "ledger", "guarantee", "eps", "separation", "half_width"] {
        let mut document = sample::persons();
        document.as_object_mut().unwrap().remove(member);
        assert!(matches!(refused(&document), Error::Json { .. }), "{member}");
    }
}

#[test]
fn contradictions_are_refused() {
    let cell = |member: &str, value: Value| {
        let mut document = sample::persons();
        document["cells"][3][member] = value;
        document
    };
    let member = |member: &str, value: Value| {
        let mut document = sample::persons();
        document[member] = value;
        document
    };
    let broken = [
        cell("value", json!(158.5)),
        cell("value", json!(200)),
        cell("low", json!(null)),
        cell("withheld", json!(true)),
        cell("keys", json!([])),
        cell("labels", json!(["a", "b"])),
        cell("labels", json!(["a\u{0}b"])),
        cell("labels", json!(["a\u{202e}b"])),
        cell("labels", json!(["x".repeat(201)])),
        cell("datasets", json!(["kita"])),
        cell("high", json!(9_007_199_254_740_993_i64)),
        member("cells", json!([])),
        member("confidence", json!(1.0)),
        member("project", json!("Kreis 06432")),
        member("policy_digest", json!("81B0")),
        member("label", json!("")),
        member("kind", json!("overlap")),
    ];
    for (number, document) in broken.iter().enumerate() {
        assert!(matches!(refused(document), Error::Broken(_)), "case {number}");
    }
}

#[test]
fn an_overlong_document_is_refused_before_it_is_parsed() {
    let bytes = vec![b' '; Document::MAX_BYTES + 1];
    assert_eq!(Document::read(&bytes).err(), Some(Error::TooLarge { most: Document::MAX_BYTES }));
}

#[test]
fn messages_repeat_nothing_of_the_document() {
    let mut document = sample::persons();
    document["cells"][3]["keys"] = json!("Mustermann");
    assert!(!refused(&document).to_string().contains("Mustermann"));
}

#[test]
fn shares_are_read_in_per_cent() {
    let document = sample::read(&sample::share());
    assert_eq!((document.kind, document.counted), (Kind::Share, Counted::Households));
    let numbers = document.cells[0].numbers.unwrap();
    assert_eq!(
        [numbers.value, numbers.low, numbers.high].map(Amount::german),
        ["50,00", "37,50", "75,00"]
    );
    let assumed =
        HalfWidth::Assumed { half_width: Some(25.0), assumed_count: 300, least_count: 90 };
    assert_eq!(document.half_width, assumed);
    let names = Names::default();
    assert_eq!(names.quantity(&document), "Anteil der Haushalte in Prozent");
    assert_eq!(names.unit(&document).unwrap().sign, "%");
}

#[test]
fn every_kind_of_the_format_is_read() {
    let kinds = PAGE.split("### Kinds").nth(1).unwrap().split("###").next().unwrap();
    let rows = kinds.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut known = 0;
    for kind in rows.skip(1) {
        let whole = !["mean", "share", "prior_contact", "quantiles"].contains(&kind);
        let mut document = match kind {
            "overlap" => sample::overlap(),
            "sparse" => sample::sparse(2),
            _ => sample::persons(),
        };
        document["kind"] = json!(kind);
        let read = sample::read(&document);
        assert_eq!(read.kind.is_whole(), whole, "{kind}");
        known += 1;
    }
    assert_eq!(known, 16);
}

#[test]
fn other_kinds_are_drawn_and_written() {
    let names = Names::default();
    for (document, words) in [
        (sample::share(), "Anteil der Haushalte"),
        (sample::entries(), "Personen"),
        (sample::quantiles(), "Wert, den dieser Anteil"),
        (sample::sum(), "Summe"),
    ] {
        let document = sample::read(&document);
        let style = publication::ChartStyle {
            width: 720,
            titled: true,
            names: &names,
            tolerance: publication::Tolerance::HALF,
        };
        let chart = publication::chart(&document, &style).unwrap();
        assert!(chart.contains(words), "{words}");
        let table = String::from_utf8(publication::csv(&document, &names).unwrap()).unwrap();
        assert_eq!(table.lines().count(), document.cells.len() + 1);
    }
    assert_eq!(sample::read(&sample::quantiles()).half_width, HalfWidth::Ranks(9));
    assert_eq!(names.dimension("period"), "Zeitraum");
}
