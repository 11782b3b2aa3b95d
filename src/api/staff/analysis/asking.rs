//! Questions that are being answered while their askers look at a page.
//!
//! What was charged stands in the ledger and is found there again after a restart; here only lives
//! what a page shows meanwhile: how long it has to wait, and a refusal that left no charge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use access::Identity;
use policy::{Digest, Name};
use publication::Document;
use statistics_unit::{Asking, QueryRequest, StatisticsUnit, UnitError};
use submission::{Problem, ProblemCode};

/// Where a question stands.
#[derive(Debug, Clone)]
pub(crate) enum Stand {
    /// Waited so long, of so long.
    Running(Duration, Duration),
    /// Log entry and file stem of the document.
    Answered(u64, String),
    /// Paid, and the answer is the uniform failure; log entry and nano-rho where they are known.
    Failed(Option<(u64, u64)>),
    /// Nothing was charged.
    Refused(Problem),
}

/// All questions of this process that are being answered, or were a short while ago.
#[derive(Clone, Default)]
pub(super) struct Askings(Arc<Mutex<BTreeMap<Place, Entry>>>);

/// Whose key.
type Place = (Name, Name, String);

struct Entry {
    request: Digest,
    began: Instant,
    slot: Duration,
    settled: Option<Stand>,
}

impl Askings {
    /// Questions of one person that may be answered at once.
    const RUNNING: usize = 4;
    /// Answered ones that are remembered.
    const KEPT: usize = 256;

    /// Lets the unit answer under a key, once however often this is called. The answer takes
    /// `slot`; [`Askings::stand`] says how far it is.
    ///
    /// # Errors
    /// [`ProblemCode::IdempotencyConflict`] where the key stands for another request,
    /// [`ProblemCode::Busy`] where too many are running.
    pub(super) fn ask(
        &self,
        unit: &StatisticsUnit,
        who: &Identity,
        key: &str,
        request: QueryRequest,
        slot: Duration,
    ) -> Result<(), UnitError> {
        let digest = Digest::of_json(&request)?;
        let place = (who.project.clone(), who.name.clone(), key.to_owned());
        if !self.begin(&place, digest, slot)? {
            return Ok(());
        }
        let (own, unit) = (self.clone(), unit.clone());
        tokio::spawn(async move {
            let answered = unit.query(&place.0, &place.1, &place.2, request).await;
            own.settle(&place, stand_of(answered));
        });
        Ok(())
    }

    /// Whether the question has to be asked now.
    fn begin(&self, place: &Place, request: Digest, slot: Duration) -> Result<bool, UnitError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(place) {
            if known.request == request {
                return Ok(false);
            }
            let detail = "this idempotency key was used for another request; use a new one";
            return Err(UnitError::Refused(Problem::new(ProblemCode::IdempotencyConflict, detail)));
        }
        let mine = |own: &&Place| own.0 == place.0 && own.1 == place.1;
        let running =
            all.iter().filter(|(own, entry)| mine(own) && entry.settled.is_none()).count();
        if running >= Self::RUNNING {
            let detail = "several of your questions are being answered; wait for one of them";
            return Err(UnitError::Refused(Problem::new(ProblemCode::Busy, detail)));
        }
        while all.len() >= Self::KEPT {
            let settled = all.iter().filter(|(_, entry)| entry.settled.is_some());
            let Some(oldest) = settled.min_by_key(|(_, own)| own.began).map(|own| own.0.clone())
            else {
                break;
            };
            all.remove(&oldest);
        }
        let entry = Entry { request, began: Instant::now(), slot, settled: None };
        all.insert(place.clone(), entry);
        Ok(true)
    }

    fn settle(&self, place: &Place, stand: Stand) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = all.get_mut(place) {
            entry.settled = Some(stand);
        }
    }

    /// Where a question stands that somebody asked under a key; `None` for one that nobody asked.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub(super) async fn stand(
        &self,
        unit: &StatisticsUnit,
        who: &Identity,
        key: &str,
    ) -> Result<Option<Stand>, UnitError> {
        if let Some(known) = self.known(&(who.project.clone(), who.name.clone(), key.to_owned())) {
            return Ok(Some(known));
        }
        // Asked before a restart, or long ago.
        let found = unit.asked_under(&who.project, &who.name, key).await?;
        Ok(found.map(|own| match own {
            Asking::Running => Stand::Running(Duration::ZERO, Duration::ZERO),
            Asking::Failed(sequence, rho) => Stand::Failed(Some((sequence, rho))),
            Asking::Released(_, document) => answered(&document),
        }))
    }

    fn known(&self, place: &Place) -> Option<Stand> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.get(place)?;
        let running = || Stand::Running(entry.began.elapsed(), entry.slot);
        Some(entry.settled.clone().unwrap_or_else(running))
    }
}

fn stand_of(answered_now: Result<statistics_unit::Asked, UnitError>) -> Stand {
    match answered_now {
        Ok(asked) if asked.released => answered(&asked.body),
        Ok(_) => Stand::Failed(None),
        Err(error) => {
            if !matches!(error, UnitError::Refused(_)) {
                tracing::error!(%error, "a question was not answered");
            }
            Stand::Refused(error.problem())
        }
    }
}

fn answered(document: &[u8]) -> Stand {
    match Document::read(document) {
        Ok(own) => Stand::Answered(own.ledger.sequence, own.file_stem()),
        Err(error) => {
            tracing::error!(%error, "a released document cannot be read");
            Stand::Failed(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(key: &str) -> Place {
        (Name::new("county").unwrap(), Name::new("anna").unwrap(), key.to_owned())
    }

    #[test]
    fn a_key_is_asked_once_and_stands_for_one_request() {
        let askings = Askings::default();
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        let slot = Duration::from_secs(2);
        assert!(askings.begin(&place("a"), one, slot).unwrap());
        assert!(!askings.begin(&place("a"), one, slot).unwrap(), "a double click");
        let refused = askings.begin(&place("a"), other, slot).unwrap_err().problem();
        assert_eq!(refused.code, ProblemCode::IdempotencyConflict);
        assert!(matches!(askings.known(&place("a")), Some(Stand::Running(_, own)) if own == slot));
        askings.settle(&place("a"), Stand::Failed(None));
        assert!(matches!(askings.known(&place("a")), Some(Stand::Failed(None))));
        assert!(askings.known(&place("b")).is_none());
    }

    #[test]
    fn few_run_at_once_and_not_all_are_remembered() {
        let askings = Askings::default();
        let (digest, slot) = (Digest::of(b"one"), Duration::ZERO);
        for number in 0..Askings::RUNNING {
            assert!(askings.begin(&place(&number.to_string()), digest, slot).unwrap());
        }
        let refused = askings.begin(&place("more"), digest, slot).unwrap_err().problem();
        assert_eq!(refused.code, ProblemCode::Busy);
        for number in 0..2 * Askings::KEPT {
            let own =
                (Name::new("county").unwrap(), Name::new("berta").unwrap(), number.to_string());
            assert!(askings.begin(&own, digest, slot).unwrap());
            askings.settle(&own, Stand::Failed(None));
        }
        assert!(askings.0.lock().unwrap().len() <= Askings::KEPT);
    }
}
