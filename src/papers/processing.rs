//! Record of processing activities (Art. 30 GDPR).

use std::collections::BTreeSet;

use policy::{Catalogue, Dataset, Purpose};

use super::facts::Facts;
use super::paper::Paper;

pub(super) fn paper(facts: &Facts) -> Paper {
    let mut paper = Paper::new("Verzeichnis von Verarbeitungstätigkeiten", &facts.stand());
    paper.text(
        "Art. 30 Abs. 1 DSGVO. Je Zweck ein Abschnitt, aus den Dateien unter policies/. Was hier in \
         eckigen Klammern steht, trägt der Verantwortliche nach.",
    );
    paper.list([
        format!("Verantwortlicher: {} [Anschrift, Vertretung]", facts.controller()),
        "Datenschutzbeauftragte: [Name, Anschrift]".to_owned(),
        format!("Unterschriften im Protokoll: {}", signers(facts)),
    ]);
    for purpose in facts.purposes() {
        of(&mut paper, purpose, &facts.policies.catalogue);
    }
    paper.heading("Technische und organisatorische Maßnahmen");
    paper.list(measures(facts));
    paper
}

fn signers(facts: &Facts) -> String {
    let names: Vec<&str> =
        facts.policies.oversight.signers.iter().map(|own| own.name.as_str()).collect();
    if names.is_empty() { "niemand benannt".into() } else { names.join(", ") }
}

fn of(paper: &mut Paper, purpose: &Purpose, catalogue: &Catalogue) {
    paper.heading(format!("Zweck {}", purpose.id));
    paper.list([
        format!("Zweck: {}", purpose.purpose),
        format!("Rechtsgrundlage: {}", purpose.legal_basis.join("; ")),
        format!("Empfänger der Ergebnisse: {}", purpose.recipients.join("; ")),
        format!("Letzter Tag: {}", purpose.expires),
        format!("Freigegeben von: {}", names(&purpose.approvals)),
        format!(
            "Betroffene: Personen in den unten genannten Verfahren, deren Gemeinde zu {} gehört",
            purpose.territory.label
        ),
        "Übermittlung in Drittländer: keine vorgesehen".to_owned(),
    ]);
    let used = used(purpose, catalogue);
    let rows = used.into_iter().filter_map(|name| {
        let dataset = catalogue.datasets.get(name)?;
        Some(vec![
            format!("{} ({name})", dataset.label),
            dataset.legal_basis.clone(),
            columns(dataset, catalogue),
            format!("{} Monate nach dem Ereignisjahr", dataset.retention_months),
        ])
    });
    let heads = ["Verfahren", "Rechtsgrundlage der Daten", "Merkmale (nur Klassen)", "Löschfrist"];
    paper.table(&heads, rows.collect(), "Der Zweck nennt kein Verfahren.");
}

/// The datasets that its questions read.
fn used<'a>(purpose: &'a Purpose, catalogue: &'a Catalogue) -> BTreeSet<&'a policy::Name> {
    let mut used = BTreeSet::new();
    for indicator in &purpose.indicators {
        let Ok(plan) = purpose.plan(&indicator.query, catalogue) else { continue };
        let read: BTreeSet<_> = plan.datasets().into_iter().cloned().collect();
        used.extend(catalogue.datasets.keys().filter(|name| read.contains(*name)));
    }
    if let Some(own) = &purpose.ad_hoc {
        used.extend(catalogue.datasets.keys().filter(|name| own.datasets.contains(name)));
    }
    used
}

fn columns(dataset: &Dataset, catalogue: &Catalogue) -> String {
    let label = |name: &policy::Name| {
        let own = catalogue.dimensions.get(name);
        own.map_or_else(|| name.to_string(), |own| format!("{} ({})", own.label, own.keys.len()))
    };
    let mut words: Vec<String> = dataset.dimensions.iter().map(label).collect();
    words.extend(
        dataset
            .measures
            .iter()
            .map(|own| format!("{} in Stufen von {} {}", own.label, own.step, own.unit)),
    );
    words.push("Jahr und Monate".into());
    words.join("; ")
}

fn names(own: &[policy::Name]) -> String {
    own.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn measures(facts: &Facts) -> Vec<String> {
    let oversight = &facts.policies.oversight;
    vec![
        "Namen, Geburtsdaten, Anschriften und Aktenzeichen verlassen das Fachamt nicht; es sendet \
         Kodierungen an die Verknüpfungsstelle und Klassen an die Statistikstelle."
            .into(),
        "Die Stellen haben getrennte Programme und Datenbanken; wie weit Rechner und Verwaltung \
         getrennt sind, steht in jeder Freigabe."
            .into(),
        "Nur verrauschte Ergebnisse gehen hinaus; jede Ausgabe von Budget steht vorher auf der \
         Platte."
            .into(),
        format!(
            "Jede Ausgabe bestätigt die andere Stelle; ist sie nicht erreichbar, höchstens {} % der \
             Obergrenze je Ereignisjahr.",
            oversight.unwitnessed_percent
        ),
        format!(
            "Der Datenschutz zeichnet das Protokoll alle {} Tage gegen.",
            oversight.countersign_days
        ),
    ]
}
