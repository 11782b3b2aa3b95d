//! Time as a parameter.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where a program takes the time from: the system, or a test's own value.
#[derive(Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A time that a test sets, in Unix seconds.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `seconds`.
    #[must_use]
    pub fn standing_at(seconds: i64) -> Self {
        Self::Set(Arc::new(AtomicI64::new(seconds)))
    }

    /// Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self {
            Self::System => jiff::Timestamp::now().as_second(),
            Self::Set(seconds) => seconds.load(Ordering::SeqCst),
        }
    }

    /// The calendar day in UTC.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        let instant = jiff::Timestamp::from_second(self.now()).unwrap_or(jiff::Timestamp::MAX);
        jiff::tz::TimeZone::UTC.to_datetime(instant).date()
    }
}
