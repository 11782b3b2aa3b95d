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

pub(crate) use facts::{Attack, Facts, ReadLog};
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

#[cfg(test)]
mod tests;
