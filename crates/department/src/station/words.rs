//! What a clerk reads about a file that is not sent.

use submission::ProblemCode;

use super::filing::Moved;
use super::journal::Rejection;

const AGAIN: &str = "Die Datei danach neu in den Ordner Eingang legen.";

fn rejection(code: &str, reason: String, steps: &[&str]) -> Rejection {
    Rejection {
        code: code.into(),
        reason,
        steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        ..Rejection::default()
    }
}

pub(super) fn unknown_kind() -> Rejection {
    rejection(
        "unknown-kind",
        "Diese Art von Datei wird nicht gelesen.".into(),
        &[
            "Den Auszug als CSV-Datei (.csv, .txt) oder als Excel-Arbeitsmappe (.xlsx, .xlsm) \
             speichern. Dokumente, PDF und ZIP-Archive werden nicht gelesen.",
            AGAIN,
        ],
    )
}

pub(super) fn too_large(limit: u64) -> Rejection {
    rejection(
        "too-large",
        format!("Die Datei ist größer als erlaubt ({} MB).", limit >> 20),
        &[
            "Prüfen, ob es die richtige Datei ist.",
            "Wenn ja: die IT bitten, die Grenze in der Zuordnung anzuheben (file_limit).",
        ],
    )
}

pub(super) fn no_header() -> Rejection {
    rejection(
        "no-header",
        "Die erste Zeile nennt keine Spalte, die eine Zuordnung kennt.".into(),
        &[
            "Prüfen, ob die Datei eine Kopfzeile mit den Spaltennamen hat; sonst den Auszug mit \
             Kopfzeile neu erstellen.",
            "Hat sie eine, gehört sie zu einem Bestand, den diese Station noch nicht kennt: die \
             IT um eine Zuordnung bitten.",
            AGAIN,
        ],
    )
}

pub(super) fn none_fits(
    nearest: &str,
    missing: Vec<String>,
    unknown: Vec<String>,
    shown: bool,
) -> Rejection {
    let mut steps = Vec::new();
    if !missing.is_empty() {
        steps.push("Den Auszug mit den fehlenden Spalten neu erstellen.");
    }
    if !unknown.is_empty() {
        steps.push(
            "Die unbekannten Spalten im Auszug weglassen, oder die IT bitten, sie in die \
             Zuordnung aufzunehmen. Solange niemand über eine Spalte entschieden hat, wird nichts \
             gesendet.",
        );
    }
    if !shown {
        steps.push("Prüfen, ob die erste Zeile die Spaltennamen enthält.");
    }
    steps.push(AGAIN);
    let mut rejection = rejection(
        "no-mapping-fits",
        format!("Die Spalten passen zu keiner Zuordnung. Am nächsten kommt »{nearest}«."),
        &steps,
    );
    rejection.nearest = Some(nearest.to_owned());
    rejection.missing = missing;
    rejection.unknown = unknown;
    rejection
}

pub(super) fn several_fit(names: &[String]) -> Rejection {
    rejection(
        "several-fit",
        format!("Die Spalten passen zu mehreren Zuordnungen: {}.", names.join(", ")),
        &[
            "Den Namen der richtigen Zuordnung in den Dateinamen schreiben, durch Bindestrich \
             oder Leerzeichen abgesetzt.",
            AGAIN,
        ],
    )
}

pub(super) fn list_kind() -> Rejection {
    rejection(
        "list-kind",
        "Eine Löschliste muss eine Textdatei sein.".into(),
        &[
            "Die Fallnummern als Textdatei (.txt) speichern, je Zeile eine Nummer.",
            "Die Datei danach neu in den Ordner Eingang/Löschung legen.",
        ],
    )
}

pub(super) fn list_of_what(names: &[String]) -> Rejection {
    rejection(
        "list-of-what",
        format!(
            "Aus dem Dateinamen geht nicht hervor, zu welchem Bestand die Fallnummern gehören. \
             Bekannt sind: {}.",
            names.join(", ")
        ),
        &[
            "Den Bestand in den Dateinamen schreiben, etwa »kita.txt« oder »2026-11 kita.txt«.",
            "Die Datei danach neu in den Ordner Eingang/Löschung legen.",
        ],
    )
}

pub(super) fn wrong_period() -> Rejection {
    rejection(
        "wrong-period",
        "Der Zeitraum im Dateinamen ist keiner.".into(),
        &[
            "Den Zeitraum als erster..letzter Monat schreiben, etwa »sgb2-2022-01..2025-12.csv«, \
             oder weglassen.",
            AGAIN,
        ],
    )
}

pub(super) fn nothing_to_amend() -> Rejection {
    rejection(
        "nothing-to-amend",
        "Zu diesem Bestand liegt in dieser Epoche noch keine vollständige Lieferung vor. Ein \
         Nachtrag oder eine Löschliste ändert nur, was schon geliefert ist."
            .into(),
        &[
            "Zuerst den vollständigen Auszug in den Ordner Eingang legen (ohne »Nachtrag« im \
             Dateinamen).",
            "Danach den Nachtrag oder die Löschliste neu einreichen, falls sie dann noch nötig ist.",
        ],
    )
}

pub(super) fn nothing_usable() -> Rejection {
    rejection(
        "nothing-usable",
        "Keine einzige Zeile ist verwendbar.".into(),
        &[
            "Die Gründe stehen unten. Meist ist eine Spalte falsch gefüllt oder ein Format \
             geändert worden.",
            "Den Auszug berichtigen und neu in den Ordner Eingang legen.",
        ],
    )
}

pub(super) fn copy_lost() -> Rejection {
    rejection(
        "copy-lost",
        "Die Station hat ihre Arbeitskopie der Datei verloren.".into(),
        &["Die Datei unverändert noch einmal in den Ordner Eingang legen.", "Die IT verständigen."],
    )
}

/// Any other fault of the file; `text` says what it is and what to do.
pub(super) fn faulty(code: &str, text: String) -> Rejection {
    rejection(code, text, &["Die Ursache beheben; was zu tun ist, steht oben.", AGAIN])
}

/// A unit does not take the delivery; `text` are its words.
pub(super) fn refused(code: ProblemCode, text: String) -> Rejection {
    use ProblemCode as P;
    let first = match code {
        P::TooLarge => {
            "Die Lieferung in kürzere Zeiträume teilen oder die IT bitten, beim Betreiber \
             nachzufragen."
        }
        _ => "Die IT verständigen: An der Datei liegt es vermutlich nicht.",
    };
    let mut rejection = rejection(
        "refused-by-unit",
        text,
        &[first, "Wenn die Ursache behoben ist, die Datei neu in den Ordner Eingang legen."],
    );
    rejection.by_unit = true;
    rejection
}

/// The original lies on the share as the clerk laid it.
pub(super) const CLEAR_TEXT: &str = "Die Datei selbst liegt jetzt neben diesem Bericht und enthält weiterhin Klartext: löschen, \
     sobald sie nicht mehr gebraucht wird.";

/// What happened to the original while the station worked on its copy.
pub(super) fn about_original(moved: Moved) -> Option<&'static str> {
    match moved {
        Moved::Now | Moved::Before => None,
        Moved::Gone => Some(
            "Die Datei lag nach der Verarbeitung nicht mehr im Eingang. Verarbeitet wurde der \
             Stand, den die Station gelesen hat.",
        ),
        Moved::Replaced => Some(
            "Im Eingang liegt inzwischen eine andere Datei dieses Namens. Sie wird als neue Datei \
             behandelt; dieser Bericht gilt für die frühere Fassung.",
        ),
    }
}
