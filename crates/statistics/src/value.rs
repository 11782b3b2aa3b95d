//! A person's amount of a measure in a year.

use std::cmp::Reverse;

use policy::Name;

use crate::{Error, attribute::person, table::PersonTable};

/// A measure that a resolved plan names and the dataset lacks.
const NO_MEASURE: Error = Error::Plan("the measure is not in the dataset; resolve the query again");

/// A person's amount of a measure in `year`, clamped to the public bounds: the one of the latest
/// month, ties by the smaller keyed rank; `None` where no row has one.
pub(crate) fn amount(
    table: &PersonTable,
    dataset: &Name,
    position: usize,
    bounds: (i64, i64),
    year: u16,
) -> Result<Vec<Option<i64>>, Error> {
    let rows = table.require_dataset(dataset)?.amounts(position).ok_or(NO_MEASURE)?;
    let (lower, upper) = bounds;
    let mut claims: Vec<Option<(Reverse<u8>, u64, i64)>> = vec![None; table.persons()];
    for (row, value) in rows {
        if row.year != year {
            continue;
        }
        let claim = (Reverse(row.month), row.rank, value.max(lower).min(upper));
        if let Some(best) = person(&mut claims, row.person) {
            *best = Some(best.map_or(claim, |best| claim.min(best)));
        }
    }
    Ok(claims.into_iter().map(|claim| claim.map(|(_, _, value)| value)).collect())
}

/// What all of a person's rows of `year` amount to, from 0 to `cap`; a row's amount counts once for
/// each of its months where `per_month`.
///
/// Every row is clamped before it is added, so that neither an overflow nor the order of rows can
/// change a total.
pub(crate) fn total(
    table: &PersonTable,
    dataset: &Name,
    position: usize,
    (per_month, cap): (bool, i64),
    year: u16,
) -> Result<Vec<i64>, Error> {
    let rows = table.require_dataset(dataset)?.amounts(position).ok_or(NO_MEASURE)?;
    let mut totals = vec![0_i64; table.persons()];
    for (row, value) in rows {
        if row.year != year {
            continue;
        }
        let months = row.month.saturating_sub(row.first_month).saturating_add(1);
        let times = if per_month { i64::from(months) } else { 1 };
        let part = value.max(0).saturating_mul(times).min(cap);
        if let Some(total) = person(&mut totals, row.person) {
            *total = total.saturating_add(part).min(cap);
        }
    }
    Ok(totals)
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
        let amounts = amount(&table, &name("wohngeld"), 0, (100, 901), YEAR).unwrap();
        assert_eq!(amounts, [Some(901), None]);
        assert!(amount(&table, &name("wohngeld"), 1, (100, 901), YEAR).is_err());
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
            super::total(&table, &name("wohngeld"), 0, (per_month, cap), YEAR).unwrap()
        };
        assert_eq!(total(true, 1_000), [307, 1_000, 0, 0]);
        assert_eq!(total(false, 1_000), [107, 1_000, 0, 0]);
        assert_eq!(total(true, 150), [150, 150, 0, 0]);
    }
}
