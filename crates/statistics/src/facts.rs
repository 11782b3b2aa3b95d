//! One dataset's facts, by column.

use std::ops::RangeInclusive;

use policy::{Dataset, Name};

use crate::{Error, PersonTable};

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
/// Missing on purpose: the number of rows, iteration, `Serialize`, `Debug`.
pub struct DatasetFacts {
    name: Name,
    dimensions: Vec<Name>,
    persons: Vec<u32>,
    subjects: Vec<u32>,
    ranks: Vec<u64>,
    years: Vec<u16>,
    months: Vec<u8>,
    /// One per row where the dataset names households, else empty.
    units: Option<Vec<u32>>,
    codes: Vec<Vec<u16>>,
    measures: Vec<Vec<i32>>,
    /// Months that were delivered, whoever is in them; empty where nobody said so.
    delivered: Vec<RangeInclusive<u32>>,
}

/// What decides between rows, without the value itself.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) person: u32,
    #[cfg_attr(not(test), expect(dead_code, reason = "for sums whose bound is per subject"))]
    pub(crate) subject: u32,
    pub(crate) rank: u64,
    pub(crate) year: u16,
    pub(crate) first_month: u8,
    pub(crate) month: u8,
}

/// Months since the year 0; the one number in which months of two years compare.
pub(crate) fn month_index(year: u16, month: u8) -> u32 {
    u32::from(year).saturating_mul(12).saturating_add(u32::from(month)).saturating_sub(1)
}

impl DatasetFacts {
    /// Most rows of one dataset in a snapshot.
    pub const MAX_ROWS: usize = 1 << 31;

    /// Begins the facts of the dataset `name`, which the catalogue declares as `dataset`.
    #[must_use]
    pub fn builder(name: Name, dataset: &Dataset) -> DatasetFactsBuilder {
        let facts = Self {
            name,
            dimensions: dataset.dimensions.clone(),
            persons: Vec::new(),
            subjects: Vec::new(),
            ranks: Vec::new(),
            years: Vec::new(),
            months: Vec::new(),
            units: dataset.unit.then(Vec::new),
            codes: vec![Vec::new(); dataset.dimensions.len()],
            measures: vec![Vec::new(); dataset.measures.len()],
            delivered: Vec::new(),
        };
        DatasetFactsBuilder { facts, persons_of: Vec::new() }
    }

    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let owners = self.persons.iter().zip(&self.subjects);
        let deciding = owners.zip(&self.ranks).zip(&self.years).zip(&self.months);
        deciding.map(|((((person, subject), rank), year), months)| Row {
            person: *person,
            subject: *subject,
            rank: *rank,
            year: *year,
            first_month: months >> MONTH_BITS,
            month: months & ((1 << MONTH_BITS) - 1),
        })
    }

    /// Every row with its household, where it has one; `None` where the dataset names none.
    pub(crate) fn units(&self) -> Option<impl Iterator<Item = (Row, u32)>> {
        let rows = self.rows().zip(self.units.as_ref()?.iter().copied());
        Some(rows.filter(|(_, unit)| *unit != NO_UNIT))
    }

    /// The rows that have a household and an amount of the measure at `position`.
    pub(crate) fn unit_amounts(
        &self,
        position: usize,
    ) -> Option<impl Iterator<Item = (Row, u32, i64)>> {
        let rows = self.rows().zip(self.units.as_ref()?).zip(self.measures.get(position)?);
        let known = rows.filter(|((_, unit), amount)| **unit != NO_UNIT && **amount != MISSING);
        Some(known.map(|((row, unit), amount)| (row, *unit, i64::from(*amount))))
    }

    /// Whether all months of the range were delivered, as far as anybody said.
    pub(crate) fn delivered(&self, mut months: RangeInclusive<u32>) -> bool {
        self.delivered.is_empty()
            || months.all(|month| self.delivered.iter().any(|own| own.contains(&month)))
    }

    /// Every row with its code of one dimension; `None` where the dataset does not deliver it.
    pub(crate) fn codes(&self, dimension: &Name) -> Option<impl Iterator<Item = (Row, u16)>> {
        let position = self.dimensions.iter().position(|own| own == dimension)?;
        Some(self.rows().zip(self.codes.get(position)?.iter().copied()))
    }

    /// The rows that have an amount of the measure at `position`; `None` where there is no such
    /// measure.
    pub(crate) fn amounts(&self, position: usize) -> Option<impl Iterator<Item = (Row, i64)>> {
        let amounts = self.measures.get(position)?;
        let known = self.rows().zip(amounts).filter(|(_, amount)| **amount != MISSING);
        Some(known.map(|(row, amount)| (row, i64::from(*amount))))
    }
}

