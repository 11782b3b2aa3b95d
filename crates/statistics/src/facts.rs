//! One dataset's facts: by event year, person and column.

mod arrival;
mod column;
mod year;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use policy::{Dataset, Name};

use crate::{Error, PersonTable};

use arrival::Arrival;
pub(crate) use column::Column;
use year::widen;
pub(crate) use year::{Row, YearFacts};

/// A decoded row: the coded facts of one person in one year.
pub struct Fact<'a> {
    /// Dense index of the person in the snapshot.
    pub person: u32,
    /// Dense index of the subject within its dataset in the snapshot: below
    /// [`PersonTable::MAX_PERSONS`](crate::PersonTable::MAX_PERSONS). A subject is one department's
    /// and belongs to one person; a person may be linked from several subjects.
    pub subject: u32,
    /// Keyed rank of the row, from [`RankKey::rank`](crate::RankKey::rank).
    pub rank: u64,
    /// Event year.
    pub year: u16,
    /// First month of the row's period within the year, 1 to 12.
    pub first_month: u8,
    /// Last month of the row's period within the year, 1 to 12.
    pub last_month: u8,
    /// Index of the row's household in the snapshot, where the dataset names households. Ids are
    /// random per batch, so households of two batches never share one.
    pub unit: Option<u32>,
    /// Codes in the order of the dataset's dimensions.
    pub codes: &'a [u16],
    /// Amounts in the order of the dataset's measures; `None` where the row has none.
    pub measures: &'a [Option<i64>],
}

/// Marks a missing amount. Amounts are bounded by 1e9 in either direction, so that an `i32` holds
/// one and this value is none.
const MISSING: i32 = i32::MIN;
/// Marks a subject without a row; beyond every person's index.
const NO_PERSON: u32 = u32::MAX;
/// Marks a row without a household.
const NO_UNIT: u32 = u32::MAX;
/// Bits of the last month in the column of months; the first month stands above them.
const MONTH_BITS: u8 = 4;

/// All facts of one dataset in one snapshot.
///
/// Missing on purpose: the number of rows, iteration over persons, `Serialize`, `Debug`.
pub struct DatasetFacts {
    name: Name,
    dimensions: Vec<Name>,
    measures: usize,
    units: bool,
    /// Those with a row, ascending.
    years: Vec<(u16, YearFacts)>,
    /// Every other year.
    empty: YearFacts,
    /// Months that were delivered, whoever is in them; empty where nobody said so.
    delivered: Vec<RangeInclusive<u32>>,
}

/// Months since the year 0; the one number in which months of two years compare.
pub(crate) fn month_index(year: u16, month: u8) -> u32 {
    u32::from(year).saturating_mul(12).saturating_add(u32::from(month)).saturating_sub(1)
}

impl DatasetFacts {
    /// Most rows of one dataset in a snapshot.
    pub const MAX_ROWS: usize = 1 << 31;

    /// Most event years of one dataset in a snapshot.
    const MAX_YEARS: usize = 100;

    /// Begins the facts of the dataset `name`, which the catalogue declares as `dataset`.
    #[must_use]
    pub fn builder(name: Name, dataset: &Dataset) -> DatasetFactsBuilder {
        DatasetFactsBuilder {
            name,
            dimensions: dataset.dimensions.clone(),
            measures: dataset.measures.len(),
            units: dataset.unit,
            rows: 0,
            years: BTreeMap::new(),
            persons_of: Vec::new(),
            delivered: Vec::new(),
        }
    }

    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    /// The facts of an event year, none where no row is of it.
    pub(crate) fn year(&self, year: u16) -> &YearFacts {
        let found = self.years.iter().find(|(own, _)| *own == year);
        found.map_or(&self.empty, |(_, facts)| facts)
    }

    /// The years with a row, ascending, with the index behind the last person of each.
    pub(crate) fn extent(&self) -> impl Iterator<Item = (u16, usize)> {
        self.years.iter().map(|(year, facts)| (*year, facts.persons()))
    }

    /// Whether the dataset names households.
    pub(crate) fn names_units(&self) -> bool {
        self.units
    }

    /// Where a dimension stands among those that the dataset delivers.
    pub(crate) fn dimension(&self, dimension: &Name) -> Option<usize> {
        self.dimensions.iter().position(|own| own == dimension)
    }

    /// Whether there is a measure at `position`.
    pub(crate) fn measures(&self, position: usize) -> bool {
        position < self.measures
    }

