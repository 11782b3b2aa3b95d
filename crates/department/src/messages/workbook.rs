//! What is wrong with an Excel workbook, in German.

use crate::source::{TooMuch, WorkbookFault};

/// What it means and what to do.
pub(super) fn text(fault: &WorkbookFault) -> String {
    use WorkbookFault as F;
    match fault {
        F::Damaged => {
            "die Arbeitsmappe ist beschädigt: noch einmal kopieren oder neu speichern".into()
        }
        F::Encrypted => {
            "die Arbeitsmappe ist mit einem Kennwort geschützt: ohne Kennwort speichern".into()
        }
        F::Kind(kind) => format!(
            "{kind} ist nicht lesbar: als Excel-Arbeitsmappe (.xlsx) oder CSV (UTF-8) speichern"
        ),
        F::TooLarge { what, limit } => format!(
            "die Arbeitsmappe hat mehr als {limit} {}: als CSV ausgeben oder in Teilen liefern",
            much(*what)
        ),
        F::NoSheet => "die Arbeitsmappe hat kein sichtbares Blatt mit einer Kopfzeile: Auszug neu \
             erstellen"
            .into(),
        F::SheetMissing { name, known } => format!(
            "die Arbeitsmappe hat kein Blatt {name}, nur {known}: sheet in der Zuordnung berichtigen"
        ),
        F::Sheets { known } => format!(
            "die Arbeitsmappe hat mehrere Blätter: {known}: eines in der Zuordnung unter [source] \
             als sheet nennen"
        ),
    }
}

fn much(what: TooMuch) -> &'static str {
    match what {
        TooMuch::Bytes => "Bytes",
        TooMuch::UnpackedBytes => "Bytes, wenn sie entpackt wird",
        TooMuch::StringBytes => "Bytes gemeinsamen Text",
        TooMuch::Parts => "Bestandteile",
        TooMuch::Cells => "gefüllte Zellen",
        TooMuch::TextBytes => "Bytes Text in den Zellen",
    }
}
