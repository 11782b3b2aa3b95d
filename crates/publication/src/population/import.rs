//! Public files of residents brought into the normal form.
//!
//! A new format is a variant of [`PopulationFormat`] and a module that reads its rows; what all have
//! in common (totals, missing numbers, the territory, the source) is done here.

mod genesis;
mod gv100ad;
mod plain;
mod settle;

use jiff::civil::Date;

use super::{Population, Source, fault};
use crate::Error;
use settle::Candidate;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopulationFormat {
    /// Flat file of GENESIS databases (Destatis, Regionalstatistik) as of 2024.
    GenesisFfcsv,
    /// Gemeindeverzeichnis of Destatis: everybody, male and by difference female, without ages.
    Gv100ad,
    /// A table with a header line, such as a register of residents writes.
    Csv,
}

/// What the person who imports says about a file; what the file says itself may be left out.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Year of the 31 December, where rows have none.
    pub year: Option<u16>,
    /// Only municipalities whose key begins so; all without any.
    pub prefixes: Vec<String>,
    /// See [`Source`].
    pub title: Option<String>,
    /// See [`Source`].
    pub publisher: Option<String>,
    /// See [`Source`].
    pub licence: Option<String>,
    /// See [`Source`].
    pub attribution: Option<String>,
    /// See [`Source`].
    pub table: Option<String>,
    /// See [`Source`].
    pub retrieved: Option<Date>,
    /// See [`Source`].
    pub status: Option<Date>,
}

/// A file in the normal form, and what of it did not come along.
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The residents.
    pub population: Population,
    /// In sentences: which rows were left out and why.
    pub notes: Vec<String>,
}

/// What a format's module reads from a file.
#[derive(Default)]
struct Found {
    rows: Vec<Candidate>,
    title: Option<String>,
    table: Option<String>,
    status: Option<Date>,
    notes: Vec<String>,
}

impl PopulationFormat {
    /// All formats.
    pub const EACH: [Self; 3] = [Self::GenesisFfcsv, Self::Gv100ad, Self::Csv];

    /// Its name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GenesisFfcsv => "genesis-ffcsv",
            Self::Gv100ad => "gv100ad",
            Self::Csv => "csv",
        }
    }

    /// Brings a file into the normal form.
    ///
    /// # Errors
    /// [`Error::Population`] with the line and what to do; nothing is guessed.
    pub fn import(self, bytes: &[u8], hints: &Hints) -> Result<Imported, Error> {
        let text = decode(bytes)?;
        let found = match self {
            Self::GenesisFfcsv => genesis::read(&text)?,
            Self::Gv100ad => gv100ad::read(&text, hints.year)?,
            Self::Csv => plain::read(&text, hints.year)?,
        };
        let source = source(&found, hints)?;
        let mut notes = found.notes;
        let all = found.rows.len();
        let mut rows = found.rows;
        if !hints.prefixes.is_empty() {
            rows.retain(|row| hints.prefixes.iter().any(|prefix| row.place.starts_with(prefix)));
        }
        if rows.is_empty() && all > 0 {
            return Err(fault(0, "no municipality of the file begins with a named prefix"));
        }
        if rows.len() < all {
            notes.push(format!("left out {} rows outside the named prefixes", all - rows.len()));
        }
        let (rows, missing) = settle::settle(rows)?;
        if let Some(first) = missing.first() {
            notes.push(format!(
                "{} rows have no number (the first is line {first}); rates that need them are refused",
                missing.len()
            ));
        }
        Ok(Imported { population: Population::new(source, rows)?, notes })
    }
}

fn source(found: &Found, hints: &Hints) -> Result<Source, Error> {
    let told = |hint: &Option<String>, option: &str| {
        let missing =
            || fault(0, format!("the file does not say its {option}; name it with --{option}"));
        hint.clone().ok_or_else(missing)
    };
    let title = hints.title.clone().or_else(|| found.title.clone());
    let table = hints.table.clone().or_else(|| found.table.clone()).unwrap_or_default();
    let retrieved =
        hints.retrieved.ok_or_else(|| fault(0, "name the day of the download with --retrieved"))?;
    let texts = [
        told(&title, "source")?,
        told(&hints.publisher, "publisher")?,
        told(&hints.licence, "licence")?,
        told(&hints.attribution, "attribution")?,
    ];
    let [title, publisher, licence, attribution] = &texts;
    let status = hints.status.or(found.status);
    Source::new([title, publisher, licence, attribution], &table, retrieved, status)
}

/// UTF-8 with or without byte-order mark, else Latin-1, as older files are.
fn decode(bytes: &[u8]) -> Result<String, Error> {
    if bytes.len() > Population::MAX_BYTES {
        let most = Population::MAX_BYTES;
        return Err(fault(0, format!("more than {most} bytes; download your territory only")));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(fault(0, "a ZIP archive or workbook; unpack it, or save the table as CSV"));
    }
    if bytes.contains(&0) {
        return Err(fault(0, "not a text file; save the table as CSV in UTF-8"));
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    })
}

/// A number of residents as official tables write it: `-` is exactly nobody; `.`, `...`, `/`, `x` and
/// nothing are missing.
fn number(text: &str, line: usize) -> Result<Option<u64>, Error> {
    match text.trim() {
        "-" | "\u{2013}" => Ok(Some(0)),
        "" | "." | "..." | "…" | "/" | "x" | "X" => Ok(None),
        digits => match super::form::whole(digits) {
            Some(number) => Ok(Some(number)),
            None => Err(fault(
                line,
                "residents are a whole number without points or commas, or one of - . ... / x",
            )),
        },
    }
}

/// The eight digits of a municipality in an official key of 8 (AGS) or 12 digits (ARS).
fn municipality(key: &str) -> Option<String> {
    if !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match key.len() {
        8 => Some(key.to_owned()),
        // Land, Regierungsbezirk and Kreis, then the association, then the municipality.
        12 => Some(format!("{}{}", key.get(..5)?, key.get(9..)?)),
        _ => None,
    }
}
