//! What a department sees of its own deliveries at one unit.
//!
//! Its own alone, never another's and never a match: whoever makes a page hands over nothing else.

use askama::Template;
use intake::RefusedDelivery;
use store::batches::{Mode, OwnBatch, State};
use submission::{Half, Manifest, ProblemCode, SignedManifest};

use super::frame::Frame;
use super::when::{day, moment, number};
use crate::api::Language;

/// The page.
#[derive(Template)]
#[template(path = "staff/deliveries.html")]
pub(crate) struct DeliveriesPage {
    pub(crate) frame: Frame,
    /// The half that this unit takes.
    pub(crate) half: Half,
    /// Where the other half goes.
    pub(crate) due: Vec<Due>,
    /// Newest first.
    pub(crate) deliveries: Vec<Delivery>,
    /// Whether there are older ones that are not shown.
    pub(crate) more: bool,
    /// Newest first, since the start of the unit.
    pub(crate) refused: Vec<Refused>,
}

/// The next delivery that the schedule expects of a dataset.
pub(crate) struct Due {
    pub(crate) dataset: String,
    /// What is next, in a sentence.
    pub(crate) says: String,
    pub(crate) late: bool,
}

/// One delivery.
pub(crate) struct Delivery {
    pub(crate) dataset: String,
    pub(crate) period: String,
    pub(crate) batch: String,
    /// The first letters of the batch, enough to find it on the other unit's page and in a report.
    pub(crate) short: String,
    pub(crate) state: String,
    /// Whether it counts, waits or is over: a word of the style sheet.
    pub(crate) tone: &'static str,
    pub(crate) when: String,
    pub(crate) mode: &'static str,
    /// As the manifest states it; none once that was destroyed.
    pub(crate) subjects: Option<String>,
    pub(crate) rows: String,
    pub(crate) withdrawn: u64,
    pub(crate) has_receipt: bool,
}

/// A refusal.
pub(crate) struct Refused {
    pub(crate) when: String,
    pub(crate) short: String,
    pub(crate) code: String,
    pub(crate) because: &'static str,
    pub(crate) detail: String,
    pub(crate) times: u64,
}

impl DeliveriesPage {
    fn is_linkage(&self) -> bool {
        self.half == Half::Linkable
    }
}

/// As many letters of an id as a person compares.
pub(crate) fn short(id: &str) -> String {
    id.get(..8).unwrap_or(id).to_owned()
}

impl Delivery {
    /// From what the store has; `label` names the dataset.
    pub(crate) fn of(own: OwnBatch, label: String, language: Language) -> Self {
        let manifest = own.manifest.as_deref().and_then(stated);
        let (state, tone) = standing(&own, language);
        Self {
            dataset: label,
            period: own.period.replace('/', language.say(" bis ", " to ")),
            short: short(&own.batch),
            state,
            tone,
            when: moment(own.received_at, language),
            mode: match own.mode {
                Mode::Full => language.say("Gesamtlieferung", "full delivery"),
                Mode::Amend => language.say("Nachtrag", "amendment"),
            },
            subjects: manifest.as_ref().map(|own| number(own.subjects, language)),
            withdrawn: manifest.map_or(0, |own| own.withdrawn.len() as u64),
            rows: number(own.rows, language),
            has_receipt: own.receipt.is_some(),
            batch: own.batch,
        }
    }
}

fn stated(text: &str) -> Option<Manifest> {
    serde_json::from_str::<SignedManifest>(text).ok().map(|own| own.manifest)
}

/// Where a delivery stands, in words.
fn standing(own: &OwnBatch, language: Language) -> (String, &'static str) {
    let say = |german: &str, english: &str| language.say(german, english).to_owned();
    let erased = own.erased_at.map(|at| day(at, language));
    match (own.state, erased) {
        (State::Receiving, None) if own.present == 0 => (say("angekündigt", "announced"), "waits"),
        (State::Receiving, None) if own.present < own.chunk_count => {
            let (here, all) = (own.present, own.chunk_count);
            let percent = here.saturating_mul(100).checked_div(all).unwrap_or(0);
            let parts = say("Teilen da", "parts here");
            let of = say("von", "of");
            let word = say("unvollständig", "incomplete");
            (format!("{word}: {here} {of} {all} {parts} ({percent} %)"), "waits")
        }
        (State::Receiving, None) => {
            (say("alle Teile da, Abschluss fehlt", "all parts here, not yet confirmed"), "waits")
        }
        (State::Receiving, Some(day)) => {
            (format!("{} {day}", say("abgebrochen, gelöscht am", "given up, erased on")), "over")
        }
        (State::Superseded, None) => {
            (say("ersetzt durch eine neuere", "replaced by a newer one"), "over")
        }
        (State::Superseded, Some(day)) => {
            (format!("{} {day}", say("ersetzt, Inhalt gelöscht am", "replaced, erased on")), "over")
        }
        (State::Complete, Some(day)) => {
            (format!("{} {day}", say("Inhalt gelöscht am", "content erased on")), "over")
        }
        (State::Complete, None) => match own.kept_from {
            None => (say("vollständig, zählt", "complete, counts"), "good"),
            Some(year) => {
                let word = say("zählt; Frist abgelaufen für Jahre vor", "counts; expired before");
                (format!("{word} {year}"), "good")
            }
        },
    }
}

