//! Roles, actions and amounts as a reader without programming says them.

use access::{Action, ProposalKind, Role};
use policy::{Name, NanoRho};

/// A role with its word in the rules.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Department => "Fachamt (department)",
        Role::Custodian => "Schlüsselstelle (custodian)",
        Role::Operator => "Betrieb (operator)",
        Role::Analyst => "Sozialplanung (analyst)",
        Role::Dpo => "Datenschutz (dpo)",
        Role::Approver => "Leitung (approver)",
    }
}

/// What somebody may do, after »darf«; `what` is proposed or approved.
pub(super) fn action(action: Action, what: &str) -> String {
    match action {
        Action::Submit => "Lieferungen senden und ihren Stand sehen".into(),
        Action::OpenEpoch => "Epochen mit ihrem Schlüssel eröffnen".into(),
        Action::CloseEpoch => "Epochen beenden, was Schlüssel und Kodierungen vernichtet".into(),
        Action::Link => "verknüpfen und Stände einfrieren".into(),
        Action::TransferMap => "das versiegelte Ergebnis der Verknüpfung weitertragen".into(),
        Action::Price => "nach dem Preis einer Frage fragen".into(),
        Action::Query => "fragen, was ein Zweck erlaubt (kostet Budget)".into(),
        Action::ReadReleases => "Freigegebenes lesen".into(),
        Action::ReadLedger => "sehen, was ausgegeben wurde".into(),
        Action::ReadLog => "das Protokoll lesen".into(),
        Action::Countersign => "das Protokoll gegenzeichnen".into(),
        Action::Propose => format!("vorschlagen: {what}"),
        Action::Approve => format!("freigeben, was andere vorschlugen: {what}"),
        Action::ReadProposals => format!("Vorschläge sehen: {what}"),
        Action::ReadDiagnostics => {
            "genaue Zahlen einer Verknüpfung sehen (Ähnlichkeiten, Gruppengrößen)".into()
        }
        Action::ReadRecord => "einzelne Menschen lesen".into(),
    }
}

/// What needs a second person.
pub(crate) fn kind(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::Policy => "Regelwerk",
        ProposalKind::KeyRelease => "Ausgabe eines Schlüssels",
        ProposalKind::Snapshot => "Stand von Hand",
        ProposalKind::Deletion => "Löschung",
        ProposalKind::EpochClosing => "Ende einer Epoche",
        ProposalKind::Restore => "Wiederherstellung",
        ProposalKind::CrossCounty => "Verknüpfung über Kreise hinweg",
    }
}

/// An amount as a German reader writes it.
pub(super) fn rho(amount: NanoRho) -> String {
    format!("{} rho", amount.to_string().replace('.', ","))
}

/// Names in a row; `insgesamt` for none.
pub(super) fn grouping(names: &[Name]) -> String {
    if names.is_empty() {
        return "insgesamt".into();
    }
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    format!("nach {}", names.join(" und "))
}

/// Names in a row.
pub(super) fn list<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|own| own.to_string()).collect();
    if names.is_empty() { "nichts".into() } else { names.join(", ") }
}
