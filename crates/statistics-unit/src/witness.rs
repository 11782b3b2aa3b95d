//! The gate between a charge and its draw: the other unit's host has to know of the charge first.
//!
//! The unit itself speaks to nobody. Whoever serves it carries its statements to the witness and
//! says here how far the witness has come; charges that were committed meanwhile share one
//! statement. While the witness is away only a tranche of each cap goes through, and after a start
//! nothing does before the witness confirmed once that the log is the one it knows.

use std::sync::Arc;
use std::time::Duration;

use policy::Budget;
use store::ledger::Price;
use submission::ProblemCode;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use crate::UnitError;

/// How far the witness has come. Cheap to clone; all clones are one gate.
#[derive(Clone)]
pub struct Gate(Option<Arc<Inner>>);

struct Inner {
    state: watch::Sender<State>,
    wanted: Notify,
    percent: u8,
}

/// What is known of the witness.
struct State {
    /// Up to which entry of the log it has given a receipt.
    witnessed: u64,
    presence: Presence,
    /// When it was last reached.
    reached: Instant,
}

#[derive(Clone, PartialEq, Eq)]
enum Presence {
    /// It was not reached since the start.
    Unasked,
    /// The last message reached it.
    Here,
    /// The last message did not reach it.
    Away,
    /// It knows another log than this one.
    Contradicts(String),
}

impl Gate {
    /// How long a charge that nobody waits for waits for its receipt.
    const PATIENCE: Duration = Duration::from_secs(10);
    /// How long it is taken for granted that a witness that was reached is still there.
    const FRESH: Duration = Duration::from_secs(1);

    /// No witness: everything passes. Releases say so.
    #[must_use]
    pub fn without_witness() -> Self {
        Self(None)
    }

    /// Closed until the witness is reached; while it is away afterwards, `percent` of a lineage's
    /// cap may be spent unwitnessed.
    #[must_use]
    pub fn closed(percent: u8) -> Self {
        let (presence, reached) = (Presence::Unasked, Instant::now());
        let state = State { witnessed: 0, presence, reached };
        let inner = Inner { state: watch::Sender::new(state), wanted: Notify::new(), percent };
        Self(Some(Arc::new(inner)))
    }

    /// The witness was reached and has given a receipt up to that entry of the log.
    pub fn witnessed(&self, up_to: u64) {
        self.change(|state| {
            state.witnessed = state.witnessed.max(up_to);
            state.presence = Presence::Here;
            state.reached = Instant::now();
        });
    }

    /// The witness was not reached.
    pub fn away(&self) {
        self.change(|state| {
            if state.presence == Presence::Here {
                state.presence = Presence::Away;
            }
        });
    }

    /// The witness knows another log. From now on nothing is charged before a restart.
    pub fn contradicted(&self, why: String) {
        self.change(|state| state.presence = Presence::Contradicts(why));
    }

    fn change(&self, how: impl FnOnce(&mut State)) {
        let Some(inner) = &self.0 else { return };
        inner.state.send_modify(|state| {
            // What was found out once stays true until somebody restarts the unit.
            if !matches!(state.presence, Presence::Contradicts(_)) {
                how(state);
            }
        });
    }

