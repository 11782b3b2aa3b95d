//! Persons who are new in a dataset.

use policy::{Name, PlanKind};

use super::{Question, Tally};
use crate::{Error, attribute::person, months::Window};

/// A person's first entry of the year into one dataset: keyed rank, quarter; the rank first, so
/// that the least one is chosen. Nobody who did not enter has a quarter.
type Entry = (u64, u8);

const NO_ENTRY: Entry = (u64::MAX, u8::MAX);
/// Place of the year's total behind its quarters.
const YEAR: usize = PlanKind::PERIODS - 1;

/// Per dataset the four quarters of entry and their sum; of more than `most` entries of a person
/// those of least rank.
pub(super) fn entries(
    question: &Question<'_>,
    datasets: &[Name],
    gap_months: u8,
    most: u8,
) -> Result<Vec<Vec<i64>>, Error> {
    let columns: Vec<Vec<Entry>> = datasets
        .iter()
        .map(|dataset| column(question, dataset, gap_months))
        .collect::<Result<_, _>>()?;
    let mut tally = question.tally()?;
    let mut own: Vec<(Entry, usize)> = Vec::new();
    for (index, group) in question.groups()?.into_iter().enumerate() {
        own.clear();
        let entered = columns.iter().enumerate().filter_map(|(dataset, column)| {
            let entry = *column.get(index)?;
            (entry.1 != NO_ENTRY.1).then_some((entry, dataset))
        });
        own.extend(entered);
        own.sort_unstable();
        for ((_, quarter), dataset) in own.iter().take(usize::from(most)) {
            add_entry(&mut tally, group, *dataset, usize::from(*quarter))?;
        }
    }
    Ok(tally.only())
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

/// Each person's entry into a dataset; its rank is the least of its rows of the year.
fn column(question: &Question<'_>, dataset: &Name, gap: u8) -> Result<Vec<Entry>, Error> {
    let window = Window::of(question.year, gap)?;
    let months = window.months(question.table, dataset, gap)?;
    let mut entries: Vec<Entry> = months
        .into_iter()
        .map(|months| {
            let quarter = window.entry(months, gap).and_then(|place| window.quarter(place));
            let quarter = quarter.and_then(|quarter| u8::try_from(quarter).ok());
            (u64::MAX, quarter.unwrap_or(NO_ENTRY.1))
        })
        .collect();
    for row in question.table.require_dataset(dataset)?.rows() {
        if row.year != question.year {
            continue;
        }
        if let Some((rank, _)) = person(&mut entries, row.person) {
            *rank = row.rank.min(*rank);
        }
    }
    Ok(entries)
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
    let mut contacts = vec![0; entered.len()];
    for other in before {
        let months = window.months(question.table, other, count)?;
        for (all, own) in contacts.iter_mut().zip(months) {
            *all |= own;
        }
    }
    let mut tally = question.tally()?;
    for ((entered, contacts), group) in entered.into_iter().zip(contacts).zip(question.groups()?) {
        let Some(place) = window.entry(entered, gap) else { continue };
        let had_one = Window::any_before(contacts, place, count);
        tally.add(group, usize::from(!had_one), 1)?;
    }
    Ok(tally.only())
}
