//! One dataset's facts, by column.

use policy::{Dataset, Name};

use crate::Error;

/// A decoded row: the coded facts of one person in one year.
pub struct Fact<'a> {
    /// Dense index of the person in the snapshot.
    pub person: u32,
    /// Keyed rank of the row, from [`RankKey::rank`](crate::RankKey::rank).
    pub rank: u64,
    /// Event year.
    pub year: u16,
    /// Last month of the row's period within the year, 1 to 12.
    pub last_month: u8,
    /// Codes in the order of the dataset's dimensions.
    pub codes: &'a [u16],
    /// Amounts in the order of the dataset's measures; `None` where the row has none.
    pub measures: &'a [Option<i64>],
}

/// Marks a missing amount. Amounts are bounded by 1e9 in either direction, so that an `i32` holds
/// one and this value is none.
const MISSING: i32 = i32::MIN;

/// All facts of one dataset in one snapshot.
///
/// Missing on purpose: the number of rows, iteration, `Serialize`, `Debug`.
pub struct DatasetFacts {
    name: Name,
    dimensions: Vec<Name>,
    persons: Vec<u32>,
    ranks: Vec<u64>,
    years: Vec<u16>,
    months: Vec<u8>,
    codes: Vec<Vec<u16>>,
    measures: Vec<Vec<i32>>,
}

/// What decides between rows, without the value itself.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) person: u32,
    pub(crate) rank: u64,
    pub(crate) year: u16,
    pub(crate) month: u8,
}

impl DatasetFacts {
    /// Most rows of one dataset in a snapshot.
    pub const MAX_ROWS: usize = 1 << 31;

    /// Begins the facts of the dataset `name`, which the catalogue declares as `dataset`.
    #[must_use]
    pub fn builder(name: Name, dataset: &Dataset) -> DatasetFactsBuilder {
        DatasetFactsBuilder(Self {
            name,
            dimensions: dataset.dimensions.clone(),
            persons: Vec::new(),
            ranks: Vec::new(),
            years: Vec::new(),
            months: Vec::new(),
            codes: vec![Vec::new(); dataset.dimensions.len()],
            measures: vec![Vec::new(); dataset.measures.len()],
        })
    }

    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let deciding = self.persons.iter().zip(&self.ranks).zip(&self.years).zip(&self.months);
        deciding.map(|(((person, rank), year), month)| Row {
            person: *person,
            rank: *rank,
            year: *year,
            month: *month,
        })
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
pub struct DatasetFactsBuilder(DatasetFacts);

impl DatasetFactsBuilder {
    /// Takes one row.
    ///
    /// # Errors
    /// [`Error::Fact`] where the row has another shape than the dataset, a month outside the year,
    /// or is one too many.
    pub fn push(&mut self, fact: &Fact<'_>) -> Result<(), Error> {
        let facts = &mut self.0;
        let refuse = |reason| Err(Error::Fact { dataset: facts.name.as_str().to_owned(), reason });
        if fact.codes.len() != facts.codes.len() {
            return refuse("needs one code per dimension of the dataset");
        }
        if fact.measures.len() != facts.measures.len() {
            return refuse("needs one amount or gap per measure of the dataset");
        }
        if !(1..=12).contains(&fact.last_month) {
            return refuse("the month must be 1 to 12");
        }
        if facts.persons.len() >= DatasetFacts::MAX_ROWS {
            return refuse("too many rows for one snapshot");
        }
        facts.persons.push(fact.person);
        facts.ranks.push(fact.rank);
        facts.years.push(fact.year);
        facts.months.push(fact.last_month);
        for (column, code) in facts.codes.iter_mut().zip(fact.codes) {
            column.push(*code);
        }
        for (column, amount) in facts.measures.iter_mut().zip(fact.measures) {
            column.push(amount.map_or(MISSING, narrow));
        }
        Ok(())
    }

    /// Ends the collection.
    #[must_use]
    pub fn finish(self) -> DatasetFacts {
        self.0
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
            rank: 0,
            year: 2024,
            last_month: 12,
            codes: &[0, 0],
            measures: &[Some(i64::MIN)],
        };
        assert!(push(&good).is_ok());
        assert!(push(&Fact { last_month: 0, ..good }).is_err());
        assert!(push(&Fact { last_month: 13, ..good }).is_err());
        assert!(push(&Fact { codes: &[0], ..good }).is_err());
        assert!(push(&Fact { measures: &[], ..good }).is_err());
    }

    #[test]
    fn no_amount_is_taken_for_a_gap() {
        for amount in [i64::MIN, -1_000_000_001, 0, 1_000_000_000, i64::MAX] {
            assert_ne!(narrow(amount), MISSING);
        }
        assert_eq!(narrow(999_999_999), 999_999_999);
    }
}
