//! Refusals of the unit in words of people who plan: at which field, and what to do.

use statistics_unit::QueryRequest;
use submission::{Problem, ProblemCode};

use super::question::FieldError;
use crate::api::Language;
use crate::pages::staff::analysis::Message;
use crate::pages::staff::refusal_in_german;

/// A field that could not be read.
pub(super) fn field(error: FieldError, language: Language) -> Message {
    let text = match language {
        Language::German => error.german,
        Language::English => error.english,
    };
    Message { field: error.field, text, detail: None }
}

/// What the unit refused.
pub(super) fn refusal(problem: &Problem, request: &QueryRequest, language: Language) -> Message {
    let field = match problem.code {
        ProblemCode::QueryRefused if request.half_width.is_some() => "breite",
        ProblemCode::QueryRefused if request.rho_nano.is_some() => "anteil",
        ProblemCode::QueryRefused if request.query.is_some() => "dienst",
        ProblemCode::QueryRefused => "jahr",
        _ => "",
    };
    let text = match field {
        "breite" => language.say(
            "So genau ist es hier nicht erlaubt: Es wäre teurer, als eine Antwort sein darf. Nennen \
             Sie eine größere Breite oder wählen Sie gröbere Gruppen.",
            "So exact an answer is dearer than one may be. Name a greater width or coarser groups.",
        ),
        "anteil" => language.say(
            "Zu diesem Preis beantwortet der Zweck die Frage nicht. Nennen Sie einen anderen Anteil.",
            "The purpose does not answer the question at this price. Name another share.",
        ),
        "dienst" => language.say(
            "Diese eigene Frage erlaubt der Zweck nicht, oder sie hätte zu viele Zeilen. Nehmen Sie \
             weniger Gliederungen oder andere Dienste.",
            "The purpose does not permit this question, or it has too many rows. Take fewer \
             groupings or other services.",
        ),
        _ => return general(field, problem, language),
    };
    Message { field, text: text.to_owned(), detail: Some(problem.detail.clone()) }
}

fn general(field: &'static str, problem: &Problem, language: Language) -> Message {
    let text = format!("{} {}", meaning(problem, language), advice(problem.code, language));
    Message { field, text: text.trim_end().to_owned(), detail: Some(problem.detail.clone()) }
}

/// What a refusal means.
pub(super) fn meaning(problem: &Problem, language: Language) -> &'static str {
    language.say(refusal_in_german(problem.code), problem.code.title())
}

/// What to do about it.
pub(super) fn advice(code: ProblemCode, language: Language) -> &'static str {
    use ProblemCode as P;
    let (german, english) = match code {
        P::BudgetExceeded => (
            "Inzwischen hat eine andere Frage Budget gebraucht. Sehen Sie noch einmal nach dem \
             Preis, oder nutzen Sie, was freigegeben ist.",
            "Another question took budget meanwhile. Look at the price again, or use what was \
             released.",
        ),
        P::Busy => (
            "Warten Sie einen Augenblick und fragen Sie dann noch einmal.",
            "Wait a moment and ask again.",
        ),
        P::SnapshotUnknown => (
            "Sobald die erste Verknüpfung übertragen ist, können Sie fragen.",
            "You can ask as soon as the first linkage was carried over.",
        ),
        P::PurposeExpired => (
            "Lassen Sie ihn verlängern. Was freigegeben ist, lesen Sie weiter.",
            "Have it renewed. What was released can still be read.",
        ),
        P::ApprovalNeeded => (
            "Zweck oder Katalog wurden geändert; zwei Personen müssen sie freigeben.",
            "Purpose or catalogue were changed; two people have to approve them.",
        ),
        P::WitnessAway | P::ClockBehind | P::Internal => {
            ("Sagen Sie es dem Betrieb.", "Tell the operator.")
        }
        P::QueryRefused => (
            "Vielleicht wurde für dieses Jahr nicht genug geliefert. Wählen Sie ein anderes Jahr.",
            "Perhaps too little was delivered for this year. Choose another.",
        ),
        P::IdempotencyConflict => (
            "Öffnen Sie die Frage neu und senden Sie sie noch einmal.",
            "Open the question again and send it once more.",
        ),
        _ => ("", ""),
    };
    language.say(german, english)
}
