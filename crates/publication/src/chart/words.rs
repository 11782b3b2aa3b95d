//! What a chart says in words.

use super::ChartStyle;
use super::rows::{Row, Rows};
use crate::{Amount, Document, Names, Numbers};

/// Label and year.
pub(super) fn name(document: &Document) -> String {
    format!("{}, {}", document.label, document.year)
}

/// What stands at the end of a row.
pub(super) fn value(row: &Row) -> String {
    row.numbers.map_or_else(|| missing(row).to_owned(), |numbers| numbers.value.german())
}

fn missing(row: &Row) -> &'static str {
    if row.rateless { "ohne Quote" } else { "ausgeblendet" }
}

/// What the axis counts.
pub(super) fn axis(document: &Document, names: &Names) -> String {
    names.lead_quantity(document)
}

/// What the marks mean.
pub(super) fn note(document: &Document, rows: &Rows, style: &ChartStyle<'_>) -> String {
    let mut note = format!("Querstriche: {}.", interval(document));
    if rows.shown().any(|(row, _)| !row.known) {
        let mark = if document.kind.is_level() { "Hohle Punkte" } else { "Hohle Balken" };
        note.push_str(&format!(" {mark}: {}.", style.tolerance.words()));
    }
    if document.kind.is_level() && rows.low > 0.0 {
        note.push_str(" Die Achse beginnt nicht bei 0.");
    }
    if rows.withheld() > 0 {
        let why = withheld(document);
        note.push_str(&format!(" Schraffiert: ausgeblendet, {why}."));
    }
    // Alone the picture has no page around it that names the source.
    if let Some(rate) = document.rate.as_ref().filter(|_| style.titled) {
        note.push_str(&format!(" {}", rate.source_words()));
    }
    if rows.rateless() > 0 {
        note.push_str(" Schraffiert: Quote nicht berechenbar.");
    }
    note
}

/// Why numbers are withheld.
fn withheld(document: &Document) -> String {
    match document.withholding {
        Some(rule) => rule.words(),
        None => "zu wenige Personen für eine Aussage".to_owned(),
    }
}

/// What pointing at a row shows.
pub(super) fn tip(row: &Row, document: &Document, names: &Names) -> String {
    let Some(numbers) = row.numbers else { return format!("{}: {}", row.above(), missing(row)) };
    let [value, low, high] = [numbers.value, numbers.low, numbers.high].map(Amount::german);
    let unit = names.lead_unit(document);
    format!("{}: {value}{unit} ({}: {low} bis {high})", row.above(), interval(document))
}

/// `95-%-Intervall`.
fn interval(document: &Document) -> String {
    format!("{}-%-Intervall", document.percent())
}

/// The picture for whoever does not see it.
pub(super) fn description(document: &Document, rows: &Rows) -> String {
    let form = if document.kind.is_level() { "Punktdiagramm" } else { "Balkendiagramm" };
    let order = if document.is_ranked() { ", nach Wert geordnet" } else { "" };
    let mut text = format!("{form}, eine Zeile je Zelle ({}){order}.", rows.rows.len());
    let end = |(row, numbers): (&Row, Numbers)| {
        let [value, low, high] = [numbers.value, numbers.low, numbers.high].map(Amount::german);
        format!("{} mit {value} ({}: {low} bis {high})", row.label, interval(document))
    };
    let by_value = |a: &(&Row, Numbers), b: &(&Row, Numbers)| {
        a.1.value.position().total_cmp(&b.1.value.position())
    };
    // Of equal values the first is named, as it stands on top.
    if let Some(most) = rows.shown().rev().max_by(by_value) {
        text.push_str(&format!(" Am größten: {}.", end(most)));
    }
    if let Some(least) = rows.shown().rev().min_by(by_value).filter(|_| rows.shown().count() > 1) {
        text.push_str(&format!(" Am kleinsten: {}.", end(least)));
    }
    if document.cells.iter().any(|cell| cell.is_total) {
        text.push_str(" Summen stehen in der Tabelle.");
    }
    match rows.withheld() {
        0 => {}
        1 => text.push_str(" Eine Zelle ist ausgeblendet."),
        several => text.push_str(&format!(" {several} Zellen sind ausgeblendet.")),
    }
    match rows.rateless() {
        0 => {}
        1 => text.push_str(" Für eine Zelle ist keine Quote berechenbar."),
        several => text.push_str(&format!(" Für {several} Zellen ist keine Quote berechenbar.")),
    }
    text.push_str(" Alle Werte stehen in der Tabelle.");
    text
}
