//! What is wrong between a department and its own database, in German.

use crate::source::SqlFault;

/// What it means and what to do.
pub(super) fn text(fault: &SqlFault) -> String {
    use SqlFault as F;
    match fault {
        F::Unreachable(reason) => {
            format!("die Datenbank ist nicht erreichbar ({reason}): url, authority und Netz prüfen")
        }
        F::Refused(reason) => {
            format!("die Datenbank weist den Benutzer ab ({reason}): user und password_file prüfen")
        }
        F::Query(reason) => format!("die Datenbank lehnt die Abfrage ab: {reason}"),
        F::NoColumns => "die Abfrage hat keine Spalten: ein SELECT schreiben".into(),
        F::Parameters => "die Abfrage hat Platzhalter: die Werte hineinschreiben".into(),
        F::ColumnTwice(name) => {
            format!("zwei Spalten der Abfrage heißen {name}: eine mit AS umbenennen")
        }
        F::ColumnType { column, kind } => format!(
            "Spalte {column} hat den Typ {kind}, der in keine Zelle passt: weglassen oder mit CAST \
             in Text wandeln"
        ),
        F::Value { row, column, kind } => format!(
            "Zeile {row}, Spalte {column}: der Wert passt in keine Zelle ({kind}): berichtigen oder \
             mit CAST in Text wandeln"
        ),
        F::Broken { rows, code } => format!(
            "die Datenbank brach nach {rows} Zeilen ab ({code}): in ihrem Protokoll nachsehen"
        ),
        F::TooManyRows(limit) => format!(
            "die Abfrage liefert mehr als {limit} Zeilen: eingrenzen oder most_rows anheben"
        ),
        F::Timeout(seconds) => format!(
            "die Abfrage dauert länger als {seconds} Sekunden: eingrenzen oder timeout_seconds \
             anheben"
        ),
        F::Write(reason) => format!(
            "die Datei ist nicht schreibbar ({reason}): Ordner, Rechte und freien Platz prüfen"
        ),
    }
}