impl Refused {
    pub(crate) fn of(own: &RefusedDelivery, language: Language) -> Self {
        let code = serde_json::to_value(own.code).ok();
        Self {
            when: moment(own.at, language),
            short: short(&own.batch.to_string()),
            code: code.as_ref().and_then(|own| own.as_str()).unwrap_or("internal").to_owned(),
            because: match language {
                Language::German => because(own.code),
                Language::English => own.code.title(),
            },
            detail: own.detail.clone(),
            times: own.times,
        }
    }
}

/// Why a delivery is refused, and what helps, for a clerk.
fn because(code: ProblemCode) -> &'static str {
    use ProblemCode as P;
    match code {
        P::ManifestInvalid => "Der Lieferschein widerspricht sich. Auszug neu kodieren.",
        P::SignatureInvalid => {
            "Die Unterschrift passt nicht zum hinterlegten Schlüssel des Amts. Betrieb fragen."
        }
        P::ProjectUnknown => "Das Vorhaben ist hier nicht bekannt. Einstellungen prüfen.",
        P::EpochUnknown => "Der Zeitraum (Epoche) ist nicht eröffnet. Schlüsselstelle fragen.",
        P::DatasetUnknown => "Dieses Verfahren ist nicht für dieses Amt eingetragen.",
        P::SchemaDiffers => "Kodiert nach einem anderen Schema als vereinbart.",
        P::KeyDiffers => {
            "Kodiert mit einem anderen Schlüssel oder einer anderen Programmfassung als vereinbart."
        }
        P::CatalogueDiffers => "Der Katalog des Amts ist ein anderer als der dieser Stelle.",
        P::BatchAltered => "Unter dieser Nummer liegt schon eine andere Lieferung. Neu kodieren.",
        P::ChunkUnexpected => "Ein Teil war im Lieferschein nicht angekündigt.",
        P::ChunkAltered => "Ein Teil kam verändert an. Noch einmal senden.",
        P::ChunkInvalid => "Ein Teil hat nicht die vereinbarte Form.",
        P::BatchIncomplete => "Es fehlen Teile. Die Station sendet sie nach.",
        P::BatchInconsistent => "Die Teile ergeben nicht, was der Lieferschein nennt.",
        P::ColumnUnnamed => "Eine Spalte ist gefüllt, die kein Zweck des Vorhabens braucht.",
        P::ValueUnknown => "Ein Wert liegt außerhalb der Klassen des Katalogs.",
        P::BatchTooSmall => "Zu wenige Personen für eine Gesamtlieferung. Vollständig ausziehen.",
        P::TooLarge => "Die Lieferung ist größer als erlaubt.",
        _ => "Die Stelle konnte die Lieferung nicht annehmen. Betrieb fragen.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(state: State, present: u64) -> OwnBatch {
        OwnBatch {
            batch: "00112233445566778899aabbccddeeff".into(),
            epoch: "2026".into(),
            dataset: "kita".into(),
            period: "2025-01/2025-12".into(),
            mode: Mode::Full,
            state,
            rows: 1_234,
            chunk_count: 7,
            present,
            manifest: None,
            receipt: None,
            received_at: 1_795_874_700,
            erased_at: None,
            kept_from: None,
        }
    }

    #[test]
    fn every_state_has_its_word() {
        let word = |own: OwnBatch| standing(&own, Language::German).0;
        assert_eq!(word(batch(State::Receiving, 0)), "angekündigt");
        let part = word(batch(State::Receiving, 3));
        assert_eq!(part, "unvollständig: 3 von 7 Teilen da (42 %)");
        assert_eq!(word(batch(State::Receiving, 7)), "alle Teile da, Abschluss fehlt");
        assert_eq!(word(batch(State::Superseded, 7)), "ersetzt durch eine neuere");
        let erased = OwnBatch { erased_at: Some(1_795_874_700), ..batch(State::Superseded, 0) };
        assert_eq!(word(erased), "ersetzt, Inhalt gelöscht am 28.11.2026");
        let expired = OwnBatch { kept_from: Some(2021), ..batch(State::Complete, 7) };
        assert_eq!(word(expired), "zählt; Frist abgelaufen für Jahre vor 2021");
    }

    #[test]
    fn what_was_destroyed_is_not_made_up() {
        let own = Delivery::of(batch(State::Complete, 7), "Kita".into(), Language::German);
        assert_eq!(
            (own.subjects, own.rows.as_str(), own.short.as_str()),
            (None, "1.234", "00112233")
        );
    }
}
