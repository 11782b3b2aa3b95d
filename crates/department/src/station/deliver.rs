//! A private copy → a batch in the outbox → both units.

use std::fs;
use std::path::{Path, PathBuf};

use policy::{Digest, Name};
use serde_json::json;
use submission::{Mode, Period};

use super::folders::Place;
use super::journal::{Delivery, Job, Journal, Outcome, Plan, Rejection, sync_folder};
use super::local_time::local;
use super::mappings::Mappings;
use super::period::{Named, PeriodRule, named};
use super::recognise::words_of;
use super::words;
use crate::error::Error;
use crate::language::Language;
use crate::mapping::Mapping;
use crate::prepare::{Change, PrepareSettings, PreparedBatch, Report, prepare};
use crate::settings::Settings;
use crate::subjects::Objections;
use ring::rand::SecureRandom;

/// What a preparation comes to.
pub(super) enum Prepared {
    Batch(Delivery),
    Already(Outcome),
    Rejected(Rejection),
}

/// Everything that a preparation needs.
pub(super) struct Desk<'a> {
    pub(super) settings: &'a Settings,
    pub(super) mappings: &'a Path,
    pub(super) period: PeriodRule,
    pub(super) journal: &'a Journal,
    pub(super) random: &'a dyn SecureRandom,
    pub(super) now: i64,
}

/// The earlier batches of a dataset that both units have.
struct Earlier {
    folders: Vec<PathBuf>,
    last_full: Option<Period>,
    /// Second and folder of the newest.
    newest: Option<(i64, String)>,
}

/// Where a job's batch is made before the journal knows it. Its name begins with a dot, so that
/// nothing takes it for a batch.
pub(super) fn stage(settings: &Settings, number: u64) -> PathBuf {
    settings.outbox.join(format!(".station-{number:08}"))
}

/// Whether only some cases are meant, by place or by the word `Nachtrag` in the name.
pub(super) fn mode(place: Place, name: &str) -> Mode {
    let told = words_of(name)
        .iter()
        .any(|word| word.starts_with("nachtrag") || word.starts_with("nachtraeg"));
    match place {
        Place::Amendments | Place::Withdrawals => Mode::Amend,
        Place::Inbox if told => Mode::Amend,
        Place::Inbox | Place::Database => Mode::Full,
    }
}

impl Desk<'_> {
    /// Encodes a job's copy into its stage.
    ///
    /// # Errors
    /// As [`prepare`].
    pub(super) fn prepare(&self, job: &Job, plan: &Plan, copy: &Path) -> Result<Prepared, Error> {
        let policies = self.settings.read_policies()?;
        let schema = self.settings.pick_schema(&policies)?;
        let mapping = self.mapping(plan)?;
        let dataset = policies.catalogue.dataset(&mapping.dataset)?;
        let earlier = self.earlier(&mapping.dataset)?;
        let mode = mode(job.place, &job.name);
        if mode == Mode::Amend && earlier.last_full.is_none() {
            return Ok(Prepared::Rejected(words::nothing_to_amend()));
        }
        let period = match (named(&job.name), mode, earlier.last_full) {
            (Named::Wrong, ..) => return Ok(Prepared::Rejected(words::wrong_period())),
            (Named::Period(period), ..) => period,
            // A correction belongs to the window that it corrects.
            (Named::No, Mode::Amend, Some(period)) => period,
            (Named::No, ..) => {
                let today = local(self.now).date();
                let period = self.period.period(dataset.retention_months, today);
                period.ok_or_else(|| Error::Settings {
                    path: "station.period".into(),
                    reason: "the period lies outside 1990 to 2100".into(),
                })?
            }
        };
        let basis = self.basis(&mapping, schema.digest()?, policies.catalogue.digest()?)?;
        if let Some(of) = self.already(job, plan, &earlier, mode, &period, &basis) {
            return Ok(Prepared::Already(Outcome::Duplicate { of, period }));
        }
        let keys = self.settings.read_keys()?;
        let list = self.settings.objections.as_ref();
        let objections = list.map(|path| Objections::load(path)).transpose()?;
        let withdraws = job.place == Place::Withdrawals;
        let change = match mode {
            Mode::Full => Change::Full,
            Mode::Amend => {
                Change::Amend { earlier: &earlier.folders, withdraw: withdraws.then_some(copy) }
            }
        };
        let stage = stage(self.settings, job.number);
        clear(&stage)?;
        let named = policies.named_columns(&self.settings.sender.project, &mapping.dataset);
        let done = prepare(&PrepareSettings {
            sender: &self.settings.sender,
            catalogue: &policies.catalogue,
            named: named.as_ref(),
            schema,
            mapping: &mapping,
            keys: &keys,
            extract: (!withdraws).then_some(copy),
            period,
            objections: objections.as_ref(),
            change,
            outbox: &stage,
            language: Language::German,
            // Batches are ordered by this second: two of a dataset never share one.
            now: earlier.newest.map_or(self.now, |(newest, _)| self.now.max(newest + 1)),
            random: self.random,
            progress: &|_| (),
        })?;
        let folder = durable(&done)?;
        Ok(Prepared::Batch(Delivery { folder, mode, period, basis }))
    }

    fn mapping(&self, plan: &Plan) -> Result<Mapping, Error> {
        let mappings = Mappings::load(self.mappings)?;
        if mappings.get(&plan.mapping).is_none() {
            // It was good when the file was recognised: say what became of it.
            return Mapping::load(&self.mappings.join(format!("{}.toml", plan.mapping)));
        }
        let known = mappings.good.into_iter().find(|known| known.name == plan.mapping);
        known.map(|known| known.mapping).ok_or_else(|| Error::Mapping {
            path: plan.mapping.clone(),
            reason: "it is not there any more".into(),
        })
    }

    fn earlier(&self, dataset: &Name) -> Result<Earlier, Error> {
        let mut earlier = Earlier { folders: Vec::new(), last_full: None, newest: None };
        let mut newest_full = None;
        for folder in self.settings.submitted_batches()? {
            let report = Report::read(&folder)?;
            let sender = &self.settings.sender;
            let own = report.project == sender.project
                && report.epoch == sender.epoch
                && report.department == sender.department
                && report.dataset == *dataset;
            if !own {
                continue;
            }
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            earlier.newest = earlier.newest.max(Some((report.created_at, name)));
            if report.mode == Mode::Full && newest_full <= Some(report.created_at) {
                newest_full = Some(report.created_at);
                earlier.last_full = Some(report.period);
            }
            earlier.folders.push(folder);
        }
        Ok(earlier)
    }

    /// Everything besides the file that decides what is sent: with another mapping or list of
    /// objections the same file is another delivery.
    fn basis(&self, mapping: &Mapping, schema: Digest, catalogue: Digest) -> Result<String, Error> {
        let objections = match &self.settings.objections {
            Some(path) => Some(Digest::of(&fs::read(path).map_err(|e| Error::read(path, &e))?)),
            None => None,
        };
        let parts = json!([
            self.settings.sender.project,
            self.settings.sender.epoch,
            mapping.digest,
            mapping.towns.as_ref().map(|towns| towns.digest),
            schema,
            catalogue,
            objections,
        ]);
        Ok(Digest::of(parts.to_string().as_bytes()).to_string())
    }

    /// The job that delivered the same, if nothing else of the dataset was delivered since, by
    /// this station or by hand.
    fn already(
        &self,
        job: &Job,
        plan: &Plan,
        earlier: &Earlier,
        mode: Mode,
        period: &Period,
        basis: &str,
    ) -> Option<u64> {
        let same_dataset =
            |other: &&Job| other.plan.as_ref().is_some_and(|own| own.dataset == plan.dataset);
        let mut delivered = self.journal.jobs().rev().filter(same_dataset);
        let last = delivered.find(|other| other.delivered().is_some())?;
        let delivery = last.delivered()?;
        let same = last.digest == job.digest
            && last.place == job.place
            && earlier.newest.as_ref().is_some_and(|(_, newest)| *newest == delivery.folder)
            && delivery.mode == mode
            && delivery.period == *period
            && delivery.basis == basis;
        same.then_some(last.number)
    }
}

