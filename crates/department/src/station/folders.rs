//! The folders of the share, as clerks see them, and what lies in the inbox.

use std::fs::{self, DirEntry};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, shown};
use crate::spelling::fold;

/// What a report's name ends with.
pub(super) const REPORT: &str = ".bericht.html";
/// What the name of rejected rows ends with, where they may lie on the share.
pub(super) const QUARANTINE: &str = ".quarantaene.csv";
/// File kinds that are opened: of some the reader says what to save them as.
const KINDS: [&str; 6] = ["csv", "txt", "xlsx", "xlsm", "xls", "ods"];
/// Most files that one look takes note of.
const MOST_FILES: usize = 2000;
/// Longest file name that the usual file systems hold, in bytes.
pub(super) const NAME_BYTES: usize = 255;

/// Where a file was laid, and what that means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// `Eingang`: a whole delivery, unless the name says otherwise.
    Inbox,
    /// `Eingang/Nachtrag`: corrected and new cases.
    Amendments,
    /// `Eingang/Löschung`: numbers of cases to remove.
    Withdrawals,
    /// Nowhere: a database was asked.
    Database,
}

/// The folders of a share.
pub(super) struct Share {
    pub(super) root: PathBuf,
    inbox: PathBuf,
    pub(super) done: PathBuf,
    pub(super) refused: PathBuf,
}

/// A file in the inbox.
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stamp {
    pub(super) size: u64,
    /// Last change, in seconds and nanoseconds.
    pub(super) modified: (i64, i64),
}

/// What a look at the inbox finds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    /// What is never followed, by path and reason.
    pub(super) strange: Vec<(PathBuf, &'static str)>,
}

impl Stamp {
    pub(super) fn of(data: &fs::Metadata) -> Self {
        Self { size: data.len(), modified: (data.mtime(), data.mtime_nsec()) }
    }
}

impl Share {
    /// Opens a share and creates what is missing in it.
    ///
    /// # Errors
    /// [`Error::Share`] where the folder itself is missing: perhaps it is not mounted.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        let inbox = root.join("Eingang");
        let share = Self {
            root: root.to_owned(),
            done: root.join("Erledigt"),
            refused: root.join("Abgelehnt"),
            inbox,
        };
        if !root.is_dir() {
            return Err(share.away("the folder is not there"));
        }
        let folders = [
            share.inbox.clone(),
            share.inbox.join("Nachtrag"),
            share.inbox.join("Löschung"),
            share.done.clone(),
            share.refused.clone(),
        ];
        for folder in folders {
            if !folder.exists() {
                fs::create_dir(&folder).map_err(|e| Error::write(&folder, &e))?;
            }
        }
        share.check()?;
        Ok(share)
    }

    fn away(&self, reason: &str) -> Error {
        Error::Share { path: shown(&self.root), reason: reason.into() }
    }

    /// Whether the folders are there and are folders; an unmounted share has none.
    pub(super) fn check(&self) -> Result<(), Error> {
        for folder in [&self.inbox, &self.done, &self.refused] {
            let data = fs::symlink_metadata(folder);
            if !data.is_ok_and(|data| data.is_dir()) {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                return Err(self.away(&format!("{name} is not there or is not a folder")));
            }
        }
        Ok(())
    }

    /// Where a waiting file's report lies.
    pub(super) fn waiting_report(&self, place: Place, name: &str) -> Option<PathBuf> {
        let folder = match place {
            Place::Inbox => self.inbox.clone(),
            Place::Amendments | Place::Withdrawals => self.folder_of(place)?,
            Place::Database => return None,
        };
        Some(folder.join(report_name(name)))
    }

    /// Where a file was laid.
    pub(super) fn original(&self, place: Place, name: &str) -> Option<PathBuf> {
        match place {
            Place::Inbox => Some(self.inbox.join(name)),
            Place::Amendments | Place::Withdrawals => Some(self.folder_of(place)?.join(name)),
            Place::Database => None,
        }
    }

    /// The sub-folder as it is spelled there: `Löschung`, `Loeschung`, `LÖSCHUNG`.
    fn folder_of(&self, place: Place) -> Option<PathBuf> {
        let entries = fs::read_dir(&self.inbox).ok()?;
        let mut folders: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter(|entry| entry.file_name().to_str().and_then(place_of) == Some(place))
            .map(|entry| entry.path())
            .collect();
        folders.sort();
        folders.into_iter().next()
    }

    /// Everything in the inbox and its two sub-folders.
    ///
    /// # Errors
    /// [`Error::Share`] where it cannot be read.
    pub(super) fn list(&self) -> Result<Found, Error> {
        self.check()?;
        let mut found = Found::default();
        let mut sub_folders = Vec::new();
        self.list_folder(&self.inbox, Place::Inbox, &mut found, &mut sub_folders)?;
        sub_folders.sort_by(|a, b| a.0.cmp(&b.0));
        let mut seen = Vec::new();
        for (path, place) in sub_folders {
            if seen.contains(&place) {
                found.strange.push((path, "a second folder of this name"));
                continue;
            }
            seen.push(place);
            self.list_folder(&path, place, &mut found, &mut Vec::new())?;
        }
        found.entries.sort_by(|a, b| (a.stamp.modified, &a.path).cmp(&(b.stamp.modified, &b.path)));
        Ok(found)
    }

    fn list_folder(
        &self,
        folder: &Path,
        place: Place,
        found: &mut Found,
        sub_folders: &mut Vec<(PathBuf, Place)>,
    ) -> Result<(), Error> {
        let entries = fs::read_dir(folder).map_err(|e| self.away(&e.kind().to_string()))?;
        for entry in entries.take(MOST_FILES) {
            let entry = entry.map_err(|e| self.away(&e.kind().to_string()))?;
            match look_at(&entry, place) {
                Kind::Passed => {}
                Kind::Folder(known) if place == Place::Inbox => {
                    sub_folders.push((entry.path(), known));
                }
                Kind::Folder(_) => found.strange.push((entry.path(), "a folder")),
                Kind::Strange(reason) => found.strange.push((entry.path(), reason)),
                Kind::File(entry) => found.entries.push(entry),
            }
        }
        Ok(())
    }
}

