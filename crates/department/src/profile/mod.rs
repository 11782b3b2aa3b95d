//! What is in an extract and what would become of it, before anything is encoded or sent.

mod columns;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use policy::Catalogue;
use ring::rand::SecureRandom;
use serde::Serialize;
use submission::Period;

use crate::error::{Error, shown};
use crate::mapping::{Layout, Mapping};
use crate::source::Source;
use crate::subjects::{Collection, Counts, Objections, collect};
use columns::Columns;

/// Numbers about an extract; no value of a record.
#[derive(Serialize)]
pub struct Profile {
    /// The dataset of the mapping.
    pub dataset: String,
    /// `UTF-8` or `Windows-1252`; none of its own for a workbook.
    pub encoding: Option<String>,
    /// Between cells; none in a workbook.
    pub delimiter: Option<char>,
    /// The sheet that was read, in a workbook.
    pub sheet: Option<String>,
    /// Per column of the file, in its order.
    pub columns: Vec<ColumnProfile>,
    /// Dates of birth.
    pub births: BirthProfile,
    /// Records per sex as the encoder understands it.
    pub sexes: BTreeMap<String, u64>,
    /// What would be read, dropped and sent.
    pub counts: Counts,
    /// Records that would go to quarantine, by reason.
    pub quarantine: BTreeMap<String, u64>,
}

/// One column.
#[derive(Serialize)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its role in the mapping.
    pub role: String,
    /// Records in which it is not empty.
    pub filled: u64,
    /// Different values, counted up to a million.
    pub distinct: u64,
    /// Filled records whose value its role cannot use.
    pub invalid: u64,
}

/// Dates of birth by quality.
#[derive(Serialize, Default)]
pub struct BirthProfile {
    /// Complete and possible.
    pub complete: u64,
    /// Of these on 1 January, where many registers put an unknown day.
    pub first_of_january: u64,
    /// With unknown parts.
    pub partly_unknown: u64,
    /// Wholly unknown or empty.
    pub unknown: u64,
    /// Not readable or in no calendar.
    pub impossible: u64,
}

/// What to look at, and how.
pub struct ProfileSettings<'a> {
    /// The extract.
    pub extract: &'a Path,
    /// What its columns mean.
    pub mapping: &'a Mapping,
    /// What may travel.
    pub catalogue: &'a Catalogue,
    /// Months of the delivery.
    pub period: Period,
    /// People who object.
    pub objections: Option<&'a Objections>,
    /// For fingerprints that mean nothing outside this run.
    pub random: &'a dyn SecureRandom,
    /// Told how many records are read.
    pub progress: &'a dyn Fn(u64),
}

/// Reads an extract twice: once by column, once as [`crate::prepare`] would.
///
/// # Errors
/// As [`crate::prepare`], except that no key is needed.
pub fn profile(settings: &ProfileSettings<'_>) -> Result<Profile, Error> {
    let source_settings = settings.mapping.source_settings();
    let mut source = Source::open(settings.extract, &source_settings)?;
    let header = source.header().to_vec();
    let path = shown(settings.extract);
    let layout = Layout::resolve(settings.mapping, &header, &path, settings.catalogue)?;
    let mut columns = Columns::new(&layout, settings.mapping, &header, settings.random)?;
    while let Some(record) = source.next_record()? {
        if record.number % 4096 == 0 {
            (settings.progress)(record.number);
        }
        if !record.totals {
            columns.take(&record);
        }
    }
    let mut source = Source::open(settings.extract, &source_settings)?;
    let collected = collect(
        &mut source,
        &Collection {
            layout: &layout,
            period: &settings.period,
            objections: settings.objections,
            random: settings.random,
            progress: settings.progress,
        },
    )?;
    let mut quarantine = BTreeMap::new();
    for rejected in &collected.rejected {
        *quarantine.entry(rejected.reason.code().to_owned()).or_default() += 1;
    }
    let (births, sexes, columns) = columns.finish();
    Ok(Profile {
        dataset: settings.mapping.dataset.to_string(),
        encoding: source.encoding().map(|encoding| encoding.name().to_owned()),
        delimiter: source.delimiter(),
        sheet: source.sheet().map(str::to_owned),
        columns,
        births,
        sexes,
        counts: collected.counts,
        quarantine,
    })
}