/// Moves a prepared batch from its stage into the outbox, where amendments will look for it.
///
/// Gives `None` where the batch is at neither place.
pub(super) fn settle(
    settings: &Settings,
    number: u64,
    folder: &str,
) -> Result<Option<PathBuf>, Error> {
    let (stage, to) = (stage(settings, number), settings.outbox.join(folder));
    let from = stage.join(folder);
    if !to.exists() {
        if !from.exists() {
            return Ok(None);
        }
        fs::rename(&from, &to).map_err(|e| Error::write(&to, &e))?;
        sync_folder(&settings.outbox).map_err(|e| Error::write(&settings.outbox, &e))?;
    }
    clear(&stage)?;
    Ok(Some(to))
}

/// Brings the receipts to the disk: by them later amendments find the batch.
pub(super) fn keep_receipts(folder: &Path) -> Result<(), Error> {
    let receipts = folder.join("receipts");
    let keep = || -> std::io::Result<()> {
        for entry in fs::read_dir(&receipts)? {
            fs::File::open(entry?.path())?.sync_all()?;
        }
        sync_folder(&receipts)?;
        sync_folder(folder)
    };
    keep().map_err(|e| Error::write(&receipts, &e))
}

/// Removes a stage with whatever a dead process left in it.
pub(super) fn clear(stage: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(stage) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Error::write(stage, &e)),
    }
}

/// The batch's name, once its folders are on the disk; its files are already.
fn durable(done: &PreparedBatch) -> Result<String, Error> {
    let mut folders = vec![done.folder.clone()];
    folders.extend(["linkable", "measures"].map(|half| done.folder.join(half)));
    folders.extend(done.folder.parent().map(Path::to_owned));
    for folder in &folders {
        sync_folder(folder).map_err(|e| Error::write(folder, &e))?;
    }
    let name = done.folder.file_name().unwrap_or_default();
    Ok(name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_and_name_tell_what_a_file_does_to_the_earlier_ones() {
        for (place, name, expected) in [
            (Place::Inbox, "sgb2.csv", Mode::Full),
            (Place::Inbox, "SGB2 Nachtrag November.csv", Mode::Amend),
            (Place::Inbox, "sgb2_NACHTRÄGE.csv", Mode::Amend),
            (Place::Inbox, "sgb2-nachtrag2.csv", Mode::Amend),
            (Place::Inbox, "keinnachtrag.csv", Mode::Full),
            (Place::Amendments, "sgb2.csv", Mode::Amend),
            (Place::Withdrawals, "sgb2.txt", Mode::Amend),
            (Place::Database, "sgb2-2026-11-22.csv", Mode::Full),
        ] {
            assert_eq!(mode(place, name), expected, "{name}");
        }
    }
}
