//! A guess as a commented mapping.

use std::fmt::Write;

use policy::{Catalogue, Identifier, Name};

use super::assign::Assigned;
use super::line::{line, list, quoted, sexes};
use super::look::{Look, Looks};
use super::{Role, TimePart};
use crate::error::Error;
use crate::source::Source;

/// Everything that is written.
pub(super) struct Draft<'a> {
    pub(super) file: &'a str,
    pub(super) source: &'a Source,
    pub(super) looks: &'a Looks,
    pub(super) ranked: &'a [(Name, u32)],
    pub(super) dataset: Option<&'a Name>,
    pub(super) given: bool,
    pub(super) assigned: &'a Assigned,
    pub(super) catalogue: &'a Catalogue,
    pub(super) sheet: Option<&'a str>,
}

/// The mapping as TOML.
pub(super) fn write(draft: &Draft<'_>) -> Result<String, Error> {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = draft.head(&mut text);
    let _ = draft.columns(&mut text);
    draft.derived(&mut text)?;
    Ok(text)
}

impl Draft<'_> {
    fn head(&self, text: &mut String) -> std::fmt::Result {
        let rows = self.looks.rows;
        writeln!(text, "# Vorschlag für {}, aus der Kopfzeile und {rows} Zeilen.", self.file)?;
        writeln!(
            text,
            "# Jede Zeile prüfen. Was \"?\" heißt, ist zu entscheiden; vorher wird die Zuordnung\n\
             # nicht angenommen. Rollen: policies/mappings/README.md"
        )?;
        match (self.source.sheet(), self.source.delimiter(), self.source.encoding()) {
            (Some(sheet), _, _) => {
                writeln!(text, "# Excel-Arbeitsmappe, Blatt {}.", quoted(sheet))?;
            }
            (None, Some(sign), Some(encoding)) => {
                let sign = if sign == '\t' { "Tabulator".into() } else { format!("{sign}") };
                writeln!(text, "# CSV, {}, Trennzeichen {sign}.", encoding.name())?;
            }
            _ => {}
        }
        writeln!(text, "\nversion = 1")?;
        let others: Vec<String> = self
            .ranked
            .iter()
            .filter(|(name, points)| Some(name) != self.dataset && *points > 0)
            .take(3)
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        match self.dataset {
            Some(name) => {
                let label = self.catalogue.datasets.get(name).map_or("", |own| own.label.as_str());
                let why = if self.given { "angegeben" } else { "nach Dateiname und Spalten" };
                let others = match others.as_slice() {
                    [] => String::new(),
                    others => format!(" Sonst etwa {}.", others.join(", ")),
                };
                writeln!(text, "# {label}; {why}.{others}")?;
                writeln!(text, "dataset = \"{name}\"")?;
            }
            None => {
                let all: Vec<&str> = self.catalogue.datasets.keys().map(Name::as_str).collect();
                writeln!(
                    text,
                    "# Nicht zu erkennen; am ehesten {}. Mit --dataset NAME wiederholen; es gibt {}.",
                    others.join(", "),
                    all.join(", ")
                )?;
                writeln!(text, "dataset = \"?\"")?;
            }
        }
        if let Some(look) = self.assigned.case.and_then(|case| self.looks.columns.get(case)) {
            writeln!(text, "# Findet einen Fall im Register, in Widersprüchen und Rücknahmen.")?;
            writeln!(text, "case = {}", quoted(&look.name))?;
        }
        let timed = |(role, _): &(Role, String)| matches!(role, Role::Time(..));
        if !self.assigned.columns.iter().any(timed) {
            writeln!(
                text,
                "# Keine Spalte sagt, wann: gilt jede Zeile für den ganzen Zeitraum der Lieferung?"
            )?;
            writeln!(text, "whole_period = true")?;
        }
        if !self.assigned.absent.is_empty() {
            writeln!(text, "# Der Datenbestand sieht sie vor, keine Spalte hat sie:")?;
            let names = self.assigned.absent.iter().map(|name| format!("\"{name}\""));
            writeln!(text, "absent = {}", list(names))?;
        }
        if let Some(sheet) = self.sheet {
            writeln!(text, "\n[source]\nsheet = {}", quoted(sheet))?;
        }
        Ok(())
    }

    fn columns(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "\n[columns]")?;
        for (look, (role, reason)) in self.looks.columns.iter().zip(&self.assigned.columns) {
            let share = (look.filled * 100).checked_div(self.looks.rows).unwrap_or(0);
            let values = look.distinct();
            writeln!(
                text,
                "# {share} % gefüllt, verschiedene Werte: {values}. {}{}",
                capital(reason),
                if reason.ends_with('?') { "" } else { "." }
            )?;
            self.remark(text, look, role)?;
            writeln!(text, "{} = {}", quoted(&look.name), line(role))?;
        }
        Ok(())
    }

    fn remark(&self, text: &mut String, look: &Look, role: &Role) -> std::fmt::Result {
        match role {
            Role::Dimension(name, codes) => {
                let Some(own) = self.catalogue.dimensions.get(name) else { return Ok(()) };
                if codes.is_empty() {
                    return writeln!(
                        text,
                        "# {}: andere Schlüssel reisen als unbekannt.",
                        own.label
                    );
                }
                let keys = own.keys.iter().map(|key| format!("{} ({})", key.key, key.label));
                let keys: Vec<String> = keys.collect();
                writeln!(text, "# {}: {}", own.label, keys.join(", "))?;
                writeln!(text, "# Nicht genannte und einmalige Werte gehen in die Quarantäne.")
            }
            Role::Measure(name, ..) => {
                let own = self.dataset.and_then(|own| self.catalogue.datasets.get(own));
                let Some((_, own)) = own.and_then(|own| own.measure(name)) else { return Ok(()) };
                let (lower, upper) = (own.lower, own.upper);
                writeln!(
                    text,
                    "# {}: {lower} bis {upper} {}, darüber wird gekappt. Mit least und most",
                    own.label, own.unit
                )?;
                writeln!(text, "# gehen unglaubhafte Beträge in die Quarantäne.")
            }
            Role::Time(part, _) => {
                if look.time().is_some_and(|(_, others)| others) {
                    writeln!(text, "# Nicht alle Werte haben diese Form.")?;
                }
                if *part == TimePart::To { writeln!(text, "# Leer: dauert an.") } else { Ok(()) }
            }
            Role::Unit => writeln!(
                text,
                "# Haushalt oder Bedarfsgemeinschaft; steht die Nummer für eine Person: person."
            ),
            Role::Secret => writeln!(
                text,
                "# Mehrere Personen oder schon eine andere Nummer: nur zum Wiederfinden."
            ),
            _ => Ok(()),
        }
    }

    fn column_of(&self, wanted: &Role) -> Option<String> {
        let mut all = self.looks.columns.iter().zip(&self.assigned.columns);
        all.find(|(_, (role, _))| role == wanted).map(|(look, _)| quoted(&look.name))
    }

    fn time_of(&self, wanted: TimePart) -> Option<String> {
        let mut all = self.looks.columns.iter().zip(&self.assigned.columns);
        let is = |role: &Role| matches!(role, Role::Time(part, _) if *part == wanted);
        all.find(|(_, (role, _))| is(role)).map(|(look, _)| quoted(&look.name))
    }

    fn derived(&self, text: &mut String) -> Result<(), Error> {
        let Some(dataset) = self.dataset else { return Ok(()) };
        let identifier = |own| self.column_of(&Role::Identifier(own));
        for name in &self.catalogue.dataset(dataset)?.dimensions {
            let own = self.catalogue.dimension(name)?;
            let is =
                |(role, _): &(Role, String)| matches!(role, Role::Dimension(own, _) if own == name);
            let read = self.assigned.columns.iter().any(is);
            let birth = identifier(Identifier::DateOfBirth).filter(|_| own.age && !read);
            if let Some(date) = birth {
                let _ = write!(
                    text,
                    "\n# {}.\n[derive.{name}]\nkind = \"age\"\ndate = {date}\n",
                    own.label
                );
                continue;
            }
            let sex = identifier(Identifier::Sex).filter(|_| name.as_str() == "sex" && !read);
            if let Some(column) = sex {
                let _ = write!(
                    text,
                    "\n# {}; andere Werte reisen als unbekannt.\n[derive.{name}]\nkind = \"codes\"\ncolumn = {column}\ncodes = {}\notherwise = \"\"\n",
                    own.label,
                    sexes(own)
                );
                continue;
            }
            let place = (identifier(Identifier::Postcode), identifier(Identifier::Town));
            if let (Some(postcode), Some(town), "municipality") = (place.0, place.1, name.as_str())
            {
                let _ = write!(
                    text,
                    "\n# Wo kein Schlüssel steht; towns.csv muss neben dieser Datei liegen.\n[derive.{name}]\nkind = \"place\"\npostcode = {postcode}\ntown = {town}\ntowns = \"towns.csv\"\n"
                );
                continue;
            }
            if own.age || own.age_classes().is_err() || read || self.assigned.absent.contains(name)
            {
                continue;
            }
            let since = self.time_of(TimePart::From).or_else(|| self.time_of(TimePart::At));
            if let Some(since) = since {
                let _ = write!(
                    text,
                    "\n# {}: ab hier bis zum Ende oder zum letzten Monat des Jahres.\n[derive.{name}]\nkind = \"duration\"\nsince = {since}\n",
                    own.label
                );
                if let Some(until) = self.time_of(TimePart::To) {
                    let _ = writeln!(text, "until = {until}");
                }
            }
        }
        Ok(())
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
