//! One job, one step after the other.

use std::fs;
use std::path::{Path, PathBuf};

use super::Station;
use super::deliver::{self, Desk, Prepared};
use super::filing::{self, Moved};
use super::folders::{QUARANTINE, beside, report_name};
use super::journal::{Delivery, Job, Outcome, Plan, Rejection, Step};
use super::local_time::day;
use super::mappings::Mappings;
use super::recognise::{Recognised, recognise};
use super::report;
use super::verdict::{Hold, Verdict, judge};
use super::words;
use crate::batch::Batch;
use crate::error::{Error, shown};
use crate::submit::{is_submitted, submit};

/// What a step comes to.
enum Next {
    /// The job goes on from here; the word is told.
    Step(Step, &'static str),
    /// An earlier job of the dataset has to go first.
    Blocked,
    /// It has to be tried again.
    Hold(Hold),
}

impl Station {
    /// Moves a job on until it is filed or has to wait.
    pub(super) fn advance(&mut self, number: u64) {
        while self.may_try("journal") {
            let Some(job) = self.journal.get(number).cloned() else { return };
            let due = job.waiting.as_ref().is_none_or(|waiting| waiting.next <= self.now());
            if job.is_filed() || !due {
                return;
            }
            let mut next = job.clone();
            match self.step(&mut next) {
                Next::Step(step, word) => {
                    next.step = step;
                    next.waiting = None;
                    if let Err(error) = self.journal.save(&next) {
                        return self.journal_fails(&error);
                    }
                    self.count(&job, &next);
                    self.tell(Some(&next), word, detail(&next));
                }
                Next::Blocked => return self.queue(next),
                Next::Hold(hold) => return self.hold(next, hold),
            }
        }
    }

    fn step(&self, job: &mut Job) -> Next {
        match &job.step {
            Step::Taken => match job.plan.clone() {
                None => self.recognise(job),
                Some(plan) if self.must_wait_for_another(job, &plan) => Next::Blocked,
                Some(plan) => self.prepare(job, &plan),
            },
            Step::Prepared { delivery } => self.submit(job, delivery),
            Step::Decided { outcome, target: None } => self.choose_place(job, outcome),
            Step::Decided { outcome, target: Some(target) } => self.file(job, outcome, target),
            Step::Filed { .. } => Next::Blocked,
        }
    }

    fn recognise(&self, job: &mut Job) -> Next {
        let Some(copy) = self.copy_of(job).filter(|copy| copy.exists()) else {
            return rejected(words::copy_lost());
        };
        let mappings = match Mappings::load(&self.own.mappings) {
            Ok(mappings) => mappings,
            Err(error) => return Next::Hold(Hold::of(&error)),
        };
        match recognise(mappings, job.place, &job.name, &copy) {
            Ok(Recognised::As(plan)) => {
                job.plan = Some(plan);
                Next::Step(Step::Taken, "recognised")
            }
            Ok(Recognised::Not(rejection)) => rejected(rejection),
            Ok(Recognised::Unclear(error)) => Next::Hold(Hold::of(&error)),
            Err(error) => judged(&error, Some(&copy), &job.name),
        }
    }

    /// A full delivery must not overtake an amendment, nor the other way round.
    fn must_wait_for_another(&self, job: &Job, plan: &Plan) -> bool {
        let earlier = self.journal.jobs().take_while(|other| other.number < job.number);
        earlier
            .filter(|other| other.is_undecided())
            .any(|other| other.plan.as_ref().is_none_or(|own| own.dataset == plan.dataset))
    }

