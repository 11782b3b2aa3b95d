//! Errors in German.

use submission::Half;

use super::{clks, keys, problem, sql, workbook};
use crate::error::{Error, ListFault};

/// What went wrong and what to do.
pub(super) fn text(error: &Error) -> String {
    files(error)
        .or_else(|| columns(error))
        .or_else(|| clks::text(error))
        .unwrap_or_else(|| others(error))
}

fn files(error: &Error) -> Option<String> {
    use Error as E;
    Some(match error {
        E::Read { path, reason } => {
            format!(
                "{path} ist nicht lesbar ({reason}): prüfen, ob es die Datei gibt und sie gelesen \
                 werden darf"
            )
        }
        E::Write { path, reason } => {
            format!(
                "{path} ist nicht schreibbar ({reason}): Ordner, Rechte und freien Platz prüfen"
            )
        }
        E::Changed { path } => {
            format!(
                "{path} hat sich beim Lesen geändert: den Befehl wiederholen, wenn die Datei \
                 vollständig ist"
            )
        }
        E::Exists { path } => {
            format!("{path} gibt es schon: anderen Namen wählen, es wurde nichts überschrieben")
        }
        E::Empty { path } => format!("{path} ist leer: Auszug neu erstellen"),
        E::HeaderOnly { path } => {
            format!("{path} hat eine Kopfzeile, aber keine Datensätze: Auszug neu erstellen")
        }
        E::FileTooLarge { path, limit } => {
            format!(
                "{path} ist größer als {limit} Bytes: in Teilen liefern oder die Grenze anheben"
            )
        }
        E::NotText { path } => format!("{path} ist keine Textdatei: als CSV (UTF-8) speichern"),
        E::Workbook { path, reason } => format!("{path}: {}", workbook::text(reason)),
        E::Utf16 { path } => {
            format!("{path} ist als UTF-16 gespeichert: als CSV (UTF-8) speichern")
        }
        E::NotUtf8 { path, line } => format!(
            "{path}, Zeile {line}: kein gültiges UTF-8: als UTF-8 speichern oder encoding auf \
             windows-1252 setzen"
        ),
        E::MixedEncoding { path, line } => format!(
            "{path}, Zeile {line}: zwei Zeichenkodierungen in einer Datei: in einem Zug als UTF-8 \
             ausgeben"
        ),
        E::HalfCharacter { path, line } => format!(
            "{path}, Zeile {line}: ein halbes Zeichen (einzelnes Surrogat), beim Ausgeben ging \
             etwas verloren: neu als UTF-8 ausgeben"
        ),
        E::ForeignEncoding { path, line } => format!(
            "{path}, Zeile {line}: weder UTF-8 noch Windows-1252 (vielleicht eine DOS-Codepage): \
             als UTF-8 speichern"
        ),
        E::RecordTooLong { path, line, limit } => format!(
            "{path}, Zeile {line}: Datensatz mit mehr als {limit} Bytes: nach einem offenen \
             Anführungszeichen suchen"
        ),
        E::CellTooLong { path, line, column, limit } => format!(
            "{path}, Zeile {line}, Spalte {column}: Zelle mit mehr als {limit} Bytes: nach einem \
             offenen Anführungszeichen suchen"
        ),
        E::TooManyCells { path, line, limit } => {
            format!("{path}, Zeile {line}: mehr als {limit} Zellen: Trennzeichen prüfen")
        }
        E::EmptyList { path } => {
            format!("{path} nennt keinen Fall: je Zeile eine Fallnummer schreiben")
        }
        E::List { path, line, reason } => format!("{path}, Zeile {line}: {}", list(*reason)),
        E::Batch { path, reason } => {
            format!(
                "{path} ist kein vollständiger Ordner einer Lieferung ({reason}): Auszug neu \
                 kodieren"
            )
        }
        _ => return None,
    })
}

