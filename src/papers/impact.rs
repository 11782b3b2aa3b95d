//! Annex for the data protection impact assessment (Art. 35 GDPR).

use anyhow::Context;
use policy::NanoRho;
use serde_json::Value;
use statistics_unit::{GroupLoss, group_losses};

use super::facts::{Facts, day, rho};
use super::paper::Paper;

pub(super) fn paper(facts: &Facts) -> anyhow::Result<Paper> {
    let mut paper = Paper::new("Anlage zur Datenschutz-Folgenabschätzung", &facts.stand());
    paper.text("Art. 35 DSGVO. Zahlen stammen aus dem, was jeweils danebensteht.");
    flows(&mut paper);
    spent(&mut paper, facts);
    worst_case(&mut paper, facts)?;
    quality(&mut paper, facts);
    attack(&mut paper, facts);
    unique(&mut paper, facts);
    watched(&mut paper, facts);
    Ok(paper)
}

fn flows(paper: &mut Paper) {
    paper.heading("Wer was bekommt");
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    paper.table(
        &["von", "an", "was", "was nie"],
        vec![
            row([
                "Fachamt",
                "Verknüpfungsstelle",
                "zufällige Nummer je Fall und Lieferung, Kodierungen",
                "Namen, Schlüssel, Merkmale",
            ]),
            row([
                "Fachamt",
                "Statistikstelle",
                "dieselbe Nummer, Merkmale in Klassen",
                "Namen, Schlüssel, Kodierungen",
            ]),
            row([
                "Verknüpfungsstelle",
                "Statistikstelle",
                "verschlüsselt: welche Nummern eine Person sind",
                "Ähnlichkeiten, Kodierungen",
            ]),
            row([
                "Statistikstelle",
                "Sozialplanung, Öffentlichkeit",
                "verrauschte Tabellen mit Spannweite",
                "genaue Zahlen, Einzelfälle",
            ]),
            row([
                "jede Stelle",
                "die andere Stelle",
                "Nummer und Prüfsumme ihres Protokolls, Summen des Budgets",
                "alles Übrige",
            ]),
        ],
        "",
    );
    paper.text(
        "Kodierungen und Klassen sind personenbezogen. Wer Schlüssel und Kodierungen zusammen hat, \
         kennt alle Namen; wer ein Register eines Fachamts neben die Klassen legt, erkennt manche \
         Personen.",
    );
}

