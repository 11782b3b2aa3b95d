//! Who is signed in.
//!
//! Sessions live in memory: a restart of the unit ends them, and no backup holds one. A session is
//! known by the SHA-256 of its cookie.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use access::{AccessError, TokenDigest, new_token};
use policy::Name;
use ring::rand::SystemRandom;

/// Seconds without a request after which a session ends.
const IDLE: i64 = 30 * 60;
/// Seconds after which a session ends in any case: a working day.
const LONGEST: i64 = 10 * 3600;
/// Most sessions at once; the one that was idle longest gives way.
const MOST: usize = 1000;

/// An open session.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) name: Name,
    /// What every form of this session holds, so that no other page can send one.
    pub(super) csrf: String,
    opened: i64,
    seen: i64,
}

impl Session {
    fn is_over(&self, now: i64) -> bool {
        now.saturating_sub(self.seen) > IDLE || now.saturating_sub(self.opened) > LONGEST
    }
}

/// All sessions of a unit.
pub(super) struct Sessions {
    open: Mutex<BTreeMap<TokenDigest, Session>>,
    random: SystemRandom,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { open: Mutex::default(), random: SystemRandom::new() }
    }

    /// Opens a session and returns the value of its cookie.
    pub(super) fn open(&self, name: &Name, now: i64) -> Result<String, AccessError> {
        let (cookie, csrf) = (new_token(&self.random)?, new_token(&self.random)?);
        let session = Session { name: name.clone(), csrf, opened: now, seen: now };
        let mut open = self.lock();
        open.retain(|_, own| !own.is_over(now));
        while open.len() >= MOST {
            let idle = open.iter().min_by_key(|(_, own)| own.seen).map(|(key, _)| *key);
            let Some(idle) = idle else { break };
            open.remove(&idle);
        }
        open.insert(TokenDigest::of(&cookie), session);
        Ok(cookie)
    }

    /// The session of a cookie, which counts as used now.
    pub(super) fn find(&self, cookie: &str, now: i64) -> Option<Session> {
        let digest = TokenDigest::of(cookie);
        let mut open = self.lock();
        let session = open.get_mut(&digest)?;
        if session.is_over(now) {
            open.remove(&digest);
            return None;
        }
        session.seen = session.seen.max(now);
        Some(session.clone())
    }

    /// Ends a session.
    pub(super) fn close(&self, cookie: &str) {
        self.lock().remove(&TokenDigest::of(cookie));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TokenDigest, Session>> {
        // Whoever panicked while holding it left a whole map behind.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_idle_and_at_the_end_of_a_day() {
        let sessions = Sessions::new();
        let anna: Name = "anna".parse().unwrap();
        let cookie = sessions.open(&anna, 1000).unwrap();
        assert!(sessions.find("other", 1000).is_none());
        assert!(sessions.find(&cookie, 1000 + IDLE).is_some());
        assert!(sessions.find(&cookie, 1000 + 2 * IDLE).is_some(), "used in between");
        assert!(sessions.find(&cookie, 1001 + 3 * IDLE).is_none(), "idle");

        let cookie = sessions.open(&anna, 0).unwrap();
        let mut now = 0;
        while sessions.find(&cookie, now).is_some() {
            now += IDLE;
        }
        assert_eq!(now, LONGEST + IDLE);
        let cookie = sessions.open(&anna, 0).unwrap();
        sessions.close(&cookie);
        assert!(sessions.find(&cookie, 0).is_none());
    }

    #[test]
    fn sessions_are_bounded_and_the_idlest_gives_way() {
        let sessions = Sessions::new();
        let anna: Name = "anna".parse().unwrap();
        let first = sessions.open(&anna, 0).unwrap();
        let second = sessions.open(&anna, 1).unwrap();
        sessions.find(&first, 2).unwrap();
        for _ in 2..=MOST {
            sessions.open(&anna, 3).unwrap();
        }
        assert!(sessions.find(&second, 3).is_none());
        assert!(sessions.find(&first, 3).is_some());
        assert_eq!(sessions.lock().len(), MOST);
    }
}
