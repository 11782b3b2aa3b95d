//! A private copy of a file, by which everything is done.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use ring::digest::{Context, SHA256};

use super::folders::{Entry, Stamp};

/// Why a file could not be taken.
pub(super) enum Untaken {
    /// It was changed or exchanged meanwhile: it is looked at again.
    Changed,
    /// It cannot be read: the share is away, or somebody has it locked.
    Unreadable(ErrorKind),
    /// The copy cannot be written, as when the disk is full.
    Unwritable(ErrorKind),
}

/// Copies a file and gives its SHA-256 in hexadecimal digits.
///
/// The copy is for its owner only and on the disk when this returns.
pub(super) fn copy(entry: &Entry, to: &Path) -> Result<String, Untaken> {
    let copied = copy_bytes(entry, to);
    if copied.is_err() {
        // What is there of it is of no use, and perhaps the disk is full.
        let _ = fs::remove_file(to);
    }
    copied
}

fn copy_bytes(entry: &Entry, to: &Path) -> Result<String, Untaken> {
    let unreadable = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => Untaken::Changed,
        kind => Untaken::Unreadable(kind),
    };
    let unwritable = |e: std::io::Error| Untaken::Unwritable(e.kind());
    let before = fs::symlink_metadata(&entry.path).map_err(unreadable)?;
    if !before.is_file() || Stamp::of(&before) != entry.stamp {
        return Err(Untaken::Changed);
    }
    let mut file = File::open(&entry.path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    // Between the two somebody may have put a link in its place.
    if (opened.dev(), opened.ino()) != (before.dev(), before.ino()) {
        return Err(Untaken::Changed);
    }
    let _ = fs::remove_file(to);
    let mut copy =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(unwritable)?;
    let mut context = Context::new(&SHA256);
    let mut block = vec![0; 1 << 20];
    let mut copied = 0_u64;
    loop {
        let read = file.read(&mut block).map_err(unreadable)?;
        let bytes = block.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        copied += read as u64;
        if copied > entry.stamp.size {
            return Err(Untaken::Changed);
        }
        context.update(bytes);
        copy.write_all(bytes).map_err(unwritable)?;
    }
    copy.sync_all().map_err(unwritable)?;
    let after = fs::symlink_metadata(&entry.path).map_err(unreadable)?;
    if copied != entry.stamp.size || Stamp::of(&after) != entry.stamp || !after.is_file() {
        return Err(Untaken::Changed);
    }
    Ok(data_encoding::HEXLOWER.encode(context.finish().as_ref()))
}
