//! One table on one sheet.

use rust_xlsxwriter::{IgnoreError, Worksheet, XlsxError};

use super::{Formats, WorkbookStyle};
use crate::document::NON_NEGATIVE;
use crate::{Amount, Cell, CellRate, Document, Kind};

/// Row of the header, from 0.
const HEAD: u32 = 3;
/// Height of two lines of text, in points.
const TWO_LINES: f64 = 36.0;

enum Value {
    Text(String),
    Wrapped(String),
    Number(Amount),
    Place(usize),
}

struct Column {
    head: String,
    /// In characters.
    width: f64,
    values: Vec<Value>,
}

pub(super) fn write(
    sheet: &mut Worksheet,
    document: &Document,
    style: &WorkbookStyle<'_>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let title = format!("{}, {}", document.label, document.year);
    let mut reading = format!(
        "{}. Mit {}\u{a0}% Wahrscheinlichkeit liegt der Wert vor der Zufallszugabe zwischen „von“ \
         und „bis“. Mehr in den Blättern „Hinweise“ und „Methode“.",
        style.title,
        document.percent()
    );
    let lines = if let Some(rate) = &document.rate {
        reading.push(' ');
        reading.push_str(&rate.source_words());
        2.0
    } else {
        1.0
    };
    let columns = columns(document, style);
    let right = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    // Over all columns, so that a print does not cut them off.
    for (row, text, format, lines) in
        [(0, title, &formats.title, 1.0), (1, reading, &formats.soft, lines)]
    {
        sheet.merge_range(row, 0, row, right, &text, format)?;
        sheet.set_row_height(row, TWO_LINES * lines)?;
    }
    let last = document.rows().len();
    for (column, at) in columns.iter().zip(0_u16..) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(HEAD, at, column.head.as_str(), &formats.head)?;
        for (value, row) in column.values.iter().zip(HEAD + 1..) {
            write_value(sheet, (row, at), value, formats)?;
        }
    }
    let end = HEAD + u32::try_from(last).unwrap_or(u32::MAX - HEAD);
    sheet.set_freeze_panes(HEAD + 1, 0)?;
    sheet.set_repeat_rows(HEAD, HEAD)?;
    // Where no key passed a threshold there is nothing to choose from.
    if last > 0 {
        sheet.autofilter(HEAD, 0, end, right)?;
        // Keys of places are texts, though they look like numbers.
        sheet.ignore_error_range(HEAD + 1, 0, end, right, IgnoreError::NumberStoredAsText)?;
    }
    Ok(())
}

fn write_value(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &Value,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match value {
        Value::Text(text) => sheet.write_string_with_format(row, column, text, &formats.text)?,
        Value::Wrapped(text) => {
            sheet.write_string_with_format(row, column, text, &formats.wrapped)?
        }
        Value::Number(amount) => {
            let format = match amount {
                Amount::Whole(_) => &formats.whole,
                Amount::Decimal(_) => &formats.decimal,
                Amount::Rate(_, decimals) => formats.rate(*decimals),
            };
            sheet.write_number_with_format(row, column, amount.position(), format)?
        }
        Value::Place(number) => {
            let number = u32::try_from(*number).unwrap_or(u32::MAX);
            sheet.write_number_with_format(row, column, number, &formats.whole)?
        }
    };
    Ok(())
}

