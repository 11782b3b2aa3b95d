//! How often somebody may try a password.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Wrong tries that cost no wait.
const FREE: u32 = 5;
/// Seconds of the first wait; each further wrong try doubles it.
const FIRST_WAIT: i64 = 15;
/// Longest wait in seconds, after which the tries are also forgotten.
const LONGEST_WAIT: i64 = 15 * 60;
/// Most names that are remembered; beyond it everybody waits their turn.
const MOST: usize = 4096;

/// Wrong tries by name, whether somebody bears it or not.
#[derive(Default)]
pub(super) struct Throttle(Mutex<BTreeMap<String, Tries>>);

struct Tries {
    wrong: u32,
    until: i64,
    last: i64,
}

impl Throttle {
    /// Seconds that `name` has to wait now; counts the try as wrong until [`Throttle::forget`].
    pub(super) fn enter(&self, name: &str, now: i64) -> Result<(), i64> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, own| now.saturating_sub(own.last) <= LONGEST_WAIT);
        if !tries.contains_key(name) && tries.len() >= MOST {
            return Err(FIRST_WAIT);
        }
        let own = tries.entry(name.to_owned()).or_insert(Tries { wrong: 0, until: now, last: now });
        if now < own.until {
            return Err(own.until.saturating_sub(now));
        }
        own.wrong = own.wrong.saturating_add(1);
        own.last = now;
        if let Some(over) = own.wrong.checked_sub(FREE) {
            let wait = FIRST_WAIT.saturating_mul(1_i64 << over.min(10)).min(LONGEST_WAIT);
            own.until = now.saturating_add(wait);
        }
        Ok(())
    }

    /// The try was right.
    pub(super) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let throttle = Throttle::default();
        for _ in 0..FREE {
            throttle.enter("anna", 100).unwrap();
        }
        assert_eq!(throttle.enter("anna", 100), Err(FIRST_WAIT));
        throttle.enter("berta", 100).unwrap();
        throttle.enter("anna", 100 + FIRST_WAIT).unwrap();
        assert_eq!(throttle.enter("anna", 100 + FIRST_WAIT), Err(2 * FIRST_WAIT));
        throttle.forget("anna");
        throttle.enter("anna", 100 + FIRST_WAIT).unwrap();
        let mut now = 1000;
        for _ in 0..20 {
            if let Err(wait) = throttle.enter("carla", now) {
                assert!(wait <= LONGEST_WAIT);
                now += wait;
            }
        }
        throttle.enter("carla", now + 2 * LONGEST_WAIT).unwrap();
    }

    #[test]
    fn many_names_do_not_grow_it_without_end() {
        let throttle = Throttle::default();
        for number in 0..2 * MOST {
            let _ = throttle.enter(&format!("name-{number}"), 100);
        }
        assert_eq!(throttle.0.lock().unwrap().len(), MOST);
        throttle.enter("later", 101 + LONGEST_WAIT).unwrap();
    }
}
