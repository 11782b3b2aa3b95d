//! A ledger in memory that keeps the contract of `Durable`.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use policy::{Digest, Name};
use statistics::{Charge, Durable, Receipt};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Committed,
    Drawing,
}

#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    Cap,
    State(State),
    Crash,
}

pub(crate) struct Ledger {
    pub(crate) cap: u64,
    pub(crate) spent: u64,
    pub(crate) crash_before_drawing: bool,
    charges: BTreeMap<String, (u64, State)>,
}

impl Ledger {
    pub(crate) fn new(cap: u64) -> Self {
        Self { cap, spent: 0, crash_before_drawing: false, charges: BTreeMap::new() }
    }

    fn receipt(sequence: u64) -> Receipt {
        Receipt {
            charge: Name::new(format!("charge-{sequence}")).unwrap(),
            sequence,
            head: Digest::of(&sequence.to_be_bytes()),
        }
    }
}

impl Durable for Ledger {
    type Error = Refused;

    async fn commit(&mut self, charge: &Charge) -> Result<Receipt, Refused> {
        if let Some((sequence, state)) = self.charges.get(charge.idempotency_key()) {
            return match state {
                State::Committed => Ok(Self::receipt(*sequence)),
                State::Drawing => Err(Refused::State(*state)),
            };
        }
        if self.spent + charge.rho().get() > self.cap {
            return Err(Refused::Cap);
        }
        self.spent += charge.rho().get();
        let sequence = self.charges.len() as u64 + 1;
        self.charges.insert(charge.idempotency_key().to_owned(), (sequence, State::Committed));
        Ok(Self::receipt(sequence))
    }

    async fn start_drawing(&mut self, receipt: &Receipt) -> Result<(), Refused> {
        if std::mem::take(&mut self.crash_before_drawing) {
            return Err(Refused::Crash);
        }
        let (_, state) =
            self.charges.values_mut().find(|(number, _)| *number == receipt.sequence).unwrap();
        if *state != State::Committed {
            return Err(Refused::State(*state));
        }
        *state = State::Drawing;
        Ok(())
    }
}

/// Runs a future that never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the ledger in memory never waits"),
    }
}
