//! Entries of a unit's log as a reader without programming says them.

use access::ProposalKind;
use serde_json::Value;

use crate::api::Language;
use crate::pages::staff::deliveries::short;
use crate::pages::staff::proposals::kind_word;

/// A group of kinds that a reader looks for: how they begin, in German and in English.
pub(crate) const GROUPS: [(&str, &str, &str); 15] = [
    ("", "alles", "everything"),
    ("batch.", "Lieferungen", "deliveries"),
    ("epoch.", "Epochen", "epochs"),
    ("snapshot.", "Verknüpfungen", "linkage"),
    ("charge.", "Ausgaben von Budget", "spending"),
    ("release.", "Veröffentlichungen", "releases"),
    ("refusal", "abgelehnte Fragen", "refused questions"),
    ("proposal.", "Vorschläge und Freigaben", "proposals"),
    ("log.", "Gegenzeichnungen", "countersignatures"),
    ("witness.", "Bezeugungen der anderen Stelle", "witnessing"),
    ("subjects.", "gelöschte Fälle", "erased subjects"),
    ("facts.", "abgelaufene Fristen", "expired facts"),
    ("keys.", "vernichtete Schlüssel", "destroyed keys"),
    ("pairs.", "aufbewahrte Paare", "kept pairs"),
    ("restore.", "Wiederherstellungen", "restores"),
];

/// What happened, by the kind of the entry; an unknown kind is its own word.
fn happened(kind: &str, language: Language) -> &str {
    let (german, english) = match kind {
        "batch.received" => ("Lieferung vollständig angekommen", "Delivery complete"),
        "batch.erased" => ("Inhalt einer Lieferung gelöscht", "Content of a delivery erased"),
        "epoch.opened" => ("Epoche eröffnet", "Epoch opened"),
        "epoch.closed" => ("Epoche geschlossen, Inhalt vernichtet", "Epoch closed and destroyed"),
        "snapshot.frozen" => ("Verknüpft und Stand eingefroren", "Linked and frozen"),
        "snapshot.transferred" => ("Zuordnung versiegelt übergeben", "Link map handed over sealed"),
        "snapshot.accepted" => ("Zuordnung angenommen", "Link map accepted"),
        "charge.committed" => ("Budget ausgegeben", "Budget spent"),
        "release.stored" => ("Ergebnis veröffentlicht", "Result released"),
        "charge.failed" => ("Ohne Ergebnis; Budget bleibt ausgegeben", "No result; stays spent"),
        "charge.void" => (
            "Durch einen Absturz verloren; Budget bleibt ausgegeben",
            "Lost in a crash; stays spent",
        ),
        "refusal" => (
            "Frage abgelehnt, sie hätte eine Obergrenze überschritten",
            "Question above a cap refused",
        ),
        "witness.held" => {
            ("Protokoll der anderen Stelle bezeugt", "Log of the other unit witnessed")
        }
        "log.countersigned" => ("Protokoll gegengezeichnet", "Log countersigned"),
        "restore.burnt" => (
            "Wiederhergestellt; möglicherweise Ausgegebenes verbrannt",
            "Restored; what may be lost is burnt",
        ),
        "subjects.erased" => ("Zurückgezogene Fälle gelöscht", "Withdrawn subjects erased"),
        "facts.expired" => {
            ("Aufbewahrungsfrist abgelaufen, Angaben gelöscht", "Retention ended, facts erased")
        }
        "keys.destroyed" => ("Schlüssel vernichtet", "Keys destroyed"),
        "pairs.kept" => ("Verglichene Paare versiegelt aufbewahrt", "Compared pairs kept sealed"),
        "proposal.made" => ("Vorgeschlagen", "Proposed"),
        "proposal.approved" => ("Freigegeben", "Approved"),
        "proposal.used" => ("Freigabe verwendet", "Approval used"),
        other => return other,
    };
    language.say(german, english)
}