    /// Whether all months of the range were delivered, as far as anybody said.
    pub(crate) fn delivered(&self, mut months: RangeInclusive<u32>) -> bool {
        self.delivered.is_empty()
            || months.all(|month| self.delivered.iter().any(|own| own.contains(&month)))
    }

    /// How many deliveries cover months of `year`, as far as anybody said.
    pub(crate) fn deliveries(&self, year: u16) -> usize {
        let (first, last) = (month_index(year, 1), month_index(year, 12));
        self.delivered.iter().filter(|own| *own.start() <= last && *own.end() >= first).count()
    }
}

/// Collects the rows of one dataset, in any order.
pub struct DatasetFactsBuilder {
    name: Name,
    dimensions: Vec<Name>,
    measures: usize,
    units: bool,
    rows: usize,
    years: BTreeMap<u16, Arrival>,
    /// The person of each subject, [`NO_PERSON`] where it had no row yet.
    persons_of: Vec<u32>,
    delivered: Vec<RangeInclusive<u32>>,
}

impl DatasetFactsBuilder {
    /// Takes one row.
    ///
    /// # Errors
    /// [`Error::Fact`] where the row has another shape than the dataset, a month outside the year,
    /// a subject of another person, or is one too many.
    pub fn push(&mut self, fact: &Fact<'_>) -> Result<(), Error> {
        self.check(fact)
            .and_then(|()| self.take(fact))
            .map_err(|reason| Error::Fact { dataset: self.name.as_str().to_owned(), reason })
    }

    fn check(&self, fact: &Fact<'_>) -> Result<(), &'static str> {
        if fact.codes.len() != self.dimensions.len() {
            return Err("needs one code per dimension of the dataset");
        }
        if fact.measures.len() != self.measures {
            return Err("needs one amount or gap per measure of the dataset");
        }
        let (first, last) = (fact.first_month, fact.last_month);
        if !(1..=12).contains(&first) || !(first..=12).contains(&last) {
            return Err("the months must be 1 to 12 in order");
        }
        if fact.unit.is_some_and(|unit| !self.units || unit == NO_UNIT) {
            return Err("names a household, which the dataset does not");
        }
        if fact.person >= PersonTable::MAX_PERSONS || fact.subject >= PersonTable::MAX_PERSONS {
            return Err("the index of a person or subject is beyond the limit");
        }
        Ok(())
    }

    fn take(&mut self, fact: &Fact<'_>) -> Result<(), &'static str> {
        const FULL: &str = "too many rows for one snapshot";
        if self.rows >= DatasetFacts::MAX_ROWS {
            return Err(FULL);
        }
        let subject = widen(fact.subject);
        if self.persons_of.len() <= subject {
            self.persons_of.resize(subject.checked_add(1).ok_or(FULL)?, NO_PERSON);
        }
        let owner = self.persons_of.get_mut(subject).ok_or(FULL)?;
        if *owner != NO_PERSON && *owner != fact.person {
            return Err("gives a subject to two persons");
        }
        *owner = fact.person;
        if self.years.len() >= DatasetFacts::MAX_YEARS && !self.years.contains_key(&fact.year) {
            return Err("too many event years for one snapshot");
        }
        let (dimensions, measures, units) = (self.dimensions.len(), self.measures, self.units);
        let year = self.years.entry(fact.year);
        let year = year.or_insert_with(|| Arrival::new(dimensions, measures, units));
        year.push(fact).ok_or("too many rows of one person and year")?;
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }

    /// Notes that the months from the first to the last, both year and month 1 to 12, were
    /// delivered. A question that looks back at other months is then refused: whoever is missing in
    /// a month that nobody delivered is not new in the next one.
    pub fn delivered(&mut self, (first, last): ((u16, u8), (u16, u8))) {
        self.delivered.push(month_index(first.0, first.1)..=month_index(last.0, last.1));
    }

    /// Ends the collection: brings the rows into their order, whatever order they came in.
    #[must_use]
    pub fn finish(self) -> DatasetFacts {
        let years = self.years.into_iter().map(|(year, rows)| (year, rows.sorted()));
        DatasetFacts {
            // One way into the pool of threads, rather than one for each step.
            years: rayon::scope(|_| years.collect()),
            empty: YearFacts::empty(self.dimensions.len(), self.measures),
            name: self.name,
            dimensions: self.dimensions,
            measures: self.measures,
            units: self.units,
            delivered: self.delivered,
        }
    }
}

#[cfg(test)]
mod tests;
