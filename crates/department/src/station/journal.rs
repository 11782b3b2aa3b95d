//! What the station knows about each file, on disk before the next step is done.
//!
//! One small file per job. A step is written, flushed and renamed into place before anything
//! follows from it; a process that dies finds at its start exactly where each job was.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use policy::Name;
use serde::{Deserialize, Serialize};
use submission::{Mode, Period};

use super::folders::{Place, Stamp};
use crate::error::{Error, shown};

/// Largest file of a job in bytes.
const MAX_FILE: u64 = 1 << 20;
/// Jobs that are kept after they are filed.
const KEPT: usize = 1000;

/// A file on its way. It holds the file's name, which may hold a person's: it stays here.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    /// `milchglas/station-job/1`.
    pub(super) format: String,
    pub(super) number: u64,
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) stamp: Stamp,
    /// SHA-256 of the content; empty for a file that was not copied.
    pub(super) digest: String,
    /// Name of the private copy, where there is one.
    pub(super) copy: Option<String>,
    pub(super) taken_at: i64,
    /// What it was recognised as.
    pub(super) plan: Option<Plan>,
    pub(super) step: Step,
    /// Why it does not go on just now.
    pub(super) waiting: Option<Waiting>,
    /// The schedule's occurrence, for a database.
    pub(super) occurrence: Option<Occurrence>,
}

/// Which run of which schedule a job is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Occurrence {
    /// The source's file.
    pub(super) source: String,
    /// Unix seconds for which it was due.
    pub(super) due: i64,
}

/// What a file was recognised as.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// File name of the mapping, without `.toml`.
    pub(super) mapping: String,
    pub(super) dataset: Name,
}

/// How far a job is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Step {
    /// The private copy is made.
    Taken,
    /// The batch is encoded; its folder lies in the outbox or on the way there.
    Prepared { delivery: Delivery },
    /// What becomes of it is known; the file has to be filed.
    Decided { outcome: Outcome, target: Option<String> },
    /// Done.
    Filed { outcome: Outcome, target: String, at_time: i64 },
}

/// An encoded batch.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    /// Name of the batch folder.
    pub(super) folder: String,
    pub(super) mode: Mode,
    pub(super) period: Period,
    /// Digest of everything besides the file that decides what is sent.
    pub(super) basis: String,
}

/// What became of a file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Outcome {
    /// Both units have it.
    Delivered { delivery: Delivery },
    /// The units have had it already, from this job.
    Duplicate { of: u64, period: Period },
    /// It is not sent.
    Rejected { rejection: Rejection },
}

/// Why a file is not sent, in German, for the clerk.
#[derive(Clone, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Rejection {
    /// A stable word for log and `--json`.
    pub(super) code: String,
    pub(super) reason: String,
    pub(super) steps: Vec<String>,
    /// The mapping that would fit best.
    pub(super) nearest: Option<String>,
    pub(super) missing: Vec<String>,
    pub(super) unknown: Vec<String>,
    /// Rejected rows in the work folder.
    pub(super) quarantine: Option<String>,
    /// Whether a unit refused it.
    pub(super) by_unit: bool,
}

/// A job that has to be tried again.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiting {
    /// A stable word for log and `--json`.
    pub(super) code: String,
    pub(super) reason: String,
    /// Whether a unit is waited for, rather than the operator.
    pub(super) for_unit: bool,
    pub(super) since: i64,
    pub(super) tries: u32,
    pub(super) next: i64,
}

impl Job {
    const FORMAT: &str = "milchglas/station-job/1";

    pub(super) fn new(number: u64, place: Place, name: String, stamp: Stamp, now: i64) -> Self {
        Self {
            format: Self::FORMAT.into(),
            number,
            place,
            name,
            stamp,
            digest: String::new(),
            copy: None,
            taken_at: now,
            plan: None,
            step: Step::Taken,
            waiting: None,
            occurrence: None,
        }
    }

    pub(super) fn is_filed(&self) -> bool {
        matches!(self.step, Step::Filed { .. })
    }

    /// Whether units may still get something from it.
    pub(super) fn is_undecided(&self) -> bool {
        matches!(self.step, Step::Taken | Step::Prepared { .. })
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        match &self.step {
            Step::Decided { outcome, .. } | Step::Filed { outcome, .. } => Some(outcome),
            Step::Taken | Step::Prepared { .. } => None,
        }
    }

    pub(super) fn delivered(&self) -> Option<&Delivery> {
        match self.outcome()? {
            Outcome::Delivered { delivery } => Some(delivery),
            Outcome::Duplicate { .. } | Outcome::Rejected { .. } => None,
        }
    }
}

/// The jobs of a station.
pub(super) struct Journal {
    folder: PathBuf,
    jobs: BTreeMap<u64, Job>,
}

