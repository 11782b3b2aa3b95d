//! What a chart says in words.

use super::rows::{Row, Rows};
use crate::{Document, Kind, Numbers};

/// Label and year.
pub(super) fn name(document: &Document) -> String {
    format!("{}, {}", document.label, document.year)
}

/// What stands at the end of a row.
pub(super) fn value(row: &Row) -> String {
    row.numbers.map_or_else(|| "ausgeblendet".to_owned(), |numbers| numbers.value.german())
}

/// What the axis counts.
pub(super) fn axis(document: &Document) -> &'static str {
    match document.kind {
        Kind::Persons | Kind::Overlap => "Personen",
        Kind::Mean => "Mittelwert je Person",
    }
}

/// What the marks mean.
pub(super) fn note(document: &Document, rows: &Rows) -> String {
    let mut note = format!("Querstriche: {}.", interval(document));
    if document.kind != Kind::Mean && rows.shown().any(|(_, numbers)| hollow(numbers)) {
        note.push_str(" Hohle Balken: nicht klar über 0.");
    }
    if document.kind == Kind::Mean && rows.low > 0.0 {
        note.push_str(" Die Achse beginnt nicht bei 0.");
    }
    if rows.withheld() > 0 {
        note.push_str(" Schraffiert: ausgeblendet, zu wenige Personen für eine Aussage.");
    }
    note
}

/// `95-%-Intervall`.
fn interval(document: &Document) -> String {
    format!("{}-%-Intervall", document.percent())
}

/// Whether an estimate cannot be told from nobody.
pub(super) fn hollow(numbers: Numbers) -> bool {
    numbers.low.position() <= 0.0
}

/// The picture for whoever does not see it.
pub(super) fn description(document: &Document, rows: &Rows) -> String {
    let form = if document.kind == Kind::Mean { "Punktdiagramm" } else { "Balkendiagramm" };
    let mut text =
        format!("{form}, eine Zeile je Zelle ({}), nach Wert geordnet.", rows.rows.len());
    let end = |(row, numbers): (&Row, Numbers)| {
        let [value, low, high] =
            [numbers.value, numbers.low, numbers.high].map(crate::Amount::german);
        format!("{} mit {value} ({}: {low} bis {high})", row.label, interval(document))
    };
    if let Some(first) = rows.shown().next() {
        text.push_str(&format!(" Am größten: {}.", end(first)));
    }
    if let Some(last) = rows.shown().next_back().filter(|_| rows.shown().count() > 1) {
        text.push_str(&format!(" Am kleinsten: {}.", end(last)));
    }
    match rows.withheld() {
        0 => {}
        1 => text.push_str(" Eine Zelle ist ausgeblendet."),
        several => text.push_str(&format!(" {several} Zellen sind ausgeblendet.")),
    }
    text.push_str(" Alle Werte stehen in der Tabelle.");
    text
}
