//! Documents with totals, a non-negative table and a rule that withholds.

use calamine::{Data, Reader, Xlsx};
use publication::{
    Boundaries, ChartStyle, Document, Error, MapStyle, Names, Tolerance, WorkbookStyle, chart, csv,
    map, workbook,
};
use serde_json::{Value, json};

use crate::sample;

/// Persons per municipality, and the county.
pub(crate) fn with_total() -> Value {
    let mut document = sample::persons();
    let cells = document["cells"].as_array_mut().unwrap();
    let sum: i64 = cells.iter().map(|cell| cell["value"].as_i64().unwrap()).sum();
    for cell in cells.iter_mut() {
        cell["non_negative"] = json!(cell["value"].as_i64().unwrap().max(0));
    }
    cells.push(json!({"keys": ["*"], "labels": ["insgesamt"], "datasets": [], "value": sum,
        "low": sum - 11, "high": sum + 11, "non_negative": sum, "withheld": false}));
    document["margins"] = json!({"dimensions": ["municipality"], "tables": [
            {"totals": [], "cells": 24, "half_width": 6},
            {"totals": ["municipality"], "cells": 1, "half_width": 11}],
        "effects": [{"of": ["municipality"], "variance": 9.0}, {"of": [], "variance": 31.0}]});
    document["noise"] = json!([{"sigma": 3.0}, {"sigma": 6.0}]);
    document
}

fn names() -> Names {
    Names::new([("municipality".to_owned(), "Gemeinde".to_owned())], [])
}

#[test]
fn a_county_is_a_total_and_no_place_among_its_municipalities() {
    let document = sample::read(&with_total());
    let total = |cell: &publication::Cell| cell.is_total;
    assert_eq!(document.cells.iter().filter(|cell| total(cell)).count(), 1);
    assert!(document.ranked().iter().all(|(_, cell)| !cell.is_total));
    let rows = document.rows();
    assert_eq!(rows.len(), 25);
    let (number, last) = rows[24];
    assert!(last.is_total && number.is_none());
    assert_eq!(rows[0].1.labels, ["Weiterstadt"], "the greatest place, not the county");
    let style =
        ChartStyle { width: 720, titled: true, names: &names(), tolerance: Tolerance::HALF };
    let svg = chart(&document, &style).unwrap();
    assert!(!svg.contains("insgesamt") && svg.contains("Summen stehen in der Tabelle"));
    let boundaries = Boundaries::schematic().unwrap();
    let style = MapStyle {
        width: 400,
        names: &names(),
        boundaries: &boundaries,
        tolerance: Tolerance::HALF,
    };
    if let Some(map) = map(&document, &style).unwrap() {
        assert!(!map.svg.contains("insgesamt"));
        assert!(map.notes.iter().all(|note| !note.contains("insgesamt")));
    }
}

#[test]
fn rows_of_other_groupings_keep_their_order_with_totals_after_their_parts() {
    let mut document = sample::mean();
    document["kind"] = json!("persons");
    document["half_width"] = json!({"kind": "exact", "half_width": 4});
    let cell = |key: &str, value: i64| {
        json!({"keys": [key], "labels": [key], "datasets": [], "value": value, "low": value - 4,
            "high": value + 4, "withheld": false})
    };
    document["cells"] = json!([cell("00-02", 5), cell("*", 12), cell("03-05", 7)]);
    document["margins"] = json!({"dimensions": ["age_group"], "tables": [
            {"totals": [], "half_width": 4}, {"totals": ["age_group"], "half_width": 5}],
        "effects": [{"of": ["age_group"], "variance": 9}, {"of": [], "variance": 31}]});
    let document = sample::read(&document);
    let numbers: Vec<Option<usize>> = document.rows().iter().map(|row| row.0).collect();
    assert_eq!(numbers, [Some(1), None, Some(2)]);
}

