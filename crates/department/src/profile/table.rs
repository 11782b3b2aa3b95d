//! A profile as text, in either language.

use std::fmt::Write;

use super::Profile;
use crate::language::Language;
use crate::subjects::Reason;

impl Profile {
    /// The profile as a table for the terminal.
    #[must_use]
    pub fn to_text(&self, language: Language) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.columns_to(&mut text, language);
        let _ = self.counts_to(&mut text, language);
        text
    }

    fn columns_to(&self, text: &mut String, language: Language) -> std::fmt::Result {
        let [dataset, delimiter, sheet] = language
            .pick(["Datenbestand", "Trennzeichen", "Blatt"], ["dataset", "delimiter", "sheet"]);
        write!(text, "{dataset} {}", self.dataset)?;
        if let Some(encoding) = &self.encoding {
            write!(text, " · {encoding}")?;
        }
        match self.delimiter {
            Some('\t') => write!(text, " · {delimiter} TAB")?,
            Some(sign) => write!(text, " · {delimiter} {sign}")?,
            None => {}
        }
        if let Some(name) = &self.sheet {
            write!(text, " · Excel, {sheet} {name}")?;
        }
        writeln!(text, "\n")?;
        let heads = language.pick(
            ["Spalte", "Rolle", "gefüllt", "verschieden", "unbrauchbar"],
            ["column", "role", "filled", "distinct", "unusable"],
        );
        let name = |c: &str| c.chars().count();
        let longest = self.columns.iter().map(|column| name(&column.name)).max().unwrap_or(0);
        let width = longest.max(name(heads[0]));
        let [a, b, c, d, e] = heads;
        writeln!(text, "{a:width$}  {b:10}  {c:>10}  {d:>11}  {e:>11}")?;
        for column in &self.columns {
            writeln!(
                text,
                "{:width$}  {:10}  {:>10}  {:>11}  {:>11}",
                column.name, column.role, column.filled, column.distinct, column.invalid
            )?;
        }
        Ok(())
    }

    fn counts_to(&self, text: &mut String, language: Language) -> std::fmt::Result {
        let mut line = |german: &str, english: &str, value: u64| {
            writeln!(text, "{:52} {value:>10}", language.pick(german, english))
        };
        let counts = &self.counts;
        line("\nDatensätze", "\nrecords", counts.rows)?;
        line("Summenzeilen, übergangen", "totals rows, skipped", counts.totals_rows)?;
        line("außerhalb des Zeitraums", "outside the period", counts.rows_outside_period)?;
        line("in Quarantäne", "in quarantine", counts.rows_in_quarantine)?;
        line("Gemeinde nicht bestimmbar", "municipality not known", counts.unresolved_places)?;
        line("Altersgruppe nicht bestimmbar", "age class not known", counts.unknown_ages)?;
        line("Geburtsdatum unmöglich", "impossible date of birth", self.births.impossible)?;
        line(
            "Geburtsdatum teilweise unbekannt",
            "date of birth partly unknown",
            self.births.partly_unknown,
        )?;
        line("Geburtsdatum fehlt", "date of birth missing", self.births.unknown)?;
        line("Geburtsdatum 1. Januar", "date of birth 1 January", self.births.first_of_january)?;
        for (sex, records) in &self.sexes {
            let german = format!("Geschlecht {sex}");
            line(&german, &format!("sex {sex}"), *records)?;
        }
        line("Personen gefunden", "people found", counts.people)?;
        line(
            "wegen Sperre oder Widerspruch ausgelassen",
            "left out: block or objection",
            counts.people_blocked,
        )?;
        line(
            "ohne Angabe im Zeitraum",
            "without a fact in the period",
            counts.people_without_facts,
        )?;
        line("Personen, die übermittelt würden", "people who would travel", counts.subjects)?;
        line("Angaben, die übermittelt würden", "facts that would travel", counts.facts)?;
        line("Haushalte", "households", counts.units)?;
        for (people, cases) in &counts.people_per_case {
            let german = format!("Fälle mit {people} Personen");
            line(&german, &format!("cases with {people} people"), *cases)?;
        }
        if !self.quarantine.is_empty() {
            let head = language.pick("\nQuarantäne nach Grund", "\nquarantine by reason");
            writeln!(text, "{head}")?;
            for (code, records) in &self.quarantine {
                let reason = Reason::ALL.into_iter().find(|reason| reason.code() == code);
                let remedy = reason.map_or("", |reason| reason.text(language));
                writeln!(text, "{records:>8}  {code:24} {remedy}")?;
            }
        }
        Ok(())
    }
}
