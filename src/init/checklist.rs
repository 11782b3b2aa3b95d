//! What remains to be done, by whom, with which command and whose signature.

use super::shape::digits;
use super::units::SCHEMA;
use super::{County, PEOPLE, Read};

/// Name of the list in the folder.
pub(super) const FILE: &str = "NAECHSTE-SCHRITTE.md";

/// The list.
pub(super) fn text(county: &County, read: &Read) -> String {
    let mut text = format!(
        "# Nächste Schritte: {}\n\nDieser Ordner ist ein Vorschlag. Nichts davon gilt, bevor zwei \
         Personen es an beiden Stellen freigegeben haben. Die Befehle gelten in diesem Ordner; im \
         Betrieb führt jede Stelle die ihren auf dem eigenen Rechner aus. Wie das im Ganzen geht, steht \
         in `docs/de/uebernehmen.md`.\n",
        county.label()
    );
    text += &holds(county, read);
    text += if county.exercise { EXERCISE } else { "" };
    text += &people(county);
    if !county.exercise {
        text += &secrets(county);
    }
    text += &policies(county, read);
    text += &keys(county);
    text += &begin(county);
    text
}

const EXERCISE: &str = "\n> **Übung.** Schlüssel und Token sind erzeugt und liegen hier; sie gehören \
                        nie in einen echten Betrieb. Ein Auszug muss die Spalte `uebung` mit dem Wert \
                        `ja` haben, sonst wird er abgelehnt; ein echter hat sie nicht. Eine Lieferung \
                        aus einem anderen Projekt lehnen beide Stellen ab.\n";

fn holds(county: &County, read: &Read) -> String {
    let departments: Vec<String> = county
        .departments()
        .into_iter()
        .map(|name| {
            let own = county.deliveries().filter(|(department, _)| *department == name);
            let datasets: Vec<&str> = own.map(|(_, dataset)| dataset.as_str()).collect();
            format!("{name} ({})", datasets.join(", "))
        })
        .collect();
    let areas = match county.social_areas().len() {
        0 => "keine Sozialräume".to_owned(),
        number => format!("{number} Sozialräume"),
    };
    format!(
        "\n| was | |\n|---|---|\n| Projekt | `{}` |\n| Gemeinden | {} ({}), {areas} |\n| Ämter | {} \
         |\n| Kennzahlen | {} |\n| Zusage je Ereignisjahr | {} (1e-9 rho), davon die Freigabepläne {} \
         |\n| Zweck endet | {} |\n",
        county.project(),
        county.places.own.len(),
        county.places.source,
        departments.join(", "),
        read.indicators().len(),
        digits(county.answers.cap_nano_rho),
        digits(read.yearly),
        county.answers.expires()
    )
}

fn people(county: &County) -> String {
    let answers = &county.answers;
    let mut text = "\n## 1. Wer wer ist\n\nJede Rolle hat eine andere Person; Betrieb und \
                    Schlüsselstelle sind nie dieselbe.\n\n| Name an den Stellen | Rolle | wer |\n\
                    |---|---|---|\n"
        .to_owned();
    for person in &PEOPLE {
        let who = match person.role {
            "dpo" => answers.officer.as_str(),
            "approver" => answers.head.as_str(),
            _ => "– (eintragen)",
        };
        text += &format!("| `{}` | {} | {who} |\n", county.person(person), person.word);
    }
    text += &format!("\nVerantwortlich ist: {}.\n", answers.controller);
    text
}

fn secrets(county: &County) -> String {
    let mut text =
        "\n## 2. Schlüssel und Token\n\nJede Person erzeugt die eigenen auf dem eigenen \
                    Rechner (Dateien 0600) und gibt nur den öffentlichen Teil weiter, nach \
                    `oeffentlich`. Geheim bleibt, was in der Datei steht.\n\n"
            .to_owned();
    for (unit, title) in
        [("verknuepfungsstelle", "Verknüpfungsstelle"), ("statistikstelle", "Statistikstelle")]
    {
        text += &format!(
            "- [ ] {title}: `milchglas keygen signing --output {unit}/signing.key > \
             oeffentlich/{unit}.pub` und `milchglas keygen data --output {unit}/data.key`\n"
        );
    }
    text += "- [ ] Statistikstelle: `milchglas keygen rank --output statistikstelle/rank.key`\n";
    for person in &PEOPLE {
        let name = county.person(person);
        text += &format!(
            "- [ ] {}: `milchglas keygen token --output personen/{name}/token > \
             oeffentlich/{name}.sha256`\n",
            person.word
        );
    }
    for name in county.departments() {
        text += &format!(
            "- [ ] {name}: `milchglas keygen token --output aemter/{name}/token > \
             oeffentlich/{name}.sha256`, `milchglas-department keygen signing --output \
             aemter/{name}/signing.key` (danach `signing.key.pub` nach `oeffentlich/{name}.pub`), \
             `milchglas-department keygen register --output aemter/{name}/register.key`\n"
        );
    }
    text += "- [ ] Betrieb: `milchglas init . --enter` trägt alles ein und nennt, was noch fehlt\n\
             - [ ] Datenschutz und Leitung: Schlüssel zum Gegenzeichnen mit `milchglas-audit keygen`, \
             den öffentlichen Teil in `policies/oversight.toml` eintragen (vor der Freigabe)\n";
    text
}