#[test]
fn tables_to_take_away_mark_totals_and_the_biased_column() {
    let document = sample::read(&with_total());
    let text = String::from_utf8(csv(&document, &names()).unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with("ausgeblendet;\"nicht negativ, ganzzahlig; verzerrt\""));
    assert!(lines[7].contains(";-4;-10;2;") && lines[7].ends_with("nein;0"), "{}", lines[7]);
    assert!(lines[25].contains(";*;insgesamt;"), "{}", lines[25]);
    let style = WorkbookStyle {
        title: "Kreis",
        names: &names(),
        tolerance: Tolerance::HALF,
        calibrations: &[],
        made: 0,
    };
    let bytes = workbook(&[&document], &style).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheets = book.sheet_names();
    let table = book.worksheet_range(&sheets[0]).unwrap();
    let row = |at: usize| -> Vec<String> {
        table.rows().nth(at).unwrap().iter().map(Data::to_string).collect()
    };
    let head = row(3);
    let at = |name: &str| head.iter().position(|own| own == name).unwrap();
    let biased = at("nicht negativ, ganzzahlig; verzerrt");
    let last = row(28);
    assert_eq!((&last[0][..], &last[2][..], &last[at("Hinweis")][..]), ("", "insgesamt", "Summe"));
    assert_eq!(last[biased], last[at("Wert")]);
    let notes = book.worksheet_range("Hinweise").unwrap();
    let all: String = notes.rows().flatten().map(Data::to_string).collect();
    assert!(all.contains("deshalb sind diese Zahlen verzerrt") && all.contains("genau ihre Summe"));
    let method = book.worksheet_range("Methode").unwrap();
    let all: String = method.rows().flatten().map(Data::to_string).collect();
    assert!(all.contains("±\u{a0}11 insgesamt über Gemeinde"), "{all}");
}

#[test]
fn documents_without_these_members_are_shown_as_before() {
    let document = sample::read(&sample::persons());
    assert!(document.margins.is_none() && document.withholding.is_none());
    let text = String::from_utf8(csv(&document, &names()).unwrap()).unwrap();
    assert!(text.lines().next().unwrap().ends_with(";ausgeblendet"));
    assert_eq!(document.rows().len(), document.ranked().len());
    // A key that looks like a total is none without margins.
    let mut odd = sample::persons();
    odd["cells"][0]["keys"] = json!(["*"]);
    assert!(!sample::read(&odd).cells[0].is_total);
}

#[test]
fn a_rule_is_said_where_numbers_are_withheld() {
    let mut document = with_total();
    document["withholding"] = json!({"half_width": 20, "percent": 25});
    let cell = &mut document["cells"][5];
    for member in ["value", "low", "high", "non_negative"] {
        cell[member] = Value::Null;
    }
    cell["withheld"] = json!(true);
    let document = sample::read(&document);
    let words = document.withholding.unwrap().words();
    assert_eq!(
        words,
        "das Intervall ist breiter als ± 20 oder als ± 25\u{a0}% des verrauschten Werts"
    );
    let style =
        ChartStyle { width: 720, titled: true, names: &names(), tolerance: Tolerance::HALF };
    assert!(chart(&document, &style).unwrap().contains("Schraffiert: ausgeblendet"));
    let text = String::from_utf8(csv(&document, &names()).unwrap()).unwrap();
    assert!(text.lines().nth(6).unwrap().ends_with(";;;;Personen;ja;"), "{text}");
}

#[test]
fn margins_that_contradict_themselves_are_refused() {
    for (path, value) in [
        ("/margins/dimensions", json!(["sex"])),
        ("/margins/dimensions", json!([])),
        ("/margins/tables/1/totals", json!([])),
        ("/margins/tables/1/totals", json!(["sex"])),
        ("/margins/effects/0/of", json!([])),
        ("/margins/effects/0/variance", json!(-1.0)),
        ("/margins/effects", json!([])),
        ("/noise/0/sigma", json!(0.0)),
        ("/cells/0/non_negative", json!(-1)),
    ] {
        let mut document = with_total();
        *document.pointer_mut(path).unwrap() = value;
        let read = Document::read(&serde_json::to_vec(&document).unwrap());
        assert!(matches!(read, Err(Error::Broken(_))), "{path}");
    }
}
