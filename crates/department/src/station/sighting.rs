//! Whether a file is complete: it lies still long enough and ends as its kind ends.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::folders::{Entry, Place, Stamp, kind};

/// A text without a line break at its end lies still this many times as long.
const OPEN: i64 = 6;
/// A file that is surely cut off is taken after this many times as long, to be refused aloud.
const CUT: i64 = 30;
/// After this many times as long every file is taken.
pub(super) const LONGEST: i64 = CUT;
/// A zip archive's end record without its comment, and the longest comment.
const END_RECORD: usize = 22;
const COMMENT: usize = 65_535;

/// What was seen of each file so far. Forgotten with the process, which costs a wait.
#[derive(Default)]
pub(super) struct Sightings(HashMap<(Place, String), Sighting>);

struct Sighting {
    stamp: Stamp,
    since: i64,
    looks: u32,
    /// Not looked at again before; set when taking failed.
    not_before: i64,
    failures: u32,
}

/// How a file ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Whole,
    Open,
    Cut,
}

impl Sightings {
    /// Whether the file may be taken now.
    pub(super) fn is_settled(&mut self, entry: &Entry, now: i64, settle: i64) -> bool {
        let key = (entry.place, entry.name.clone());
        let new = Sighting { stamp: entry.stamp, since: now, looks: 0, not_before: 0, failures: 0 };
        let sighting = self.0.entry(key).or_insert(new);
        // A clock that was set back would otherwise make a file wait for the difference.
        if sighting.stamp != entry.stamp || now < sighting.since {
            sighting.stamp = entry.stamp;
            sighting.since = now;
            sighting.looks = 0;
        }
        sighting.looks += 1;
        let lain = now - sighting.since;
        if sighting.looks < 2 || lain < settle || now < sighting.not_before {
            return false;
        }
        let times = match ending(&entry.path, &entry.name, entry.stamp.size) {
            Some(Ending::Whole) => 1,
            Some(Ending::Open) => OPEN,
            Some(Ending::Cut) => CUT,
            None => return false,
        };
        lain >= settle * times
    }

    /// Remembers that taking failed, and for how long the file is left alone.
    pub(super) fn failed(&mut self, entry: &Entry, now: i64, wait: impl Fn(u32) -> i64) -> i64 {
        let Some(sighting) = self.0.get_mut(&(entry.place, entry.name.clone())) else { return now };
        sighting.failures += 1;
        sighting.not_before = now + wait(sighting.failures);
        sighting.not_before
    }

    pub(super) fn forget(&mut self, entry: &Entry) {
        self.0.remove(&(entry.place, entry.name.clone()));
    }

    /// Forgets the files that are not there any more.
    pub(super) fn keep_only(&mut self, entries: &[Entry]) {
        self.0.retain(|(place, name), _| {
            entries.iter().any(|entry| entry.place == *place && entry.name == *name)
        });
    }
}

fn ending(path: &Path, name: &str, size: u64) -> Option<Ending> {
    if size == 0 {
        return Some(Ending::Cut);
    }
    let wanted = match kind(name) {
        Some("csv" | "txt") => 1,
        Some("xlsx" | "xlsm" | "ods") => END_RECORD + COMMENT,
        // An old workbook and whatever is refused anyway show no end.
        _ => return Some(Ending::Open),
    };
    let tail = tail(path, size, wanted)?;
    Some(match (wanted, tail.last()) {
        (1, Some(b'\n' | b'\r')) => Ending::Whole,
        // Windows reserves the whole length before it copies: the rest is zeros meanwhile.
        (1, Some(0) | None) => Ending::Cut,
        (1, Some(_)) => Ending::Open,
        _ if has_end_record(&tail) => Ending::Whole,
        _ => Ending::Cut,
    })
}

fn tail(path: &Path, size: u64, wanted: usize) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(size.saturating_sub(wanted as u64))).ok()?;
    let mut tail = Vec::new();
    file.take(wanted as u64).read_to_end(&mut tail).ok()?;
    Some(tail)
}

/// APPNOTE.TXT 6.3.10, section 4.3.16: the record ends with the length of its comment, the file
/// with the comment.
fn has_end_record(tail: &[u8]) -> bool {
    (0..tail.len()).rev().any(|at| {
        let Some(record) = tail.get(at..at + END_RECORD) else { return false };
        let [b'P', b'K', 5, 6, .., low, high] = record else { return false };
        at + END_RECORD + usize::from(u16::from_le_bytes([*low, *high])) == tail.len()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
        sightings: Sightings,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), sightings: Sightings::default() }
        }

        fn look(&mut self, name: &str, now: i64) -> bool {
            let path = self.folder.path().join(name);
            let stamp = Stamp::of(&fs::metadata(&path).unwrap());
            let entry = Entry { place: Place::Inbox, name: name.into(), path, stamp };
            self.sightings.is_settled(&entry, now, 10)
        }

        fn write(&self, name: &str, bytes: &[u8]) {
            fs::write(self.folder.path().join(name), bytes).unwrap();
        }
    }

    /// The seconds at which a file that lies still from 0 is taken, looked at every five.
    fn taken_at(name: &str, bytes: &[u8]) -> i64 {
        let mut scene = Scene::new();
        scene.write(name, bytes);
        (0..1000).map(|look| look * 5).find(|now| scene.look(name, *now)).unwrap()
    }

    #[test]
    fn each_kind_settles_by_how_it_ends() {
        let archive = [b"PK\x03\x04...".as_slice(), b"PK\x05\x06", &[0; 18]].concat();
        let comment = [&archive[..archive.len() - 2], &[3, 0], b"abc"].concat();
        for (name, bytes, seconds) in [
            ("a.csv", b"a;b\n".as_slice(), 10),
            ("a.CSV", b"a;b", 60),
            ("a.csv", b"a;b\n\0\0\0", 300),
            ("a.csv", b"", 300),
            ("a.xlsx", &archive, 10),
            ("a.ods", &comment, 10),
            ("a.xlsx", &archive[..archive.len() - 1], 300),
            ("a.xls", b"\xD0\xCF\x11\xE0", 60),
            ("a.pdf", b"%PDF", 60),
        ] {
            assert_eq!(taken_at(name, bytes), seconds, "{name}");
        }
    }

    #[test]
    fn a_growing_file_is_left_alone() {
        let mut scene = Scene::new();
        let mut text = String::new();
        for now in (0..120).step_by(5) {
            text.push_str("x;y\n");
            scene.write("a.csv", text.as_bytes());
            assert!(!scene.look("a.csv", now));
        }
        assert!(!scene.look("a.csv", 120));
        assert!(scene.look("a.csv", 125));
    }

    #[test]
    fn one_look_never_suffices_and_a_clock_set_back_starts_anew() {
        let mut scene = Scene::new();
        scene.write("a.csv", b"x\n");
        assert!(!scene.look("a.csv", 1000));
        assert!(!scene.look("a.csv", 500));
        assert!(scene.look("a.csv", 510));
    }
}
