//! What was asked and what became of it, as one reader may see it.

use policy::Name;
use store::ledger::{self, Charge, State};

use crate::UnitError;
use crate::query::StoredRequest;
use crate::request::QueryRequest;
use crate::unit::StatisticsUnit;

/// Most charges that are read at once.
const PAGE: u64 = 1_000;

/// One charge of a project.
pub struct PastCharge {
    /// Number of its log entry.
    pub sequence: u64,
    /// When it was charged, in Unix seconds.
    pub at: i64,
    /// The purpose that paid.
    pub purpose: String,
    /// Who asked.
    pub asked_by: AskedBy,
    /// Where it stands.
    pub state: State,
    /// What it cost, in nano-rho.
    pub rho_nano: u64,
    /// The event years that paid it, each in full, ascending.
    pub years: Vec<u16>,
    /// What was asked, where the reader asked it or sees all.
    pub request: Option<QueryRequest>,
    /// The released documents, as they were released.
    pub documents: Vec<Vec<u8>>,
}

/// Who asked, as far as a reader may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedBy {
    /// The reader.
    Reader,
    /// A release plan: nobody.
    Plan,
    /// Somebody else; the name is for the officer only.
    Other(Option<String>),
}

/// Where a question stands that somebody asked under a key of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asking {
    /// It is paid and being answered.
    Running,
    /// It was answered: number of the log entry, and the document.
    Released(u64, Vec<u8>),
    /// It is paid, and its answer is the uniform failure: number of the log entry, nano-rho.
    Failed(u64, u64),
}

impl StatisticsUnit {
    /// The charges of a project, newest first: those of the reader whatever became of them, of
    /// everybody else what was released. With no reader all of them with names, for the officer.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn history(
        &self,
        project: &Name,
        reader: Option<&Name>,
    ) -> Result<Vec<PastCharge>, UnitError> {
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let page = ledger::charges(self.db(), project.as_str(), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.head.sequence;
            for charge in &page {
                let own = past(charge, reader)?;
                if own.state == State::Released || reads_all(&own.asked_by) {
                    found.push(own);
                }
            }
        }
        found.reverse();
        Ok(found)
    }

    /// One charge of [`StatisticsUnit::history`] by the number of its log entry.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn charged_at(
        &self,
        project: &Name,
        reader: Option<&Name>,
        sequence: u64,
    ) -> Result<Option<PastCharge>, UnitError> {
        let Some(before) = sequence.checked_sub(1) else { return Ok(None) };
        let found = ledger::charges(self.db(), project.as_str(), before, 1).await?;
        let found = found.first().filter(|own| own.head.sequence == sequence);
        let own = found.map(|own| past(own, reader)).transpose()?;
        Ok(own.filter(|own| own.state == State::Released || reads_all(&own.asked_by)))
    }

    /// Where the question stands that an analyst of a project asked under a key; `None` where
    /// nothing was charged under it.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn asked_under(
        &self,
        project: &Name,
        analyst: &Name,
        key: &str,
    ) -> Result<Option<Asking>, UnitError> {
        let found = ledger::charge_by_key(self.db(), analyst.as_str(), key).await?;
        let Some(charge) = found.filter(|own| own.project == project.as_str()) else {
            return Ok(None);
        };
        let sequence = charge.head.sequence;
        Ok(Some(match charge.state {
            State::Committed | State::Drawing => Asking::Running,
            State::Failed | State::Void => Asking::Failed(sequence, charge.price.rho),
            State::Released => {
                let gone = || UnitError::Store(store::Error::Damaged("charge.answer"));
                let document = charge.documents().next().ok_or_else(gone)?;
                Asking::Released(sequence, document.to_vec())
            }
        }))
    }
}

/// Whether a reader sees a charge that released nothing.
fn reads_all(by: &AskedBy) -> bool {
    matches!(by, AskedBy::Reader | AskedBy::Plan | AskedBy::Other(Some(_)))
}

fn past(charge: &Charge, reader: Option<&Name>) -> Result<PastCharge, UnitError> {
    let asked_by = asked_by(&charge.analyst, reader);
    let request = match asked_by {
        AskedBy::Reader | AskedBy::Other(Some(_)) => {
            let damaged = |_| UnitError::Store(store::Error::Damaged("charge.request"));
            let stored: StoredRequest = serde_json::from_str(&charge.request).map_err(damaged)?;
            Some(stored.request)
        }
        AskedBy::Plan | AskedBy::Other(None) => None,
    };
    let released = charge.state == State::Released;
    Ok(PastCharge {
        sequence: charge.head.sequence,
        at: charge.created_at,
        purpose: charge.purpose.clone(),
        state: charge.state,
        rho_nano: charge.price.rho,
        years: charge.years.iter().copied().collect(),
        documents: if released {
            charge.documents().map(<[u8]>::to_vec).collect()
        } else {
            Vec::new()
        },
        asked_by,
        request,
    })
}

fn asked_by(analyst: &str, reader: Option<&Name>) -> AskedBy {
    match reader {
        _ if analyst == access::RELEASE_PLAN => AskedBy::Plan,
        Some(reader) if reader.as_str() == analyst => AskedBy::Reader,
        Some(_) => AskedBy::Other(None),
        None => AskedBy::Other(Some(analyst.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_for_the_officer() {
        let anna = Name::new("anna").unwrap();
        assert_eq!(asked_by("anna", Some(&anna)), AskedBy::Reader);
        assert_eq!(asked_by("berta", Some(&anna)), AskedBy::Other(None));
        assert_eq!(asked_by("berta", None), AskedBy::Other(Some("berta".into())));
        assert_eq!(asked_by(access::RELEASE_PLAN, Some(&anna)), AskedBy::Plan);
        assert!(!reads_all(&AskedBy::Other(None)), "what others asked in vain is theirs");
    }
}
