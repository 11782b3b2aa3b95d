//! The bytes of a key store: a header, then slots of fixed length that are only ever added or
//! overwritten where they lie.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::Error;

/// A slot and the header have this length, so that neither crosses a sector.
pub(super) const SLOT: usize = 128;
/// Bytes of a wrapped key: 32 and the tag of AES-GCM.
pub(super) const WRAPPED: usize = 48;
const MAGIC: &[u8; 16] = b"milchglas-keys-1";

/// What a key store says of itself.
pub(super) struct Header {
    pub(super) store: [u8; 16],
    /// A constant, sealed: whether the unit data key is the right one.
    pub(super) check: [u8; WRAPPED],
}

/// One key.
pub(super) struct Slot {
    pub(super) id: [u8; 16],
    pub(super) group: [u8; 16],
    /// All zero once destroyed.
    pub(super) wrapped: [u8; WRAPPED],
}

/// An open key store. Slots are numbered from 1.
pub(super) struct KeyFile {
    /// Adds; the system puts each write at the end, whoever else adds.
    adds: File,
    /// Reads, and overwrites where a slot lies.
    file: File,
}

impl KeyFile {
    /// Makes the file with its header, and lets both name and content reach the disk.
    pub(super) fn create(path: &Path, header: &Header) -> Result<(), Error> {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        let mut bytes = [0; SLOT];
        fill(&mut bytes, &[MAGIC, &header.store, &header.check]);
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(io)?;
        let folder = path.parent().filter(|own| !own.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|own| own.sync_all()).map_err(io)
    }

    /// Opens the file and reads its header.
    pub(super) fn open(path: &Path) -> Result<(Self, Header), Error> {
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
        let adds = OpenOptions::new().append(true).open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Error::KeyStoreReadable(path.to_owned()));
        }
        let mut bytes = [0; SLOT];
        file.read_exact_at(&mut bytes, 0).map_err(|_| Error::KeyStoreForm)?;
        let (magic, rest) = split(&bytes);
        if magic != *MAGIC {
            return Err(Error::KeyStoreForm);
        }
        let (store, rest) = split(rest);
        let (check, _) = split(rest);
        Ok((Self { adds, file }, Header { store, check }))
    }

    /// Whether nobody else has the file open now; it is then kept from others until
    /// [`KeyFile::share`].
    pub(super) fn is_ours(&self) -> Result<bool, Error> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// Says that the file is in use, until it is closed.
    pub(super) fn share(&self) -> Result<(), Error> {
        self.file.lock_shared().map_err(io)
    }

    /// Removes what an addition left that a crash or a full disk cut off. Only where no other
    /// process adds.
    pub(super) fn cut_torn_slot(&self) -> Result<(), Error> {
        let length = self.file.metadata().map_err(io)?.len();
        let whole = length - length % SLOT as u64;
        if whole == length { Ok(()) } else { self.file.set_len(whole).map_err(io) }
    }

    /// Number of the last slot.
    pub(super) fn last(&self) -> Result<u64, Error> {
        let length = self.file.metadata().map_err(io)?.len();
        Ok((length / SLOT as u64).saturating_sub(1))
    }

    /// The slot of that number.
    pub(super) fn read(&self, number: u64) -> Result<Slot, Error> {
        let mut bytes = [0; SLOT];
        self.file.read_exact_at(&mut bytes, place(number)).map_err(io)?;
        let (id, rest) = split(&bytes);
        let (group, rest) = split(rest);
        let (wrapped, _) = split(rest);
        Ok(Slot { id, group, wrapped })
    }

    /// Adds a slot and lets it reach the disk.
    pub(super) fn add(&mut self, slot: &Slot) -> Result<(), Error> {
        let mut bytes = [0; SLOT];
        fill(&mut bytes, &[&slot.id, &slot.group, &slot.wrapped]);
        if let Err(error) = self.adds.write_all(&bytes).and_then(|()| self.adds.sync_data()) {
            // A part of a slot would shift all that follow.
            self.cut_torn_slot()?;
            return Err(io(error));
        }
        Ok(())
    }

    /// Overwrites the wrapped key of a slot; nothing has reached the disk before
    /// [`KeyFile::flush`].
    pub(super) fn wipe(&self, number: u64) -> Result<(), Error> {
        self.file.write_all_at(&[0; WRAPPED], place(number) + 32).map_err(io)
    }

    /// Lets every [`KeyFile::wipe`] reach the disk.
    pub(super) fn flush(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(io)
    }
}

impl Slot {
    pub(super) fn is_destroyed(&self) -> bool {
        self.wrapped == [0; WRAPPED]
    }
}

fn place(number: u64) -> u64 {
    number * SLOT as u64
}

pub(super) fn io(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => Error::DiskFull,
        _ => Error::KeyStoreFile(error),
    }
}

/// The first `N` bytes, and the rest; zeros where there are fewer.
fn split<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    bytes.split_first_chunk().map_or(([0; N], &[][..]), |(first, rest)| (*first, rest))
}

fn fill(into: &mut [u8], parts: &[&[u8]]) {
    for (to, from) in into.iter_mut().zip(parts.iter().copied().flatten()) {
        *to = *from;
    }
}