    /// Waits until a charge wants its receipt; for ever where there is no witness.
    pub async fn wanted(&self) {
        match &self.0 {
            Some(inner) => inner.wanted.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Before something is charged: makes sure that a witness that was not heard of for a while is
    /// still there, so that what needs a receipt is refused and not paid in vain.
    pub(crate) async fn look(&self) {
        let Some(inner) = &self.0 else { return };
        let mut seen = inner.state.subscribe();
        let asked = Instant::now();
        let old = |state: &State| asked.duration_since(state.reached) > Self::FRESH;
        if !old(&seen.borrow_and_update()) {
            return;
        }
        inner.wanted.notify_one();
        let settled = |state: &State| state.presence != Presence::Here || state.reached >= asked;
        // Whoever is too late finds the gate as it stands.
        let _ = timeout_at(asked + Self::PATIENCE, seen.wait_for(settled)).await;
    }

    /// What may be charged to a lineage without a receipt; `None` for whatever the caps allow.
    pub(crate) fn tranche(&self, budget: &Budget) -> Option<Price> {
        let inner = self.0.as_ref()?;
        match inner.state.borrow().presence {
            Presence::Here => None,
            Presence::Away => Some(part_of_cap(budget, inner.percent)),
            Presence::Unasked | Presence::Contradicts(_) => Some(Price { rho: 0, delta: 0 }),
        }
    }

    /// Waits for the receipt of an entry. What is left to the caller where none came: how much may
    /// be spent without one.
    pub(crate) async fn pass(
        &self,
        sequence: u64,
        until: Option<Instant>,
        budget: &Budget,
    ) -> Result<(), Price> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let mut seen = inner.state.subscribe();
        inner.wanted.notify_one();
        let until = until.unwrap_or_else(|| Instant::now() + Self::PATIENCE);
        let settled =
            |state: &State| state.witnessed >= sequence || state.presence != Presence::Here;
        // Too late is the same as away.
        let waited = timeout_at(until, seen.wait_for(settled)).await;
        if matches!(waited, Ok(Ok(state)) if state.witnessed >= sequence) {
            return Ok(());
        }
        let late = part_of_cap(budget, inner.percent);
        Err(self.tranche(budget).unwrap_or(late))
    }

    /// Why nothing is charged, or not answered, without the witness.
    pub(crate) fn refusal(&self, paid: bool) -> UnitError {
        let presence = self.0.as_ref().map(|inner| inner.state.borrow().presence.clone());
        if let Some(Presence::Contradicts(why)) = presence {
            return UnitError::refuse(ProblemCode::LogBehind, why);
        }
        let detail = match (paid, presence) {
            (true, _) => {
                "it is paid and will be answered once the other unit has witnessed the charge: ask \
                 again with the same idempotency key; nothing is charged twice"
            }
            (false, Some(Presence::Unasked)) => {
                "the other unit, which witnesses charges, was not reached since this unit's start: \
                 nothing was charged; what was released stays to be had. Have the operators start \
                 the other unit or repair the way to it"
            }
            (false, _) => {
                "the other unit, which witnesses charges, does not answer, and what may be spent \
                 without it is spent: nothing was charged; what was released stays to be had. Ask \
                 again when it is back"
            }
        };
        UnitError::refuse(ProblemCode::WitnessAway, detail)
    }
}

/// What may be charged to a lineage without a receipt: that part of its cap, rounded down.
#[must_use]
pub fn part_of_cap(budget: &Budget, percent: u8) -> Price {
    let part = |cap: u64| cap / 100 * u64::from(percent) + cap % 100 * u64::from(percent) / 100;
    Price {
        rho: part(budget.lineage_cap_nano_rho.get()),
        delta: part(budget.lineage_cap_delta_femto.get()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Option<Instant> = None;

    fn budget() -> Budget {
        let caps = serde_json::json!({
            "lineage_cap_nano_rho": 1_000, "lineage_cap_delta_femto": 199,
            "purpose_cap_nano_rho": 1_000, "analyst_cap_nano_rho": 1_000,
            "delta_conv_femto": 1_000_000_000,
        });
        serde_json::from_value(caps).unwrap()
    }

    #[tokio::test]
    async fn without_a_witness_everything_passes() {
        let gate = Gate::without_witness();
        assert_eq!(gate.tranche(&budget()), None);
        assert_eq!(gate.pass(7, NOW, &budget()).await, Ok(()));
    }

    #[tokio::test]
    async fn the_gate_opens_with_the_first_receipt_and_narrows_while_the_witness_is_away() {
        let (gate, budget) = (Gate::closed(5), budget());
        let nothing = Price { rho: 0, delta: 0 };
        gate.away();
        assert_eq!(gate.tranche(&budget), Some(nothing), "never reached is not merely away");
        gate.witnessed(3);
        assert_eq!(gate.tranche(&budget), None);
        assert_eq!(gate.pass(3, NOW, &budget).await, Ok(()));
        gate.away();
        let part = Price { rho: 50, delta: 9 };
        assert_eq!(gate.tranche(&budget), Some(part));
        assert_eq!(gate.pass(3, NOW, &budget).await, Ok(()), "it has its receipt");
        assert_eq!(gate.pass(4, NOW, &budget).await, Err(part));
        gate.contradicted("another log".into());
        gate.witnessed(9);
        assert_eq!(gate.tranche(&budget), Some(nothing), "a contradiction stays");
    }

    #[tokio::test]
    async fn many_charges_wait_for_one_receipt() {
        let (gate, budget) = (Gate::closed(5), budget());
        gate.witnessed(0);
        let waiting: Vec<_> = (1..=20)
            .map(|sequence| {
                let (gate, budget) = (gate.clone(), budget.clone());
                tokio::spawn(async move { gate.pass(sequence, NOW, &budget).await })
            })
            .collect();
        gate.wanted().await;
        gate.witnessed(20);
        for own in waiting {
            assert_eq!(own.await.unwrap(), Ok(()));
        }
    }
}
