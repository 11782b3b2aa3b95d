//! What a map says in words.

use super::MapStyle;
use crate::{Amount, Cell, Document, Kind, Names};

/// A place with its number, value and interval.
pub(super) fn title(number: usize, cell: &Cell, document: &Document, names: &Names) -> String {
    format!("{number}. {}: {}", names.row(cell), value(cell, document, names))
}

fn value(cell: &Cell, document: &Document, names: &Names) -> String {
    if cell.numbers.is_none() {
        return "ausgeblendet".to_owned();
    }
    let Some(numbers) = document.lead(cell) else { return "Quote nicht berechenbar".to_owned() };
    let [value, low, high] = [numbers.value, numbers.low, numbers.high].map(Amount::german);
    let unit = names.lead_unit(document);
    format!("{value}{unit} ({}-%-Intervall: {low} bis {high})", document.percent())
}

/// What a coloured area is.
fn place<'a>(document: &'a Document, names: &'a Names) -> &'a str {
    let pooled = document.dimensions.iter().find(|own| document.pooled.contains_key(*own));
    pooled.map_or("Gemeinde", |own| names.dimension(own))
}

/// What the colours stand for.
pub(super) fn legend(document: &Document, names: &Names) -> String {
    match document.kind {
        _ if document.leads_with_rate() => names.lead_quantity(document),
        Kind::Persons | Kind::Overlap | Kind::LinkQuality => {
            format!("{} je {}", names.quantity(document), place(document, names))
        }
        _ => names.quantity(document),
    }
}

/// The picture for whoever does not see it.
pub(super) fn description(
    document: &Document,
    ranked: &[(usize, &Cell)],
    style: &MapStyle<'_>,
) -> String {
    let known = || ranked.iter().filter(|(_, cell)| style.tolerance.admits(document.lead(cell)));
    let mut text = format!(
        "Landkarte mit {} Gebieten, nach fünf Wertklassen eingefärbt; die Nummern sind die Plätze \
         der Rangfolge.",
        ranked.len()
    );
    let told = |(number, cell): &(usize, &Cell)| title(*number, cell, document, style.names);
    let largest: Vec<String> = known().take(3).map(told).collect();
    if !largest.is_empty() {
        text.push_str(&format!(" Am größten: {}.", largest.join("; ")));
    }
    match ranked.len() - known().count() {
        0 => {}
        1 => text.push_str(" Ein Gebiet ist schraffiert, weil sein Wert zu unsicher ist."),
        several => text.push_str(&format!(
            " {several} Gebiete sind schraffiert, weil ihre Werte zu unsicher sind."
        )),
    }
    text.push_str(" Alle Werte stehen in der Tabelle.");
    text
}

/// What belongs below the map.
pub(super) fn notes(
    document: &Document,
    ranked: &[(usize, &Cell)],
    style: &MapStyle<'_>,
) -> Vec<String> {
    let mut notes = Vec::new();
    match document.kind {
        _ if document.leads_with_rate() => notes.push(
            "Quote, nicht Anzahl: Die Farbe sagt, wie häufig es vorkommt, nicht, wie viele \
             Personen es sind."
                .to_owned(),
        ),
        Kind::Mean | Kind::Quantiles => notes.push(
            "Mittelwert, nicht Anzahl: Die Farbe sagt nicht, wie viele Personen es sind."
                .to_owned(),
        ),
        Kind::Share => notes.push(
            "Anteil, nicht Anzahl: Die Farbe sagt nicht, wie viele Personen es sind.".to_owned(),
        ),
        // Indicators that count children say so in their label; the sentence holds for all.
        _ => notes.push(
            "Anzahl, nicht Anteil: In großen Gemeinden leben mehr Menschen, also auch mehr \
             Betroffene."
                .to_owned(),
        ),
    }
    let rateless = |cell: &Cell| cell.numbers.is_some() && document.lead(cell).is_none();
    let known = |cell: &Cell| style.tolerance.admits(document.lead(cell));
    if ranked.iter().any(|(_, cell)| !rateless(cell) && !known(cell)) {
        notes.push(format!("Schraffiert: {}.", style.tolerance.words()));
    }
    if ranked.iter().any(|(_, cell)| rateless(cell)) {
        notes.push("Schraffiert auch: Quote nicht berechenbar.".to_owned());
    }
    let placeless: Vec<String> = ranked
        .iter()
        .filter(|(_, cell)| style.boundaries.union(document.places(cell)).is_none())
        .map(|(number, cell)| format!("{number} {}", style.names.row(cell)))
        .collect();
    if !placeless.is_empty() {
        notes.push(format!("Ohne Fläche auf der Karte: {}.", placeless.join(", ")));
    }
    if !document.pooled.is_empty() {
        notes.push(
            "Gemeinden sind zusammengefasst: Alle Flächen einer Nummer haben einen gemeinsamen Wert."
                .to_owned(),
        );
    }
    if style.boundaries.is_schematic() {
        notes.push(
            "Schematische Karte: Die Flächen stehen ungefähr am richtigen Ort; es sind keine \
             Gemeindegrenzen."
                .to_owned(),
        );
    }
    if let Some(attribution) = style.boundaries.attribution() {
        notes.push(format!("Grenzen: {attribution}"));
    }
    notes
}