/// An entry in one sentence: what happened, to what.
pub(crate) fn sentence(kind: &str, body: &Value, language: Language) -> String {
    let happened = happened(kind, language).to_owned();
    let Some(members) = body.as_object() else { return happened };
    // By the order in which a reader asks, then what is left.
    let known = LABELS.iter().filter_map(|own| Some((own, members.get(own.0)?)));
    let said = known.filter_map(|((key, german, english), value)| {
        let value = said(key, value, language)?;
        let label = language.say(german, english);
        Some(if label.is_empty() { value } else { format!("{label} {value}") })
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { happened } else { format!("{happened}: {}", said.join(", ")) }
}

/// Members of a body with their words, in the order in which they are said.
const LABELS: [(&str, &str, &str); 42] = [
    ("kind", "", ""),
    ("by", "von", "by"),
    ("officer", "von", "by"),
    ("of", "im Vorhaben", "in project"),
    ("project", "Vorhaben", "project"),
    ("department", "Amt", "department"),
    ("dataset", "Verfahren", "dataset"),
    ("purpose", "Zweck", "purpose"),
    ("period", "Zeitraum", "period"),
    ("epoch", "Epoche", "epoch"),
    ("unit", "Stelle", "unit"),
    ("sequence", "bis Eintrag", "up to entry"),
    ("mode", "", ""),
    ("rho", "rho", "rho"),
    ("asked", "gefragt rho", "asked rho"),
    ("which", "Grenze", "cap"),
    ("limit", "höchstens rho", "at most rho"),
    ("spent", "schon ausgegeben rho", "spent rho"),
    ("reserved", "zurückgelegt rho", "reserved rho"),
    ("lineages", "Ereignisjahre", "event years"),
    ("parts", "Tabellen", "tables"),
    ("rows", "Zeilen", "rows"),
    ("subjects", "Fälle", "subjects"),
    ("superseded", "ersetzte Lieferungen", "replaced deliveries"),
    ("withdrawn", "zurückgezogene Fälle", "withdrawn subjects"),
    ("reason", "Grund", "reason"),
    ("kept_from", "behalten ab Jahr", "kept from year"),
    ("batches", "Lieferungen", "deliveries"),
    ("chunks", "Teile", "parts"),
    ("pair_chunks", "Teile mit Paaren", "parts with pairs"),
    ("pairs", "Paare", "pairs"),
    ("keys", "Schlüssel", "keys"),
    ("transfer", "Übergabe Nr.", "transfer no."),
    ("approved_by", "freigegeben von", "approved by"),
    ("enough", "", ""),
    ("batch", "Lieferung", "delivery"),
    ("snapshot", "Stand", "snapshot"),
    ("charge", "Ausgabe", "charge"),
    ("proposal", "Vorschlag", "proposal"),
    ("digest", "Prüfsumme", "digest"),
    ("manifest", "Lieferschein", "manifest"),
    ("link_map", "Zuordnung", "link map"),
];

/// A value in words; none where it says nothing.
fn said(key: &str, value: &Value, language: Language) -> Option<String> {
    let say = |german: &str, english: &str| Some(language.say(german, english).to_owned());
    match (key, value) {
        (_, Value::Null) => match key {
            "by" => say("der Stelle selbst", "the unit itself"),
            _ => None,
        },
        ("superseded" | "withdrawn" | "reserved", Value::Number(own))
            if own.as_u64() == Some(0) =>
        {
            None
        }
        ("rho" | "asked" | "limit" | "spent" | "reserved", Value::Number(own)) => {
            own.as_u64().map(|own| rho(own, language))
        }
        ("kind", Value::String(own)) => {
            let kind = ProposalKind::of_word(own);
            Some(kind.map_or_else(|| own.clone(), |own| kind_word(own, language).to_owned()))
        }
        ("mode", Value::String(own)) if own == "full" => say("Gesamtlieferung", "full delivery"),
        ("mode", Value::String(own)) if own == "amend" => say("Nachtrag", "amendment"),
        ("enough", Value::Bool(true)) => say("damit entschieden", "which decides it"),
        ("enough", Value::Bool(false)) => {
            say("eine zweite Person fehlt noch", "a second person is missing")
        }
        (
            "batch" | "snapshot" | "charge" | "proposal" | "digest" | "manifest" | "link_map",
            Value::String(own),
        ) => Some(format!("{}…", short(own))),
        (_, Value::String(own)) => Some(own.clone()),
        (_, Value::Array(items)) => {
            let year = |item: &Value| item.get("year").and_then(Value::as_u64);
            let years: Vec<String> =
                items.iter().filter_map(year).map(|own| own.to_string()).collect();
            if years.is_empty() { Some(items.len().to_string()) } else { Some(years.join(" ")) }
        }
        (_, Value::Number(own)) => Some(own.to_string()),
        _ => None,
    }
}

/// An amount from nano-rho, exactly.
pub(crate) fn rho(nano: u64, language: Language) -> String {
    let text = crate::papers::rho(nano);
    match language {
        Language::German => text,
        Language::English => text.replace(',', "."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_says_what_happened_to_what() {
        let body = json!({
            "project": "p", "department": "kita", "batch": "00112233445566", "epoch": "2026",
            "dataset": "kita", "mode": "full", "rows": 5, "superseded": 0, "withdrawn": 0, "manifest": "ffeeddccbb",
        });
        assert_eq!(
            sentence("batch.received", &body, Language::German),
            "Lieferung vollständig angekommen: Vorhaben p, Amt kita, Verfahren kita, Epoche 2026, \
             Gesamtlieferung, Zeilen 5, Lieferung 00112233…, Lieferschein ffeeddcc…"
        );
        let body = json!({"proposal": "0011223344", "kind": "policy", "by": null, "until": 7});
        assert_eq!(
            sentence("proposal.made", &body, Language::German),
            "Vorgeschlagen: Regelwerk, von der Stelle selbst, Vorschlag 00112233…"
        );
        let body = json!({"rho": 120_000_000_u64, "lineages": [{"year": 2024}, {"year": 2025}]});
        assert_eq!(
            sentence("charge.committed", &body, Language::English),
            "Budget spent: rho 0.12, event years 2024 2025"
        );
        assert_eq!(sentence("something.new", &json!({}), Language::German), "something.new");
    }
}
