//! `<file>.bericht.html`: what became of a file, for the clerk, in one file without a request.
//!
//! It lies on the share: it holds no cell of a record and no path of this host but the place of
//! the rejected rows.

mod delivered;
mod picture;
mod quarantine;
mod sample;

use std::path::Path;

use askama::Template;

use super::Station;
use super::filing::Moved;
use super::folders::Place;
use super::journal::{Job, Outcome, Waiting};
use super::local_time::{month, shown};
use super::words;
use delivered::{Delivered, delivered};
use quarantine::Rejects;

pub(super) use quarantine::rejected_rows;

/// The look of every page of a station.
pub(super) const STYLE: &str = include_str!("../pages/style.css");

/// Colour and symbol of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Done,
    Refused,
    Waiting,
}

#[derive(Template)]
#[template(path = "bericht.html")]
struct Page {
    style: &'static str,
    kind: Kind,
    file: String,
    headline: String,
    lead: String,
    /// Label and value.
    facts: Vec<(&'static str, String)>,
    steps: Vec<String>,
    columns: Vec<(&'static str, Vec<String>)>,
    rejects: Option<Rejects>,
    delivered: Option<Delivered>,
    details: Vec<(&'static str, String)>,
    written: String,
}

impl Page {
    fn new(kind: Kind, file: &str, headline: &str, now: i64) -> Self {
        Self {
            style: STYLE,
            kind,
            file: visible(file),
            headline: headline.to_owned(),
            lead: String::new(),
            facts: Vec::new(),
            steps: Vec::new(),
            columns: Vec::new(),
            rejects: None,
            delivered: None,
            details: Vec::new(),
            written: shown(now),
        }
    }

    fn class(&self) -> &'static str {
        match self.kind {
            Kind::Done => "done",
            Kind::Refused => "refused",
            Kind::Waiting => "waiting",
        }
    }

    fn is(&self, class: &str) -> bool {
        self.class() == class
    }

    /// A template that compiled fails only where memory ends; the clerk gets the headline then.
    fn text(&self) -> String {
        self.render().unwrap_or_else(|_| self.headline.clone())
    }
}

/// A name without characters that change the direction of the text around it.
pub(super) fn visible(name: &str) -> String {
    let turns = |c: char| {
        c.is_control()
            || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}')
    };
    name.chars().map(|c| if turns(c) { '\u{FFFD}' } else { c }).collect()
}

/// The page beside a file that is known and has to wait.
pub(super) fn waiting(job: &Job, waiting: &Waiting) -> String {
    let headline = match (waiting.code.as_str(), waiting.for_unit) {
        (_, true) if waiting.reason.starts_with("die Statistikstelle") => {
            "Wartet auf die Statistikstelle"
        }
        (_, true) => "Wartet auf die Verknüpfungsstelle",
        ("behind-another", _) => "Wartet auf eine frühere Datei",
        _ => "Wartet: Die IT muss etwas richten",
    };
    let mut page = Page::new(Kind::Waiting, &job.name, headline, waiting.since);
    page.lead = match (waiting.code.as_str(), waiting.for_unit) {
        (_, true) => {
            "Die Datei ist angenommen. Die Gegenstelle nimmt sie gerade nicht ab; die Station \
             versucht es von selbst weiter, bis es gelingt, mindestens alle 15 Minuten."
        }
        ("behind-another", _) => {
            "Die Datei ist angenommen. Eine frühere Datei desselben Bestandes ist noch nicht \
             geliefert; danach kommt diese von selbst an die Reihe."
        }
        _ => {
            "Die Datei ist angenommen. Die Station kann sie gerade nicht verarbeiten; an der Datei \
             liegt es nicht. Sie versucht es von selbst weiter."
        }
    }
    .to_owned();
    page.facts = vec![
        ("Angenommen", shown(job.taken_at)),
        ("Wartet seit", shown(waiting.since)),
        ("Bisherige Versuche", waiting.tries.to_string()),
        ("Nächster Versuch", shown(waiting.next)),
    ];
    if waiting.code == "behind-another" {
        page.facts.truncate(2);
    }
    page.steps = vec![
        "Die Datei hier liegen lassen und nicht ändern.".into(),
        match waiting.for_unit || waiting.code == "behind-another" {
            true => "Dauert es länger als einen Arbeitstag, die IT verständigen.".into(),
            false => "Die IT verständigen und die Auftragsnummer nennen.".to_owned(),
        },
    ];
    page.details =
        vec![("Auftrag", job.number.to_string()), ("Kennwort der Ursache", waiting.code.clone())];
    if waiting.for_unit {
        page.details.push(("Meldung", waiting.reason.clone()));
    }
    page.text()
}

/// The page beside a file that could not even be copied.
pub(super) fn untaken(name: &str, code: &str, now: i64, next: i64) -> String {
    let (headline, lead, step) = match code {
        "cannot-copy" => (
            "Wartet: Die Station hat keinen Platz",
            "Die Station kann keine Arbeitskopie schreiben, vermutlich weil ihre Platte voll ist.",
            "Die IT verständigen.",
        ),
        _ => (
            "Wartet: Die Datei lässt sich nicht lesen",
            "Die Station darf oder kann die Datei nicht lesen. Vielleicht ist sie noch in einem \
             Programm geöffnet.",
            "Die Datei in Excel oder anderen Programmen schließen.",
        ),
    };
    let mut page = Page::new(Kind::Waiting, name, headline, now);
    page.lead = lead.to_owned();
    page.facts = vec![("Nächster Versuch", shown(next))];
    page.steps = vec![step.into(), "Die Datei liegen lassen; es geht von selbst weiter.".into()];
    page.details = vec![("Kennwort der Ursache", code.to_owned())];
    page.text()
}

impl Station {
    /// The page for a file that is filed.
    pub(super) fn report(
        &self,
        job: &Job,
        outcome: &Outcome,
        target: &str,
        moved: Moved,
        quarantine: Option<&Path>,
        shared: bool,
    ) -> String {
        let now = self.now();
        let rejects = quarantine.map(|path| Rejects::read(path, shared, self.own.quarantine_days));
        let mut page = match outcome {
            Outcome::Delivered { delivery } => {
                let mut page = Page::new(Kind::Done, target, "Geliefert", now);
                let folder = self.settings.outbox.join(&delivery.folder);
                delivered(&mut page, self, job, delivery, &folder, rejects.as_ref());
                page
            }
            Outcome::Duplicate { of, period } => {
                let mut page = Page::new(Kind::Done, target, "Schon geliefert", now);
                page.lead = "Genau diese Datei liegt den Stellen schon vor, und seither ist zu \
                             diesem Bestand nichts anderes geliefert worden. Es wurde nichts noch \
                             einmal gesendet."
                    .into();
                let earlier = self.journal.get(*of);
                page.facts.push(("Zeitraum", months(period)));
                if let Some(earlier) = earlier {
                    page.facts.push(("Geliefert mit", visible(&earlier.name)));
                    page.facts.push(("Angenommen damals", shown(earlier.taken_at)));
                }
                page.steps = vec![
                    "Sie müssen nichts tun.".into(),
                    "Wollten Sie eine neue Fassung liefern, prüfen Sie, ob es die richtige Datei \
                     ist."
                        .into(),
                ];
                page
            }
            Outcome::Rejected { rejection } => {
                let headline = "Abgelehnt: Es wurde nichts geliefert";
                let mut page = Page::new(Kind::Refused, target, headline, now);
                page.lead.clone_from(&rejection.reason);
                page.steps.clone_from(&rejection.steps);
                for (label, names) in [
                    ("Diese Spalten fehlen", &rejection.missing),
                    ("Diese Spalten kennt die Zuordnung nicht", &rejection.unknown),
                ] {
                    if !names.is_empty() {
                        page.columns.push((label, names.iter().map(|n| visible(n)).collect()));
                    }
                }
                page.details.push(("Kennwort der Ursache", rejection.code.clone()));
                page
            }
        };
        page.rejects = rejects;
        page.facts.insert(0, ("Angenommen", shown(job.taken_at)));
        page.steps.extend(words::about_original(moved).map(str::to_owned));
        if moved == Moved::Now && job.place != Place::Database {
            page.steps.push(words::CLEAR_TEXT.into());
        }
        page.details.insert(0, ("Auftrag", job.number.to_string()));
        if !job.digest.is_empty() {
            page.details.push(("SHA-256 der Datei", job.digest.clone()));
        }
        page.text()
    }
}

/// `November 2023 bis Oktober 2026`
fn months(period: &submission::Period) -> String {
    format!("{} bis {}", month(period.from), month(period.to))
}

/// `12.345`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_names_do_not_turn_the_text_around() {
        let texts: Vec<String> = [0, 999, 1000, 1_234_567].map(grouped).to_vec();
        assert_eq!(texts, ["0", "999", "1.000", "1.234.567"]);
        assert_eq!(visible("a\u{202E}fdp.csv"), "a\u{FFFD}fdp.csv");
    }

    #[test]
    fn every_text_of_a_page_is_escaped() {
        let page = untaken("<script>alert(1)</script>\".csv", "cannot-read", 0, 5);
        assert!(!page.contains("<script") && page.contains("&#60;script"), "{page}");
    }
}
