//! An extract → a batch folder that can be submitted.

mod encode;
mod halves;
mod order;
mod quarantine;
mod report;
mod shuffled;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use encoder::{Encoder, Fill, LinkageKey};
use policy::{Catalogue, LinkageSchema, Name, NamedColumns};
use ring::rand::SecureRandom;
use submission::{BatchId, Mode, Period, SigningKey, SubjectId};

use crate::error::{Error, shown};
use crate::keys::RegisterKey;
use crate::language::Language;
use crate::mapping::{Layout, Mapping};
use crate::register::{self, Entry};
use crate::source::Source;
use crate::subjects::{Collected, Collection, Objections, collect};
use encode::{Again, Stamp, encode};
use shuffled::Shuffled;
use standing::Standing;

pub use report::{Report, ViewFill};

/// Who sends, and under which epoch's key.
pub struct Sender {
    /// The project, which fixes controller and key.
    pub project: Name,
    /// The epoch.
    pub epoch: Name,
    /// The department.
    pub department: Name,
}

/// The three secrets of a department.
pub struct Keys {
    /// Of the project and epoch.
    pub linkage: LinkageKey,
    /// Of the department, for its manifests.
    pub signing: SigningKey,
    /// Of the department, for its registers.
    pub register: RegisterKey,
}

/// What the batch does to the earlier ones of its dataset.
pub enum Change<'a> {
    /// Replaces them all.
    Full,
    /// Adds the extract's people. Where an earlier batch holds the same case, that case's earlier
    /// subjects are withdrawn: a correction delivers a case whole.
    Amend {
        /// Folders of the earlier batches that the units have.
        earlier: &'a [PathBuf],
        /// A list of cases to remove, one per line.
        withdraw: Option<&'a Path>,
    },
}

/// What is going on, for a progress bar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many records are read.
    Read(u64),
    /// So many subjects of so many are encoded.
    Encoded(u64, u64),
}

/// Everything that turns an extract into a batch.
pub struct PrepareSettings<'a> {
    /// The sender.
    pub sender: &'a Sender,
    /// What may travel.
    pub catalogue: &'a Catalogue,
    /// The columns that purposes of the project name: others stay empty, whatever the mapping says.
    /// None where no purpose reads the dataset, or nothing is sent.
    pub named: Option<&'a NamedColumns>,
    /// How records are encoded.
    pub schema: &'a LinkageSchema,
    /// What the columns mean.
    pub mapping: &'a Mapping,
    /// The secrets.
    pub keys: &'a Keys,
    /// The extract; none for an amendment that only withdraws.
    pub extract: Option<&'a Path>,
    /// Months of the delivery.
    pub period: Period,
    /// People who object.
    pub objections: Option<&'a Objections>,
    /// Full or amendment.
    pub change: Change<'a>,
    /// Folder in which the batch folder is created.
    pub outbox: &'a Path,
    /// Language of the quarantine file.
    pub language: Language,
    /// Unix seconds, for the report.
    pub now: i64,
    /// Randomness for ids, order and sealing.
    pub random: &'a dyn SecureRandom,
    /// Told how far it is, from any thread.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// A batch folder, ready to be submitted.
pub struct PreparedBatch {
    /// The folder.
    pub folder: PathBuf,
    /// The batch.
    pub batch: BatchId,
    /// What is in it and what was left out.
    pub report: Report,
}

/// Subjects with their encodings, as they will travel.
struct Encoded {
    collected: Collected,
    /// Of the subjects, in their order.
    ids: Vec<SubjectId>,
    encodings: Shuffled,
    /// Before diffusion, view by view.
    fill: Vec<Fill>,
}

/// Reads, groups, encodes, signs and writes a batch; the folder appears only once it is whole.
///
/// # Errors
/// [`Error`] that says what to do. Records that cannot be used do not end the run: they go to
/// `quarantine.csv` in the batch folder.
pub fn prepare(settings: &PrepareSettings<'_>) -> Result<PreparedBatch, Error> {
    if let Change::Amend { .. } = settings.change
        && settings.mapping.case.is_none()
    {
        return Err(Error::NoCase);
    }
    let encoder = Encoder::new(settings.schema, &settings.keys.linkage)
        .map_err(|e| Error::Encoder(e.to_string()))?;
    let batch = BatchId::random(settings.random)?;
    fs::create_dir_all(settings.outbox).map_err(|e| Error::write(settings.outbox, &e))?;
    let partial = settings.outbox.join(format!(".partial-{batch}"));
    halves::create_folder(&partial)?;
    let done = fill(settings, &encoder, batch, &partial);
    match done {
        Ok(report) => {
            let folder = settings.outbox.join(format!("{}-{batch}", settings.mapping.dataset));
            fs::rename(&partial, &folder).map_err(|e| Error::write(&folder, &e))?;
            Ok(PreparedBatch { folder, batch, report })
        }
        Err(Error::NothingUsable { path, .. }) => {
            // The reasons are what the department needs now.
            let kept = settings.outbox.join(format!("quarantine-{batch}.csv"));
            let from = partial.join("quarantine.csv");
            fs::rename(&from, &kept).map_err(|e| Error::write(&kept, &e))?;
            let _ = fs::remove_dir_all(&partial);
            Err(Error::NothingUsable { path, quarantine: shown(&kept) })
        }
        Err(error) => {
            let _ = fs::remove_dir_all(&partial);
            Err(error)
        }
    }
}

