//! Households, as one dataset names them, and the person that each is counted by.

use std::cmp::Reverse;

use policy::Name;

use crate::{Error, attribute::person, table::PersonTable};

/// The household of a person in a year, least first: later month, smaller keyed rank, unit.
type Standing = (Reverse<u8>, u64, u32);

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
        let standings = standings(table, dataset, year)?;
        let households = grouped(&standings).map(|own| Household { reference: own, amount: None });
        Ok(Self(households.collect()))
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
        let standings = standings(table, dataset, year)?;
        let amounts = amounts(table, dataset, position, &standings, year)?;
        let mut households = Vec::new();
        for members in &by_unit(&standings) {
            let Some((latest, reference)) = members.first().map(|own| (own.1, own.3)) else {
                continue;
            };
            let present = members.iter().filter_map(|own| *amounts.get(own.3)?);
            let own = present.filter(|(month, _)| *month == latest).map(|(_, amount)| amount);
            let sum = own.reduce(i64::saturating_add).map(|sum| sum.max(lower).min(upper));
            households.push(Household { reference, amount: sum });
        }
        Ok(Self(households))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Household> {
        self.0.iter()
    }
}

/// A person who stands for a household: unit, latest month, rank, index of the person.
type Member = (u32, Reverse<u8>, u64, usize);

/// The members of each household, reference person first.
fn by_unit(standings: &[Option<Standing>]) -> Vec<Vec<Member>> {
    let mut members: Vec<Member> = (standings.iter().enumerate())
        .filter_map(|(person, own)| own.map(|(month, rank, unit)| (unit, month, rank, person)))
        .collect();
    members.sort_unstable();
    members.chunk_by(|a, b| a.0 == b.0).map(<[Member]>::to_vec).collect()
}

/// The reference person of each household.
fn grouped(standings: &[Option<Standing>]) -> impl Iterator<Item = usize> {
    by_unit(standings).into_iter().filter_map(|members| members.first().map(|own| own.3))
}

fn standings(
    table: &PersonTable,
    dataset: &Name,
    year: u16,
) -> Result<Vec<Option<Standing>>, Error> {
    let rows = table.require_dataset(dataset)?.units().ok_or(NO_UNITS)?;
    let mut standings: Vec<Option<Standing>> = vec![None; table.persons()];
    for (row, unit) in rows {
        if row.year != year {
            continue;
        }
        let claim = (Reverse(row.month), row.rank, unit);
        if let Some(best) = person(&mut standings, row.person) {
            *best = Some(best.map_or(claim, |best| claim.min(best)));
        }
    }
    Ok(standings)
}

const NO_UNITS: Error = Error::Plan("the dataset names no households; ask for persons");

/// Per person the latest month with an amount in the household it stands for, and the amount.
fn amounts(
    table: &PersonTable,
    dataset: &Name,
    position: usize,
    standings: &[Option<Standing>],
    year: u16,
) -> Result<Vec<Option<(Reverse<u8>, i64)>>, Error> {
    let rows = table.require_dataset(dataset)?.unit_amounts(position).ok_or(NO_UNITS)?;
    let mut claims: Vec<Option<(Reverse<u8>, u64, i64)>> = vec![None; table.persons()];
    for (row, unit, amount) in rows {
        let index = usize::try_from(row.person).map_err(|_| Error::Overflow)?;
        let own = standings.get(index).copied().flatten();
        if row.year != year || own.is_none_or(|(_, _, standing)| standing != unit) {
            continue;
        }
        let claim = (Reverse(row.month), row.rank, amount);
        if let Some(best) = claims.get_mut(index) {
            *best = Some(best.map_or(claim, |best| claim.min(best)));
        }
    }
    Ok(claims.into_iter().map(|own| own.map(|(month, _, amount)| (month, amount))).collect())
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
        let references: Vec<usize> = plain.iter().map(|own| own.reference).collect();
        let found: Vec<_> = found.iter().map(|own| (own.reference, own.amount)).collect();
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
