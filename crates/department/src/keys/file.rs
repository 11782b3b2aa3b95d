//! Files of keys: opened only where nobody else can read them, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::fault::KeyFault;
use crate::error::{Error, shown};
use crate::new_file::NewFile;

/// Longest key file in bytes.
const MAX_FILE: u64 = 4096;

/// The text of a key file; empty where it is no text, which has the wrong form.
///
/// # Errors
/// [`Error::Key`] for a link or no file, [`Error::KeyPermissions`] where others may read it.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, Error> {
    Ok(text(&read_private_bytes(path, MAX_FILE)?))
}

/// The bytes of a file as [`read_private`] opens it; at most `most` and one more.
pub(super) fn read_private_bytes(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = open_itself(path)?;
    private(path, &file)?;
    read(path, file, most + 1)
}

/// The text of a file that anybody may read, such as a public key.
pub(super) fn read_public(path: &Path) -> Result<Zeroizing<String>, Error> {
    Ok(text(&read(path, open_itself(path)?, MAX_FILE)?))
}

/// The bytes of a file that anybody may read; at most `most` and one more.
pub(super) fn read_bytes(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    read(path, open_itself(path)?, most + 1)
}

fn read(path: &Path, file: File, most: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(most).unwrap_or(0) + 32));
    file.take(most).read_to_end(&mut bytes).map_err(|e| Error::read(path, &e))?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(std::str::from_utf8(bytes).unwrap_or_default().to_owned())
}

/// Opens the file of that name and no other: no link is followed, no pipe waited for.
fn open_itself(path: &Path) -> Result<File, Error> {
    let fault = |reason| Error::Key { path: shown(path), reason };
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|error| {
        let link = error.raw_os_error() == Some(Errno::LOOP.raw_os_error());
        if link { fault(KeyFault::Link) } else { Error::read(path, &error) }
    })?;
    let regular = file.metadata().map_err(|e| Error::read(path, &e))?.is_file();
    if regular { Ok(file) } else { Err(fault(KeyFault::NotAFile)) }
}

/// Opens a file that only its owner may read; a link to one will do.
pub(crate) fn open_private(path: &Path) -> Result<File, Error> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    private(path, &file)?;
    Ok(file)
}

fn private(path: &Path, file: &File) -> Result<(), Error> {
    let mode = file.metadata().map_err(|e| Error::read(path, &e))?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(Error::KeyPermissions { path: shown(path) }) }
}

/// Creates a file that only its owner may read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| Error::write(path, &e))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| {
        // A half-written file must not be taken for one later.
        let _ = fs::remove_file(path);
        Error::write(path, &e)
    })
}

/// Puts a file of a key at its place in one step, and never over another.
///
/// # Errors
/// As [`NewFile::publish`].
pub(super) fn place(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Error> {
    let mut file = NewFile::create(path, mode)?;
    file.write_all(bytes).map_err(|e| Error::write(path, &e))?;
    file.publish()
}
