use crate::export::{Line, ReadEntry, read_line};
use crate::{Chain, Checkpoint, Head, Installation, LINE_LIMIT, PublicKey, ShortHead, UnitKind};
use thiserror::Error;

/// What is wrong at the first place where a file stops being the unit's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Reason {
    /// The file does not begin with the header of an export.
    #[error("the file is not the export of a milchglas log")]
    NotALog,
    /// A second header.
    #[error("the header appears a second time")]
    SecondHeader,
    /// The line is longer than [`LINE_LIMIT`].
    #[error("the line is longer than 64 KiB")]
    TooLong,
    /// The line is not JSON, no entry or checkpoint, or not in its one canonical spelling.
    #[error("the line is no entry or checkpoint in its canonical spelling")]
    Spelling,
    /// The numbers do not run 1, 2, 3 …
    #[error("entry {expected} was due and entry {found} stands there")]
    Number {
        /// The number that was due.
        expected: u64,
        /// The number that stands there.
        found: u64,
    },
    /// The content does not give the hash beside it.
    #[error("the content does not give the hash that stands beside it")]
    Hash,
    /// The next entry was appended to another predecessor.
    #[error("the next entry was appended to another entry than this one")]
    Previous,
    /// The first entry belongs to another unit or installation.
    #[error("the first entry does not begin the log of this unit and installation")]
    Genesis,
    /// A checkpoint of the other unit.
    #[error("a checkpoint of another unit stands here")]
    CheckpointUnit,
    /// A checkpoint for an entry that is not the one before it in the file.
    #[error("a checkpoint for entry {found} stands after entry {expected}")]
    CheckpointPlace {
        /// Number of the entry before the checkpoint.
        expected: u64,
        /// Number in the checkpoint.
        found: u64,
    },
    /// A checkpoint vouches for another head: an entry since the last confirmed one was altered.
    #[error("the checkpoint at entry {at} vouches for another hash")]
    CheckpointHead {
        /// Number in the checkpoint.
        at: u64,
    },
    /// The key did not sign the checkpoint.
    #[error("the signature of the checkpoint does not come from the given key")]
    Signature,
    /// An anchor kept outside names another hash.
    #[error("the anchor at entry {at} names another hash")]
    AnchorHead {
        /// Number in the anchor.
        at: u64,
    },
    /// The log ends before an anchor kept outside.
    #[error("the log ends before entry {at}, which the anchor names")]
    Ends {
        /// Number in the anchor.
        at: u64,
    },
}

/// The first place where a file stops being the unit's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("entry {sequence} (line {line}): {reason}")]
pub struct Broken {
    /// The first entry that cannot be relied on; 0 for the header.
    ///
    /// Where two neighbours contradict each other it is the earlier one; where only a checkpoint or
    /// an anchor contradicts, it is the entry after the last confirmed one.
    pub sequence: u64,
    /// The line of the file where it was noticed, from 1.
    pub line: u64,
    /// What was noticed.
    pub reason: Reason,
}

/// What a log that verified says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose log.
    pub unit: UnitKind,
    /// Of which installation.
    pub installation: Installation,
    /// Number and hash of the last entry.
    pub head: Head,
    /// Times of the first and the last entry in Unix seconds.
    pub span: Option<(i64, i64)>,
    /// How many checkpoints stood in the file.
    pub checkpoints: u64,
    /// The last entry that a signature by the given key or an anchor vouches for. Everything after
    /// it could have been rewritten as a whole by whoever held the file.
    pub confirmed: u64,
    /// How often the log was restored.
    pub generation: u64,
}

/// Reads an export line by line and stops at the first bad one.
pub struct Verifier {
    key: Option<PublicKey>,
    anchors: Vec<Head>,
    noted: Vec<ShortHead>,
    line: u64,
    log: Option<Log>,
}

struct Log {
    unit: UnitKind,
    installation: Installation,
    head: Head,
    span: Option<(i64, i64)>,
    checkpoints: u64,
    confirmed: u64,
    generation: u64,
}

impl Verifier {
    /// Without a key checkpoints are compared and their signatures left unchecked. `anchors` are
    /// heads kept outside the unit, in any order.
    #[must_use]
    pub fn new(key: Option<PublicKey>, anchors: Vec<Head>) -> Self {
        Self { key, anchors, noted: Vec::new(), line: 0, log: None }
    }

    /// Compares with heads from paper too, in any order.
    #[must_use]
    pub fn also(self, noted: Vec<ShortHead>) -> Self {
        Self { noted, ..self }
    }

