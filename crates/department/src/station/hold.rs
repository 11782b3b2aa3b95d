//! Jobs that do not go on just now: why, since when, and when they are tried again.

use super::Station;
use super::folders::Place;
use super::journal::{Job, Waiting};
use super::report;
use super::verdict::{Hold, wait_after};

impl Station {
    /// Keeps a job for later and says so beside the file.
    pub(super) fn hold(&mut self, mut job: Job, hold: Hold) {
        let now = self.now();
        let before = job.waiting.take().filter(|waiting| waiting.code == hold.code);
        let tries = before.as_ref().map_or(0, |waiting| waiting.tries).saturating_add(1);
        let waiting = Waiting {
            code: hold.code.into(),
            reason: hold.reason,
            for_unit: hold.for_unit,
            since: before.map_or(now, |waiting| waiting.since),
            tries,
            next: now + wait_after(tries),
        };
        let text = format!("{}: {}, try {tries}", waiting.code, waiting.reason);
        self.tell(Some(&job), "waiting", text);
        if job.is_undecided() && job.place != Place::Database {
            let page = report::waiting(&job, &waiting);
            self.lay_waiting_report(job.place, &job.name, &page);
        }
        job.waiting = Some(waiting);
        if let Err(error) = self.journal.save(&job) {
            self.journal_fails(&error);
        }
    }

    /// Says once beside the file that an earlier one goes first.
    pub(super) fn queue(&mut self, mut job: Job) {
        if job.waiting.is_some() || job.is_filed() {
            return;
        }
        let (code, reason) = ("behind-another", "an earlier file of the dataset goes first");
        let now = self.now();
        let waiting = Waiting {
            code: code.into(),
            reason: reason.into(),
            for_unit: false,
            since: now,
            tries: 0,
            next: now,
        };
        self.tell(Some(&job), "waiting", format!("{code}: {reason}"));
        self.lay_waiting_report(job.place, &job.name, &report::waiting(&job, &waiting));
        job.waiting = Some(waiting);
        if let Err(error) = self.journal.save(&job) {
            self.journal_fails(&error);
        }
    }

    /// What waits is tried at once: after a start, and when a unit is back.
    pub(super) fn wake(&mut self, for_unit_only: bool) {
        let now = self.now();
        let waits = |job: &&Job| {
            job.waiting.as_ref().is_some_and(|w| w.next > now && (w.for_unit || !for_unit_only))
        };
        let waiting: Vec<Job> = self.journal.jobs().filter(waits).cloned().collect();
        for mut job in waiting {
            if let Some(waiting) = &mut job.waiting {
                waiting.next = now;
            }
            if let Err(error) = self.journal.save(&job) {
                return self.journal_fails(&error);
            }
        }
    }
}
