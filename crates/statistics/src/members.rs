//! Who has a row of which dataset in a year.

use policy::{Catalogue, MonthSpan, Name, PlanMembers};

use crate::{
    Error,
    attribute::Fitting,
    facts::{YearFacts, month_index},
    table::PersonTable,
};

/// Which datasets a person is in, by a row of one year or of some months of it.
pub(crate) struct Presence<'a> {
    facts: Vec<&'a YearFacts>,
    months: Option<MonthSpan>,
}

impl<'a> Presence<'a> {
    const MOST: usize = 8;

    pub(crate) fn new(table: &'a PersonTable, datasets: &[Name], year: u16) -> Result<Self, Error> {
        if datasets.len() > Self::MOST {
            return Err(Error::Plan("names more than eight datasets"));
        }
        let facts = |dataset| Ok(table.require_dataset(dataset)?.year(year));
        let facts = datasets.iter().map(facts).collect::<Result<_, Error>>()?;
        Ok(Self { facts, months: None })
    }

    /// The same by a row of these months, which must have been delivered.
    pub(crate) fn within(
        table: &'a PersonTable,
        datasets: &[Name],
        year: u16,
        months: MonthSpan,
    ) -> Result<Self, Error> {
        let asked = month_index(year, months.from)..=month_index(year, months.to);
        datasets.iter().try_for_each(|dataset| table.require_months(dataset, asked.clone()))?;
        Ok(Self { months: Some(months), ..Self::new(table, datasets, year)? })
    }

    /// The datasets with a row of the person; bit i is dataset i.
    pub(crate) fn mask(&self, person: usize) -> u8 {
        let bits = self.facts.iter().rev().map(|facts| u8::from(self.holds(facts, person)));
        bits.fold(0, |mask, bit| mask << 1 | bit)
    }

    pub(crate) fn any(&self, person: usize) -> bool {
        self.facts.iter().any(|facts| self.holds(facts, person))
    }

    fn holds(&self, facts: &YearFacts, person: usize) -> bool {
        let Some(MonthSpan { from, to }) = self.months else { return facts.holds(person) };
        facts.rows(person).any(|row| row.first_month <= to && row.last_month >= from)
    }
}

/// The members of a plan in one year: a row in any of the datasets, and values among the keys.
pub(crate) struct Members<'a> {
    presence: Presence<'a>,
    fitting: Fitting<'a>,
}

impl<'a> Members<'a> {
    pub(crate) fn new(
        table: &'a PersonTable,
        catalogue: &Catalogue,
        members: &'a PlanMembers,
        year: u16,
    ) -> Result<Self, Error> {
        let presence = Presence::new(table, &members.datasets, year)?;
        let fitting = Fitting::new(table, catalogue, &members.filter, &[year])?;
        Ok(Self { presence, fitting })
    }

    pub(crate) fn hold(&self, person: usize) -> bool {
        self.presence.any(person) && self.fitting.holds(person)
    }
}

/// The states of a transition in one year.
pub(crate) struct States<'a>(Vec<Members<'a>>);

impl<'a> States<'a> {
    pub(crate) fn new(
        table: &'a PersonTable,
        catalogue: &Catalogue,
        states: &'a [PlanMembers],
        year: u16,
    ) -> Result<Self, Error> {
        let members = states.iter().map(|state| Members::new(table, catalogue, state, year));
        members.collect::<Result<_, _>>().map(Self)
    }

    /// The first state that the person fits; their number where it fits none.
    pub(crate) fn of(&self, person: usize) -> usize {
        self.0.iter().position(|state| state.hold(person)).unwrap_or(self.0.len())
    }
}