/// Collects the rows of one dataset, in any order.
pub struct DatasetFactsBuilder {
    facts: DatasetFacts,
    /// The person of each subject, [`NO_PERSON`] where it had no row yet.
    persons_of: Vec<u32>,
}

impl DatasetFactsBuilder {
    /// Takes one row.
    ///
    /// # Errors
    /// [`Error::Fact`] where the row has another shape than the dataset, a month outside the year,
    /// or is one too many.
    pub fn push(&mut self, fact: &Fact<'_>) -> Result<(), Error> {
        let facts = &mut self.facts;
        let refuse = |reason| Err(Error::Fact { dataset: facts.name.as_str().to_owned(), reason });
        if fact.codes.len() != facts.codes.len() {
            return refuse("needs one code per dimension of the dataset");
        }
        if fact.measures.len() != facts.measures.len() {
            return refuse("needs one amount or gap per measure of the dataset");
        }
        let (first, last) = (fact.first_month, fact.last_month);
        if !(1..=12).contains(&first) || !(first..=12).contains(&last) {
            return refuse("the months must be 1 to 12 in order");
        }
        if fact.unit.is_some_and(|unit| facts.units.is_none() || unit == NO_UNIT) {
            return refuse("names a household, which the dataset does not");
        }
        if facts.persons.len() >= DatasetFacts::MAX_ROWS {
            return refuse("too many rows for one snapshot");
        }
        if fact.person >= PersonTable::MAX_PERSONS || fact.subject >= PersonTable::MAX_PERSONS {
            return refuse("the index of a person or subject is beyond the limit");
        }
        let subject = usize::try_from(fact.subject).map_err(|_| Error::Overflow)?;
        if self.persons_of.len() <= subject {
            self.persons_of.resize(subject.checked_add(1).ok_or(Error::Overflow)?, NO_PERSON);
        }
        if let Some(own) = self.persons_of.get_mut(subject) {
            if *own != NO_PERSON && *own != fact.person {
                return refuse("gives a subject to two persons");
            }
            *own = fact.person;
        }
        facts.persons.push(fact.person);
        facts.subjects.push(fact.subject);
        facts.ranks.push(fact.rank);
        facts.years.push(fact.year);
        facts.months.push(first << MONTH_BITS | last);
        if let Some(units) = &mut facts.units {
            units.push(fact.unit.unwrap_or(NO_UNIT));
        }
        for (column, code) in facts.codes.iter_mut().zip(fact.codes) {
            column.push(*code);
        }
        for (column, amount) in facts.measures.iter_mut().zip(fact.measures) {
            column.push(amount.map_or(MISSING, narrow));
        }
        Ok(())
    }

    /// Notes that the months from the first to the last, both year and month 1 to 12, were
    /// delivered. A question that looks back at other months is then refused: whoever is missing in
    /// a month that nobody delivered is not new in the next one.
    pub fn delivered(&mut self, (first, last): ((u16, u8), (u16, u8))) {
        self.facts.delivered.push(month_index(first.0, first.1)..=month_index(last.0, last.1));
    }

    /// Ends the collection.
    #[must_use]
    pub fn finish(self) -> DatasetFacts {
        self.facts
    }
}

