//! The workbook, read back.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use publication::{Document, Error, MAX_TABLES, Names, Tolerance, WorkbookStyle, workbook};
use serde_json::{Value, json};

use crate::sample;

/// 21 November 2026.
const MADE: i64 = 1_795_300_000;

fn names() -> Names {
    let label = |name: &str, label: &str| (name.to_owned(), label.to_owned());
    let asked = ("early-help".to_owned(), "sample".to_owned());
    Names::new(
        [label("municipality", "Gemeinde"), label("age_group", "Altersgruppe")],
        [label("sgb2", "Bürgergeld"), label("wohngeld", "Wohngeld")],
    )
    .with_units([(asked, "h".to_owned())])
}

fn write(documents: &[Value]) -> Vec<u8> {
    let documents: Vec<Document> = documents.iter().map(sample::read).collect();
    let title = "Landkreis A & B";
    let style = WorkbookStyle {
        title,
        names: &names(),
        tolerance: Tolerance::HALF,
        calibrations: &[],
        made: MADE,
    };
    workbook(&documents.iter().collect::<Vec<_>>(), &style).unwrap()
}

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, at: usize) -> Range<Data> {
    let name = book.sheet_names()[at].clone();
    book.worksheet_range(&name).unwrap()
}

fn row(sheet: &Range<Data>, row: u32) -> Vec<Data> {
    let width = sheet.get_size().1;
    (0..width)
        .map(|column| {
            sheet.get_value((row, u32::try_from(column).unwrap())).cloned().unwrap_or(Data::Empty)
        })
        .collect()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

#[test]
fn every_cell_of_a_table_of_counts_has_its_type_and_value() {
    let mut book = open(write(&[sample::persons()]));
    assert_eq!(book.sheet_names(), ["1 Kinder unter 15 mit Leistung…", "Hinweise", "Methode"]);
    let sheet = sheet(&mut book, 0);
    let heads =
        ["Nr.", "Gemeinde (Schlüssel)", "Gemeinde", "Wert", "von", "bis", "Einheit", "Hinweis"];
    assert_eq!(row(&sheet, 3), heads.map(text));
    let document = sample::read(&sample::persons());
    for (number, cell) in document.ranked() {
        let numbers = cell.numbers.unwrap();
        let line = row(&sheet, 3 + u32::try_from(number).unwrap());
        assert_eq!(line[0], Data::Float(number as f64));
        assert_eq!(line[1..3], [text(&cell.keys[0]), text(&cell.labels[0])]);
        for (data, amount) in line[3..6].iter().zip([numbers.value, numbers.low, numbers.high]) {
            assert_eq!(*data, Data::Float(amount.plain().parse().unwrap()), "{number}");
        }
        assert_eq!(line[6], text("Personen"));
        let unsure =
            matches!(cell.labels[0].as_str(), "Fischbachtal" | "Messel" | "Modautal" | "Brachland");
        let note = if unsure { "zu unsicher zum Vergleichen" } else { "" };
        assert_eq!(line[7].to_string(), note, "{number}");
    }
    assert_eq!(sheet.get_size().0, 4 + 24);
}

#[test]
fn means_are_unrounded_and_withheld_ones_are_said_in_words() {
    let mut book = open(write(&[sample::mean()]));
    let sheet = sheet(&mut book, 0);
    let first = row(&sheet, 4);
    assert_eq!(first[2..5], [27.306, 26.056, 28.806].map(Data::Float));
    assert_eq!(first[5], text("Stunden"));
    let withheld = row(&sheet, 6);
    assert_eq!(withheld[1..3], [text("6 bis 14"), text("ausgeblendet")]);
    assert!(withheld[3].to_string().is_empty() && withheld[4].to_string().is_empty());
    assert_eq!(withheld[6], text("ausgeblendet: zu wenige Personen"));
}

#[test]
fn combinations_are_words_and_sheets_have_different_names() {
    let mut book = open(write(&[sample::overlap(), sample::overlap(), sample::mean()]));
    let overlap = sheet(&mut book, 1);
    let cells: Vec<_> = (4..19).map(|at| row(&overlap, at)[1].clone()).collect();
    assert!(cells.contains(&text("nur Bürgergeld")));
    assert!(cells.contains(&text("Bürgergeld und Wohngeld")));
    assert_eq!(book.sheet_names().len(), 5);
}

#[test]
fn the_method_names_how_each_table_was_made() {
    let mut book = open(write(&[sample::persons(), sample::mean()]));
    let method = sheet(&mut book, 3);
    let column = |at: u32| -> Vec<(String, Data)> {
        (4..u32::try_from(method.height()).unwrap())
            .map(|r| (row(&method, r)[0].to_string(), method.get_value((r, at)).cloned().unwrap()))
            .collect()
    };
    for at in [1, 2] {
        let facts = column(at);
        let fact =
            |name: &str| facts.iter().find(|(own, _)| own.starts_with(name)).unwrap().1.clone();
        assert_eq!(fact("Verbrauchtes Schutzbudget"), Data::Float(0.049_974_45));
        assert_eq!(fact("bei δ"), Data::Float(1e-6));
        assert_eq!(fact("entspricht"), Data::Float(1.471_189_304));
        assert_eq!(fact("Eintrag im Protokoll"), Data::Float(17.0));
        assert_eq!(fact("Zweck"), text("early-help"));
        assert_eq!(fact("Datenstand"), text("snapshot-1"));
        assert!(fact("Mechanismus").to_string().contains("Gauß"));
        assert!(fact("Prüfsumme").to_string().starts_with("81b06df4"));
        assert!(fact("Trennung").to_string().starts_with("Both units"));
    }
    let made = match method.get_value((1, 1)) {
        Some(Data::DateTime(made)) => made.to_ymd_hms_milli(),
        _ => Default::default(),
    };
    assert_eq!((made.0, made.1, made.2), (2026, 11, 21));
    let notes = sheet(&mut book, 2);
    let all: String = notes.cells().map(|(_, _, data)| data.to_string()).collect();
    assert!(all.contains("95\u{a0}%") && all.contains("nicht gerundet"));
}

#[test]
fn labels_stay_texts_whatever_they_look_like() {
    let mut document = sample::persons();
    let hostile = ["=1+1", "+49", "-3", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "1e5", "TRUE"];
    document["label"] = json!("=cmd|' /C calc'!A0 [x]:*?/\\");
    for (cell, label) in hostile.iter().enumerate() {
        document["cells"][cell]["labels"] = json!([label]);
    }
    let mut book = open(write(&[document]));
    let sheet = sheet(&mut book, 0);
    let labels: Vec<Data> = (4..28).map(|at| row(&sheet, at)[2].clone()).collect();
    assert!(hostile.iter().all(|label| labels.contains(&text(label))));
    let name = book.sheet_names()[0].clone();
    assert_eq!(book.worksheet_formula(&name).unwrap().cells().count(), 0);
    assert!(name.starts_with("1 =cmd") && !name.contains(['[', ']', ':', '*', '?', '/', '\\']));
}

#[test]
fn the_same_input_gives_the_same_bytes_and_too_many_tables_are_refused() {
    assert_eq!(write(&[sample::mean()]), write(&[sample::mean()]));
    let document = sample::read(&sample::mean());
    let style = WorkbookStyle {
        title: "A",
        names: &names(),
        tolerance: Tolerance::HALF,
        calibrations: &[],
        made: MADE,
    };
    let refused = workbook(&vec![&document; MAX_TABLES + 1], &style).err();
    assert_eq!(refused, Some(Error::TooManyTables { most: MAX_TABLES }));
    assert!(open(workbook(&[], &style).unwrap()).sheet_names().len() == 2);
}
