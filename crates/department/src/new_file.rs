//! Files that appear under their name once they are complete, and never over another one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::error::{Error, shown};

/// Mode of a file that only its owner may read.
pub(crate) const PRIVATE: u32 = 0o600;

/// A new file beside its place; removed unless it is published.
pub(crate) struct NewFile {
    out: Option<BufWriter<File>>,
    partial: PathBuf,
    place: PathBuf,
}

impl NewFile {
    /// Begins the file, so that what cannot be written fails before the work.
    ///
    /// # Errors
    /// [`Error::Exists`] where there is one of that name, [`Error::Write`] where none can be.
    pub(crate) fn create(place: &Path, mode: u32) -> Result<Self, Error> {
        free(place)?;
        let Some(name) = place.file_name() else {
            return Err(Error::write(place, &ErrorKind::IsADirectory.into()));
        };
        let partial = place.with_file_name(format!(".{}.partial", name.to_string_lossy()));
        // Left by a program that was ended.
        let _ = fs::remove_file(&partial);
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&partial);
        let file = file.map_err(|e| Error::write(place, &e))?;
        Ok(Self { out: Some(BufWriter::new(file)), partial, place: place.to_owned() })
    }

    /// Makes the content durable and gives the file its name.
    ///
    /// # Errors
    /// [`Error::Exists`] where somebody else took the name meanwhile, [`Error::Write`] where the
    /// disk fails; there is no file then.
    pub(crate) fn publish(mut self) -> Result<(), Error> {
        self.complete().map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists { path: shown(&self.place) },
            _ => Error::write(&self.place, &error),
        })
    }

    fn complete(&mut self) -> io::Result<()> {
        if let Some(out) = self.out.take() {
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        }
        rename_new(&self.partial, &self.place)?;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Ok(bytes.len()), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // The writer would write its last bytes into the removed file.
        drop(self.out.take());
        let _ = fs::remove_file(&self.partial);
    }
}

/// Refuses a name that is taken, by a dangling link too.
pub(crate) fn free(place: &Path) -> Result<(), Error> {
    match place.symlink_metadata() {
        Ok(_) => Err(Error::Exists { path: shown(place) }),
        Err(_) => Ok(()),
    }
}

/// Renames a file; [`ErrorKind::AlreadyExists`] where there is one of the new name.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // NFS and some others do not know the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            if to.symlink_metadata().is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_complete_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new.csv");
        let mut file = NewFile::create(&place, PRIVATE).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!place.exists());
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
        let mut file = NewFile::create(&place, PRIVATE).unwrap();
        file.write_all(b"whole").unwrap();
        file.publish().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new.csv");
        let mut file = NewFile::create(&place, PRIVATE).unwrap();
        file.write_all(b"mine").unwrap();
        fs::write(&place, "theirs").unwrap();
        assert!(matches!(file.publish(), Err(Error::Exists { .. })));
        assert!(matches!(NewFile::create(&place, PRIVATE), Err(Error::Exists { .. })));
        assert_eq!(fs::read(&place).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
