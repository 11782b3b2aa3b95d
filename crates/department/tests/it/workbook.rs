//! An Excel workbook becomes the same batch as the CSV file of the same records.

use std::fs;
use std::path::PathBuf;

use department::{Change, Error, Mapping, Source, SourceSettings};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::desk::{Desk, extract};
use crate::facts::PLAIN;

/// The records of a CSV extract as a clerk's spreadsheet would hold them: dates and months as
/// dates, amounts and postcodes as numbers, a title above.
fn typed(desk: &Desk, name: &str) -> PathBuf {
    let mut source = Source::open(&extract(name), &SourceSettings::detect()).unwrap();
    let header = source.header().to_vec();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "Auszug aus dem Fachverfahren").unwrap();
    for (column, name) in (0..).zip(&header) {
        sheet.write_string(2, column, name).unwrap();
    }
    let mut line = 3;
    while let Some(record) = source.next_record().unwrap() {
        for (column, cell) in (0..).zip(record.cells()) {
            write(sheet, line, column, cell);
        }
        line += 1;
    }
    let path = desk.folder.path().join(name.replace(".csv", ".xlsx"));
    book.save(&path).unwrap();
    path
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    let parts: Vec<u16> = cell.split(['.', '-']).filter_map(|part| part.parse().ok()).collect();
    let date = match (parts.as_slice(), cell.len()) {
        ([day, month, year], 10) if cell.contains('.') => Some((*year, *month, *day)),
        ([month, year], 7) if cell.contains('.') => Some((*year, *month, 1)),
        ([year, month], 7) if cell.contains('-') => Some((*year, *month, 1)),
        _ => None,
    };
    let date = date
        .and_then(|(year, month, day)| ExcelDateTime::from_ymd(year, month as u8, day as u8).ok());
    // A spreadsheet leaves a date that no calendar has as text.
    let text = parts.len() == 3 && date.is_none();
    let amount = cell.replace('.', "").replace(',', ".");
    match (date, amount.parse::<f64>()) {
        (Some(date), _) => {
            let format = Format::new().set_num_format("mmm yy");
            sheet.write_datetime_with_format(row, column, &date, &format).unwrap();
        }
        (None, Ok(number)) if !text => drop(sheet.write_number(row, column, number).unwrap()),
        _ if cell.is_empty() => {}
        _ => drop(sheet.write_string(row, column, cell).unwrap()),
    }
}

#[test]
fn a_workbook_and_its_csv_become_the_same_facts_and_the_same_quarantine() {
    let desk = Desk::new();
    for name in ["hze", "wohngeld", "sgb2"] {
        let csv = desk.full(name, &extract(&format!("{name}.csv"))).unwrap();
        let file = typed(&desk, &format!("{name}.csv"));
        let xlsx = desk.full(name, &file).unwrap();
        let facts = |batch| {
            let facts = desk.facts(batch, name).into_iter();
            let mut lines: Vec<_> =
                facts.map(|fact| (fact.months, fact.keys.join(" "), fact.amounts)).collect();
            lines.sort();
            lines
        };
        assert_eq!(facts(&csv), facts(&xlsx), "{name}");
        assert!(!facts(&csv).is_empty());
        assert_eq!(csv.report.quarantine, xlsx.report.quarantine, "{name}");
        assert_eq!(csv.report.counts.totals_rows, xlsx.report.counts.totals_rows);
        assert_eq!(csv.report.counts.subjects, xlsx.report.counts.subjects);
        // The second pass over the workbook finds the same records.
        let rows = |batch: &department::PreparedBatch| {
            let text = fs::read_to_string(batch.folder.join("quarantine.csv")).unwrap();
            let lines: Vec<String> = text
                .lines()
                .map(|line| {
                    let cells: Vec<&str> = line.split(';').collect();
                    format!("{} {} {}", cells[1], cells[2], cells[4])
                })
                .collect();
            lines
        };
        assert_eq!(rows(&csv), rows(&xlsx), "{name}");
    }
}

#[test]
fn quarantine_names_the_row_of_the_sheet() {
    let desk = Desk::new();
    let batch = desk.full("hze", &typed(&desk, "hze.csv")).unwrap();
    let text = fs::read_to_string(batch.folder.join("quarantine.csv")).unwrap();
    // Title in row 1, header in row 3: the fifth record stands in row 8.
    assert!(text.lines().nth(1).unwrap().starts_with("8;impossible-date;geburtsdatum;"), "{text}");
}

#[test]
fn leading_zeros_that_a_spreadsheet_ate_are_put_back() {
    let desk = Desk::new();
    let csv = fs::read_to_string(extract("hze.csv")).unwrap();
    let mut lines = csv.lines();
    let header = lines.next().unwrap();
    let row = "Fink\t\tIda\t28.02.2010\tw\tAm Rain\t7\t64807\tDieburg\t6432004\tX\tHZE-7\t§28\t\
               01.2023\t12.2023\t\t\t\t\t200,00\t";
    let file = desk.write("zeros.csv", format!("{header}\n{row}\n"));
    let batch = desk.full("hze", &file).unwrap();
    let facts = desk.lines_of(&batch, "hze", "HZE-7");
    assert!(facts[0].contains(" 06432004 "), "{facts:?}");
}

#[test]
fn a_spreadsheets_error_is_nobodys_name() {
    let desk = Desk::new();
    let header = "nachname;vornamen;geburtsdatum;az;monat;sperre;notiz\n";
    let rows = "#NV;Eva;01.02.1980;1;2025-01;;x\nAdler;#WERT!;01.02.1980;2;2025-01;;x\n\
                Bussard;Ida;01.02.1981;3;2025-01;;#NV\nDohle;Uwe;01.02.1981;4;2025-01;#NV;x\n";
    let ignored = PLAIN.replace("[derive.age", "notiz = { role = \"ignore\" }\n[derive.age");
    let mapping = Mapping::from_toml(&ignored, "x.toml").unwrap();
    let file = desk.write("errors.csv", format!("{header}{rows}"));
    let batch = desk.prepare(&mapping, Some(&file), None, Change::Full, 1).unwrap();
    assert_eq!(batch.report.quarantine["error-cell"], 2);
    assert_eq!(batch.report.quarantine["unknown-block"], 1, "and the person is left out");
    assert_eq!(batch.report.counts.subjects, 1, "an error in an ignored column harms nobody");
}

#[test]
fn titles_above_a_csv_header_are_passed_over() {
    let desk = Desk::new();
    let mapping = Mapping::from_toml(PLAIN, "x.toml").unwrap();
    let text = "Wohngeld, Landkreis, Stand 2025\n\n\
                nachname;vornamen;geburtsdatum;az;monat;sperre\nAdler;Eva;01.02.1980;1;2025-01;\n";
    let file = desk.write("title.csv", text);
    let batch = desk.prepare(&mapping, Some(&file), None, Change::Full, 1).unwrap();
    assert_eq!((batch.report.counts.rows, batch.report.counts.subjects), (1, 1));
}

#[test]
fn a_workbook_without_the_columns_of_the_mapping_shows_nobody() {
    let desk = Desk::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, cell) in ["Kanariski", "Lea", "17.05.2012"].iter().enumerate() {
        sheet.write_string(0, column as u16, *cell).unwrap();
    }
    let path = desk.folder.path().join("people.xlsx");
    book.save(&path).unwrap();
    let error = desk.full("hze", &path).err().unwrap();
    assert!(matches!(error, Error::NoHeader { .. }), "{error}");
    assert!(!error.to_string().contains("Kanariski"));
}
