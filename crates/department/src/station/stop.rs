//! How a station's thread is ended, and what it sleeps on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Ends a station from another thread; clones end the same one.
#[derive(Clone, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Not stopped yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends whoever pauses on it, now and later.
    pub fn stop(&self) {
        let (stopped, changed) = &*self.0;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Waits, and says whether to go on.
    #[must_use]
    pub fn pause(&self, duration: Duration) -> bool {
        let (stopped, changed) = &*self.0;
        let guard = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = changed
            .wait_timeout_while(guard, duration, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        !*guard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_when_stopped_from_another_thread() {
        let stop = Stop::new();
        assert!(stop.pause(Duration::ZERO));
        let other = stop.clone();
        let thread = std::thread::spawn(move || other.pause(Duration::from_secs(3600)));
        stop.stop();
        assert!(!thread.join().unwrap());
        assert!(!stop.pause(Duration::ZERO));
    }
}
