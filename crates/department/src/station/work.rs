//! The private folder of a station.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Station;
use super::deliver;
use super::journal::Outcome;
use crate::error::{Error, shown};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Where journal, private copies and rejected rows lie.
pub(super) struct Work {
    pub(super) root: PathBuf,
    pub(super) jobs: PathBuf,
    pub(super) copies: PathBuf,
    pub(super) quarantine: PathBuf,
    /// Held as long as the station runs; the system lets go of it when the process dies.
    _lock: File,
}

impl Work {
    /// Opens the folder, creates what is missing, and locks it.
    ///
    /// # Errors
    /// [`Error::StationRuns`] where another station has it.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        private_folder(root)?;
        let path = root.join("lock");
        let mut options = OpenOptions::new();
        let lock = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
        let lock = lock.map_err(|e| Error::write(&path, &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::StationRuns { path: shown(root) });
            }
            Err(TryLockError::Error(e)) => return Err(Error::write(&path, &e)),
        }
        let work = Self {
            jobs: root.join("jobs"),
            copies: root.join("copies"),
            quarantine: root.join("quarantine"),
            root: root.to_owned(),
            _lock: lock,
        };
        for folder in [&work.jobs, &work.copies, &work.quarantine] {
            private_folder(folder)?;
        }
        Ok(work)
    }

    pub(super) fn copy(&self, name: &str) -> PathBuf {
        self.copies.join(name)
    }
}

/// Creates a folder that only its owner may enter, and closes one that others may.
fn private_folder(path: &Path) -> Result<(), Error> {
    let failed = |e: &std::io::Error| Error::write(path, e);
    match DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Ok(()) => {}
        Err(e) => return Err(failed(&e)),
    }
    let mode = fs::metadata(path).map_err(|e| failed(&e))?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|e| failed(&e))?;
    }
    Ok(())
}

impl Station {
    /// Removes what a process left that died between two steps: copies without a job, and copies
    /// and stages of jobs that are decided.
    pub(super) fn tidy(&mut self) -> Result<(), Error> {
        let needed: Vec<&str> = self
            .journal
            .jobs()
            .filter(|job| !job.is_filed())
            .filter_map(|job| job.copy.as_deref())
            .collect();
        let folder = &self.work.copies;
        for entry in fs::read_dir(folder).map_err(|e| Error::read(folder, &e))? {
            let entry = entry.map_err(|e| Error::read(folder, &e))?;
            if !entry.file_name().to_str().is_some_and(|name| needed.contains(&name)) {
                let path = entry.path();
                fs::remove_file(&path).map_err(|e| Error::write(&path, &e))?;
            }
        }
        for job in self.journal.jobs().filter(|job| !job.is_undecided()) {
            if !matches!(job.outcome(), Some(Outcome::Delivered { .. })) {
                deliver::clear(&deliver::stage(&self.settings, job.number))?;
            }
        }
        Ok(())
    }

    /// Deletes rejected rows whose time is over.
    pub(super) fn expire_quarantine(&mut self) {
        let least = self.now() - i64::from(self.own.quarantine_days) * DAY;
        let Ok(entries) = fs::read_dir(&self.work.quarantine) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.split('-').next()?.parse().ok());
            let taken = number.and_then(|number| Some(self.journal.get(number)?.taken_at));
            // Rows of a job that is forgotten are old enough.
            if taken.is_none_or(|taken| taken < least) && fs::remove_file(entry.path()).is_ok() {
                self.tell(None, "quarantine-deleted", format!("job {}", number.unwrap_or(0)));
            }
        }
    }
}
