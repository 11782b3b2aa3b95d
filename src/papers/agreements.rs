//! Templates: agreements (Art. 26 and 28 GDPR) and the notice to people (Art. 13 and 14).

use super::facts::Facts;
use super::paper::Paper;

fn template(title: &str, facts: &Facts) -> Paper {
    let mut paper = Paper::new(title, &facts.stand());
    paper.text(
        "Vorlage. Angaben aus den Regeln sind eingesetzt; was in eckigen Klammern steht, ist zu \
         ergänzen. Vor der Unterschrift rechtlich zu prüfen.",
    );
    paper
}

fn purposes(facts: &Facts) -> Vec<String> {
    let own = facts.purposes().map(|own| {
        format!("{} ({}; bis {})", own.purpose, own.legal_basis.join("; "), own.expires)
    });
    own.collect()
}

/// Agreement between joint controllers.
pub(super) fn joint(facts: &Facts) -> Paper {
    let mut paper = template("Vereinbarung über gemeinsame Verantwortung (Art. 26 DSGVO)", facts);
    paper.heading("1. Beteiligte und Zweck");
    paper.text(format!("Zwischen {} und [Träger der liefernden Fachämter].", facts.controller()));
    paper.list(purposes(facts));
    paper.heading("2. Wer was tut");
    paper.list([
        "Fachamt: liest seinen Auszug, bildet Kodierungen und Klassen, gibt Namen nicht heraus, meldet \
         Widersprüche und Sperren weiter.",
        "Schlüsselverwahrung: leitet je Epoche den Schlüssel ab und übergibt ihn nur den Fachämtern.",
        "Verknüpfungsstelle: [Träger, Rechner, Verwaltung].",
        "Statistikstelle: [Träger, Rechner, Verwaltung]; nicht dieselbe Verwaltung wie die \
         Verknüpfungsstelle.",
        "Datenschutz: zeichnet die Protokolle gegen und stimmt Wiederherstellungen zu.",
    ]);
    paper.heading("3. Rechte der Betroffenen");
    paper.text(
        "Anlaufstelle: [Name, Anschrift]. Auskunft, Berichtigung, Löschung und Widerspruch nimmt das \
         Fachamt entgegen, bei dem der Fall geführt wird; nur dort ist die Person benennbar.",
    );
    paper.heading("4. Sicherheit und Vorfälle");
    paper.list([
        format!(
            "Ohne Bestätigung durch die andere Stelle wird je Ereignisjahr höchstens {} % der \
             Obergrenze ausgegeben.",
            facts.policies.oversight.unwitnessed_percent
        ),
        "Eine eingespielte Sicherung geht nur zu zweit weiter: Betrieb und Datenschutz.".to_owned(),
        "Verletzungen meldet, wer sie bemerkt, binnen [24] Stunden den anderen Beteiligten."
            .to_owned(),
    ]);
    paper.heading("5. Unterschriften");
    paper.text("[Ort, Datum, Beteiligte]");
    paper
}

/// Agreement with a processor.
pub(super) fn processor(facts: &Facts) -> Paper {
    let mut paper = template("Vereinbarung zur Auftragsverarbeitung (Art. 28 DSGVO)", facts);
    paper.heading("1. Gegenstand");
    paper.text(format!(
        "{} beauftragt [Rechenzentrum] mit dem Betrieb der [Verknüpfungsstelle oder Statistikstelle, nie \
         beider in einer Verwaltung].",
        facts.controller()
    ));
    paper.list(purposes(facts));
    paper.heading("2. Daten und Betroffene");
    let datasets = facts.policies.catalogue.datasets.values();
    paper.list(datasets.map(|own| format!("{} ({})", own.label, own.legal_basis)));
    paper.heading("3. Pflichten");
    paper.list([
        "Verarbeitung nur nach den Regeln unter policies/ und schriftlicher Weisung.",
        "Sozialdaten: § 80 SGB X, Anzeige bei der Aufsichtsbehörde: [Datum].",
        "Verpflichtung der Beschäftigten auf Vertraulichkeit: [Nachweis].",
        "Sicherungen werden nicht ohne die Zustimmung des Datenschutzes eingespielt.",
        "Unterauftragnehmer nur mit vorheriger Zustimmung: [Liste].",
        "Löschung am Ende; Nachweis ist das Löschprotokoll.",
        "Kontrolle: Protokoll und Kassenbuch stehen dem Datenschutz jederzeit offen.",
    ]);
    paper.heading("4. Unterschriften");
    paper.text("[Ort, Datum, Beteiligte]");
    paper
}

/// Notice to the people concerned.
pub(super) fn notice(facts: &Facts) -> Paper {
    let mut paper = template("Information für Betroffene (Art. 13 und 14 DSGVO)", facts);
    paper.heading("Wer ist verantwortlich?");
    paper.text(format!("{} [Anschrift]. Datenschutz: [Anschrift].", facts.controller()));
    paper.heading("Was geschieht mit Ihren Daten?");
    paper.text(
        "Ihr Amt macht aus Namen und Geburtsdatum eine Kodierung und aus Ihrem Fall wenige grobe \
         Angaben, zum Beispiel eine Altersgruppe. Eine Stelle findet heraus, welche Kodierungen zu \
         einer Person gehören, ohne die Namen zu kennen; eine andere zählt die groben Angaben. \
         Veröffentlicht werden nur Zahlen, die absichtlich ein wenig ungenau sind, damit niemand auf \
         Sie schließen kann.",
    );
    paper.heading("Wozu und auf welcher Grundlage?");
    paper.list(purposes(facts));
    paper.heading("Woher kommen die Angaben, und wie lange bleiben sie?");
    let datasets = facts.policies.catalogue.datasets.values();
    paper.list(datasets.map(|own| {
        format!("{}: {} Monate nach dem Jahr, um das es geht", own.label, own.retention_months)
    }));
    paper.heading("Wer bekommt die Ergebnisse?");
    let mut recipients: Vec<&str> =
        facts.purposes().flat_map(|own| own.recipients.iter().map(String::as_str)).collect();
    recipients.sort_unstable();
    recipients.dedup();
    paper.list(recipients);
    paper.heading("Welche Rechte haben Sie?");
    paper.text(
        "Auskunft, Berichtigung, Löschung, Einschränkung und Widerspruch bei dem Amt, das Ihren Fall \
         führt; Beschwerde bei der Aufsichtsbehörde: [Anschrift]. Entscheidungen über Sie werden aus \
         diesen Zahlen nicht getroffen.",
    );
    paper
}
