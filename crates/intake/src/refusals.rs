//! What was refused lately, so that a department can read on its page why.
//!
//! Only in memory: a refusal changes nothing, its sender is told at once, and a unit keeps no diary
//! of its departments' mistakes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use access::Identity;
use policy::Name;
use submission::{BatchId, ProblemCode};

use crate::IntakeError;

/// Most refusals that are remembered of one department.
const MOST: usize = 20;

/// A refusal of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedDelivery {
    /// When, in Unix seconds.
    pub at: i64,
    /// The delivery.
    pub batch: BatchId,
    /// Why.
    pub code: ProblemCode,
    /// What differed and what to do, as the sender was told; holds no personal value.
    pub detail: String,
    /// How often in a row.
    pub times: u64,
}

/// The latest refusals of each department since the start.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<(Name, Name), VecDeque<RefusedDelivery>>>);

impl Refusals {
    /// Remembers why `done` was refused, where it was, and hands it back.
    pub(crate) fn noted<T>(
        &self,
        sender: &Identity,
        batch: BatchId,
        at: i64,
        done: Result<T, IntakeError>,
    ) -> Result<T, IntakeError> {
        if let Err(IntakeError::Refused(problem)) = &done
            && problem.code != ProblemCode::NotFound
        {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let own = all.entry((sender.project.clone(), sender.name.clone())).or_default();
            let same = |last: &&mut RefusedDelivery| {
                last.batch == batch && last.code == problem.code && last.detail == problem.detail
            };
            if let Some(last) = own.front_mut().filter(same) {
                last.times = last.times.saturating_add(1);
                last.at = at;
            } else {
                let (code, detail) = (problem.code, problem.detail.clone());
                own.push_front(RefusedDelivery { at, batch, code, detail, times: 1 });
                own.truncate(MOST);
            }
        }
        done
    }

    /// Those of one department, newest first.
    pub(crate) fn of(&self, project: &Name, department: &Name) -> Vec<RefusedDelivery> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.get(&(project.clone(), department.clone()));
        own.map(|own| own.iter().cloned().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use access::{Role, TokenDigest};

    use super::*;

    fn sender(name: &str) -> Identity {
        Identity {
            name: Name::new(name).unwrap(),
            role: Role::Department,
            project: Name::new("p").unwrap(),
            token_sha256: TokenDigest::of("t"),
            password_argon2id: None,
            public_key: None,
            datasets: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn a_department_reads_its_own_latest_and_no_other() {
        let (refusals, batch) = (Refusals::default(), BatchId::from_wire(&[1; 16]).unwrap());
        let refuse = |code, detail: &str| Err::<(), _>(IntakeError::refuse(code, detail));
        for at in 0..50 {
            let done = refuse(ProblemCode::ChunkInvalid, &at.to_string());
            assert!(refusals.noted(&sender("a"), batch, at, done).is_err());
        }
        for at in [51, 52] {
            drop(refusals.noted(&sender("a"), batch, at, refuse(ProblemCode::KeyDiffers, "key")));
        }
        drop(refusals.noted(&sender("b"), batch, 53, refuse(ProblemCode::NotFound, "announce")));
        let own = refusals.of(&sender("a").project, &sender("a").name);
        assert_eq!(
            (own.len(), own[0].code, own[0].times, own[0].at),
            (MOST, ProblemCode::KeyDiffers, 2, 52)
        );
        assert!(refusals.of(&sender("b").project, &sender("b").name).is_empty());
    }
}
