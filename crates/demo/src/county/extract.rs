//! Whole files: what a department delivers in a quarter.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::calendar::Month;
use super::conventions::convention;
use super::dataset::Dataset;
use super::encoding::encode;
use super::errors::{ErrorKind, SHARES};
use super::founding::Land;
use super::line::{Line, push_cell};
use super::record::Desk;
use super::rows::{Ruin, Sheet};
use super::settings::CountyError;
use super::world::{County, Life};

/// Number of a person in a county; the same in all extracts and deliveries, and in none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PersonNumber(pub u32);

/// A file as a department delivers it, with the truth about each of its rows.
pub struct Extract {
    /// Which extract.
    pub dataset: Dataset,
    /// File name with the last month of the delivery, for instance `sgb2_2025-12.csv`.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// By data record as written, from 0 after the header: the person, or `None` where the row is
    /// unacceptable or a total.
    pub truth: Vec<Option<PersonNumber>>,
    /// How dirty it is.
    pub dirt: Dirt,
}

/// Measured dirt of one or several extracts.
#[derive(Default)]
pub struct Dirt {
    /// Person records: persons with at least one row, counted per extract.
    pub records: u64,
    /// Records with at least one error.
    pub dirty: u64,
    /// Errors by kind, in the order of [`SHARES`].
    pub errors: [u64; SHARES.len()],
    /// Unacceptable rows.
    pub bad_rows: u64,
}

impl Dirt {
    /// Adds another extract's counts.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.dirty += other.dirty;
        self.bad_rows += other.bad_rows;
        for (sum, more) in self.errors.iter_mut().zip(other.errors) {
            *sum += more;
        }
    }

    fn count(&mut self, sheet: &Sheet) {
        self.records += u64::from(sheet.records);
        self.dirty += u64::from(sheet.dirty);
        for (sum, &more) in self.errors.iter_mut().zip(&sheet.errors) {
            *sum += u64::from(more);
        }
    }

    /// Share of each kind among all errors: kind, intended and measured per mille.
    pub fn shares(&self) -> impl Iterator<Item = (ErrorKind, u32, u64)> {
        let all: u64 = self.errors.iter().sum::<u64>().max(1);
        let lines = SHARES.iter().zip(self.errors);
        lines.map(move |(share, count)| (share.kind, share.per_mille, count * 1000 / all))
    }
}

/// Families per unit of parallel work.
const BATCH: usize = 512;

/// The unacceptable row of an extract.
const fn ruin(dataset: Dataset) -> Ruin {
    match dataset {
        Dataset::Sgb12 | Dataset::Kita | Dataset::Asyl => Ruin::ImpossibleDate,
        Dataset::Wohngeld | Dataset::But => Ruin::NoName,
        Dataset::Sgb2 | Dataset::Egh | Dataset::Hze => Ruin::UnknownCode,
    }
}

impl County {
    /// Last month of a delivery, counted from 1.
    ///
    /// # Errors
    /// If the settings foresee no such delivery.
    pub fn cutoff(&self, quarter: u8) -> Result<Month, CountyError> {
        let quarters = self.quarters;
        let later = quarters.checked_sub(quarter).filter(|_| quarter > 0);
        let later = later.ok_or(CountyError::NoSuchDelivery { quarter, quarters })?;
        Ok(Month::LAST.plus(-3 * i16::from(later)))
    }

    /// All extracts of a delivery.
    ///
    /// # Errors
    /// If the settings foresee no such delivery.
    pub fn extracts(&self, quarter: u8) -> Result<Vec<Extract>, CountyError> {
        self.datasets().map(|dataset| self.extract(dataset, quarter)).collect()
    }