fn spent(paper: &mut Paper, facts: &Facts) {
    paper.heading("Was eine Person höchstens preisgibt (aus dem Kassenbuch)");
    let amount = |value: &Value| rho(value.as_u64().unwrap_or(0));
    let lines = |key: &str| facts.budget[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let delta = facts.purposes().map(|own| own.budget.delta_conv_femto).max();
    let eps = |value: &Value| {
        let nano = value.as_u64().and_then(|own| NanoRho::new(own).ok());
        let shown = nano.zip(delta).and_then(|(nano, delta)| {
            let own = group_losses(nano, delta, 1..=1).ok()?.into_iter().next()?;
            Some(format!("{:.2}", own.eps).replace('.', ","))
        });
        shown.unwrap_or_else(|| "–".into())
    };
    let rows = lines("lineages").iter().map(|own| {
        vec![
            own["year"].to_string(),
            amount(&own["spent"]),
            amount(&own["burnt"]),
            eps(&own["spent"]),
            amount(&own["reserved"]),
            amount(&own["cap"]),
            eps(&own["cap"]),
        ]
    });
    let heads = [
        "Ereignisjahr",
        "rho ausgegeben",
        "davon nach Wiederherstellung verbrannt",
        "eps dazu",
        "rho vorgemerkt",
        "Obergrenze rho",
        "eps dazu",
    ];
    paper.table(&heads, rows.collect(), "Noch ist nichts ausgegeben.");
    let state = |own: &Value| match own["state"].as_str() {
        Some("released") => "freigegeben",
        Some("failed" | "void") => "gescheitert, bleibt abgebucht",
        _ => "abgebucht, noch offen",
    };
    let rows = lines("spending").iter().map(|own| {
        let word = |key: &str| own[key].as_str().unwrap_or("–").to_owned();
        vec![
            word("month"),
            word("purpose"),
            state(own).to_owned(),
            own["charges"].to_string(),
            amount(&own["spent"]),
        ]
    });
    let heads = ["Monat der Ausgabe", "Zweck", "Zustand", "Anzahl", "rho"];
    paper.table(&heads, rows.collect(), "Noch ist nichts abgebucht.");
    if let Some(delta) = delta {
        paper.text(format!(
            "eps ist die Umrechnung von rho bei delta = {} · 10^-15. Es gibt keine Erstattung und keine \
             Erneuerung: Was ausgegeben ist, bleibt es.",
            delta.get()
        ));
    }
}

fn worst_case(paper: &mut Paper, facts: &Facts) -> anyhow::Result<()> {
    paper.heading("Schlimmster Fall: als mehrere verknüpft, oder ein Haushalt");
    paper.text(
        "Die Zusage gilt einer Person, wie sie verknüpft wurde. Wurde sie als s Personen verknüpft, \
         verliert sie bis zum s²-Fachen; ein Haushalt von s Personen ebenso.",
    );
    for purpose in facts.purposes() {
        let budget = &purpose.budget;
        let losses = group_losses(budget.lineage_cap_nano_rho, budget.delta_conv_femto, 1..=4);
        let rows = losses.context("the loss of a group")?.into_iter().map(
            |GroupLoss { size, rho_nano, eps }| {
                vec![size.to_string(), rho(rho_nano), format!("{eps:.2}").replace('.', ",")]
            },
        );
        let heads = ["s", "rho je Ereignisjahr höchstens", "eps"];
        paper.text(format!("Zweck {}:", purpose.id));
        paper.table(&heads, rows.collect(), "");
    }
    Ok(())
}

fn quality(paper: &mut Paper, facts: &Facts) {
    paper.heading("Güte der Verknüpfung");
    let rows = facts.releases.iter().filter(|own| own["kind"] == "link_quality").flat_map(|own| {
        let cells = own["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
        cells.iter().map(|cell| {
            let labels = cell["labels"].as_array().map(Vec::as_slice).unwrap_or_default();
            let label: Vec<&str> = labels.iter().filter_map(Value::as_str).collect();
            vec![
                own["year"].to_string(),
                label.join(", "),
                cell["value"].to_string(),
                format!("{} bis {}", cell["low"], cell["high"]),
                own["ledger"]["sequence"].to_string(),
            ]
        })
    });
    let heads = [
        "Ereignisjahr",
        "Stärke der schwächsten Verbindung",
        "Personen (verrauscht)",
        "95 %",
        "Eintrag",
    ];
    paper.table(
        &heads,
        rows.collect(),
        "Noch ist keine Freigabe zur Güte der Verknüpfung erfolgt (Kennzahl link-quality). Genaue \
         Zahlen verlassen die Verknüpfungsstelle nicht.",
    );
}

fn attack(paper: &mut Paper, facts: &Facts) {
    paper.heading("Was Kodierungen unter Angriff verraten");
    let Some(own) = &facts.attack else {
        paper.text(
            "Kein Angriffsbericht beigefügt: mit --attack DATEI --attack-on TAG angeben \
             (`milchglas-demo attack`).",
        );
        return;
    };
    paper.text(format!(
        "Aus {} vom {} (SHA-256 {}), gemessen an erfundenen Menschen; Anteil richtig benannter \
         Datensätze in Prozent, in Klammern 95 %.",
        own.file, own.made_on, own.digest
    ));
    let mut rows = own.table.iter();
    let heads: Vec<&str> =
        rows.next().map(|own| own.iter().map(String::as_str).collect()).unwrap_or_default();
    paper.table(&heads, rows.cloned().collect(), "");
}

fn unique(paper: &mut Paper, facts: &Facts) {
    paper.heading("Wie viele Personen mit ihren Merkmalen allein sind");
    let Some(own) = &facts.uniqueness else {
        paper.text(
            "Nicht berechnet: mit --uniqueness DATEI angeben. Eine genaue Zahl über wirkliche Menschen \
             verlässt die Statistikstelle nicht; gemeint ist eine Zahl über erfundene.",
        );
        return;
    };
    paper.text(format!(
        "Zahl über {} erfundene Menschen, keine über wirkliche; aus {} vom {}.",
        own.persons, own.source, own.made_on
    ));
    let rows = own.shares.iter().map(|own| {
        let (whole, tenth) = (own.unique_per_mille / 10, own.unique_per_mille % 10);
        vec![own.columns.clone(), format!("{whole},{tenth} %")]
    });
    paper.table(&["Merkmale", "allein damit"], rows.collect(), "Die Datei nennt keine Merkmale.");
}

fn watched(paper: &mut Paper, facts: &Facts) {
    paper.heading("Aufsicht über das Protokoll");
    let text = |value: &Value| value.as_str().unwrap_or("–").to_owned();
    let at = |value: &Value| value.as_i64().map_or_else(|| "–".into(), day);
    let (witnessed, signed) = (&facts.audit["witnessed"], &facts.audit["countersigned"]);
    let late = facts.audit["late_days"].as_i64();
    paper.list([
        format!("Ende des Protokolls: {}", text(&facts.audit["head"])),
        format!(
            "zuletzt bestätigt von der anderen Stelle: {} am {}",
            text(&witnessed["head"]),
            at(&witnessed["at"])
        ),
        format!(
            "zuletzt gegengezeichnet: {} am {} durch {}",
            text(&signed["head"]),
            at(&signed["at"]),
            text(&signed["officer"])
        ),
        late.map_or_else(|| "keine Verspätung".into(), |days| format!("{days} Tage verspätet")),
        format!("Wiederherstellungen aus Sicherungen: {}", facts.audit["generation"]),
    ]);
}