    /// Takes the next line, without its newline.
    ///
    /// # Errors
    /// The first bad entry.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Broken> {
        self.line += 1;
        let due = self.log.as_ref().map_or(0, |log| log.head.sequence + 1);
        if line.len() > LINE_LIMIT {
            return Err(self.broken(due, if due == 0 { Reason::NotALog } else { Reason::TooLong }));
        }
        match (self.log.is_some(), read_line(line)) {
            (false, Some(Line::Log { unit, installation })) => self.open(unit, installation),
            (false, _) => Err(self.broken(0, Reason::NotALog)),
            (true, Some(Line::Entry(entry))) => self.entry(&entry),
            (true, Some(Line::Checkpoint(checkpoint))) => self.checkpoint(&checkpoint),
            (true, Some(Line::Log { .. })) => Err(self.broken(due, Reason::SecondHeader)),
            (true, None) => Err(self.broken(due, Reason::Spelling)),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When an anchor lies beyond the last entry, or there was no header.
    pub fn finish(self) -> Result<Report, Broken> {
        let line = self.line + 1;
        let Some(log) = self.log else {
            return Err(Broken { sequence: 0, line, reason: Reason::NotALog });
        };
        let kept = self.anchors.iter().map(|own| own.sequence);
        let mut kept = kept.chain(self.noted.iter().map(|own| own.sequence));
        if let Some(at) = kept.find(|at| *at > log.head.sequence) {
            let reason = Reason::Ends { at };
            return Err(Broken { sequence: log.head.sequence + 1, line, reason });
        }
        Ok(Report {
            unit: log.unit,
            installation: log.installation,
            head: log.head,
            span: log.span,
            checkpoints: log.checkpoints,
            confirmed: log.confirmed,
            generation: log.generation,
        })
    }

    fn broken(&self, sequence: u64, reason: Reason) -> Broken {
        Broken { sequence, line: self.line, reason }
    }

    fn open(&mut self, unit: UnitKind, installation: Installation) -> Result<(), Broken> {
        let head = Chain::genesis(unit, &installation).head();
        let log = Log {
            unit,
            installation,
            head,
            span: None,
            checkpoints: 0,
            confirmed: 0,
            generation: 0,
        };
        self.log = Some(log);
        self.compare_anchors(head, 0)
    }

    fn entry(&mut self, entry: &ReadEntry) -> Result<(), Broken> {
        let broken = |sequence, reason| Broken { sequence, line: self.line, reason };
        let Some(log) = self.log.as_mut() else {
            return Err(broken(0, Reason::NotALog));
        };
        let expected = log.head.sequence + 1;
        if entry.sequence != expected {
            let reason = Reason::Number { expected, found: entry.sequence };
            return Err(broken(expected.min(entry.sequence), reason));
        }
        if entry.hash != entry.computed {
            return Err(broken(expected, Reason::Hash));
        }
        if entry.previous != log.head.hash {
            return Err(match expected {
                1 => broken(1, Reason::Genesis),
                _ => broken(expected - 1, Reason::Previous),
            });
        }
        log.head = Head { sequence: expected, hash: entry.hash };
        log.generation = entry.generation.unwrap_or(log.generation);
        log.span = Some((log.span.map_or(entry.at, |(first, _)| first), entry.at));
        let (head, confirmed) = (log.head, log.confirmed);
        self.compare_anchors(head, confirmed)
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), Broken> {
        let broken = |sequence, reason| Broken { sequence, line: self.line, reason };
        let Some(log) = self.log.as_mut() else {
            return Err(broken(0, Reason::NotALog));
        };
        let (expected, found) = (log.head.sequence, checkpoint.head.sequence);
        if checkpoint.unit != log.unit {
            return Err(broken(expected, Reason::CheckpointUnit));
        }
        if found != expected {
            let first = expected.min(found) + 1;
            return Err(broken(first, Reason::CheckpointPlace { expected, found }));
        }
        if checkpoint.head != log.head {
            return Err(broken(log.confirmed + 1, Reason::CheckpointHead { at: found }));
        }
        if let Some(key) = &self.key {
            if !checkpoint.is_signed_by(key) {
                return Err(broken(log.confirmed + 1, Reason::Signature));
            }
            log.confirmed = found;
        }
        log.checkpoints += 1;
        Ok(())
    }

    fn compare_anchors(&mut self, head: Head, confirmed: u64) -> Result<(), Broken> {
        let here: Vec<&Head> =
            self.anchors.iter().filter(|anchor| anchor.sequence == head.sequence).collect();
        let noted: Vec<&ShortHead> =
            self.noted.iter().filter(|own| own.sequence == head.sequence).collect();
        if here.is_empty() && noted.is_empty() {
            return Ok(());
        }
        let whose = self.log.as_ref().map(|log| (log.unit, &log.installation));
        let differs = |own: &&ShortHead| {
            whose.is_none_or(|(unit, installation)| !own.is_of(unit, installation, head))
        };
        if here.iter().any(|anchor| anchor.hash != head.hash) || noted.iter().any(differs) {
            return Err(self.broken(confirmed + 1, Reason::AnchorHead { at: head.sequence }));
        }
        if let Some(log) = self.log.as_mut() {
            log.confirmed = head.sequence;
        }
        Ok(())
    }
}

/// Verifies a whole export given as lines without newlines.
///
/// # Errors
/// The first bad entry; see [`Verifier`].
pub fn verify<L: AsRef<[u8]>>(
    lines: impl IntoIterator<Item = L>,
    key: Option<PublicKey>,
    anchors: Vec<Head>,
) -> Result<Report, Broken> {
    let mut verifier = Verifier::new(key, anchors);
    for line in lines {
        verifier.line(line.as_ref())?;
    }
    verifier.finish()
}
