//! How long to wait after something failed.

use std::time::{Duration, Instant};

/// A pause that doubles with each failure.
#[derive(Default)]
pub(super) struct Patience {
    failures: u32,
    until: Option<Instant>,
}

impl Patience {
    /// Longest pause.
    pub(super) const LONGEST: Duration = Duration::from_secs(15 * 60);

    /// Whether the pause is over.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    /// One more failure, of which the first pauses for `first`; returns the pause.
    pub(super) fn fail(&mut self, now: Instant, first: Duration) -> Duration {
        let pause = first.saturating_mul(1 << self.failures.min(20)).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + pause);
        pause
    }

    /// It went well: the next failure is a first one.
    pub(super) fn succeed(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let now = Instant::now();
        let mut patience = Patience::default();
        assert!(patience.is_over(now));
        let first = Duration::from_secs(5);
        let pauses: Vec<u64> = (0..10).map(|_| patience.fail(now, first).as_secs()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert!(!patience.is_over(now + Duration::from_secs(899)));
        assert!(patience.is_over(now + Duration::from_secs(900)));
        for _ in 0..100 {
            patience.fail(now, first);
        }
        patience.succeed();
        assert!(patience.is_over(now));
        assert_eq!(patience.fail(now, first), first);
    }
}
