//! Sums over rows whose bounds hold before linkage.

use std::collections::BTreeSet;

use policy::PlanPart;

use super::{Question, groups::places};
use crate::{
    Error,
    facts::{Column, DatasetFacts, Row, YearFacts},
};

/// The rows of one dataset that count.
struct Counted<'a> {
    facts: &'a YearFacts,
    part: &'a PlanPart,
    filters: Vec<(&'a Column, &'a BTreeSet<u16>)>,
    groups: Vec<Grouping<'a>>,
}

/// The keys of a dimension, of which a row has one.
struct Grouping<'a> {
    codes: &'a Column,
    places: Vec<Option<usize>>,
    keys: usize,
}

/// A row on its way into a cell: subject, place by keyed rank, cell, amount. Sorted, those of a
/// subject stand together and the ones of least rank first.
type Ranked = (u16, u16, usize, i64);

/// The sum over all rows, at most so many of each subject.
///
/// A row stands in the cell of its own values. Rows are read person by person, because that is how
/// they lie, and nothing else: those of a subject are one person's, in an order that the person's
/// other rows do not change. So links that are wrong, missing or forged change nothing.
pub(super) fn sum(question: &Question<'_>, parts: &[PlanPart]) -> Result<Vec<Vec<i64>>, Error> {
    let parts = parts.iter().map(|part| Counted::new(question, part));
    let parts: Vec<Counted<'_>> = parts.collect::<Result<_, _>>()?;
    question.tally(|[sums], person| {
        for counted in &parts {
            for (_, _, cell, amount) in counted.rows(person) {
                sums.add(Some(cell), 0, amount)?;
            }
        }
        Ok(())
    })
}

impl<'a> Counted<'a> {
    fn new(question: &Question<'a>, part: &'a PlanPart) -> Result<Self, Error> {
        const LACKS: Error = Error::Plan("the dataset lacks a column; resolve the query again");
        let dataset = question.table.require_dataset(&part.dataset)?;
        check_deliveries(dataset, question.year, part)?;
        if part.position.is_some_and(|position| !dataset.measures(position)) {
            return Err(LACKS);
        }
        let facts = dataset.year(question.year);
        let codes =
            |dimension| dataset.dimension(dimension).and_then(|at| facts.codes(at)).ok_or(LACKS);
        let mut filters = Vec::new();
        for filter in &question.plan.filter {
            filters.push((codes(&filter.dimension)?, &filter.codes));
        }
        let mut groups = Vec::new();
        for keys in &question.plan.group_by {
            let codes = codes(keys.source())?;
            groups.push(Grouping { codes, places: places(keys)?, keys: keys.codes.len() });
        }
        Ok(Self { facts, part, filters, groups })
    }

    /// The rows of a person's subjects that count.
    fn rows(&self, person: usize) -> Vec<Ranked> {
        let mut own: Vec<Ranked> = Vec::new();
        match self.part.position {
            Some(position) => {
                let rows = self.facts.amounts(person, position);
                own.extend(rows.filter_map(|(row, amount)| self.ranked(row, amount)));
            }
            None => own.extend(self.facts.rows(person).filter_map(|row| self.ranked(row, 1))),
        }
        own.sort_unstable();
        let subjects = own.chunk_by(|a, b| a.0 == b.0);
        subjects.flat_map(|rows| rows.iter().take(usize::from(self.part.rows))).copied().collect()
    }

    fn ranked(&self, row: Row, amount: i64) -> Option<Ranked> {
        let cell = self.cell(row)?;
        let months = row.last_month.saturating_sub(row.first_month).saturating_add(1);
        let times = if self.part.per_month { i64::from(months) } else { 1 };
        let clamped = amount.max(0).saturating_mul(times).min(self.part.cap);
        Some((self.facts.subject(row), self.facts.by_rank(row), cell, clamped))
    }

    /// The group of a row by its own codes; `None` where a filter excludes it or a code is unknown.
    fn cell(&self, row: Row) -> Option<usize> {
        if !self.filters.iter().all(|(column, codes)| codes.contains(&column.get(row.place))) {
            return None;
        }
        self.groups.iter().try_fold(0_usize, |outer, own| {
            let code = usize::from(own.codes.get(row.place));
            let place = own.places.get(code).copied().flatten()?;
            outer.checked_mul(own.keys)?.checked_add(place)
        })
    }
}

/// A person has a subject per delivery; of more deliveries than the plan states one person could
/// change more than was paid for. How many there are stands in the snapshot's public statement.
fn check_deliveries(dataset: &DatasetFacts, year: u16, part: &PlanPart) -> Result<(), Error> {
    let deliveries = dataset.deliveries(year);
    if deliveries <= usize::from(part.subjects) {
        return Ok(());
    }
    Err(Error::Deliveries {
        dataset: part.dataset.as_str().to_owned(),
        year,
        deliveries,
        stated: part.subjects,
    })
}

#[cfg(test)]
mod tests;