    /// One extract of a delivery, whether the county delivers it or not.
    ///
    /// # Errors
    /// If the settings foresee no such delivery.
    pub fn extract(&self, dataset: Dataset, quarter: u8) -> Result<Extract, CountyError> {
        let cutoff = self.cutoff(quarter)?;
        let desk = Desk {
            land: Land {
                tables: &self.tables,
                streets: &self.streets,
                destinations: &self.destinations,
            },
            convention: convention(self.ags(), dataset),
            seed: self.seed,
            dirty_per_mille: self.dirty_per_mille,
            quarter,
            cutoff,
        };
        let sheets = self.lives.par_chunks(BATCH).map(|lives| {
            let mut sheet = Sheet::default();
            lives.iter().for_each(|life| sheet.add(&desk, life, None));
            sheet
        });
        let sheets: Vec<Sheet> = sheets.collect();
        let (year, month) = (cutoff.year(), cutoff.number());
        let (text, truth, dirt) = assemble(&desk, &sheets, bad_row(&desk, &self.lives).as_deref());
        Ok(Extract {
            dataset,
            file_name: format!("{}_{year}-{month:02}.csv", dataset.code()),
            bytes: encode(text, desk.convention.encoding),
            truth,
            dirt,
        })
    }

    /// Writes the extracts of a delivery to `dir/<county>/` one after the other and returns where.
    ///
    /// # Errors
    /// If there is no such delivery or a file cannot be written.
    pub fn write_extracts(&self, dir: &Path, quarter: u8) -> Result<Vec<PathBuf>, CountyError> {
        let folder = dir.join(self.ags());
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| CountyError::Write { path, source }
        };
        std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let mut paths = Vec::new();
        for dataset in self.datasets() {
            let extract = self.extract(dataset, quarter)?;
            let path = folder.join(&extract.file_name);
            std::fs::write(&path, &extract.bytes).map_err(failed(&path))?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// A copy of some row from the middle of the county with something in it that cannot be.
fn bad_row(desk: &Desk<'_>, lives: &[Life]) -> Option<String> {
    let from_middle = lives.iter().skip(lives.len() / 2);
    from_middle.into_iter().find_map(|life| {
        let mut sheet = Sheet::default();
        sheet.add(desk, life, Some(ruin(desk.convention.dataset)));
        let (_, end) = *sheet.rows.first()?;
        sheet.text.truncate(end);
        Some(sheet.text)
    })
}

type Assembled = (String, Vec<Option<PersonNumber>>, Dirt);

/// Header, sheets in order, the bad row between them, the total.
fn assemble(desk: &Desk<'_>, sheets: &[Sheet], bad: Option<&str>) -> Assembled {
    let convention = &desk.convention;
    let size: usize = sheets.iter().map(|sheet| sheet.text.len()).sum();
    let mut text = String::with_capacity(size + 1024);
    let mut truth = Vec::with_capacity(sheets.iter().map(|sheet| sheet.rows.len() + 1).sum());
    let mut dirt = Dirt::default();
    for (at, column) in convention.dataset.columns().into_iter().enumerate() {
        if at > 0 {
            text.push(convention.delimiter);
        }
        push_cell(&mut text, column, convention.delimiter);
    }
    text.push_str(convention.newline);
    for (at, sheet) in sheets.iter().enumerate() {
        text.push_str(&sheet.text);
        truth.extend(sheet.rows.iter().map(|&(person, _)| Some(PersonNumber(person))));
        dirt.count(sheet);
        if let Some(bad) = bad.filter(|_| at == sheets.len() / 2) {
            text.push_str(bad);
            truth.push(None);
            dirt.bad_rows += 1;
        }
    }
    if convention.totals {
        totals_row(desk, sheets.iter().map(|sheet| sheet.total).sum(), &mut text);
        truth.push(None);
    }
    (text, truth, dirt)
}

fn totals_row(desk: &Desk<'_>, total: u64, text: &mut String) {
    let Desk { convention, .. } = desk;
    let own = convention.dataset.own_columns().len();
    text.push_str("Summe");
    let delimiter = convention.delimiter;
    let mut line = Line { out: text, delimiter, unknown_code: false };
    (1..12).for_each(|_| line.text(""));
    for at in 0..own {
        if at == convention.dataset.amount_column() {
            line.text(&format!("{},{:02}", total / 100, total % 100));
        } else {
            line.text("");
        }
    }
    text.push_str(convention.newline);
}
