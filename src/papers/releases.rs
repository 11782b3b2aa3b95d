//! Every release with purpose and legal basis.

use std::collections::BTreeMap;

use serde_json::Value;

use super::facts::{Facts, day, rho};
use super::paper::Paper;

/// The laws that an officer asks about; which of them a purpose names stands in its file.
const ASKED: [&str; 3] = ["§ 67c SGB X", "§ 75 SGB X", "§ 64 SGB VIII"];

pub(super) fn paper(facts: &Facts) -> Paper {
    let mut paper = Paper::new("Liste der Freigaben", &facts.stand());
    paper.text(
        "Jede Freigabe nennt Nummer und Prüfsumme des Protokolleintrags, unter dem sie bezahlt wurde. \
         Der Tag ist der dieses Eintrags.",
    );
    let charged: BTreeMap<u64, i64> = facts
        .entries(&["charge.committed"])
        .filter(|(log, _)| log.unit == "statistics")
        .filter_map(|(_, own)| Some((own["sequence"].as_u64()?, own["at"].as_i64()?)))
        .collect();
    let rows = facts.releases.iter().map(|own| {
        let word = |value: &Value| value.as_str().unwrap_or("–").to_owned();
        let sequence = own["ledger"]["sequence"].as_u64().unwrap_or(0);
        let head = word(&own["ledger"]["head"]);
        vec![
            charged.get(&sequence).map_or_else(|| "–".into(), |at| day(*at)),
            word(&own["purpose"]),
            word(&own["label"]),
            own["year"].to_string(),
            rho(own["rho_nano"].as_u64().unwrap_or(0)),
            format!("{sequence}: {}", head.get(..16).unwrap_or(&head)),
        ]
    });
    let heads =
        ["Tag", "Zweck", "Tabelle", "Ereignisjahr", "rho", "Eintrag: Prüfsumme (16 Stellen)"];
    paper.table(&heads, rows.collect(), "Noch ist nichts freigegeben.");
    paper.heading("Rechtsgrundlagen der Zwecke");
    let rows = facts.purposes().map(|own| {
        let named = |law: &str| {
            let found =
                own.legal_basis.iter().any(|basis| squeezed(basis).contains(&squeezed(law)));
            if found { "genannt" } else { "nicht genannt" }.to_owned()
        };
        let [first, second, third] = ASKED.map(named);
        vec![
            own.id.to_string(),
            own.purpose.clone(),
            own.legal_basis.join("; "),
            first,
            second,
            third,
            own.recipients.join("; "),
        ]
    });
    let [first, second, third] = ASKED;
    let heads =
        ["Zweck", "Wortlaut", "Rechtsgrundlage laut Regel", first, second, third, "Empfänger"];
    paper.table(&heads, rows.collect(), "Das Vorhaben hat keinen Zweck.");
    paper.text(
        "»Nicht genannt« heißt: Die Regel des Zwecks führt die Vorschrift nicht auf. Ob sie nötig wäre, \
         entscheidet der Verantwortliche.",
    );
    paper
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|own| !own.is_whitespace()).collect()
}
