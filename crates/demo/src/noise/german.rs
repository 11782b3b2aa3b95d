//! What a data protection officer reads of an audit.

use std::fmt::Write as _;

use super::report::Report;

impl Report {
    /// The result in German, a sentence per part.
    pub(super) fn summary(&self) -> String {
        let mut text =
            "\n## Für Datenschutzbeauftragte\n\nDas Programm hat eine Statistikstelle mit \
                        erfundenen Menschen betrieben und nur ihre veröffentlichten Tabellen \
                        gelesen, wie es jeder Empfänger kann.\n\n"
                .to_owned();
        let mut line = |passed: bool, sentence: &str| {
            let mark = if passed { "Bestanden" } else { "**Nicht bestanden**" };
            let _ = writeln!(text, "- {mark}: {sentence}");
        };
        if let Some(own) = &self.fit {
            line(
                own.iter().all(|own| own.passed),
                "Das Rauschen hat die Verteilung, die in den Tabellen angegeben ist.",
            );
        }
        if let Some(own) = &self.bound {
            line(
                own.iter().all(|own| own.passed && own.powered),
                "Ob ein Mensch oder ein Datensatz mehr oder weniger dabei ist, lässt sich nicht \
                 besser erkennen, als der angegebene Verbrauch (rho) erlaubt.",
            );
        }
        if let Some(own) = &self.coverage {
            line(
                own.iter().all(|own| own.passed),
                "Die 95-%-Bereiche enthalten den wahren Wert so oft, wie sie sagen.",
            );
        }
        if let Some(own) = &self.time {
            line(own.passed, "Die Dauer einer Antwort verrät nicht, wie groß ihr Rauschen ist.");
        }
        let _ = write!(
            text,
            "\nEine bestandene Prüfung ist kein Beweis: Sie findet Fehler ab einer bestimmten \
             Größe und in den Fällen, die sie ausprobiert. Ein fehlerfreies Rauschen fällt mit \
             einer Wahrscheinlichkeit von höchstens {:e} durch.\n",
            self.false_alarm
        );
        text
    }
}
