//! Comma-separated values as a German spreadsheet opens them by a double click.

use ::csv::{Terminator, WriterBuilder};

use crate::document::NON_NEGATIVE;
use crate::{Amount, Cell, CellRate, Document, Error, Names, Rate};

/// Without it the spreadsheet takes UTF-8 for Windows-1252.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The cells of `document` as a table: UTF-8 with byte-order mark, `;`, decimal comma, CRLF.
///
/// Columns: `kennzahl`, `jahr`, per dimension its name (the keys) and its name with
/// `_bezeichnung` (the labels), `dienste` (the datasets of an overlap cell, joined by ` + `),
/// `wert`, `von`, `bis`, `einheit` (empty where it is not known), `ausgeblendet` (`ja` or `nein`).
/// Withheld numbers are empty, and so is `bis` where a key passed a threshold. Totals have the key
/// `*`.
///
/// Where the document has a non-negative table last `nicht negativ, ganzzahlig; verzerrt`. Where it
/// has rates also `einwohner`, `einwohner_stand` (a 31 December), `quote_je` (so
/// many residents), `quote`, `quote_von`, `quote_bis`, `quote_hinweis` (why there is none), and in
/// every row, so that none is parted from them, `einwohner_quelle`, `einwohner_lizenz` and
/// `einwohner_abruf`. A text that a
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
        if let Some(rate) = &document.rate {
            record.extend(rate_cells(rate, cell));
        }
        if document.has_non_negative() {
            record.push(cell.non_negative.map_or_else(String::new, |own| own.to_string()));
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
    if document.rate.is_some() {
        header.extend(RATE_HEADER.map(str::to_owned));
    }
    if document.has_non_negative() {
        header.push(NON_NEGATIVE.to_owned());
    }
    header
}

const RATE_HEADER: [&str; 10] = [
    "einwohner",
    "einwohner_stand",
    "quote_je",
    "quote",
    "quote_von",
    "quote_bis",
    "quote_hinweis",
    "einwohner_quelle",
    "einwohner_lizenz",
    "einwohner_abruf",
];

fn rate_cells(rate: &Rate, cell: &Cell) -> [String; 10] {
    let source = &rate.source;
    let (day, per) = (format!("31.12.{}", rate.year), rate.per.to_string());
    let (residents, [value, low, high], note) = match &cell.rate {
        Some(CellRate::Known { numbers, residents }) => {
            let numbers = [numbers.value, numbers.low, numbers.high].map(Amount::plain);
            (residents.to_string(), numbers, String::new())
        }
        Some(CellRate::Unknown(gap)) => {
            let note = harmless(&format!("nicht berechenbar: {}", gap.german()));
            (String::new(), Default::default(), note)
        }
        None => (String::new(), Default::default(), String::new()),
    };
    let whose = harmless(&source.named());
    let retrieved = source.retrieved_words();
    [residents, day, per, value, low, high, note, whose, harmless(&source.licence), retrieved]
}

pub(crate) fn harmless(text: &str) -> String {
    let first = text.trim_start().chars().next();
    // Spreadsheets with an East Asian input method take the full-width forms for the same.
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if formula { format!("'{text}") } else { text.to_owned() }
}
