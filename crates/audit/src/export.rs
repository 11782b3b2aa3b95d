//! The lines of an export: `{"log":…}` once, then `{"entry":…,"hash":…}` and `{"checkpoint":…}`.

use crate::{Checkpoint, Entry, Head, Installation, UnitKind};
use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::Value;

pub(crate) const FORMAT: &str = "milchglas/log/v1";

/// The first line of an export, without newline.
#[must_use]
pub fn header_line(unit: UnitKind, installation: &Installation) -> String {
    format!(r#"{{"log":{{"format":"{FORMAT}","installation":"{installation}","unit":"{unit}"}}}}"#)
}

/// An entry's line from its stored canonical form and hash, without newline.
///
/// The stored text goes out as it lies in the database, altered or not: finding that out is the
/// verifier's task.
#[must_use]
pub fn entry_line(canonical: &str, hash: &[u8]) -> String {
    format!(r#"{{"entry":{canonical},"hash":"{}"}}"#, HEXLOWER.encode(hash))
}

/// A checkpoint's line, without newline. It stands right after the entry it vouches for.
#[must_use]
pub fn checkpoint_line(checkpoint: &Checkpoint) -> String {
    format!(
        r#"{{"checkpoint":{{"at":{},"head":"{}","sequence":{},"signature":"{}","unit":"{}"}}}}"#,
        checkpoint.at,
        hex(&checkpoint.head.hash),
        checkpoint.head.sequence,
        HEXLOWER.encode(&checkpoint.signature),
        checkpoint.unit
    )
}

pub(crate) fn hex(bytes: &[u8; 32]) -> String {
    HEXLOWER.encode(bytes)
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// A line as it was read.
pub(crate) enum Line {
    Log { unit: UnitKind, installation: Installation },
    Entry(ReadEntry),
    Checkpoint(Checkpoint),
}

/// An entry as read: `hash` is what the line claims, `computed` what its content gives.
pub(crate) struct ReadEntry {
    pub(crate) sequence: u64,
    pub(crate) at: i64,
    pub(crate) previous: [u8; 32],
    pub(crate) hash: [u8; 32],
    pub(crate) computed: [u8; 32],
    /// The generation that the entry begins, where it records a restore.
    pub(crate) generation: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Outer {
    Log(LogMembers),
    Checkpoint(CheckpointMembers),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogMembers {
    format: String,
    installation: String,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointMembers {
    at: i64,
    head: String,
    sequence: u64,
    signature: String,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryOuter {
    entry: EntryMembers,
    hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryMembers {
    at: i64,
    body: Value,
    kind: String,
    previous: String,
    sequence: u64,
}

/// Reads a line that is written exactly as this crate writes it; `None` for every other spelling.
///
/// One spelling only: white space, another order or a member given twice would let a reader's eye
/// and the hash see different things.
pub(crate) fn read_line(line: &[u8]) -> Option<Line> {
    let value: Value = serde_json::from_slice(line).ok()?;
    if serde_json_canonicalizer::to_vec(&value).ok()? != line {
        return None;
    }
    if value.get("entry").is_some() {
        return read_entry(value).map(Line::Entry);
    }
    match serde_json::from_value(value).ok()? {
        Outer::Log(log) if log.format == FORMAT => Some(Line::Log {
            unit: log.unit.parse().ok()?,
            installation: log.installation.parse().ok()?,
        }),
        Outer::Log(_) => None,
        Outer::Checkpoint(read) => Some(Line::Checkpoint(Checkpoint {
            unit: read.unit.parse().ok()?,
            head: Head { sequence: read.sequence, hash: unhex(&read.head)? },
            at: read.at,
            signature: unhex(&read.signature)?,
        })),
    }
}

fn restored(entry: &Entry) -> Option<u64> {
    let begins = entry.kind() == "restore.burnt";
    begins.then(|| entry.body().get("generation")?.as_u64()).flatten()
}

fn read_entry(value: Value) -> Option<ReadEntry> {
    let EntryOuter { entry, hash } = serde_json::from_value(value).ok()?;
    let previous = unhex(&entry.previous)?;
    let made = Entry::new(entry.sequence, entry.at, &entry.kind, entry.body, previous).ok()?;
    Some(ReadEntry {
        sequence: made.sequence(),
        at: made.at(),
        previous,
        hash: unhex(&hash)?,
        computed: made.hash(),
        generation: restored(&made),
    })
}
