//! What one department does with one delivery: lay the extract, encode, submit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use department::{
    Batch, Change, Keys, Language, Mapping, PrepareSettings, Register, Sender, keys, prepare,
};
use policy::Name;
use ring::rand::SystemRandom;
use submission::{Clock, Half, Period, SubjectId};

use crate::county::{Dataset, Extract, PersonNumber};
use crate::installation::{EPOCH, Installation, Office, Project, SCHEMA};

/// A batch that a department has encoded, with the truth behind its subjects.
pub(crate) struct Delivered {
    pub(crate) folder: PathBuf,
    pub(crate) people: HashMap<SubjectId, PersonNumber>,
    pub(crate) withdrawn: BTreeSet<SubjectId>,
    pub(crate) amends: bool,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
}

/// What a department lays into the encoder.
pub(crate) struct Delivery {
    path: PathBuf,
    withdraw: Option<PathBuf>,
    truth: Vec<Option<PersonNumber>>,
    amends: bool,
}

impl Delivery {
    /// The whole extract.
    pub(crate) fn full(extract: &Extract, folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(&extract.file_name);
        write(&path, &extract.bytes)?;
        Ok(Self { path, withdraw: None, truth: extract.truth.clone(), amends: false })
    }

    /// Only the cases that changed, came or went since the earlier extract.
    ///
    /// For an extract that is comma-separated UTF-8 with one case per person, as that of the
    /// integration assistance is.
    pub(crate) fn amendment(
        earlier: &Extract,
        extract: &Extract,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let old = Cases::read(earlier)?;
        let new = Cases::read(extract)?;
        let gone: Vec<&str> = old
            .rows
            .keys()
            .filter(|case| !new.rows.contains_key(*case))
            .map(String::as_str)
            .collect();
        let withdraw = folder.join(format!("withdrawn_{}", extract.file_name));
        write(&withdraw, (gone.join("\n") + "\n").as_bytes())?;
        let path = folder.join(format!("amendment_{}", extract.file_name));
        let mut writer = csv::Writer::from_path(&path)?;
        writer.write_byte_record(&new.header)?;
        let mut truth = Vec::new();
        for (case, rows) in &new.rows {
            if old.rows.get(case).is_some_and(|before| same(before, rows)) {
                continue;
            }
            for (index, record) in rows {
                writer.write_byte_record(record)?;
                truth.push(extract.truth[*index]);
            }
        }
        writer.flush()?;
        let withdraw = (!gone.is_empty()).then_some(withdraw);
        Ok(Self { path, withdraw, truth, amends: true })
    }
}

/// The records of an extract by case, with their position in the file.
struct Cases {
    header: csv::ByteRecord,
    rows: BTreeMap<String, Vec<(usize, csv::ByteRecord)>>,
}

impl Cases {
    fn read(extract: &Extract) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(extract.bytes.as_slice());
        let header = reader.byte_headers()?.clone();
        let column = header.iter().position(|name| name == b"aktenzeichen");
        let column = column.context("the extract has no column aktenzeichen")?;
        let mut rows: BTreeMap<String, Vec<(usize, csv::ByteRecord)>> = BTreeMap::new();
        for (index, record) in reader.byte_records().enumerate() {
            let record = record?;
            let case = String::from_utf8_lossy(record.get(column).unwrap_or_default()).into_owned();
            rows.entry(case).or_default().push((index, record));
        }
        Ok(Self { header, rows })
    }
}

fn same(before: &[(usize, csv::ByteRecord)], now: &[(usize, csv::ByteRecord)]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(old, new)| old.1 == new.1)
}

/// Extracts and lists of cases are for the department's eyes only.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Encodes a delivery into the department's outbox.
pub(crate) fn encode(
    installation: &Installation,
    project: &Project,
    office: &Office,
    delivery: &Delivery,
    earlier: &[PathBuf],
    period: Period,
) -> anyhow::Result<Delivered> {
    let mapping = Mapping::load(&mapping_path(&installation.root, office.dataset))?;
    let keys = Keys {
        linkage: keys::read_linkage(&project.linkage_key())?,
        signing: keys::read_signing(&office.folder.join("signing.key"))?,
        register: keys::read_register(&office.folder.join("register.key"))?,
    };
    let sender = Sender {
        project: project.name.clone(),
        epoch: Name::new(EPOCH)?,
        department: office.name.clone(),
    };
    let change = if delivery.amends {
        Change::Amend { earlier, withdraw: delivery.withdraw.as_deref() }
    } else {
        Change::Full
    };
    let prepared = prepare(&PrepareSettings {
        sender: &sender,
        catalogue: &installation.policies.catalogue,
        schema: &installation.policies.schemas[SCHEMA],
        mapping: &mapping,
        keys: &keys,
        extract: Some(&delivery.path),
        period,
        objections: None,
        change,
        outbox: &office.folder.join("outbox"),
        language: Language::German,
        now: Clock::System.now(),
        random: &SystemRandom::new(),
        progress: &|_| (),
    })?;
    let batch = Batch::open(&prepared.folder)?;
    let register = Register::open(&prepared.folder.join("register.sealed"), &keys.register)?;
    let manifest = &batch.signed(Half::Measures).manifest;
    Ok(Delivered {
        people: people(&register, &delivery.truth),
        withdrawn: manifest.withdrawn.iter().copied().collect(),
        amends: delivery.amends,
        rows: manifest.rows,
        rejected: prepared.report.counts.rows_in_quarantine,
        folder: prepared.folder,
    })
}

/// The true person behind each subject: that of its first record that has one.
fn people(register: &Register, truth: &[Option<PersonNumber>]) -> HashMap<SubjectId, PersonNumber> {
    let known = |records: &[u64]| {
        let at = |record: &u64| truth.get(usize::try_from(*record).ok()?).copied().flatten();
        records.iter().find_map(at)
    };
    register.subjects().filter_map(|(subject, own)| Some((subject, known(own)?))).collect()
}

fn mapping_path(root: &Path, dataset: Dataset) -> PathBuf {
    root.join("policies").join("mappings").join(format!("{}.toml", dataset.code()))
}
