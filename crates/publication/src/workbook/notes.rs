//! The sheet „Hinweise“: how to read the numbers.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::{Formats, WorkbookStyle};
use crate::document::NON_NEGATIVE;
use crate::{Document, QualityWords, link_quality};

pub(super) fn write(
    sheet: &mut Worksheet,
    documents: &[&Document],
    style: &WorkbookStyle<'_>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name("Hinweise")?;
    sheet.set_column_width(0, 28.0)?;
    sheet.set_column_width(1, 90.0)?;
    sheet.write_string_with_format(
        0,
        0,
        "So lesen Sie die Zahlen",
        &formats.title.clone().unset_text_wrap(),
    )?;
    let percent = documents.first().map_or_else(|| "95".to_owned(), |own| own.percent());
    let mut notes = notes(&percent, documents, style);
    notes.extend(documents.iter().filter_map(|own| link_note(own, style)));
    for ((head, text), row) in notes.iter().zip(2..) {
        sheet.write_string_with_format(row, 0, *head, &formats.wrapped.clone().set_bold())?;
        sheet.write_string_with_format(row, 1, text, &formats.wrapped)?;
    }
    Ok(())
}

/// How good the links are, from a table about them.
fn link_note(document: &Document, style: &WorkbookStyle<'_>) -> Option<(&'static str, String)> {
    let schema = document.linkage_schema.as_deref()?;
    let calibration = style.calibrations.iter().find(|own| own.linkage_schema() == schema)?;
    let quality = link_quality(document, calibration).ok()?;
    let words = QualityWords::new(&quality, calibration);
    let text = format!("{} {} {}", words.precision, words.recall, words.basis);
    Some(("Güte der Verknüpfung", text))
}

fn notes(
    percent: &str,
    documents: &[&Document],
    style: &WorkbookStyle<'_>,
) -> Vec<(&'static str, String)> {
    let note = |head, text: &str| (head, text.to_owned());
    let mut notes = general(percent, style);
    if documents.iter().any(|own| own.margins.is_some()) {
        notes.push(note(
            "insgesamt",
            "Solche Zeilen sind Summen. Sie wurden zusammen mit den einzelnen Zeilen gemessen und \
             mit ihnen abgeglichen: Die Teile ergeben genau ihre Summe, und deren Bereich ist \
             schmaler als der einer selbst gebildeten Summe.",
        ));
    }
    if documents.iter().any(|own| own.has_non_negative()) {
        notes.push(note(
            NON_NEGATIVE,
            "Eine zweite Fassung für alle, die keine negativen Zahlen brauchen können. Was unter \
             null lag, wurde größeren Zeilen abgezogen; deshalb sind diese Zahlen verzerrt, und die \
             Bereiche „von“ bis „bis“ gelten für sie nicht. Rechnen Sie mit „Wert“.",
        ));
    }
    let mut rules: Vec<String> = Vec::new();
    for rule in documents.iter().filter_map(|own| own.withholding) {
        let words = rule.words();
        if !rules.contains(&words) {
            rules.push(words);
        }
    }
    if !rules.is_empty() {
        notes.push((
            "ausgeblendet: zu ungenau",
            format!(
                "Der Zweck lässt so unsichere Zahlen nicht zu: {}. Darüber entscheiden verrauschte \
                 Zahlen, nie die wahren. Ausgeblendet heißt unbrauchbar, nicht geheim: Wer eine \
                 solche Zahl aus einer Summe und deren übrigen Teilen ausrechnet, erfährt nichts, \
                 was der Zufall nicht schon verdeckt.",
                rules.join("; ")
            ),
        ));
    }
    notes
}

fn general(percent: &str, style: &WorkbookStyle<'_>) -> Vec<(&'static str, String)> {
    let note = |head, text: &str| (head, text.to_owned());
    vec![
        note(
            "Zufallszugabe",
            "Jeder Zahl wurde vor der Veröffentlichung etwas Zufall beigemischt. Deshalb lässt \
             sich aus ihr nicht ablesen, ob eine bestimmte Person dabei ist.",
        ),
        (
            "von, bis",
            format!(
                "Mit einer Wahrscheinlichkeit von {percent}\u{a0}% liegt der Wert, der ohne den \
                 Zufall herausgekommen wäre, zwischen „von“ und „bis“; das gilt für jede Zeile \
                 einzeln. Fehler der Ämter und Fehler beim Zusammenführen sind darin nicht \
                 enthalten."
            ),
        ),
        note(
            "Vergleichen",
            "Überschneiden sich die Bereiche zweier Zeilen deutlich, kann ihre Reihenfolge Zufall \
             sein.",
        ),
        note(
            "Negative Anzahlen",
            "Kleine Anzahlen können durch den Zufall unter null geraten: Lesen Sie sie als „sehr \
             wenige oder niemand“. Sie bleiben stehen, weil abgeschnittene Zahlen in Summen zu \
             hoch ausfielen.",
        ),
        note(
            "Keine Rundung",
            "Die Zahlen sind nicht gerundet. Ohne Zeilen „insgesamt“ sind sie auch nicht angeglichen: \
             Teile ergeben dann nicht genau ihre Summe.",
        ),
        ("zu unsicher", format!("So gekennzeichnete Zeilen sind {}.", style.tolerance.words())),
        note(
            "ausgeblendet",
            "Für einen brauchbaren Mittelwert waren es zu wenige Personen. Darüber entscheidet \
             die verrauschte Anzahl, nicht die wahre.",
        ),
        note(
            "Anzahl, nicht Anteil",
            "Große Gemeinden haben mehr Einwohner und deshalb meist höhere Anzahlen.",
        ),
        note(
            "Quoten",
            "Wo eine Spalte „je … Einwohner“ steht, wurde die veröffentlichte Anzahl durch die \
             öffentliche Einwohnerzahl derselben Gruppe am 31. Dezember geteilt. Ihr Bereich ist \
             der der Anzahl, geteilt durch dieselbe Zahl; Fehler der Einwohnerzahl sind darin \
             nicht enthalten.",
        ),
        note(
            "Summen",
            "Wer Zeilen addiert, addiert auch den Zufall: Bei n Zeilen ist der Bereich etwa √n-mal \
             so breit wie bei einer.",
        ),
    ]
}