enum Kind {
    Passed,
    Folder(Place),
    Strange(&'static str),
    File(Entry),
}

fn look_at(entry: &DirEntry, place: Place) -> Kind {
    let name = entry.file_name();
    let Some(name) = name.to_str() else { return Kind::Strange("a name that is not UTF-8") };
    if is_passed_over(name) {
        return Kind::Passed;
    }
    if name.chars().any(char::is_control) {
        return Kind::Strange("a name with control characters");
    }
    let Ok(data) = entry.path().symlink_metadata() else { return Kind::Passed };
    if data.is_dir() {
        return place_of(name).map_or(Kind::Strange("an unknown folder"), Kind::Folder);
    }
    if data.file_type().is_symlink() {
        return Kind::Strange("a symbolic link");
    }
    if !data.is_file() {
        return Kind::Strange("a device, pipe or socket");
    }
    Kind::File(Entry { place, name: name.to_owned(), path: entry.path(), stamp: Stamp::of(&data) })
}

/// Hidden and temporary files of programs that copy, and what the station itself lays there.
fn is_passed_over(name: &str) -> bool {
    let lower = name.to_lowercase();
    let temporary = [".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", "~"];
    lower.starts_with('.')
        || lower.starts_with("~$")
        || temporary.iter().any(|end| lower.ends_with(end))
        || lower.ends_with(REPORT)
        || lower.ends_with(QUARANTINE)
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini")
}

/// The sub-folder that a name stands for, however its umlaut is written.
fn place_of(name: &str) -> Option<Place> {
    match fold(name).as_str() {
        "nachtrag" | "nachtraege" | "nachtrage" => Some(Place::Amendments),
        "loeschung" | "loschung" | "loeschungen" | "loschungen" => Some(Place::Withdrawals),
        _ => None,
    }
}

/// The kind of a file by its name, in lower case; `None` for one that is not read.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('.')?;
    KINDS.into_iter().find(|kind| end.eq_ignore_ascii_case(kind))
}

/// The name of a report beside a file, short enough for the file system.
pub(super) fn report_name(name: &str) -> String {
    beside(name, REPORT)
}

/// `name` with `end` behind it; a name that would be too long is cut at a character.
pub(super) fn beside(name: &str, end: &str) -> String {
    let room = NAME_BYTES.saturating_sub(end.len());
    let mut kept = name.len().min(room);
    while !name.is_char_boundary(kept) {
        kept -= 1;
    }
    format!("{}{end}", name.get(..kept).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_names_fit_the_file_system() {
        assert_eq!(report_name("sgb2.csv"), "sgb2.csv.bericht.html");
        let long = format!("{}.csv", "ü".repeat(125));
        let name = report_name(&long);
        assert!(name.len() <= NAME_BYTES && name.ends_with("ü.bericht.html"), "{name}");
    }

    #[test]
    fn temporary_files_and_own_reports_are_passed_over() {
        for name in [
            ".hidden.csv",
            "~$sgb2.xlsx",
            "a.csv.filepart",
            "a.csv.PART",
            "a.crdownload",
            "a.tmp",
            "a.csv.bericht.html",
            "Thumbs.db",
        ] {
            assert!(is_passed_over(name), "{name}");
        }
        assert!(!is_passed_over("sgb2.csv"));
    }

    #[test]
    fn sub_folders_are_known_in_every_spelling() {
        for name in ["Löschung", "Lo\u{308}schung", "LOESCHUNG"] {
            assert_eq!(place_of(name), Some(Place::Withdrawals), "{name}");
        }
        assert_eq!(place_of("nachtrag"), Some(Place::Amendments));
        assert_eq!(place_of("Archiv"), None);
    }
}