    fn prepare(&self, job: &Job, plan: &Plan) -> Next {
        let Some(copy) = self.copy_of(job).filter(|copy| copy.exists()) else {
            return rejected(words::copy_lost());
        };
        let desk = Desk {
            settings: &self.settings,
            mappings: &self.own.mappings,
            period: self.own.period,
            journal: &self.journal,
            random: &*self.surroundings.random,
            now: self.now(),
        };
        match desk.prepare(job, plan, &copy) {
            Ok(Prepared::Batch(delivery)) => Next::Step(Step::Prepared { delivery }, "prepared"),
            Ok(Prepared::Already(outcome)) => decided(outcome, "duplicate"),
            Ok(Prepared::Rejected(rejection)) => rejected(rejection),
            Err(error) => match judge(&error, Some(&copy), &job.name) {
                Verdict::Wait(hold) => Next::Hold(hold),
                Verdict::Reject(mut rejection) => {
                    if let Error::NothingUsable { quarantine, .. } = &error {
                        rejection.quarantine =
                            self.keep_quarantine(job, Path::new(quarantine)).map(|p| shown(&p));
                    }
                    let _ = deliver::clear(&deliver::stage(&self.settings, job.number));
                    rejected(rejection)
                }
            },
        }
    }

    fn submit(&self, job: &Job, delivery: &Delivery) -> Next {
        let folder = match deliver::settle(&self.settings, job.number, &delivery.folder) {
            Ok(Some(folder)) => folder,
            Ok(None) => return Next::Step(Step::Taken, "batch-lost"),
            Err(error) => return Next::Hold(Hold::of(&error)),
        };
        if !is_submitted(&folder) && Batch::open(&folder).is_err() && !has_receipt(&folder) {
            return Next::Step(Step::Taken, "batch-damaged");
        }
        let units = match self.settings.read_units() {
            Ok(units) => units,
            Err(error) => return Next::Hold(Hold::of(&error)),
        };
        let sent = submit(&folder, &units, self.surroundings.patience, &|_, _, _| ());
        match sent.and_then(|_| deliver::keep_receipts(&folder)) {
            Ok(()) => decided(Outcome::Delivered { delivery: delivery.clone() }, "submitted"),
            Err(error) => {
                let next = judged(&error, None, &job.name);
                if matches!(next, Next::Step(..)) && !has_receipt(&folder) {
                    // Nobody has it and nobody will: encodings and register serve nothing.
                    let _ = fs::remove_dir_all(&folder);
                }
                next
            }
        }
    }

    fn choose_place(&self, job: &Job, outcome: &Outcome) -> Next {
        if let Err(error) = self.share.check() {
            return Next::Hold(Hold::of(&error));
        }
        let target = filing::free_name(self.folder_for(outcome), &job.name, &day(self.now()));
        let step = Step::Decided { outcome: outcome.clone(), target: Some(target) };
        Next::Step(step, "filing")
    }

    fn folder_for(&self, outcome: &Outcome) -> &Path {
        match outcome {
            Outcome::Delivered { .. } | Outcome::Duplicate { .. } => &self.share.done,
            Outcome::Rejected { .. } => &self.share.refused,
        }
    }

