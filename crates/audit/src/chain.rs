use crate::{Entry, Error, Installation, UnitKind, entry, export};
use serde_json::Value;
use std::str::FromStr;

const GENESIS: &[u8] = b"milchglas/log/v1/genesis\0";

/// Number and hash of the last entry of a chain; number 0 is the genesis hash.
///
/// Written `number:hash`, it is what a data protection officer notes down as an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry, 0 while there is none.
    pub sequence: u64,
    /// Hash of the last entry.
    pub hash: [u8; 32],
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.sequence, export::hex(&self.hash))
    }
}

impl FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (sequence, hash) = text.split_once(':').ok_or(Error::Head)?;
        let sequence = sequence.parse().map_err(|_| Error::Head)?;
        Ok(Self { sequence, hash: export::unhex(hash).ok_or(Error::Head)? })
    }
}

/// The growing end of a log.
pub struct Chain {
    head: Head,
}

impl Chain {
    /// A chain without entries.
    #[must_use]
    pub fn genesis(unit: UnitKind, installation: &Installation) -> Self {
        let parts =
            [GENESIS, unit.as_str().as_bytes(), b"\0".as_slice(), installation.as_str().as_bytes()];
        Self { head: Head { sequence: 0, hash: entry::digest(&parts) } }
    }

    /// A chain that goes on after a stored head.
    #[must_use]
    pub fn after(head: Head) -> Self {
        Self { head }
    }

    /// Number and hash of the last entry.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Makes the next entry and moves the head to it.
    ///
    /// `at` is in Unix seconds; times need not grow, clocks are set back.
    ///
    /// # Errors
    /// When kind, body or size cannot be logged; the head stays where it was.
    pub fn append(&mut self, at: i64, kind: &str, body: Value) -> Result<Entry, Error> {
        let entry = Entry::following(self.head, at, kind, body)?;
        self.head = entry.head();
        Ok(entry)
    }
}