fn columns(document: &Document, style: &WorkbookStyle<'_>) -> Vec<Column> {
    let rows = document.rows();
    let mut columns = Vec::new();
    let mut add = |head: &str, width: f64, value: &dyn Fn(Option<usize>, &Cell) -> Value| {
        let values = rows.iter().map(|(number, cell)| value(*number, cell)).collect();
        columns.push(Column { head: head.to_owned(), width, values });
    };
    if document.is_ranked() {
        add("Nr.", 6.0, &|number, _| match number {
            Some(number) => Value::Place(number),
            None => Value::Text(String::new()),
        });
    }
    for (at, dimension) in document.dimensions.iter().enumerate() {
        let label = style.names.dimension(dimension);
        let text = |texts: &[String]| Value::Text(texts.get(at).cloned().unwrap_or_default());
        add(&format!("{label} (Schlüssel)"), 13.0, &|_, cell| text(&cell.keys));
        add(label, 28.0, &|_, cell| text(&cell.labels));
    }
    if document.kind == Kind::Overlap {
        add("Leistungen", 48.0, &|_, cell| Value::Wrapped(style.names.combination(cell)));
    }
    if columns_are_missing(document) {
        add("Gruppe", 28.0, &|_, _| Value::Text("insgesamt".to_owned()));
    }
    let number = |cell: &Cell, of: fn(&crate::Numbers) -> Amount| {
        cell.numbers.as_ref().map_or_else(|| Value::Text(String::new()), |n| Value::Number(of(n)))
    };
    add("Wert", 14.0, &|_, cell| match (cell.numbers, cell.at_least) {
        (Some(numbers), _) => Value::Number(numbers.value),
        (None, Some(own)) => Value::Number(own.value),
        (None, None) => Value::Text("ausgeblendet".to_owned()),
    });
    add("von", 11.0, &|_, cell| match cell.at_least {
        Some(own) => Value::Number(own.low),
        None => number(cell, |numbers| numbers.low),
    });
    add("bis", 11.0, &|_, cell| number(cell, |numbers| numbers.high));
    if document.has_non_negative() {
        add(NON_NEGATIVE, 16.0, &|_, cell| match cell.non_negative {
            Some(own) => Value::Number(Amount::Whole(own)),
            None => Value::Text(String::new()),
        });
    }
    let unit = style.names.unit(document).map_or_else(String::new, |unit| unit.words);
    add("Einheit", 11.0, &|_, _| Value::Text(unit.clone()));
    if let Some(rate) = &document.rate {
        let of_rate = |cell: &Cell, of: fn(&crate::Numbers) -> Amount| {
            cell.known_rate()
                .map_or_else(|| Value::Text(String::new()), |numbers| Value::Number(of(&numbers)))
        };
        add("Einwohner", 11.0, &|_, cell| match cell.rate {
            Some(CellRate::Known { residents, .. }) => {
                Value::Number(Amount::Whole(i64::try_from(residents).unwrap_or(i64::MAX)))
            }
            _ => Value::Text(String::new()),
        });
        add(&rate.words(), 14.0, &|_, cell| match &cell.rate {
            Some(CellRate::Unknown(_)) => Value::Text("nicht berechenbar".to_owned()),
            _ => of_rate(cell, |numbers| numbers.value),
        });
        add("von (Quote)", 11.0, &|_, cell| of_rate(cell, |numbers| numbers.low));
        add("bis (Quote)", 11.0, &|_, cell| of_rate(cell, |numbers| numbers.high));
    }
    add("Hinweis", 30.0, &|_, cell| Value::Wrapped(note(cell, document, style)));
    columns
}

fn note(cell: &Cell, document: &Document, style: &WorkbookStyle<'_>) -> String {
    let hint = match (cell.numbers, style.tolerance.admits(cell.numbers)) {
        _ if cell.at_least.is_some() => "über der Schwelle; „bis“ lässt sich nicht sagen",
        (None, _) if document.withholding.is_some() => "ausgeblendet: zu ungenau",
        (None, _) => "ausgeblendet: zu wenige Personen",
        (Some(_), false) => "zu unsicher zum Vergleichen",
        (Some(_), true) => "",
    };
    let sum = if cell.is_total { "Summe" } else { "" };
    let parts = [sum, hint].into_iter().filter(|part| !part.is_empty());
    let note = parts.collect::<Vec<_>>().join("; ");
    match &cell.rate {
        Some(CellRate::Unknown(gap)) if note.is_empty() => {
            format!("Quote nicht berechenbar: {}", gap.german())
        }
        Some(CellRate::Unknown(gap)) => {
            format!("{note}; Quote nicht berechenbar: {}", gap.german())
        }
        _ => note,
    }
}

fn columns_are_missing(document: &Document) -> bool {
    document.dimensions.is_empty() && document.kind != Kind::Overlap
}
