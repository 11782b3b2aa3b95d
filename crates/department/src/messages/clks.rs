//! What is wrong with a plain table or a clkhash schema, in German.

use encoder::clkhash::CellReason;

use crate::clks::UnfitCell;
use crate::error::Error;

/// What went wrong and what to do.
pub(super) fn text(error: &Error) -> Option<String> {
    use Error as E;
    Some(match error {
        E::Cell { path, line, column, name, reason } => {
            format!("{path}, Zeile {line}, Spalte {column} ({name}): {}", cell(*reason))
        }
        E::RowWidth { path, line, found, expected } => format!(
            "{path}, Zeile {line}: {found} Zellen, das Schema hat {expected} Merkmale: \
             Trennzeichen und offene Anführungszeichen prüfen"
        ),
        E::EmptyRow { path, line } => format!(
            "{path}, Zeile {line}: in keinem Merkmal steht etwas: Zeile entfernen oder mit \
             --empty-rows eine leere Kodierung hinnehmen"
        ),
        E::HeaderForeign { path, delimiter } => format!(
            "{path}: die erste Zeile nennt kein Merkmal des Schemas (Trennzeichen `{delimiter}`): \
             mit Kopfzeile ausgeben, --delimiter angeben oder mit --no-header ohne sie lesen"
        ),
        E::HeaderMissing { path, columns } => {
            format!("{path}: in der ersten Zeile fehlen Merkmale des Schemas: {columns}")
        }
        E::HeaderUnexpected { path, columns } => format!(
            "{path}: das Schema kennt diese Spalten der ersten Zeile nicht: {columns}: nicht mit \
             ausgeben oder im Schema als ignored nennen"
        ),
        E::HeaderOrder { path, columns } => {
            format!("{path}: die Spalten müssen in der Folge des Schemas stehen: {columns}")
        }
        E::ClkFile { path, reason } => format!("{path} ist keine Datei mit Kodierungen: {reason}"),
        E::SchemaFile { path, reason } => format!("{path}: {reason}"),
        E::SchemaFamily { path, option } => {
            format!("{path} gehört zum Verfahren milchglas, das kein --{option} hat: weglassen")
        }
        E::Secret { path, limit } => {
            format!("{path} muss das Geheimnis enthalten, 1 bis {limit} Bytes")
        }
        _ => return None,
    })
}

fn cell(unfit: UnfitCell) -> &'static str {
    match unfit {
        UnfitCell::NotUtf8 => "kein gültiges UTF-8: Datei als UTF-8 speichern",
        UnfitCell::Control => "ein Steuerzeichen wie NUL: an der Quelle entfernen",
        UnfitCell::Invisible => {
            "ein unsichtbares Zeichen für Schreibrichtung oder Bytefolge: an der Quelle entfernen"
        }
        UnfitCell::Schema(reason) => schema(reason),
    }
}

fn schema(reason: CellReason) -> &'static str {
    match reason {
        CellReason::NotAscii => "ein Zeichen ist nicht ASCII, wie es das Schema verlangt",
        CellReason::TooShort => "kürzer als minLength des Schemas",
        CellReason::TooLong => "länger als maxLength des Schemas",
        CellReason::NotUpper => "nicht nur Großbuchstaben, wie es das Schema verlangt",
        CellReason::NotLower => "nicht nur Kleinbuchstaben, wie es das Schema verlangt",
        CellReason::Pattern => "passt nicht zum Muster (pattern) des Schemas",
        CellReason::NotInteger => "keine ganze Zahl",
        CellReason::BelowMinimum => "unter minimum des Schemas",
        CellReason::AboveMaximum => "über maximum des Schemas",
        CellReason::NotDate => "kein Datum in der Form des Schemas, oder eines, das es nicht gibt",
        CellReason::NotListed => "keiner der Werte (values) des Schemas",
        CellReason::NotNumber => "keine Zahl, wie sie der Zahlenvergleich braucht",
        CellReason::NumberTooLarge => {
            "Zahl zu groß für den Zahlenvergleich: mehr als etwa 30 Stellen"
        }
    }
}
