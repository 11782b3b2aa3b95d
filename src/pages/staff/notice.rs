//! What somebody sees instead of the page that they asked for.

use askama::Template;
use submission::ProblemCode;

use crate::api::Language;

/// A page with one message.
#[derive(Template)]
#[template(path = "staff/notice.html")]
pub(crate) struct NoticePage {
    pub(crate) language: Language,
    pub(crate) notice: Notice,
    /// Of a refusal: its code and what the unit says about it.
    pub(crate) text: Option<(ProblemCode, String)>,
}

/// Which message.
#[derive(Clone, Copy)]
pub(crate) enum Notice {
    NotThere,
    Stale,
    Refused,
    Fault,
}

impl NoticePage {
    fn say<'a>(&self, german: &'a str, english: &'a str) -> &'a str {
        self.language.say(german, english)
    }

    fn title(&self) -> &'static str {
        let (german, english) = match self.notice {
            Notice::NotThere => ("Diese Seite gibt es hier nicht", "There is no such page here"),
            Notice::Stale => ("Bitte noch einmal", "Please try again"),
            Notice::Refused => ("Das geht so nicht", "This was refused"),
            Notice::Fault => ("Das hat nicht geklappt", "This did not work"),
        };
        self.language.say(german, english)
    }

    fn advice(&self) -> &'static str {
        let (german, english) = match self.notice {
            Notice::NotThere => (
                "Prüfen Sie die Adresse und ob Sie mit dem richtigen Namen angemeldet sind. Was \
                 eine Rolle nicht darf, sieht für sie so aus, als gäbe es das nicht.",
                "Check the address and the name you are signed in with. What a role may not do \
                 looks to it as if it did not exist.",
            ),
            Notice::Stale => (
                "Das Formular gehört zu einer beendeten Anmeldung, ist unvollständig oder kam von \
                 einer anderen Seite. Es wurde nichts verändert. Gehen Sie zurück, laden Sie die \
                 Seite neu und senden Sie sie noch einmal ab.",
                "The form belongs to a session that has ended, is incomplete or came from another \
                 page. Nothing was changed. Go back, reload the page and send it again.",
            ),
            Notice::Refused => (
                "Es wurde nichts verändert. Was die Stelle dazu sagt:",
                "Nothing was changed. What the unit says:",
            ),
            Notice::Fault => (
                "Versuchen Sie es noch einmal. Der Betrieb findet die Ursache im Protokoll des \
                 Programms.",
                "Try again. The operator finds the cause in the program's log.",
            ),
        };
        self.language.say(german, english)
    }

    /// What a refusal means, in one line.
    fn meaning(&self, code: &ProblemCode) -> &'static str {
        self.language.say(german(*code), code.title())
    }
}

/// What a refusal means, for readers of German.
pub(crate) fn german(code: ProblemCode) -> &'static str {
    use ProblemCode as P;
    match code {
        P::NotFound => "Hier ist nichts für Sie.",
        P::MalformedRequest => "Die Anfrage hat nicht die erwartete Form.",
        P::TooLarge => "Die Anfrage ist größer als erlaubt.",
        P::ManifestInvalid => "Das Begleitblatt der Lieferung widerspricht sich.",
        P::SignatureInvalid => "Die Unterschrift stimmt nicht.",
        P::ProjectUnknown => "Dieses Projekt ist hier nicht bekannt.",
        P::EpochUnknown => "Dieser Zeitraum (Epoche) ist nicht eröffnet.",
        P::EpochConflict => "Dieser Zeitraum (Epoche) ist mit anderen Angaben eröffnet.",
        P::DatasetUnknown => {
            "Dieser Datenbestand steht nicht im Katalog oder gehört einem anderen Amt."
        }
        P::SchemaDiffers => "Das Verknüpfungsschema ist ein anderes als das vereinbarte.",
        P::KeyDiffers => {
            "Der Schlüssel oder die Aufbereitung der Namen weicht von der vereinbarten ab."
        }
        P::CatalogueDiffers => "Der Katalog ist ein anderer als der vereinbarte.",
        P::BatchAltered => "Eine Lieferung mit dieser Nummer und anderem Inhalt ist schon da.",
        P::ChunkUnexpected => "Das Begleitblatt kündigt dieses Teilstück nicht an.",
        P::ChunkAltered => "Ein Teilstück weicht von seiner Prüfsumme im Begleitblatt ab.",
        P::ChunkInvalid => "Ein Teilstück hat nicht die vereinbarte Form.",
        P::BatchIncomplete => "Es fehlen noch Teilstücke der Lieferung.",
        P::BatchInconsistent => "Die Teilstücke passen nicht zum Begleitblatt.",
        P::NothingToLink => "Es gibt keine vollständigen Lieferungen zum Verknüpfen.",
        P::TooManyPairs => "Mit dieser Schwelle passen zu viele Paare zusammen.",
        P::RequestUsed => "Diese Anforderung einer Zuordnung ist nicht offen.",
        P::SnapshotUnknown => "Dieser Stand ist hier nicht bekannt.",
        P::SnapshotKnown => "Die Zuordnung dieses Standes wurde schon angenommen.",
        P::SnapshotInconsistent => "Die beiden Stellen haben nicht dieselben Datensätze.",
        P::PurposeUnknown => "Kein Regelwerk nennt diesen Zweck.",
        P::PurposeExpired => "Dieser Zweck ist abgelaufen.",
        P::QueryRefused => "Kein Regelwerk erlaubt diese Frage.",
        P::BudgetExceeded => "Das Budget reicht für diesen Preis nicht.",
        P::IdempotencyConflict => "Diese Vorgangsnummer wurde für eine andere Frage benutzt.",
        P::ReleaseFailed => "Die Antwort ist gescheitert und bleibt bezahlt.",
        P::Busy => "Die Stelle ist gerade ausgelastet.",
        P::ClockBehind => "Die Uhr der Stelle steht vor ihrem eigenen Protokoll.",
        P::WitnessAway => "Die andere Stelle, die das Protokoll bezeugt, antwortet nicht.",
        P::LogBehind => "Das Protokoll ist nicht das bezeugte.",
        P::ApprovalNeeded => "Das muss zuerst eine zweite Person freigeben.",
        P::ApprovalRefused => "Diese Freigabe zählt nicht.",
        P::ColumnUnnamed => "Die Lieferung füllt eine Spalte, die kein Zweck nennt.",
        P::ValueUnknown => "Ein Wert liegt außerhalb der Klassen des Katalogs.",
        P::BatchTooSmall => "Die Lieferung hat weniger Personen, als der Katalog erlaubt.",
        P::Internal => "Die Stelle konnte das nicht tun.",
    }
}
