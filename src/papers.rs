//! The papers that a data protection officer files, in German, from the running truth.
//!
//! Every figure comes from a policy, the ledger, a log, a release or a file that is named beside
//! it; what nobody measured is said to be missing. Nothing here is legal advice: legal bases are
//! those that the policies name.

mod agreements;
mod crypto;
mod deletion;
mod facts;
mod impact;
mod paper;
mod processing;
mod releases;

pub(crate) use facts::{Attack, Facts, ReadLog, rho};
pub(crate) use paper::{Block, Paper};

/// Every paper of one project, with the name of its file.
pub(crate) fn all(facts: &Facts) -> anyhow::Result<Vec<(&'static str, Paper)>> {
    Ok(vec![
        ("verarbeitungsverzeichnis", processing::paper(facts)),
        ("folgenabschaetzung", impact::paper(facts)?),
        ("kryptobericht", crypto::paper(facts)),
        ("loeschprotokoll", deletion::paper(facts)),
        ("freigabeliste", releases::paper(facts)),
        ("vereinbarung-gemeinsame-verantwortung", agreements::joint(facts)),
        ("vereinbarung-auftragsverarbeitung", agreements::processor(facts)),
        ("information-betroffene", agreements::notice(facts)),
    ])
}

/// Name and title of every paper, in the order of [`all`].
pub(crate) const TITLES: [(&str, &str); 8] = [
    ("verarbeitungsverzeichnis", "Verzeichnis von Verarbeitungstätigkeiten"),
    ("folgenabschaetzung", "Anlage zur Datenschutz-Folgenabschätzung"),
    ("kryptobericht", "Kryptobericht"),
    ("loeschprotokoll", "Löschprotokoll"),
    ("freigabeliste", "Liste der Freigaben"),
    (
        "vereinbarung-gemeinsame-verantwortung",
        "Vereinbarung über gemeinsame Verantwortung (Art. 26 DSGVO)",
    ),
    ("vereinbarung-auftragsverarbeitung", "Vereinbarung zur Auftragsverarbeitung (Art. 28 DSGVO)"),
    ("information-betroffene", "Information für Betroffene (Art. 13 und 14 DSGVO)"),
];

#[cfg(test)]
mod tests;