/// The amount within the range of a column. Every public bound lies inside that range, so the
/// clamping at aggregation gives the same value as it would for the amount itself.
fn narrow(amount: i64) -> i32 {
    let within = amount.clamp(i64::from(-i32::MAX), i64::from(i32::MAX));
    i32::try_from(within).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{catalogue, name};

    fn push(fact: &Fact<'_>) -> Result<(), Error> {
        let kita = name("kita");
        DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap()).push(fact)
    }

    #[test]
    fn rows_of_another_shape_are_refused() {
        let good = Fact {
            person: 0,
            subject: 0,
            rank: 0,
            year: 2024,
            first_month: 1,
            last_month: 12,
            unit: None,
            codes: &[0, 0],
            measures: &[Some(i64::MIN)],
        };
        assert!(push(&good).is_ok());
        assert!(push(&Fact { last_month: 0, ..good }).is_err());
        assert!(push(&Fact { last_month: 13, ..good }).is_err());
        assert!(push(&Fact { first_month: 0, ..good }).is_err());
        assert!(push(&Fact { first_month: 5, last_month: 4, ..good }).is_err());
        assert!(push(&Fact { unit: Some(0), ..good }).is_err(), "kita names no households");
        assert!(push(&Fact { codes: &[0], ..good }).is_err());
        assert!(push(&Fact { measures: &[], ..good }).is_err());
        assert!(push(&Fact { person: PersonTable::MAX_PERSONS, ..good }).is_err());
        assert!(push(&Fact { subject: PersonTable::MAX_PERSONS, ..good }).is_err());
    }

    #[test]
    fn a_subject_belongs_to_one_person() {
        let kita = name("kita");
        let mut builder = DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap());
        let mut push = |person, subject| {
            builder.push(&Fact {
                person,
                subject,
                rank: 0,
                year: 2024,
                first_month: 1,
                last_month: 1,
                unit: None,
                codes: &[0, 0],
                measures: &[None],
            })
        };
        assert!(push(3, 5).is_ok());
        assert!(push(3, 5).is_ok());
        assert!(push(3, 0).is_ok(), "a person linked from two subjects");
        assert!(push(4, 5).is_err());
        assert!(push(4, 1).is_ok());
        let subjects: Vec<u32> = builder.finish().rows().map(|row| row.subject).collect();
        assert_eq!(subjects, [5, 5, 0, 1]);
    }

    #[test]
    fn months_and_households_read_back() {
        let sgb2 = name("sgb2");
        let mut builder = DatasetFacts::builder(sgb2.clone(), catalogue().dataset(&sgb2).unwrap());
        for (first_month, last_month, unit) in [(1, 12, Some(7)), (3, 3, None), (12, 12, Some(0))] {
            let fact = Fact {
                person: 0,
                subject: 0,
                rank: 0,
                year: 2024,
                first_month,
                last_month,
                unit,
                codes: &[0, 0],
                measures: &[None],
            };
            builder.push(&fact).unwrap();
        }
        let facts = builder.finish();
        let months: Vec<_> = facts.rows().map(|row| (row.first_month, row.month)).collect();
        assert_eq!(months, [(1, 12), (3, 3), (12, 12)]);
        let units: Vec<_> = facts.units().unwrap().map(|(_, unit)| unit).collect();
        assert_eq!(units, [7, 0]);
    }

    #[test]
    fn months_that_nobody_delivered_are_known() {
        let kita = name("kita");
        let builder = || DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap());
        let range = |from, to| month_index(2024, from)..=month_index(2024, to);
        assert!(builder().finish().delivered(range(1, 12)), "nobody said anything");
        let mut parts = builder();
        parts.delivered(((2024, 1), (2024, 3)));
        parts.delivered(((2024, 4), (2024, 6)));
        parts.delivered(((2024, 8), (2024, 12)));
        let parts = parts.finish();
        assert!(parts.delivered(range(2, 6)));
        assert!(!parts.delivered(range(2, 7)));
        assert!(!parts.delivered(month_index(2023, 12)..=month_index(2024, 1)));
    }

    #[test]
    fn no_amount_is_taken_for_a_gap() {
        for amount in [i64::MIN, -1_000_000_001, 0, 1_000_000_000, i64::MAX] {
            assert_ne!(narrow(amount), MISSING);
        }
        assert_eq!(narrow(999_999_999), 999_999_999);
    }
}
