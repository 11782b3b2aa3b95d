//! Deletion protocol, from the logs.

use serde_json::Value;

use super::facts::{Facts, day};
use super::paper::Paper;

/// What ends or takes away data, as the units log it.
const KINDS: [(&str, &str); 6] = [
    ("batch.erased", "Lieferung gelöscht"),
    ("subjects.erased", "Fälle gelöscht"),
    ("facts.expired", "Frist abgelaufen, gelöscht"),
    ("epoch.closed", "Epoche geschlossen, Schlüssel vernichtet"),
    ("batch.received", "ersetzt oder zurückgezogen, liegt noch in der Datenbank"),
    ("restore.burnt", "Sicherung eingespielt: Löschungen danach prüfen"),
];

pub(super) fn paper(facts: &Facts) -> Paper {
    let mut paper = Paper::new("Löschprotokoll", &facts.stand());
    paper.text(
        "Aus den Protokollen, die beilagen, mit Nummer des Eintrags. Personen nennt das Protokoll nicht, \
         nur Nummern von Lieferungen und Anzahlen.",
    );
    paper.list(
        facts.logs.iter().map(|own| format!("Stelle {}: bis Eintrag {}", own.unit, own.head)),
    );
    let kinds = KINDS.map(|(kind, _)| kind);
    let rows = facts.entries(&kinds).filter(|(_, own)| takes_away(own)).map(|(log, own)| {
        let kind = own["kind"].as_str().unwrap_or_default();
        let label = KINDS.iter().find(|(own, _)| *own == kind).map_or(kind, |(_, label)| label);
        vec![
            own["at"].as_i64().map_or_else(|| "–".into(), day),
            log.unit.clone(),
            own["sequence"].to_string(),
            label.to_owned(),
            particulars(&own["body"]),
        ]
    });
    let heads = ["Tag", "Stelle", "Eintrag", "Vorgang", "Einzelheiten"];
    paper.table(&heads, rows.collect(), "Die Protokolle enthalten keine Löschung.");
    paper.heading("Fristen laut Katalog");
    let datasets = &facts.policies.catalogue.datasets;
    let rows = datasets.iter().map(|(name, own)| {
        vec![
            format!("{} ({name})", own.label),
            format!("{} Monate nach dem Ereignisjahr", own.retention_months),
        ]
    });
    paper.table(&["Verfahren", "Frist"], rows.collect(), "");
    paper
}

/// A delivery is here only where it took something away.
fn takes_away(entry: &Value) -> bool {
    let count = |key: &str| match &entry["body"][key] {
        Value::Array(own) => own.len() as u64,
        own => own.as_u64().unwrap_or(0),
    };
    entry["kind"] != "batch.received" || count("superseded") > 0 || count("withdrawn") > 0
}

fn particulars(body: &Value) -> String {
    let Some(members) = body.as_object() else { return String::new() };
    let shown = members.iter().filter(|(key, _)| !matches!(key.as_str(), "project" | "manifest"));
    let word = |value: &Value| match value {
        Value::String(own) => own.clone(),
        Value::Array(own) => own.len().to_string(),
        other => other.to_string(),
    };
    shown.map(|(key, value)| format!("{key} {}", word(value))).collect::<Vec<_>>().join(", ")
}
