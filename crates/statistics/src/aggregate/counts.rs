//! Persons and households in disjoint cells.

use policy::{Name, PlanMembers};

use super::{Question, groups};
use crate::{
    Error,
    household::Households,
    members::{members, presence, states},
};

/// One cell per group: whoever has a row.
pub(super) fn persons(question: &Question<'_>, datasets: &[Name]) -> Result<Vec<Vec<i64>>, Error> {
    let groups = question.groups()?;
    let mut tally = question.tally()?;
    match datasets {
        [dataset] if !question.plan.unit.is_person() => {
            for household in Households::of(question.table, dataset, question.year)?.iter() {
                tally.add(groups.get(household.reference).copied().flatten(), 0, 1)?;
            }
        }
        _ => {
            let masks = presence(question.table, datasets, question.year)?;
            for (_, group) in masks.into_iter().zip(groups).filter(|(mask, _)| *mask != 0) {
                tally.add(group, 0, 1)?;
            }
        }
    }
    Ok(tally.only())
}

/// One cell per non-empty combination of datasets.
pub(super) fn overlap(question: &Question<'_>, datasets: &[Name]) -> Result<Vec<Vec<i64>>, Error> {
    let masks = presence(question.table, datasets, question.year)?;
    let mut tally = question.tally()?;
    for (mask, group) in masks.into_iter().zip(question.groups()?) {
        // Combinations are numbered from 1; the empty one is no cell.
        let Some(inner) = usize::from(mask).checked_sub(1) else { continue };
        tally.add(group, inner, 1)?;
    }
    Ok(tally.only())
}

/// One cell per code that a row of the person has; of more than `most` those of least rank.
pub(super) fn cases(
    question: &Question<'_>,
    dataset: &Name,
    dimension: &Name,
    codes: &[u16],
    most: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    let facts = question.table.require_dataset(dataset)?;
    let rows = facts.codes(dimension).ok_or(Error::Plan("the dataset lacks the dimension"))?;
    // Person, code, rank: sorted, the first of each person and code has the least rank.
    let mut found: Vec<(u32, usize, u64)> = rows
        .filter(|(row, _)| row.year == question.year)
        .filter_map(|(row, code)| {
            let place = codes.iter().position(|own| *own == code)?;
            Some((row.person, place, row.rank))
        })
        .collect();
    found.sort_unstable();
    found.dedup_by_key(|(person, place, _)| (*person, *place));
    let groups = question.groups()?;
    let mut tally = question.tally()?;
    let mut own: Vec<(u64, usize)> = Vec::new();
    for person in found.chunk_by(|a, b| a.0 == b.0) {
        own.clear();
        own.extend(person.iter().map(|(_, place, rank)| (*rank, *place)));
        own.sort_unstable();
        let index = person.first().and_then(|(index, ..)| usize::try_from(*index).ok());
        let group = index.and_then(|index| groups.get(index).copied().flatten());
        for (_, place) in own.iter().take(usize::from(most)) {
            tally.add(group, *place, 1)?;
        }
    }
    Ok(tally.only())
}

/// One cell per state then and state now, without those who were in none both times.
///
/// A person who left has no row of the event year, so the earlier year's values say where it was.
pub(super) fn transition(
    question: &Question<'_>,
    named: &[PlanMembers],
    years: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    let (table, year) = (question.table, question.year);
    let earlier = year.checked_sub(u16::from(years)).ok_or(Error::Overflow)?;
    for dataset in named.iter().flat_map(|state| &state.datasets) {
        let months = crate::facts::month_index(earlier, 1)..=crate::facts::month_index(earlier, 12);
        table.require_months(dataset, months)?;
    }
    let from = states(table, question.catalogue, named, earlier)?;
    let to = states(table, question.catalogue, named, year)?;
    let groups = groups(table, question.catalogue, question.plan, &[year, earlier])?;
    let all = named.len().checked_add(1).ok_or(Error::Overflow)?;
    let mut tally = question.tally()?;
    for ((from, to), group) in from.into_iter().zip(to).zip(groups) {
        let inner = from.checked_mul(all).and_then(|row| row.checked_add(to));
        // None and none is the last pair, beyond the cells of a group.
        tally.add(group, inner.ok_or(Error::Overflow)?, 1)?;
    }
    Ok(tally.only())
}

/// Two cells per group: those of `of` who are `with` too, and those who are not.
pub(super) fn share(
    question: &Question<'_>,
    of: &PlanMembers,
    with: &PlanMembers,
) -> Result<Vec<Vec<i64>>, Error> {
    let (table, catalogue, year) = (question.table, question.catalogue, question.year);
    let of_all = members(table, catalogue, of, year)?;
    let with_all = members(table, catalogue, with, year)?;
    let groups = question.groups()?;
    let mut tally = question.tally()?;
    let mut add = |person: usize| -> Result<(), Error> {
        let group = groups.get(person).copied().flatten();
        let group = group.filter(|_| of_all.get(person) == Some(&true));
        tally.add(group, usize::from(with_all.get(person) != Some(&true)), 1)
    };
    match of.datasets.as_slice() {
        [dataset] if !question.plan.unit.is_person() => {
            for household in Households::of(table, dataset, year)?.iter() {
                add(household.reference)?;
            }
        }
        _ => (0..of_all.len()).try_for_each(add)?,
    }
    Ok(tally.only())
}