impl Journal {
    /// Reads the journal of a work folder.
    ///
    /// # Errors
    /// [`Error::Journal`] for a job that cannot be read: going on would risk a second delivery.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let mut journal = Self { folder: folder.to_owned(), jobs: BTreeMap::new() };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(journal),
            Err(e) => return Err(Error::read(folder, &e)),
        };
        for entry in entries {
            let path = entry.map_err(|e| Error::read(folder, &e))?.path();
            if path.extension().is_some_and(|end| end == "json") {
                let job = read(&path)?;
                journal.jobs.insert(job.number, job);
            }
        }
        Ok(journal)
    }

    pub(super) fn next_number(&self) -> u64 {
        self.jobs.keys().next_back().map_or(1, |last| last + 1)
    }

    /// All jobs, oldest first.
    pub(super) fn jobs(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.jobs.values()
    }

    pub(super) fn get(&self, number: u64) -> Option<&Job> {
        self.jobs.get(&number)
    }

    /// Writes a job so that it survives a power cut, then takes note of it.
    ///
    /// # Errors
    /// [`Error::Write`]; the job is then as it was.
    pub(super) fn save(&mut self, job: &Job) -> Result<(), Error> {
        let path = self.path(job.number);
        let json = serde_json::to_vec_pretty(job)
            .map_err(|e| Error::Journal { path: shown(&path), reason: e.to_string() })?;
        write_durably(&path, &json)?;
        self.jobs.insert(job.number, job.clone());
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:08}.json"))
    }

    /// Forgets the oldest filed jobs; the last delivery of a dataset is always kept.
    pub(super) fn prune(&mut self) {
        let filed: Vec<&Job> = self.jobs().filter(|job| job.is_filed()).collect();
        let dataset = |job: &Job| job.plan.as_ref().map(|plan| plan.dataset.clone());
        let gone: Vec<u64> = filed
            .iter()
            .take(filed.len().saturating_sub(KEPT))
            .filter(|job| {
                let later = filed.iter().filter(|other| other.number > job.number);
                job.delivered().is_none()
                    || later
                        .filter(|other| other.delivered().is_some())
                        .any(|other| dataset(other) == dataset(job))
            })
            .map(|job| job.number)
            .collect();
        for number in gone {
            if fs::remove_file(self.path(number)).is_ok() {
                self.jobs.remove(&number);
            }
        }
    }
}

/// Writes a private file in one piece: what was there before stays until the new one is whole.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let partial = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    };
    write().map_err(|e| Error::write(path, &e))
}

/// A rename is durable once its folder is.
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

fn read(path: &Path) -> Result<Job, Error> {
    let fail = |reason: String| Error::Journal { path: shown(path), reason };
    let size = fs::metadata(path).map_err(|e| Error::read(path, &e))?.len();
    if size > MAX_FILE {
        return Err(fail("too large".into()));
    }
    let bytes = fs::read(path).map_err(|e| Error::read(path, &e))?;
    let job: Job = serde_json::from_slice(&bytes)
        .map_err(|e| fail(format!("line {} does not have the expected form", e.line())))?;
    let named = path.file_stem().and_then(|stem| stem.to_str()).map(str::parse::<u64>);
    if job.format != Job::FORMAT || named != Some(Ok(job.number)) {
        return Err(fail("it is of another version or has another number".into()));
    }
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: u64, outcome: Option<Outcome>) -> Job {
        let stamp = Stamp { size: 1, modified: (2, 3) };
        let mut job = Job::new(number, Place::Inbox, "x.csv".into(), stamp, 4);
        if let Some(outcome) = outcome {
            job.step = Step::Filed { outcome, target: "x.csv".into(), at_time: 5 };
        }
        job
    }

    #[test]
    fn a_damaged_job_stops_the_station_and_a_half_written_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.next_number(), 1);
        journal.save(&job(1, None)).unwrap();
        fs::write(folder.path().join("00000002.new"), "{").unwrap();
        let again = Journal::open(folder.path()).unwrap();
        assert_eq!((again.jobs().count(), again.next_number()), (1, 2));
        for bad in ["{", "{}", &serde_json::to_string(&job(7, None)).unwrap()] {
            fs::write(folder.path().join("00000002.json"), bad).unwrap();
            let error = Journal::open(folder.path()).err().unwrap();
            assert!(matches!(error, Error::Journal { .. }), "{error}");
        }
    }

    #[test]
    fn pruning_keeps_open_jobs_and_each_dataset_s_last_delivery() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let month = submission::Month::new(2025, 1).unwrap();
        let delivery = Delivery {
            folder: "f".into(),
            mode: Mode::Full,
            period: Period { from: month, to: month },
            basis: String::new(),
        };
        let mut first = job(1, Some(Outcome::Delivered { delivery }));
        let dataset = Name::new("kita").unwrap();
        first.plan = Some(Plan { mapping: "kita".into(), dataset });
        journal.save(&first).unwrap();
        journal.save(&job(2, None)).unwrap();
        for number in 3..=KEPT as u64 + 5 {
            let rejection = Rejection::default();
            let done = job(number, Some(Outcome::Rejected { rejection }));
            journal.jobs.insert(number, done);
            fs::write(journal.path(number), "x").unwrap();
        }
        journal.prune();
        let left: Vec<u64> = journal.jobs().map(|job| job.number).take(3).collect();
        assert_eq!(left, [1, 2, 6]);
    }
}