    fn file(&self, job: &Job, outcome: &Outcome, target: &str) -> Next {
        if let Err(error) = self.share.check() {
            return Next::Hold(Hold::of(&error));
        }
        let folder = self.folder_for(outcome);
        let quarantine = match outcome {
            Outcome::Delivered { delivery } => {
                let in_batch = self.settings.outbox.join(&delivery.folder).join("quarantine.csv");
                self.keep_quarantine(job, &in_batch)
            }
            Outcome::Rejected { rejection } => rejection.quarantine.as_ref().map(PathBuf::from),
            Outcome::Duplicate { .. } => None,
        };
        let failed = |what: &'static str, e: &std::io::Error| {
            Next::Hold(Hold { code: what, reason: e.kind().to_string(), for_unit: false })
        };
        let moved = match self.share.original(job.place, &job.name) {
            None => Moved::Now,
            Some(original) => {
                match filing::move_original(&original, &folder.join(target), job.stamp) {
                    Ok(moved) => moved,
                    Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                        let step = Step::Decided { outcome: outcome.clone(), target: None };
                        return Next::Step(step, "name-taken");
                    }
                    Err(e) => return failed("cannot-move", &e),
                }
            }
        };
        let shared = self.share_quarantine(quarantine.as_deref(), folder, target);
        let page = self.report(job, outcome, target, moved, quarantine.as_deref(), shared);
        if let Err(e) = filing::write_page(&folder.join(report_name(target)), &page) {
            return failed("cannot-report", &e);
        }
        if let Some(waiting) = self.share.waiting_report(job.place, &job.name) {
            let _ = fs::remove_file(waiting);
        }
        if let Some(copy) = self.copy_of(job) {
            let _ = fs::remove_file(copy);
        }
        let step = Step::Filed {
            outcome: outcome.clone(),
            target: target.to_owned(),
            at_time: self.now(),
        };
        Next::Step(step, "filed")
    }

    /// Moves rejected rows to where they are found and expire; again and again the same.
    fn keep_quarantine(&self, job: &Job, from: &Path) -> Option<PathBuf> {
        let dataset = job.plan.as_ref().map_or("unknown", |plan| plan.dataset.as_str());
        let to = self.work.quarantine.join(format!("{:08}-{dataset}.csv", job.number));
        if to.exists() {
            return Some(to);
        }
        if report::rejected_rows(from).total == 0 {
            return None;
        }
        if fs::rename(from, &to).is_ok() {
            return Some(to);
        }
        // Outbox and work folder may lie on different file systems.
        let partial = to.with_extension("new");
        let bytes = fs::read(from).ok()?;
        let _ = fs::remove_file(&partial);
        crate::keys::write_private(&partial, &bytes).ok()?;
        fs::rename(&partial, &to).ok()?;
        let _ = fs::remove_file(from);
        Some(to)
    }

    /// Lays the rejected rows beside the report, where the department decided so.
    fn share_quarantine(&self, from: Option<&Path>, folder: &Path, target: &str) -> bool {
        let Some(from) = from.filter(|_| self.own.quarantine_to_share) else { return false };
        let to = folder.join(beside(target, QUARANTINE));
        match fs::read_to_string(from).map(|text| filing::write_page(&to, &text)) {
            Ok(Ok(())) => true,
            Ok(Err(_)) | Err(_) => {
                self.tell(None, "cannot-share-quarantine", String::new());
                false
            }
        }
    }

    fn count(&mut self, before: &Job, after: &Job) {
        if !before.is_undecided() {
            return;
        }
        match after.outcome() {
            Some(Outcome::Delivered { .. }) => {
                self.done.delivered += 1;
                self.wake(true);
            }
            Some(Outcome::Duplicate { .. }) => self.done.delivered += 1,
            Some(Outcome::Rejected { rejection }) => {
                self.done.rejected += 1;
                self.done.refused += u64::from(rejection.by_unit);
            }
            None => {}
        }
    }
}

fn decided(outcome: Outcome, word: &'static str) -> Next {
    Next::Step(Step::Decided { outcome, target: None }, word)
}

fn rejected(rejection: Rejection) -> Next {
    decided(Outcome::Rejected { rejection }, "rejected")
}

fn judged(error: &Error, copy: Option<&Path>, name: &str) -> Next {
    match judge(error, copy, name) {
        Verdict::Reject(rejection) => rejected(rejection),
        Verdict::Wait(hold) => Next::Hold(hold),
    }
}

fn has_receipt(folder: &Path) -> bool {
    ["linkable", "measures"]
        .iter()
        .any(|half| folder.join("receipts").join(format!("{half}.json")).exists())
}

fn detail(job: &Job) -> String {
    match &job.step {
        Step::Taken => String::new(),
        Step::Prepared { delivery } => delivery.folder.clone(),
        Step::Decided { outcome, .. } | Step::Filed { outcome, .. } => match outcome {
            Outcome::Delivered { delivery } => delivery.folder.clone(),
            Outcome::Duplicate { of, .. } => format!("same as job {of}"),
            Outcome::Rejected { rejection } => rejection.code.clone(),
        },
    }
}
