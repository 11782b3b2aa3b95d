//! Moving files on the share without ever overwriting one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::new_file::rename_new;

use super::folders::{NAME_BYTES, Stamp, report_name};

/// A name that is free in `folder`, for a file and its report: the file's own, else with the day
/// in front, else with day and number.
pub(super) fn free_name(folder: &Path, name: &str, day: &str) -> String {
    let free = |candidate: &str| {
        [candidate.to_owned(), report_name(candidate)]
            .iter()
            .all(|name| folder.join(name).symlink_metadata().is_err())
    };
    if free(name) {
        return name.to_owned();
    }
    (1_u32..)
        .map(|number| match number {
            1 => shortened(&format!("{day} "), name),
            _ => shortened(&format!("{day} ({number}) "), name),
        })
        .find(|candidate| free(candidate))
        .unwrap_or_default()
}

/// The two together, cut before the file's ending where they are too long.
fn shortened(prefix: &str, name: &str) -> String {
    let (stem, end) = match name.rfind('.') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let room = NAME_BYTES.saturating_sub(prefix.len() + end.len());
    let mut kept = stem.len().min(room);
    while !stem.is_char_boundary(kept) {
        kept -= 1;
    }
    format!("{prefix}{}{end}", stem.get(..kept).unwrap_or_default())
}

/// What became of the original.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moved {
    /// It lies at its new place.
    Now,
    /// It lay there already.
    Before,
    /// It is not there any more; somebody took it away.
    Gone,
    /// Another file lies under its name: that one is left alone.
    Replaced,
}

/// Moves the original to its new place.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] where another file has the new name; any other where the share is
/// away or somebody has the file open.
pub(super) fn move_original(from: &Path, to: &Path, stamp: Stamp) -> io::Result<Moved> {
    let at = |path: &Path| -> io::Result<Option<Stamp>> {
        match fs::symlink_metadata(path) {
            Ok(data) => Ok(Some(Stamp::of(&data)).filter(|_| data.is_file())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    };
    let (here, there) = (at(from)?, at(to)?);
    if here != Some(stamp) {
        // The new place was free when it was chosen: a file of this size there is the original.
        return Ok(match (here, there) {
            (_, Some(there)) if there.size == stamp.size => Moved::Before,
            (None, _) => Moved::Gone,
            (Some(_), _) => Moved::Replaced,
        });
    }
    match rename_new(from, to) {
        Err(e) if e.kind() == ErrorKind::CrossesDevices => copy_over(from, to)?,
        other => other?,
    }
    Ok(Moved::Now)
}

/// The folders lie on different file systems: the original goes once its copy is whole.
fn copy_over(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let partial = folder.join(".milchglas-copy.part");
    let _ = fs::remove_file(&partial);
    let mut source = File::open(from)?;
    let mut copy = OpenOptions::new().write(true).create_new(true).open(&partial)?;
    let copied = io::copy(&mut source, &mut copy)?;
    copy.sync_all()?;
    if copied != source.metadata()?.len() {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    rename_new(&partial, to)?;
    fs::remove_file(from)
}

/// Writes a page of the station in one piece, over an earlier one of the same name.
///
/// A link of that name is replaced and not followed.
pub(super) fn write_page(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let partial = folder.join(".milchglas-page.part");
    let _ = fs::remove_file(&partial);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&partial, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(path: &Path) -> Stamp {
        Stamp::of(&fs::metadata(path).unwrap())
    }

    #[test]
    fn names_that_are_taken_get_the_day_and_then_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let next = || {
            let name = free_name(folder.path(), "a.csv", "2026-11-22");
            fs::write(folder.path().join(&name), "x").unwrap();
            name
        };
        assert_eq!(next(), "a.csv");
        assert_eq!(next(), "2026-11-22 a.csv");
        assert_eq!(next(), "2026-11-22 (2) a.csv");
        fs::write(folder.path().join("b.csv.bericht.html"), "x").unwrap();
        assert_eq!(free_name(folder.path(), "b.csv", "2026-11-22"), "2026-11-22 b.csv");
        let long = format!("{}.csv", "ü".repeat(125));
        fs::write(folder.path().join(&long), "x").unwrap();
        let name = free_name(folder.path(), &long, "2026-11-22");
        assert!(name.len() <= NAME_BYTES && name.ends_with("ü.csv"), "{name}");
    }

    #[test]
    fn a_move_never_overwrites_and_notices_what_happened_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, "one").unwrap();
        fs::write(&to, "other").unwrap();
        let was = stamp(&from);
        let error = move_original(&from, &to, was).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "other");
        fs::remove_file(&to).unwrap();
        assert_eq!(move_original(&from, &to, was).unwrap(), Moved::Now);
        assert_eq!(move_original(&from, &to, was).unwrap(), Moved::Before);
        fs::write(&from, "another").unwrap();
        assert_eq!(move_original(&from, &to, was).unwrap(), Moved::Before);
        assert_eq!(fs::read_to_string(&to).unwrap(), "one");
        fs::remove_file(&to).unwrap();
        assert_eq!(move_original(&from, &to, was).unwrap(), Moved::Replaced);
        assert!(from.exists() && !to.exists());
        fs::remove_file(&from).unwrap();
        assert_eq!(move_original(&from, &to, was).unwrap(), Moved::Gone);
    }

    #[test]
    fn a_page_replaces_a_link_instead_of_following_it() {
        let folder = tempfile::tempdir().unwrap();
        let (page, victim) = (folder.path().join("page"), folder.path().join("victim"));
        fs::write(&victim, "kept").unwrap();
        std::os::unix::fs::symlink(&victim, &page).unwrap();
        write_page(&page, "new").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        assert_eq!(fs::read_to_string(&page).unwrap(), "new");
    }
}
