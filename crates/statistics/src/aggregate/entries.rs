//! Persons who are new in a dataset.

use policy::{Name, PlanKind};

use super::{Question, tally::Tally};
use crate::{
    Error,
    facts::YearFacts,
    months::{MonthsHeld, Window},
};

/// Place of the year's total behind its quarters.
const YEAR: usize = PlanKind::PERIODS - 1;

/// Entries into one dataset.
struct Entries<'a> {
    window: Window,
    months: MonthsHeld<'a>,
    facts: &'a YearFacts,
    gap: u8,
}

impl<'a> Entries<'a> {
    fn new(question: &Question<'a>, dataset: &Name, gap: u8) -> Result<Self, Error> {
        let window = Window::of(question.year, gap)?;
        let months = window.months(question.table, dataset, gap)?;
        let facts = question.table.require_dataset(dataset)?.year(question.year);
        Ok(Self { window, months, facts, gap })
    }

    /// A person's first entry of the year: the least rank of its rows of the year, and the quarter.
    fn of(&self, person: usize) -> Option<(u64, usize)> {
        if !self.facts.holds(person) {
            return None;
        }
        let place = self.window.entry(self.months.of(person), self.gap)?;
        Some((self.facts.least_rank(person), self.window.quarter(place)?))
    }
}

/// Per dataset the four quarters of entry and their sum; of more than `most` entries of a person
/// those of least rank.
pub(super) fn entries(
    question: &Question<'_>,
    datasets: &[Name],
    gap_months: u8,
    most: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    let entries = datasets.iter().map(|dataset| Entries::new(question, dataset, gap_months));
    let entries: Vec<Entries<'_>> = entries.collect::<Result<_, _>>()?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        let entered = entries.iter().enumerate();
        let entered = entered.filter_map(|(dataset, own)| Some((own.of(person)?, dataset)));
        let mut own: Vec<((u64, usize), usize)> = entered.collect();
        own.sort_unstable();
        let group = if own.is_empty() { None } else { groups.of(person) };
        for ((_, quarter), dataset) in own.iter().take(usize::from(most)) {
            add_entry(counts, group, *dataset, *quarter)?;
        }
        Ok(())
    })
}

fn add_entry(
    tally: &mut Tally,
    group: Option<usize>,
    dataset: usize,
    quarter: usize,
) -> Result<(), Error> {
    let first = dataset.checked_mul(PlanKind::PERIODS).ok_or(Error::Overflow)?;
    for place in [quarter, YEAR] {
        tally.add(group, first.checked_add(place).ok_or(Error::Overflow)?, 1)?;
    }
    Ok(())
}

/// Two cells per group: those who entered `dataset` after a contact, and those who entered without.
pub(super) fn prior_contact(
    question: &Question<'_>,
    dataset: &Name,
    gap: u8,
    (before, count): (&[Name], u8),
) -> Result<Vec<Vec<i64>>, Error> {
    let window = Window::of(question.year, gap.max(count))?;
    let entered = window.months(question.table, dataset, gap)?;
    let contacts = before.iter().map(|other| window.months(question.table, other, count));
    let contacts: Vec<MonthsHeld<'_>> = contacts.collect::<Result<_, _>>()?;
    let groups = question.groups()?;
    question.tally(|[counts], person| {
        let Some(place) = window.entry(entered.of(person), gap) else { return Ok(()) };
        let contacts = contacts.iter().fold(0, |all, own| all | own.of(person));
        let had_one = Window::any_before(contacts, place, count);
        counts.add(groups.of(person), usize::from(!had_one), 1)
    })
}
