//! One department: its settings, its station's folder, what a clerk lays there, and what became of
//! it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use department::{Batch, Register, Report, is_submitted, keys};
use submission::{Half, Mode, Period, SubjectId};

use crate::county::{Extract, PersonNumber};
use crate::installation::Office;

/// A batch that both units have, with the truth behind its subjects.
pub(crate) struct Delivered {
    pub(crate) folder: PathBuf,
    pub(crate) people: HashMap<SubjectId, PersonNumber>,
    pub(crate) withdrawn: BTreeSet<SubjectId>,
    pub(crate) amends: bool,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
}

/// A file on its way into a station's folder, with the truth behind its records.
pub(crate) struct Letter {
    name: String,
    bytes: Vec<u8>,
    truth: Vec<Option<PersonNumber>>,
    amends: bool,
    /// Cases to withdraw, as a list beside it.
    withdraw: Option<Vec<u8>>,
}

impl Letter {
    /// The whole extract.
    pub(crate) fn full(extract: Extract, period: Period) -> Self {
        let name = format!("{}-{}..{}.csv", extract.dataset.code(), period.from, period.to);
        Self { name, bytes: extract.bytes, truth: extract.truth, amends: false, withdraw: None }
    }

    /// Only the cases that changed, came or went since the earlier extract.
    ///
    /// For an extract that is comma-separated UTF-8 with one case per person, as that of the
    /// integration assistance is.
    pub(crate) fn amendment(
        earlier: &Extract,
        extract: &Extract,
        period: Period,
    ) -> anyhow::Result<Self> {
        let old = Cases::read(earlier)?;
        let new = Cases::read(extract)?;
        let gone: Vec<&str> = old
            .rows
            .keys()
            .filter(|case| !new.rows.contains_key(*case))
            .map(String::as_str)
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
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
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        let code = extract.dataset.code();
        let name = format!("{code}-nachtrag-{}..{}.csv", period.from, period.to);
        let withdraw = (!gone.is_empty()).then(|| (gone.join("\n") + "\n").into_bytes());
        Ok(Self { name, bytes, truth, amends: true, withdraw })
    }

    /// Lays the file into the station's folder, as a clerk copies it. A list of withdrawals comes
    /// first: the amendment behind it completes the delivery.
    pub(crate) fn lay(&self, office: &Office) -> anyhow::Result<()> {
        let inbox = office.share().join("Eingang");
        if let Some(list) = &self.withdraw {
            let name = self.name.replace("nachtrag", "abgang").replace(".csv", ".txt");
            write(&inbox.join("Löschung").join(name), list)?;
        }
        write(&inbox.join(&self.name), &self.bytes)
    }

    /// The person behind each record.
    pub(crate) fn truth(&self) -> &[Option<PersonNumber>] {
        &self.truth
    }

    /// Whether it only adds to and corrects an earlier delivery.
    pub(crate) fn amends(&self) -> bool {
        self.amends
    }

    /// Where the station filed it.
    pub(crate) fn filed(&self, office: &Office) -> PathBuf {
        office.share().join("Erledigt").join(&self.name)
    }

    /// Batches that come of it.
    pub(crate) fn batches(&self) -> usize {
        1 + usize::from(self.withdraw.is_some())
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
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

impl Office {
    /// Where clerks lay files and find reports.
    pub(crate) fn share(&self) -> PathBuf {
        self.folder.join("austausch")
    }

    /// What the station refused, by its reports.
    ///
    /// # Errors
    /// Names the first file that lies in the folder for rejected ones.
    pub(crate) fn check_nothing_refused(&self) -> anyhow::Result<()> {
        let folder = self.share().join("Abgelehnt");
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
        if let Some(entry) = entries.into_iter().next() {
            bail!("a station refused a file; read the report {}", entry?.path().display());
        }
        Ok(())
    }

    /// The batches that both units have, in the order of encoding, without those in `known`.
    pub(crate) fn submitted(&self, known: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
        let outbox = self.folder.join("outbox");
        let mut found = Vec::new();
        for entry in fs::read_dir(&outbox)? {
            let folder = entry?.path();
            if !known.contains(&folder) && is_submitted(&folder) {
                found.push((Report::read(&folder)?.created_at, folder));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, folder)| folder).collect())
    }

    /// Opens a batch with the department's own keys and sets the truth beside it.
    pub(crate) fn open(&self, folder: PathBuf, letter: &Letter) -> anyhow::Result<Delivered> {
        let batch = Batch::open(&folder)?;
        let key = keys::read_register(&self.folder.join("register.key"))?;
        let register = Register::open(&folder.join("register.sealed"), &key)?;
        let report = Report::read(&folder)?;
        let manifest = &batch.signed(Half::Measures).manifest;
        Ok(Delivered {
            people: people(&register, &letter.truth),
            withdrawn: manifest.withdrawn.iter().copied().collect(),
            amends: manifest.mode == Mode::Amend,
            rows: manifest.rows,
            rejected: report.counts.rows_in_quarantine,
            folder,
        })
    }
}

/// The true person behind each subject: that of its first record that has one.
pub(crate) fn people(
    register: &Register,
    truth: &[Option<PersonNumber>],
) -> HashMap<SubjectId, PersonNumber> {
    let known = |records: &[u64]| {
        let at = |record: &u64| truth.get(usize::try_from(*record).ok()?).copied().flatten();
        records.iter().find_map(at)
    };
    register.subjects().filter_map(|(subject, own)| Some((subject, known(own)?))).collect()
}
