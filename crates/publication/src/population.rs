//! Public numbers of residents, by which released counts are divided.
//!
//! Nothing here is guessed: a year, a place or an age class that the file does not have gives a
//! [`Gap`] that says so, never the nearest one, and a total is the sum of its parts or nothing.

mod ages;
mod cohorts;
mod form;
mod gap;
mod import;
mod lookup;
mod sexes;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
pub use ages::Ages;
pub use gap::Gap;
pub use import::{Hints, Imported, PopulationFormat};
pub use lookup::Asked;
pub use sexes::{Sex, Sexes};
pub use source::Source;

/// Residents on 31 December by year, municipality, age class and sex, with where they come from.
///
/// The rows of a year and place do not overlap, so that sums count nobody twice. They need not be
/// complete: what is missing is told when it is asked for.
#[derive(Debug)]
pub struct Population {
    source: Source,
    years: BTreeMap<u16, Year>,
}

/// What a year has.
#[derive(Debug, Default)]
struct Year {
    places: BTreeMap<String, Vec<Entry>>,
    /// Whether any place tells people of neither sex apart; then a total needs them everywhere.
    other_sex: bool,
}

/// Residents of one age class and sex; no sex stands for all of them.
#[derive(Debug, Clone, Copy)]
struct Entry {
    ages: Ages,
    sex: Option<Sex>,
    persons: u64,
    line: usize,
}

/// A row of a table of residents, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Year of the 31 December.
    pub year: u16,
    /// Eight digits of the municipality.
    pub place: String,
    /// The age class; [`Ages::ALL`] for all.
    pub ages: Ages,
    /// The sex; `None` for all.
    pub sex: Option<Sex>,
    /// Residents.
    pub persons: u64,
    /// Where it stood, for messages.
    pub line: usize,
}

impl Population {
    /// Most bytes of a file, read or imported.
    pub const MAX_BYTES: usize = 64 << 20;
    /// Most rows.
    pub const MAX_ROWS: usize = 1_000_000;
    /// Most residents of a row; more than the country has.
    pub const MAX_PERSONS: u64 = 100_000_000;
    /// Years that are believed.
    pub const YEARS: std::ops::RangeInclusive<u16> = 1990..=2100;

    /// Takes rows of a source.
    ///
    /// # Errors
    /// [`Error::Population`] with the line of a row that is out of range or counts people whom
    /// another row counts too, or for no or too many rows.
    pub fn new(source: Source, rows: impl IntoIterator<Item = Row>) -> Result<Self, Error> {
        let mut population = Self { source, years: BTreeMap::new() };
        let mut count = 0_usize;
        for row in rows {
            count = count.saturating_add(1);
            if count > Self::MAX_ROWS {
                return Err(fault(
                    row.line,
                    format!("more than {} rows; cut out your territory", Self::MAX_ROWS),
                ));
            }
            population.add(row)?;
        }
        if population.years.is_empty() {
            return Err(fault(
                0,
                "no row with a number of residents; check that the file is complete",
            ));
        }
        Ok(population)
    }

    fn add(&mut self, row: Row) -> Result<(), Error> {
        let Row { year, place, ages, sex, persons, line } = row;
        if !Self::YEARS.contains(&year) {
            return Err(fault(line, "the year lies between 1990 and 2100, such as 2024"));
        }
        if place.len() != 8 || !place.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(fault(line, "a municipality has eight digits, such as 06432001"));
        }
        if persons > Self::MAX_PERSONS {
            return Err(fault(
                line,
                "more residents than the country has; give them as a whole number",
            ));
        }
        if ages.is_empty() {
            return Err(fault(line, "an age class holds at least one age"));
        }
        let of_year = self.years.entry(year).or_default();
        of_year.other_sex |= sex == Some(Sex::Other);
        let entries = of_year.places.entry(place).or_default();
        for other in entries.iter() {
            if other.sex.is_none() != sex.is_none() {
                return Err(fault(
                    line,
                    format!(
                        "this place and year has rows by sex and rows for all sexes (line {}); totals are \
                     computed, so leave them out",
                        other.line
                    ),
                ));
            }
            if other.sex == sex && !other.ages.intersection(ages).is_empty() {
                return Err(fault(
                    line,
                    format!(
                        "counts ages that line {} counts already; totals are computed, so leave them out",
                        other.line
                    ),
                ));
            }
        }
        entries.push(Entry { ages, sex, persons, line });
        Ok(())
    }

    /// Where the numbers come from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The years that the file has, ascending.
    pub fn years(&self) -> impl Iterator<Item = u16> + '_ {
        self.years.keys().copied()
    }

    /// The municipalities of any year.
    #[must_use]
    pub fn places(&self) -> BTreeSet<&str> {
        self.years.values().flat_map(|year| year.places.keys().map(String::as_str)).collect()
    }
}

fn fault(line: usize, why: impl Into<String>) -> Error {
    Error::Population { line, why: why.into() }
}
