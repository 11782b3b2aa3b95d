//! Keys above a threshold, and sums over subjects.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use publication::{
    Amount, ChartStyle, Counted, Document, Error, HalfWidth, Kind, Names, Tolerance, WorkbookStyle,
    chart, csv, workbook,
};
use serde_json::{Value, json};

use crate::sample;

fn text(document: &Value) -> String {
    String::from_utf8(csv(&sample::read(document), &Names::default()).unwrap()).unwrap()
}

fn book(document: &Value) -> Xlsx<Cursor<Vec<u8>>> {
    let names = Names::default();
    let style = WorkbookStyle {
        title: "Kreis",
        names: &names,
        tolerance: Tolerance::HALF,
        calibrations: &[],
        made: 0,
    };
    Xlsx::new(Cursor::new(workbook(&[&sample::read(document)], &style).unwrap())).unwrap()
}

#[test]
fn a_key_above_its_threshold_has_a_value_and_a_lower_end() {
    let document = sample::read(&sample::sparse(2));
    assert_eq!(document.half_width, HalfWidth::Threshold { lower_width: 9, threshold: 34 });
    assert_eq!((document.delta_femto, document.withheld()), (977_000, 0));
    let cell = &document.cells[0];
    let shown = cell.at_least.unwrap();
    assert_eq!((shown.value, shown.low), (Amount::Whole(1_204), Amount::Whole(1_195)));
    assert!(cell.numbers.is_none() && document.is_thresholded());
    assert!(sample::read(&sample::persons()).cells.iter().all(|cell| cell.at_least.is_none()));
}

#[test]
fn no_key_above_the_threshold_is_a_document_too() {
    assert_eq!(sample::read(&sample::sparse(0)).cells.len(), 0);
    let none = text(&sample::sparse(0));
    assert_eq!(none.lines().count(), 1, "the head alone");
    assert_eq!(book(&sample::sparse(0)).sheet_names().len(), 3);
    let mut empty = sample::persons();
    empty["cells"] = json!([]);
    let refused = Document::read(&serde_json::to_vec(&empty).unwrap()).err();
    assert!(matches!(refused, Some(Error::Broken(_))));
}

#[test]
fn the_files_leave_the_upper_end_open() {
    let csv = text(&sample::sparse(2));
    assert!(csv.contains(";61;52;;Personen;nein\r\n"), "{csv}");
    let mut book = book(&sample::sparse(2));
    let name = book.sheet_names()[0].clone();
    let sheet = book.worksheet_range(&name).unwrap();
    let cells: Vec<Data> =
        (2..7).map(|c| sheet.get_value((4, c)).cloned().unwrap_or(Data::Empty)).collect();
    assert_eq!(cells[0], Data::Float(1_204.0));
    assert_eq!(cells[1], Data::Float(1_195.0));
    assert!(matches!(&cells[2], Data::String(text) if text.is_empty()) || cells[2] == Data::Empty);
}

#[test]
fn there_is_no_picture_of_half_an_interval() {
    let (names, tolerance) = (Names::default(), Tolerance::HALF);
    let style = ChartStyle { width: 720, titled: false, names: &names, tolerance };
    for passed in [0, 2] {
        let refused = chart(&sample::read(&sample::sparse(passed)), &style).err();
        assert_eq!(refused, Some(Error::OneSided));
    }
}

#[test]
fn thresholds_and_other_documents_do_not_mix() {
    let broken = |document: &Value| {
        let read = Document::read(&serde_json::to_vec(document).unwrap());
        assert!(matches!(read, Err(Error::Broken(_))), "{document}");
    };
    let mut symmetric = sample::sparse(2);
    symmetric["cells"][0]["high"] = json!(1_300);
    broken(&symmetric);
    let mut withheld = sample::sparse(2);
    withheld["cells"][0]["withheld"] = json!(true);
    broken(&withheld);
    let mut above = sample::sparse(2);
    above["cells"][0]["low"] = json!(1_205);
    broken(&above);
    let mut other = sample::sparse(2);
    other["kind"] = json!("persons");
    broken(&other);
    let mut usual = sample::persons();
    usual["half_width"] = json!({"kind": "threshold", "lower_width": 9, "threshold": 34});
    broken(&usual);
    let mut open = sample::persons();
    open["cells"][0]["high"] = json!(null);
    broken(&open);
}

#[test]
fn rows_are_counted_in_rows_and_amounts_in_their_unit() {
    let document = sample::read(&sample::rows());
    assert_eq!((document.kind, document.counted), (Kind::Persons, Counted::Rows));
    assert_eq!(Names::default().quantity(&document), "Einträge");
    assert!(text(&sample::rows()).contains(";41;35;47;Einträge;nein"));
    let mut amounts = sample::rows();
    amounts["noise"] = json!([{"quantity": "sum", "sigma": 3.5}]);
    let document = sample::read(&amounts);
    assert_eq!(document.kind, Kind::Sum);
    assert_eq!(Names::default().quantity(&document), "Summe");
}
