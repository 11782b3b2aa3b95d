//! From the inbox of the share to a private copy and a job.

use std::path::PathBuf;

use submission::Mode;

use super::Station;
use super::deliver;
use super::folders::{Entry, Found, Place, kind};
use super::journal::{Job, Outcome, Step, sync_folder};
use super::mappings::Mappings;
use super::report;
use super::take::{self, Untaken};
use super::verdict::wait_after;
use super::words;
use crate::error::Error;

impl Station {
    /// Takes every file that is complete; says how many are not yet.
    pub(super) fn take_new(&mut self) -> usize {
        let found = match self.share.list() {
            Ok(found) => found,
            Err(error) => {
                if !self.share_away {
                    self.tell(None, "share-away", error.to_string());
                }
                self.share_away = true;
                return 0;
            }
        };
        if std::mem::take(&mut self.share_away) {
            self.tell(None, "share-back", String::new());
            self.wake(false);
        }
        self.tell_strange(&found);
        self.sightings.keep_only(&found.entries);
        let mut unsettled = 0;
        // Files come oldest first. A delivery that still settles must not be overtaken by what
        // amends it; one that still grows is younger than that and delays nothing.
        let mut full_settles = false;
        for entry in &found.entries {
            if self.is_taken(entry) {
                self.sightings.forget(entry);
                continue;
            }
            let (now, settle) = (self.now(), self.own.settle);
            let amends = deliver::mode(entry.place, &entry.name) == Mode::Amend;
            let settled = self.sightings.is_settled(entry, now, settle);
            let may = settled && self.may_try("journal") && !(amends && full_settles);
            if !(may && self.take(entry)) {
                unsettled += 1;
                full_settles |= !amends;
            }
        }
        unsettled
    }

    fn tell_strange(&mut self, found: &Found) {
        for (path, reason) in &found.strange {
            if self.told.insert(path.clone()) {
                self.tell(None, "passed-over", (*reason).to_owned());
            }
        }
        self.told.retain(|path| found.strange.iter().any(|(strange, _)| strange == path));
    }

    /// Whether an open job has the file, or another file of its name: one after the other.
    fn is_taken(&self, entry: &Entry) -> bool {
        self.journal
            .jobs()
            .any(|job| !job.is_filed() && job.place == entry.place && job.name == entry.name)
    }

    /// Copies a file and begins its job; says whether it did.
    fn take(&mut self, entry: &Entry) -> bool {
        let now = self.now();
        let mut job =
            Job::new(self.journal.next_number(), entry.place, entry.name.clone(), entry.stamp, now);
        let limit = Mappings::load(&self.own.mappings).map(|mappings| mappings.file_limit());
        let limit = limit.unwrap_or(crate::source::Limits::USUAL.file);
        if entry.stamp.size > limit {
            let rejection = words::too_large(limit);
            job.step = Step::Decided { outcome: Outcome::Rejected { rejection }, target: None };
            return self.begin(&job);
        }
        let name = copy_name(job.number, &entry.name);
        match take::copy(entry, &self.work.copy(&name)) {
            Ok(digest) => {
                job.digest = digest;
                job.copy = Some(name);
            }
            Err(Untaken::Changed) => {
                self.sightings.forget(entry);
                return false;
            }
            Err(Untaken::Unreadable(kind)) => {
                self.untaken(entry, "cannot-read", kind);
                return false;
            }
            Err(Untaken::Unwritable(kind)) => {
                self.untaken(entry, "cannot-copy", kind);
                return false;
            }
        }
        if let Err(e) = sync_folder(&self.work.copies) {
            self.untaken(entry, "cannot-copy", e.kind());
            return false;
        }
        self.begin(&job)
    }

    pub(super) fn begin(&mut self, job: &Job) -> bool {
        match self.journal.save(job) {
            Ok(()) => {
                self.tell(Some(job), "taken", format!("{} bytes", job.stamp.size));
                true
            }
            Err(error) => {
                self.journal_fails(&error);
                false
            }
        }
    }

    /// Nothing goes on without the journal.
    pub(super) fn journal_fails(&mut self, error: &Error) {
        self.pause_for("journal");
        self.tell(None, "journal-fails", error.to_string());
    }

    /// Says on the share and in the log why a file is not taken yet.
    fn untaken(&mut self, entry: &Entry, event: &'static str, kind: std::io::ErrorKind) {
        let now = self.now();
        let next = self.sightings.failed(entry, now, wait_after);
        self.tell(None, event, kind.to_string());
        let text = report::untaken(&entry.name, event, now, next);
        self.lay_waiting_report(entry.place, &entry.name, &text);
    }

    pub(super) fn lay_waiting_report(&self, place: Place, name: &str, text: &str) {
        let Some(path) = self.share.waiting_report(place, name) else { return };
        if let Err(e) = super::filing::write_page(&path, text) {
            self.tell(None, "cannot-report", e.kind().to_string());
        }
    }

    pub(super) fn copy_of(&self, job: &Job) -> Option<PathBuf> {
        job.copy.as_ref().map(|name| self.work.copy(name))
    }
}

/// The copy's name tells nothing of the file's but its kind, by which it is read.
pub(super) fn copy_name(number: u64, name: &str) -> String {
    format!("{number:08}.{}", kind(name).unwrap_or("unknown"))
}
