//! What a unit's refusal means for the department, in German.

use submission::ProblemCode;

/// What it means and what to do.
pub(super) fn text(code: ProblemCode) -> &'static str {
    use ProblemCode as P;
    match code {
        P::NotFound => "Adresse oder Zugang stimmt nicht: Adresse und Token-Datei prüfen",
        P::MalformedRequest => {
            "Die Anfrage hat eine unerwartete Form: Programmversionen vergleichen"
        }
        P::TooLarge => "Die Lieferung ist zu groß: Zeitraum teilen oder beim Betreiber nachfragen",
        P::ManifestInvalid => "Das Begleitblatt widerspricht sich: Auszug neu kodieren",
        P::SignatureInvalid => {
            "Die Unterschrift passt nicht: öffentlichen Schlüssel des Amtes beim Betreiber prüfen \
             lassen"
        }
        P::ProjectUnknown => {
            "Das Vorhaben ist dort nicht bekannt: project in den Einstellungen prüfen"
        }
        P::EpochUnknown => {
            "Die Epoche ist nicht eröffnet: epoch in den Einstellungen prüfen oder Betreiber fragen"
        }
        P::EpochConflict => "Die Epoche ist mit anderen Werten eröffnet: Betreiber fragen",
        P::DatasetUnknown => {
            "Dieser Datenbestand ist für dieses Amt nicht freigegeben: dataset der Zuordnung prüfen"
        }
        P::SchemaDiffers => {
            "Das Verknüpfungsschema weicht vom vereinbarten ab: policies erneuern und neu kodieren"
        }
        P::KeyDiffers => {
            "Verknüpfungsschlüssel oder Programmversion weicht ab: `check` mit der \
             Schlüsselstelle vergleichen und neu kodieren"
        }
        P::CatalogueDiffers => {
            "Der Katalog weicht vom vereinbarten ab: policies erneuern und neu kodieren"
        }
        P::BatchAltered => {
            "Unter dieser Nummer liegt dort eine andere Lieferung: Auszug neu kodieren und senden"
        }
        P::ChunkUnexpected | P::ChunkAltered | P::ChunkInvalid => {
            "Ein Teil kam verändert an: Befehl wiederholen, sonst neu kodieren"
        }
        P::BatchIncomplete => "Es fehlen Teile: Befehl wiederholen",
        P::BatchInconsistent => "Die Teile passen nicht zum Begleitblatt: Auszug neu kodieren",
        P::ColumnUnnamed => {
            "Eine Spalte ist gefüllt, nach der kein Zweck fragt: aus der Zuordnung nehmen und neu \
             kodieren"
        }
        P::ValueUnknown => {
            "Ein Wert liegt außerhalb der vereinbarten Klassen: policies erneuern und neu kodieren"
        }
        P::BatchTooSmall => {
            "Die Lieferung hat weniger Menschen als vereinbart: vollständigen Auszug senden"
        }
        P::ClockBehind => "Die Uhr der Gegenstelle geht nach: dort Bescheid geben",
        P::Busy => "Die Gegenstelle ist beschäftigt: später wiederholen",
        P::Internal | P::ReleaseFailed | P::WitnessAway | P::LogBehind => {
            "Die Gegenstelle ist gestört: Betreiber verständigen, später wiederholen"
        }
        P::NothingToLink
        | P::TooManyPairs
        | P::RequestUsed
        | P::SnapshotUnknown
        | P::SnapshotKnown
        | P::SnapshotInconsistent
        | P::PurposeUnknown
        | P::PurposeExpired
        | P::QueryRefused
        | P::BudgetExceeded
        | P::ApprovalNeeded
        | P::ApprovalRefused
        | P::IdempotencyConflict => "Unerwartete Antwort: Adresse der Gegenstelle prüfen",
    }
}
