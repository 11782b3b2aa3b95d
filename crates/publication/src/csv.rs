//! Comma-separated values as a German spreadsheet opens them by a double click.

use ::csv::{Terminator, WriterBuilder};

use crate::{Document, Error, Names};

/// Without it the spreadsheet takes UTF-8 for Windows-1252.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The cells of `document` as a table: UTF-8 with byte-order mark, `;`, decimal comma, CRLF.
///
/// Columns: `kennzahl`, `jahr`, per dimension its name (the keys) and its name with
/// `_bezeichnung` (the labels), `dienste` (the datasets of an overlap cell, joined by ` + `),
/// `wert`, `von`, `bis`, `einheit` (empty where it is not known), `ausgeblendet` (`ja` or `nein`).
/// Withheld numbers are empty, and so is `bis` where a key passed a threshold. A text that a
/// spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises ("CSV
/// injection"); numbers do not need it.
///
/// # Errors
/// [`Error::Csv`].
pub fn csv(document: &Document, names: &Names) -> Result<Vec<u8>, Error> {
    let mut writer = WriterBuilder::new()
        .delimiter(b';')
        .terminator(Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(header(document)).map_err(|_| Error::Csv)?;
    let unit = names.unit(document).map_or_else(String::new, |unit| harmless(&unit.sign));
    for cell in &document.cells {
        let mut record = vec![harmless(&document.label), document.year.to_string()];
        for (key, label) in cell.keys.iter().zip(&cell.labels) {
            record.push(harmless(key));
            record.push(harmless(label));
        }
        record.push(harmless(&cell.datasets.join(" + ")));
        match (&cell.numbers, cell.at_least) {
            (_, Some(own)) => {
                record.extend([own.value.plain(), own.low.plain(), String::new()]);
                record.extend([unit.clone(), "nein".to_owned()]);
            }
            (Some(numbers), None) => {
                record.extend([numbers.value, numbers.low, numbers.high].map(|n| n.plain()));
                record.extend([unit.clone(), "nein".to_owned()]);
            }
            (None, None) => {
                record.extend(["", "", ""].map(str::to_owned));
                record.extend([unit.clone(), "ja".to_owned()]);
            }
        }
        writer.write_record(record).map_err(|_| Error::Csv)?;
    }
    writer.into_inner().map_err(|_| Error::Csv)
}

fn header(document: &Document) -> Vec<String> {
    let mut header = vec!["kennzahl".to_owned(), "jahr".to_owned()];
    for dimension in &document.dimensions {
        header.push(dimension.clone());
        header.push(format!("{dimension}_bezeichnung"));
    }
    header.extend(["dienste", "wert", "von", "bis", "einheit", "ausgeblendet"].map(str::to_owned));
    header
}

fn harmless(text: &str) -> String {
    let first = text.trim_start().chars().next();
    // Spreadsheets with an East Asian input method take the full-width forms for the same.
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if formula { format!("'{text}") } else { text.to_owned() }
}