fn policies(county: &County, read: &Read) -> String {
    let officer = PEOPLE.iter().find(|own| own.role == "dpo");
    let officer = officer.map(|own| county.person(own)).unwrap_or_default();
    format!(
        "\n## 3. Regelwerk lesen und freigeben\n\n- [ ] Datenschutz und Leitung: Rechtsgrundlage, \
         Empfänger, Kennzahlen und Preise lesen: `milchglas policy explain policies`\n- [ ] \
         Sozialplanung: Breite der Intervalle ansehen: `milchglas plan price policies`. \
         Reicht sie nicht, `rho_nano` in den Freigabeplänen erhöhen: zusammen höchstens {most} für ein \
         Ereignisjahr, jetzt {yearly}\n- [ ] Jedes Amt: \
         die eigene Zuordnung (`policies/mappings`) mit einem Auszug prüfen: `milchglas-department \
         profile --help`; in `policies/mappings/towns.csv` fehlen Ortsteile und weitere Postleitzahlen, \
         wo der Auszug keinen Gemeindeschlüssel hat\n- [ ] Alle: `milchglas policy check policies` nach \
         jeder Änderung\n- [ ] Betrieb: beide Stellen starten (`milchglas serve --config \
         verknuepfungsstelle/unit.toml`, auf dem anderen Rechner `statistikstelle/unit.toml`); der Satz \
         unter `separation` muss wahr sein\n- [ ] Datenschutz und Leitung, jede für sich, an beiden \
         Stellen: `milchglas proposals --url {linkage} --token-file personen/{officer}/token`, dann \
         `milchglas approve … --policies policies`; ebenso {statistics}\n",
        linkage = county.answers.linkage_url,
        statistics = county.answers.statistics_url,
        most = digits(read.most),
        yearly = digits(read.yearly),
    )
}

fn keys(county: &County) -> String {
    let epoch = county.answers.epoch;
    let how = if county.exercise {
        "- [ ] Alle: `milchglas-department keygen linkage --output schluesselstelle/linkage.key` und \
         je Amt `milchglas-department keygen register --output aemter/NAME/register.key`\n"
            .to_owned()
    } else {
        format!(
            "- [ ] Schlüsselstelle: Hauptschlüssel erzeugen und im Tresor sichern, Schlüssel der Epoche \
             {epoch} für das Projekt `{}` ableiten, für jedes Amt verpacken (`docs/de/schluessel.md`)\n",
            county.project()
        )
    };
    format!(
        "\n## 4. Schlüssel der Epoche {epoch}\n\n{how}- [ ] Schlüsselstelle: Prüfwert vorschlagen \
         (`milchglas propose key-release --epoch {epoch} …`, Schema `{SCHEMA}`)\n- [ ] Datenschutz oder \
         Leitung: freigeben; Schlüsselstelle: `milchglas epoch …`\n"
    )
}

fn begin(county: &County) -> String {
    let last = county.answers.epoch.saturating_sub(1);
    format!(
        "\n## 5. Erste Lieferung\n\n- [ ] Jedes Amt: Freigabe in `aemter/…/department.toml` (`share`) \
         einhängen, Auszug bis Dezember {last} in `Eingang` legen, Station starten \
         (`docs/de/station.md`)\n- [ ] Betrieb: Kurier starten: `milchglas carry --config \
         kurier/courier.toml`\n- [ ] Danach entstehen die Tabellen für {last} von selbst; in \
         `department.toml` die Zeile `period` löschen\n- [ ] Betrieb: Einwohnerzahlen für Quoten: \
         `milchglas population import --help`\n- [ ] Datenschutz: Unterlagen ablegen: `milchglas papers \
         --help`; Protokoll gegenzeichnen\n"
    )
}