fn fill(
    settings: &PrepareSettings<'_>,
    encoder: &Encoder,
    batch: BatchId,
    folder: &Path,
) -> Result<Report, Error> {
    let mut withdrawn = BTreeSet::new();
    let standing = match &settings.change {
        Change::Full => None,
        Change::Amend { earlier, withdraw } => {
            let standing = Standing::read(earlier, settings)?;
            if let Some(list) = withdraw {
                withdrawn = standing.of_list(list)?;
            }
            Some(standing)
        }
    };
    let mut encoded = match settings.extract {
        Some(extract) => read_and_encode(settings, encoder, extract, folder)?,
        None => None,
    };
    let subjects = encoded.as_ref().map(|e| e.collected.subjects.as_slice()).unwrap_or_default();
    if let Some(standing) = &standing {
        for subject in subjects {
            withdrawn.extend(standing.of_case(&subject.case));
        }
    }
    let ids = encoded.iter().flat_map(|encoded| &encoded.ids);
    let entries = subjects.iter().zip(ids).map(|(subject, id)| Entry {
        subject: *id,
        case: &subject.case,
        records: subject.records.iter().map(|(number, _)| *number).collect(),
    });
    let register = folder.join("register.sealed");
    register::seal(&register, &settings.keys.register, batch, entries, settings.random)?;
    let withdrawn: Vec<SubjectId> = withdrawn.into_iter().collect();
    let written = halves::Halves { settings, encoder, batch, folder, withdrawn: &withdrawn };
    written.write(encoded.as_mut())?;
    let report = report(settings, batch, encoded.as_ref(), withdrawn.len() as u64)?;
    let json = serde_json::to_vec_pretty(&report)
        .map_err(|e| Error::Batch { path: shown(folder), reason: e.to_string() })?;
    crate::keys::write_private(&folder.join("report.json"), &json)?;
    Ok(report)
}

fn read_and_encode(
    settings: &PrepareSettings<'_>,
    encoder: &Encoder,
    extract: &Path,
    folder: &Path,
) -> Result<Option<Encoded>, Error> {
    let source_settings = settings.mapping.source_settings();
    let stamp = Stamp::of(extract)?;
    let mut source = Source::open(extract, &source_settings)?;
    let header = source.header().to_vec();
    let mut layout =
        Layout::resolve(settings.mapping, &header, &shown(extract), settings.catalogue)?;
    if let Some(named) = settings.named {
        layout.leave_out(named);
    }
    let mut collected = collect(
        &mut source,
        &Collection {
            layout: &layout,
            period: &settings.period,
            objections: settings.objections,
            random: settings.random,
            progress: &|records| (settings.progress)(Progress::Read(records)),
        },
    )?;
    // A workbook is held in memory whole.
    drop(source);
    let again = Again { extract, source_settings: &source_settings, layout: &layout, stamp };
    let (encodings, ids, fill) = encode(settings, encoder, &again, &mut collected, folder)?;
    let quarantine = folder.join("quarantine.csv");
    quarantine::write(&quarantine, extract, &source_settings, &collected.rejected, settings)?;
    // An amendment may consist of withdrawals alone.
    let withdraws = matches!(settings.change, Change::Amend { withdraw: Some(_), .. });
    if collected.subjects.is_empty() && !withdraws {
        let (path, quarantine) = (shown(extract), shown(&quarantine));
        return Err(Error::NothingUsable { path, quarantine });
    }
    Ok(Some(Encoded { collected, ids, encodings, fill }))
}

fn report(
    settings: &PrepareSettings<'_>,
    batch: BatchId,
    encoded: Option<&Encoded>,
    withdrawn: u64,
) -> Result<Report, Error> {
    let mut quarantine = BTreeMap::new();
    for rejected in encoded.iter().flat_map(|e| &e.collected.rejected) {
        *quarantine.entry(rejected.reason.code().to_owned()).or_default() += 1;
    }
    Ok(Report {
        format: Report::FORMAT.into(),
        project: settings.sender.project.clone(),
        epoch: settings.sender.epoch.clone(),
        department: settings.sender.department.clone(),
        dataset: settings.mapping.dataset.clone(),
        batch,
        mode: mode(&settings.change),
        period: settings.period,
        created_at: settings.now,
        mapping: settings.mapping.digest,
        towns: settings.mapping.towns.as_ref().map(|towns| towns.digest),
        schema: settings.schema.digest()?,
        catalogue: settings.catalogue.digest()?,
        counts: encoded.map(|e| e.collected.counts.clone()).unwrap_or_default(),
        quarantine,
        withdrawn,
        fill: report::fill(settings.schema, encoded.iter().flat_map(|e| &e.fill)),
    })
}

fn mode(change: &Change<'_>) -> Mode {
    match change {
        Change::Full => Mode::Full,
        Change::Amend { .. } => Mode::Amend,
    }
}
