//! Households, as one dataset names them, and the person that each is counted by.

use std::cmp::Reverse;

use policy::Name;
use rayon::prelude::*;

use crate::{Error, facts::YearFacts, table::PersonTable};

/// The households of one dataset and year.
///
/// Every person stands for one household at most: that of its latest row in the year, ties by keyed
/// rank. A household is the persons who stand for it, and counts where its *reference person* does,
/// the one with the latest row. So a person who leaves or joins changes one household, whatever the
/// departments say; a household that a person left in the year is counted by those who stayed.
///
/// Unit ids are random per batch. Where a year came in several batches, somebody who left a
/// household before the last of them stands for the earlier id and is counted as a household.
pub(crate) struct Households(Vec<Household>);

pub(crate) struct Household {
    /// Index of the person whose values it has.
    pub(crate) reference: usize,
    /// Its members' amount, where one was asked for and a member has one.
    pub(crate) amount: Option<i64>,
}

impl Households {
    pub(crate) fn of(table: &PersonTable, dataset: &Name, year: u16) -> Result<Self, Error> {
        let members = members(table.persons(), facts(table, dataset, year)?);
        let household =
            |own: &[Member]| Some(Household { reference: own.first()?.3, amount: None });
        Ok(Self(by_unit(&members).filter_map(household).collect()))
    }

    /// The households with the sum of what their members have in the household's latest month,
    /// within the public bounds. It fits amounts per head, and amounts per household that stand on
    /// one of its rows.
    pub(crate) fn with_amounts(
        table: &PersonTable,
        dataset: &Name,
        position: usize,
        (lower, upper): (i64, i64),
        year: u16,
    ) -> Result<Self, Error> {
        let facts = facts(table, dataset, year)?;
        let members = members(table.persons(), facts);
        let household = |own: &[Member]| {
            let (_, latest, _, reference) = *own.first()?;
            let present = own.iter().filter_map(|member| amount(facts, position, member));
            let amounts = present.filter(|(month, _)| *month == latest).map(|(_, amount)| amount);
            let sum = amounts.reduce(i64::saturating_add).map(|sum| sum.max(lower).min(upper));
            Some(Household { reference, amount: sum })
        };
        Ok(Self(by_unit(&members).filter_map(household).collect()))
    }

    pub(crate) fn as_slice(&self) -> &[Household] {
        &self.0
    }
}

/// A person who stands for a household: unit, latest month, rank, index of the person.
type Member = (u32, Reverse<u8>, u64, usize);

fn facts<'a>(table: &'a PersonTable, dataset: &Name, year: u16) -> Result<&'a YearFacts, Error> {
    let facts = table.require_dataset(dataset)?;
    if !facts.names_units() {
        return Err(Error::Plan("the dataset names no households; ask for persons"));
    }
    Ok(facts.year(year))
}

/// All who stand for a household, household by household, each from its reference person on.
fn members(persons: usize, facts: &YearFacts) -> Vec<Member> {
    let standing = |person| {
        let own = facts.standing(person)?;
        Some((own.unit, Reverse(own.last_month), own.rank, person))
    };
    let mut members: Vec<Member> = (0..persons).into_par_iter().filter_map(standing).collect();
    members.par_sort_unstable();
    members
}

fn by_unit(members: &[Member]) -> impl ParallelIterator<Item = &[Member]> {
    members.par_chunk_by(|a, b| a.0 == b.0)
}

/// The latest month with an amount in the household that a person stands for, and the amount.
fn amount(facts: &YearFacts, position: usize, member: &Member) -> Option<(Reverse<u8>, i64)> {
    let (unit, _, _, person) = *member;
    let mut rows = facts.amounts(person, position);
    let (row, amount) = rows.find(|(row, _)| facts.unit(*row) == Some(unit))?;
    Some((Reverse(row.last_month), amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Line, YEAR, name, table};

    fn line(person: u32, unit: u32, month: u8, amount: Option<i64>) -> Line {
        Line { person, unit: Some(unit), month, amount, ..Line::default() }
    }

    fn households(lines: Vec<Line>) -> Vec<(usize, Option<i64>)> {
        let table = table(6, &[lines, vec![], vec![]]);
        let found = Households::with_amounts(&table, &name("sgb2"), 0, (0, 1_500), YEAR).unwrap();
        let plain = Households::of(&table, &name("sgb2"), YEAR).unwrap();
        let references: Vec<usize> = plain.as_slice().iter().map(|own| own.reference).collect();
        let found: Vec<_> =
            found.as_slice().iter().map(|own| (own.reference, own.amount)).collect();
        assert_eq!(references, found.iter().map(|own| own.0).collect::<Vec<_>>());
        found
    }

    #[test]
    fn a_household_counts_once_with_all_who_are_there_in_its_latest_month() {
        // Person 2 left unit 5 in June; person 3 moved from 5 to 6; person 4 was there last year.
        let lines = vec![
            line(0, 5, 12, Some(300)),
            line(1, 5, 12, Some(250)),
            line(1, 5, 11, Some(999)),
            line(2, 5, 6, Some(100)),
            line(3, 5, 6, Some(100)),
            line(3, 6, 9, Some(400)),
            Line { year: YEAR - 1, ..line(4, 7, 1, None) },
        ];
        assert_eq!(households(lines), [(0, Some(550)), (3, Some(400))]);
    }

    #[test]
    fn amounts_of_households_stand_on_one_row_and_stay_within_bounds() {
        assert_eq!(households(vec![line(0, 1, 3, None), line(1, 1, 3, Some(700))])[0].1, Some(700));
        assert_eq!(households(vec![line(0, 1, 3, None)]), [(0, None)]);
        let rich = vec![line(0, 1, 3, Some(1_400)), line(1, 1, 3, Some(1_400))];
        assert_eq!(households(rich), [(0, Some(1_500))]);
        let nobody = Line { unit: None, ..line(0, 0, 3, Some(5)) };
        assert_eq!(households(vec![nobody]), []);
    }
}
