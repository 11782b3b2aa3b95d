//! Persons and households in disjoint cells.

use policy::{Name, PlanMembers};

use super::{Question, groups::Groups, tally::Tally};
use crate::{
    Error,
    attribute::Attribute,
    household::Households,
    members::{Members, States},
};

/// One cell per group: whoever has a row.
pub(super) fn persons(question: &Question<'_>, datasets: &[Name]) -> Result<Vec<Vec<i64>>, Error> {
    let groups = question.groups()?;
    match datasets {
        [dataset] if !question.plan.unit.is_person() => {
            let households = Households::of(question.table, dataset, question.year)?;
            question.tally_each(households.as_slice(), |[counts], household| {
                counts.add(groups.of(household.reference), 0, 1)
            })
        }
        _ => {
            let presence = question.presence(datasets)?;
            question.tally(|[counts], person| match presence.any(person) {
                true => counts.add(groups.of(person), 0, 1),
                false => Ok(()),
            })
        }
    }
}

/// One cell per non-empty combination of datasets.
pub(super) fn overlap(question: &Question<'_>, datasets: &[Name]) -> Result<Vec<Vec<i64>>, Error> {
    let presence = question.presence(datasets)?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        // Combinations are numbered from 1; the empty one is no cell.
        match usize::from(presence.mask(person)).checked_sub(1) {
            Some(inner) => counts.add(groups.of(person), inner, 1),
            None => Ok(()),
        }
    })
}

/// One cell per code of a private dimension, of which a person has one value.
pub(super) fn sparse(
    question: &Question<'_>,
    datasets: &[Name],
    dimension: &Name,
) -> Result<Vec<Vec<i64>>, Error> {
    let presence = question.presence(datasets)?;
    let attribute =
        Attribute::new(question.table, question.catalogue, dimension, &[question.year])?;
    let groups = question.groups()?;
    question.tally(|[counts], person| match presence.any(person) {
        // An unknown code is beyond every key.
        true => counts.add(groups.of(person), usize::from(attribute.of(person)), 1),
        false => Ok(()),
    })
}

/// One cell per class of the link map, for whoever has a row.
pub(super) fn link_quality(
    question: &Question<'_>,
    datasets: &[Name],
) -> Result<Vec<Vec<i64>>, Error> {
    let links = question.table.require_links()?;
    let presence = question.presence(datasets)?;
    let groups = question.groups()?;
    question.tally(|[counts], person| match links.class(person).filter(|_| presence.any(person)) {
        Some(class) => counts.add(groups.of(person), class.position(), 1),
        None => Ok(()),
    })
}

/// One cell per code that a row of the person has; of more than `most` those of least rank.
pub(super) fn cases(
    question: &Question<'_>,
    dataset: &Name,
    dimension: &Name,
    codes: &[u16],
    most: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    const LACKS: Error = Error::Plan("the dataset lacks the dimension");
    let dataset = question.table.require_dataset(dataset)?;
    let facts = dataset.year(question.year);
    let position = dataset.dimension(dimension).ok_or(LACKS)?;
    let column = facts.codes(position).ok_or(LACKS)?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        // By code, then rank: the first of each code has its least rank.
        let mut own: Vec<(usize, u16)> = Vec::new();
        for row in facts.rows(person) {
            let code = column.get(row.place);
            let place = codes.iter().position(|own| *own == code);
            own.extend(place.map(|place| (place, facts.by_rank(row))));
        }
        own.sort_unstable();
        own.dedup_by_key(|(place, _)| *place);
        own.sort_unstable_by_key(|(place, rank)| (*rank, *place));
        let group = if own.is_empty() { None } else { groups.of(person) };
        own.iter().take(usize::from(most)).try_for_each(|(place, _)| counts.add(group, *place, 1))
    })
}

/// One cell per state then and state now, without those who were in none both times.
///
/// A person who left has no row of the event year, so the earlier year's values say where it was.
pub(super) fn transition(
    question: &Question<'_>,
    named: &[PlanMembers],
    years: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    let (table, catalogue, year) = (question.table, question.catalogue, question.year);
    let earlier = year.checked_sub(u16::from(years)).ok_or(Error::Overflow)?;
    for dataset in named.iter().flat_map(|state| &state.datasets) {
        let months = crate::facts::month_index(earlier, 1)..=crate::facts::month_index(earlier, 12);
        table.require_months(dataset, months)?;
    }
    let from = States::new(table, catalogue, named, earlier)?;
    let to = States::new(table, catalogue, named, year)?;
    let groups = Groups::new(table, catalogue, question.plan, &[year, earlier])?;
    let all = named.len().checked_add(1).ok_or(Error::Overflow)?;
    question.tally(|[counts], person| {
        let (from, to) = (from.of(person), to.of(person));
        let inner = from.checked_mul(all).and_then(|row| row.checked_add(to));
        // None and none is the last pair, beyond the cells of a group.
        counts.add(groups.of(person), inner.ok_or(Error::Overflow)?, 1)
    })
}

/// Two cells per group: those of `of` who are `with` too, and those who are not.
pub(super) fn share(
    question: &Question<'_>,
    of: &PlanMembers,
    with: &PlanMembers,
) -> Result<Vec<Vec<i64>>, Error> {
    let (table, catalogue, year) = (question.table, question.catalogue, question.year);
    let of_all = Members::new(table, catalogue, of, year)?;
    let with_all = Members::new(table, catalogue, with, year)?;
    let groups = question.groups()?;
    let add = |[counts]: &mut [Tally; 1], person: usize| match of_all.hold(person) {
        true => counts.add(groups.of(person), usize::from(!with_all.hold(person)), 1),
        false => Ok(()),
    };
    match of.datasets.as_slice() {
        [dataset] if !question.plan.unit.is_person() => {
            let households = Households::of(table, dataset, year)?;
            question.tally_each(households.as_slice(), |counts, own| add(counts, own.reference))
        }
        _ => question.tally(add),
    }
}
