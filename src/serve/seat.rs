//! Which units this process serves, so that it never serves both by accident.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::bail;

use crate::UnitName;

static LINKAGE: AtomicUsize = AtomicUsize::new(0);
static STATISTICS: AtomicUsize = AtomicUsize::new(0);

/// A unit that runs in this process, until it is dropped.
pub(super) struct Seat(&'static AtomicUsize);

fn of(unit: UnitName) -> (&'static AtomicUsize, &'static AtomicUsize) {
    match unit {
        UnitName::Linkage => (&LINKAGE, &STATISTICS),
        UnitName::Statistics => (&STATISTICS, &LINKAGE),
    }
}

impl Seat {
    /// A seat beside whoever is there.
    pub(super) fn take(unit: UnitName) -> Self {
        let (own, _) = of(unit);
        own.fetch_add(1, Ordering::SeqCst);
        Self(own)
    }

    /// A seat where the other unit is not.
    pub(super) fn alone(unit: UnitName) -> anyhow::Result<Self> {
        let seat = Self::take(unit);
        let (_, other) = of(unit);
        if other.load(Ordering::SeqCst) > 0 {
            bail!(
                "the other unit runs in this process: whoever can read it would hold encodings and \
                 facts at once; start two processes, on two hosts"
            );
        }
        Ok(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
