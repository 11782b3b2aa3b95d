//! Persons per dataset and quarter.

use policy::{Name, PlanKind};

use super::{Question, tally::Tally};
use crate::{
    Error,
    facts::{YearFacts, month_index},
};

/// Place of the year behind its quarters.
const YEAR: usize = PlanKind::PERIODS - 1;

/// A person's stay in a dataset: the least keyed rank of its rows of the year, and a bit per quarter.
type Stay = (u64, u8);

/// Per dataset the persons of each quarter and of the year; of more than `most` datasets of a person
/// those of least rank.
///
/// A person is in several quarters, so they do not add up to their year and no adjustment makes
/// them: the year counts everybody once.
pub(super) fn series(
    question: &Question<'_>,
    datasets: &[Name],
    most: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    let facts = datasets.iter().map(|dataset| delivered(question, dataset));
    let facts: Vec<&YearFacts> = facts.collect::<Result<_, _>>()?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        let stays = facts.iter().enumerate();
        let stays = stays.filter_map(|(dataset, facts)| Some((stay(facts, person)?, dataset)));
        let mut own: Vec<(Stay, usize)> = stays.collect();
        own.sort_unstable();
        let group = if own.is_empty() { None } else { groups.of(person) };
        for ((_, quarters), dataset) in own.iter().take(usize::from(most)) {
            add_stay(counts, group, *dataset, *quarters)?;
        }
        Ok(())
    })
}

/// A quarter that nobody delivered would read as one in which nobody was there.
fn delivered<'a>(question: &Question<'a>, dataset: &Name) -> Result<&'a YearFacts, Error> {
    let year = question.year;
    question.table.require_months(dataset, month_index(year, 1)..=month_index(year, 12))?;
    Ok(question.table.require_dataset(dataset)?.year(year))
}

fn stay(facts: &YearFacts, person: usize) -> Option<Stay> {
    let mut quarters = 0_u8;
    for row in facts.rows(person) {
        for month in row.first_month..=row.last_month {
            quarters |= 1 << (month.saturating_sub(1) / 3).min(3);
        }
    }
    (quarters != 0).then(|| (facts.least_rank(person), quarters))
}

fn add_stay(
    tally: &mut Tally,
    group: Option<usize>,
    dataset: usize,
    quarters: u8,
) -> Result<(), Error> {
    let first = dataset.checked_mul(PlanKind::PERIODS).ok_or(Error::Overflow)?;
    let there = (0..YEAR).filter(|quarter| quarters >> quarter & 1 == 1);
    for place in there.chain([YEAR]) {
        tally.add(group, first.checked_add(place).ok_or(Error::Overflow)?, 1)?;
    }
    Ok(())
}
