//! A person's amount of a measure in a year.

use policy::Name;

use crate::{Error, facts::YearFacts, table::PersonTable};

/// A person's amount of a measure in a year, clamped to the public bounds: that of the first of its
/// rows that has one, of the latest month, ties by the smaller keyed rank.
pub(crate) struct Amount<'a> {
    facts: &'a YearFacts,
    position: usize,
    bounds: (i64, i64),
}

impl<'a> Amount<'a> {
    pub(crate) fn new(
        table: &'a PersonTable,
        dataset: &Name,
        position: usize,
        bounds: (i64, i64),
        year: u16,
    ) -> Result<Self, Error> {
        Ok(Self { facts: measured(table, dataset, position, year)?, position, bounds })
    }

    /// `None` where no row has one.
    pub(crate) fn of(&self, person: usize) -> Option<i64> {
        let (_, value) = self.facts.amounts(person, self.position).next()?;
        let (lower, upper) = self.bounds;
        Some(value.max(lower).min(upper))
    }
}

/// What all of a person's rows of a year amount to, from 0 to `cap`; a row's amount counts once for
/// each of its months where `per_month`.
pub(crate) struct Total<'a> {
    facts: &'a YearFacts,
    position: usize,
    per_month: bool,
    cap: i64,
}

impl<'a> Total<'a> {
    pub(crate) fn new(
        table: &'a PersonTable,
        dataset: &Name,
        position: usize,
        (per_month, cap): (bool, i64),
        year: u16,
    ) -> Result<Self, Error> {
        let facts = measured(table, dataset, position, year)?;
        Ok(Self { facts, position, per_month, cap })
    }

    /// Every row is clamped before it is added, so that neither an overflow nor the order of rows
    /// can change a total.
    pub(crate) fn of(&self, person: usize) -> i64 {
        let mut total = 0_i64;
        for (row, value) in self.facts.amounts(person, self.position) {
            let months = row.last_month.saturating_sub(row.first_month).saturating_add(1);
            let times = if self.per_month { i64::from(months) } else { 1 };
            let part = value.max(0).saturating_mul(times).min(self.cap);
            total = total.saturating_add(part).min(self.cap);
        }
        total
    }
}

/// The facts of a year, of a dataset that has a measure at `position`.
fn measured<'a>(
    table: &'a PersonTable,
    dataset: &Name,
    position: usize,
    year: u16,
) -> Result<&'a YearFacts, Error> {
    let facts = table.require_dataset(dataset)?;
    if !facts.measures(position) {
        return Err(Error::Plan("the measure is not in the dataset; resolve the query again"));
    }
    Ok(facts.year(year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Line, YEAR, name, table};

    #[test]
    fn an_amount_is_the_latest_one_within_the_bounds() {
        let paid = |month, rank, amount| Line { month, rank, amount, ..Line::default() };
        let rows = vec![paid(3, 5, Some(250)), paid(4, 0, None), paid(3, 4, Some(5_000))];
        let table = table(2, &[vec![], rows, vec![]]);
        let amount = |position| Amount::new(&table, &name("wohngeld"), position, (100, 901), YEAR);
        let amounts = amount(0).unwrap();
        assert_eq!([0, 1].map(|person| amounts.of(person)), [Some(901), None]);
        assert!(amount(1).is_err());
    }

    #[test]
    fn a_total_adds_rows_by_month_and_stops_at_its_cap() {
        let row = |person, months: (u8, u8), amount| Line {
            person,
            first_month: months.0,
            month: months.1,
            amount: Some(amount),
            ..Line::default()
        };
        let earlier = Line { year: YEAR - 1, ..row(0, (1, 12), 99) };
        let rows = vec![
            row(0, (1, 3), 100),
            row(0, (5, 5), 7),
            row(1, (1, 12), i64::MAX),
            row(2, (1, 2), -50),
            earlier,
        ];
        let table = table(4, &[vec![], rows, vec![]]);
        let total = |per_month, cap| {
            let totals = Total::new(&table, &name("wohngeld"), 0, (per_month, cap), YEAR).unwrap();
            [0, 1, 2, 3].map(|person| totals.of(person))
        };
        assert_eq!(total(true, 1_000), [307, 1_000, 0, 0]);
        assert_eq!(total(false, 1_000), [107, 1_000, 0, 0]);
        assert_eq!(total(true, 150), [150, 150, 0, 0]);
    }
}
