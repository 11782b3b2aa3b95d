use publication::{Document, Names};
use serde_json::{Value, json};

use super::{Exhibit, ExhibitError, ExhibitSection};

fn file() -> Value {
    json!({
        "format": "milchglas/exhibit/v1",
        "synthetic": true,
        "project": "county-06432",
        "title": "Mia Beispiel, 4 Jahre",
        "offices": [{"name": "Jugendamt", "columns": ["name"], "rows": [["Beispiel"], ["Beispiel"]]}],
        "linkage": {
            "person": "17",
            "deliveries": [
                {"office": "Jugendamt", "subject": "ab", "views": [{"name": "name", "bits": "f0".repeat(128)}]},
                {"office": "Kita", "subject": "cd", "views": [{"name": "name", "bits": "f1".repeat(128)}]}
            ],
            "similarities": [{"first": 0, "second": 1, "view": "name", "per_mille": 875}]
        },
        "statistics": {
            "person": "17",
            "facts": [{"dataset": "Kita", "columns": ["Gemeinde"], "rows": [[{"code": "3", "label": "Dieburg"}]]}]
        },
        "released": [{"indicator": "i", "year": 2025, "keys": ["x"]}, {"indicator": "j", "year": 2025}]
    })
}

fn read(file: &Value) -> Result<Exhibit, ExhibitError> {
    Exhibit::read(&serde_json::to_vec(file).unwrap())
}

#[test]
fn what_is_written_is_read() {
    let exhibit = read(&file()).unwrap();
    let again = Exhibit::read(&exhibit.to_json().unwrap()).unwrap();
    assert_eq!(again.to_json(), exhibit.to_json());
    assert_eq!(format!("{exhibit:?}"), "Exhibit(1 offices)");
}

#[test]
fn nobody_but_a_made_up_person_is_shown() {
    for (member, value) in [("synthetic", json!(false)), ("format", json!("milchglas/exhibit/v2"))]
    {
        let mut file = file();
        file[member] = value;
        assert_eq!(read(&file).err(), Some(ExhibitError::NotSynthetic));
    }
    let mut file = file();
    file.as_object_mut().unwrap().remove("synthetic");
    assert!(matches!(read(&file), Err(ExhibitError::Json { .. })));
}

#[test]
fn what_breaks_the_format_is_refused_without_repeating_it() {
    let broken: [(&str, Value); 9] = [
        ("/offices", json!([])),
        ("/offices/0/rows/0", json!([])),
        ("/offices/0/columns", json!([])),
        ("/title", json!("")),
        ("/linkage/deliveries/0/views/0/bits", json!("Beispiel")),
        ("/linkage/deliveries/0/views/0/bits", json!("f".repeat(1_026))),
        ("/linkage/deliveries/0/views", json!([])),
        ("/linkage/similarities/0/second", json!(2)),
        ("/linkage/similarities/0/per_mille", json!(1_001)),
    ];
    for (place, value) in broken {
        let mut file = file();
        *file.pointer_mut(place).unwrap() = value;
        let refused = read(&file).err().unwrap();
        assert!(matches!(refused, ExhibitError::Broken(_)), "{place}");
        assert!(!refused.to_string().contains("Beispiel"));
    }
    let mut file = file();
    file["name"] = json!("Beispiel");
    let refused = read(&file).err().unwrap();
    assert!(matches!(refused, ExhibitError::Json { .. }) && !refused.to_string().contains("name"));
    let long = vec![b' '; Exhibit::MAX_BYTES + 1];
    assert_eq!(Exhibit::read(&long).err(), Some(ExhibitError::TooLarge));
}

#[test]
fn numbers_come_from_what_was_released_and_missing_cells_are_left_out() {
    let document = json!({
        "format": "milchglas/release/v1", "project": "p", "purpose": "q", "indicator": "i",
        "label": "Kinder", "snapshot": "s-1", "year": 2025, "kind": "persons",
        "dimensions": ["municipality"], "confidence": 0.95, "mechanism": "discrete_gaussian",
        "cells": [{"keys": ["x"], "labels": ["Dieburg"], "datasets": [], "value": 24, "low": 18,
            "high": 30, "withheld": false}],
        "half_width": {"kind": "exact", "half_width": 6}, "rho_nano": 1, "eps": 1.0,
        "delta_conv_femto": 1, "guarantee": {"kind": "cluster", "text": "One person."},
        "policy_digest": "8".repeat(64), "ledger": {"sequence": 1, "head": "c".repeat(64)},
        "separation": "keine"
    });
    let document = Document::read(&serde_json::to_vec(&document).unwrap()).unwrap();
    let exhibit = read(&file()).unwrap();
    let section = ExhibitSection::new(&exhibit, &[&document], &Names::default());
    assert_eq!(section.cells.len(), 1);
    let cell = &section.cells[0];
    assert_eq!((cell.label.as_str(), cell.row.as_str()), ("Kinder, 2025", "Dieburg"));
    assert_eq!(cell.numbers, Some(("24\u{a0}Personen".into(), "18 bis 30".into())));
    assert!(cell.swing.as_ref().is_some_and(|swing| (swing.width, swing.value) == (13, 6)));
    assert_eq!(section.similarities, ["Jugendamt und Kita: 87,5\u{a0}% gleich (Sicht „name“)"]);
    assert_eq!(section.deliveries[1].pictures[0].differing, Some(128));
    assert_eq!((section.offices[0].lines.len(), section.offices[0].further), (1, 1));
}

#[test]
fn the_example_of_the_format_is_read() {
    let page = include_str!("../../../docs/formats/exhibit.md");
    let example = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(Exhibit::read(example.as_bytes()).unwrap().project, "county-06432");
}
