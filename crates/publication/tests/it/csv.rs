//! The table as a German spreadsheet opens it.

use publication::{Names, csv};
use serde_json::json;

use crate::sample;

fn text(document: &serde_json::Value) -> String {
    let asked = ("early-help".to_owned(), "sample".to_owned());
    let names = Names::default().with_units([(asked, "EUR".to_owned())]);
    String::from_utf8(csv(&sample::read(document), &names).unwrap()).unwrap()
}

#[test]
fn a_table_of_means_byte_for_byte() {
    let label = "Mittlere Betreuungszeit in Stunden je Woche";
    let expected = format!(
        "\u{feff}kennzahl;jahr;age_group;age_group_bezeichnung;dienste;wert;von;bis;einheit;ausgeblendet\r\n\
         {label};2025;00-02;unter 3;;27,31;26,06;28,81;€;nein\r\n\
         {label};2025;03-05;3 bis 5;;33,75;32,50;35,25;€;nein\r\n\
         {label};2025;06-14;6 bis 14;;;;;€;ja\r\n"
    );
    assert_eq!(text(&sample::mean()), expected);
}

#[test]
fn negative_counts_and_combinations() {
    let persons = text(&sample::persons());
    assert!(persons.contains(";06432007;Fischbachtal;;-4;-10;2;Personen;nein\r\n"));
    assert!(persons.contains(";06432023;Weiterstadt;;1264;1258;1270;Personen;nein\r\n"));
    let overlap = text(&sample::overlap());
    assert!(
        overlap.starts_with("\u{feff}kennzahl;jahr;dienste;wert;von;bis;einheit;ausgeblendet\r\n")
    );
    assert!(overlap.contains(";2025;sgb2 + wohngeld;95;89;101;Personen;nein\r\n"));
}

#[test]
fn labels_neither_break_the_table_nor_run_as_formulas() {
    let mut document = sample::mean();
    document["label"] = json!("a;b \"c\"");
    for (cell, label) in ["=1+1", " @x", "＝cmd"].iter().enumerate() {
        document["cells"][cell]["labels"] = json!([label]);
    }
    document["cells"][0]["keys"] = json!(["-3"]);
    let table = text(&document);
    assert!(table.contains("\r\n\"a;b \"\"c\"\"\";2025;'-3;'=1+1;;27,31;"));
    assert!(table.contains(";' @x;") && table.contains(";'＝cmd;"));
}