fn columns(error: &Error) -> Option<String> {
    use Error as E;
    Some(match error {
        E::Delimiter { path } => format!(
            "{path}: kein Trennzeichen in der ersten Zeile: in der Zuordnung angeben oder mit \
             Semikolon ausgeben"
        ),
        E::ColumnTwice { path, column } => {
            format!(
                "{path}: Spalte {column} der ersten Zeile heißt wie eine andere: eine \
            umbenennen"
            )
        }
        E::NoHeader { path } => format!(
            "{path}: die erste Zeile nennt keine Spalte der Zuordnung: mit Kopfzeile ausgeben \
             oder die passende Zuordnung nehmen"
        ),
        E::NoNames { path } => format!(
            "{path}: die erste Zeile scheint ein Datensatz zu sein und nennt keine Spalten: mit \
             Kopfzeile ausgeben"
        ),
        E::MissingColumns { path, columns } => {
            format!(
                "{path}: es fehlen die Spalten {columns}: mit ausgeben oder Zuordnung \
            berichtigen"
            )
        }
        E::UnknownColumns { path, columns } => format!(
            "{path}: die Zuordnung kennt diese Spalten nicht: {columns}: dort benennen (role = \
             \"ignore\", wenn sie nicht gelesen werden sollen) oder nicht mit ausgeben"
        ),
        E::NothingUsable { path, quarantine } => {
            format!("{path}: kein Datensatz ist verwendbar: die Gründe stehen in {quarantine}")
        }
        E::Mapping { path, reason } => format!("Zuordnung {path}: {reason}"),
        E::Undecided { path, places } => {
            format!("Zuordnung {path}: noch zu entscheiden (\"?\"): {places}")
        }
        E::Policy(reason) => format!("Vereinbarung (policies): {reason}"),
        E::SchemaMissing { name, known } => format!(
            "das Verknüpfungsschema {name} liegt nicht im Ordner policies; vorhanden: {known}"
        ),
        E::Settings { path, reason } => format!(
            "Einstellungen {path}: {reason}; andere Datei mit --settings nennen, Muster in \
             docs/multiparty.md"
        ),
        E::SqlSource { path, reason } => format!("Quelle {path}: {reason}"),
        E::Sql { path, reason } => format!("Quelle {path}: {}", sql::text(reason)),
        E::NoCase => "für eine Berichtigung muss die Zuordnung die Spalte `case` nennen: ohne sie \
        sind frühere Lieferungen nicht zuzuordnen"
            .into(),
        _ => return None,
    })
}

fn others(error: &Error) -> String {
    use Error as E;
    match error {
        E::KeyPermissions { path } => {
            format!("{path} ist für andere lesbar: chmod 600 {path} ausführen")
        }
        E::KeyForm { path, kind } => format!(
            "{path} ist keine Schlüsseldatei ({kind}) dieses Programms: mit `milchglas-department \
             keygen {kind} --output DATEI` erzeugen oder neu besorgen"
        ),
        E::Key { path, reason } => format!("{path}: {}", keys::text(*reason)),
        E::Encoder(reason) => format!("der Verknüpfungsschlüssel passt nicht zum Schema: {reason}"),
        E::Register { path } => format!(
            "{path} lässt sich nicht öffnen: verändert oder mit einem anderen Registerschlüssel \
             versiegelt"
        ),
        E::Random => "die Zufallsquelle des Systems ist nicht verfügbar".into(),
        E::OnShare { path, share } => format!(
            "{path} liegt unter der Freigabe {share}, wo andere es erreichen: in einen lokalen \
             Ordner verschieben und die Einstellungen berichtigen"
        ),
        E::Share { path, reason } => format!(
            "die Freigabe {path} ist nicht erreichbar ({reason}): prüfen, ob sie eingehängt ist"
        ),
        E::StationRuns { path } => {
            format!("es läuft schon eine Station mit dem Arbeitsordner {path}: zuerst beenden")
        }
        E::Journal { path, reason } => format!(
            "das Journal {path} ist nicht lesbar ({reason}): aus der Sicherung zurückholen, oder \
             beiseite legen und vor dem Start prüfen, was schon geliefert ist"
        ),
        E::PlainHttp { half, url } => format!(
            "{}: {url} muss mit https:// beginnen (http:// nur auf diesem Rechner)",
            unit(*half)
        ),
        E::Unreachable { half, reason } => format!(
            "{} ist nicht erreichbar ({reason}): Gesendetes bleibt erhalten, Befehl später \
             wiederholen",
            unit(*half)
        ),
        E::Certificate { half, reason } => format!(
            "{}: ihr Zertifikat wird nicht anerkannt ({reason}): url und authority in den \
             Einstellungen prüfen, es wurde nichts gesendet",
            unit(*half)
        ),
        E::Refused { half, problem } => {
            format!(
                "{} lehnt ab. {} ({})",
                unit(*half),
                problem::text(problem.code),
                problem.detail
            )
        }
        E::Answer { half, status } => format!(
            "{} antwortet in unbekannter Form (Status {status}): Adresse und Versionen prüfen",
            unit(*half)
        ),
        E::Receipt { half } => format!(
            "{}: die Quittung ist nicht mit ihrem Schlüssel oder nicht für diese Lieferung \
             unterschrieben: public_key in den Einstellungen prüfen",
            unit(*half)
        ),
        E::Submission(submission::SubmissionError::Limit { limit, .. }) => format!(
            "die Lieferung überschreitet eine Grenze ({limit}): Zeitraum teilen, statt vieler \
             Rücknahmen ganz neu liefern"
        ),
        other => other.to_string(),
    }
}

fn unit(half: Half) -> &'static str {
    match half {
        Half::Linkable => "die Verknüpfungsstelle",
        Half::Measures => "die Statistikstelle",
    }
}

fn list(fault: ListFault) -> &'static str {
    match fault {
        ListFault::Form => "Fallnummer oder Nachname;Vornamen;Geburtsdatum schreiben",
        ListFault::Date => "das Geburtsdatum ist nicht lesbar: als tt.mm.jjjj schreiben",
        ListFault::UnknownCase => {
            "keine frühere Lieferung enthält diesen Fall: Nummer und Ordner outbox prüfen"
        }
        ListFault::TooLong => "die Zeile ist zu lang",
    }
}
