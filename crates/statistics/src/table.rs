//! All facts of one frozen snapshot.

use std::ops::RangeInclusive;

use policy::{Digest, Name};

use crate::{Error, facts::DatasetFacts, links::Links};

/// The facts of a snapshot's persons, ready to be asked.
///
/// How many persons it holds is secret (a release protects presence), so there is no accessor for
/// it, and no error names it.
pub struct PersonTable {
    snapshot: Name,
    persons: usize,
    years: RangeInclusive<u16>,
    datasets: Vec<DatasetFacts>,
    links: Option<Links>,
}

impl PersonTable {
    /// Most persons of a snapshot: more than Germany has, and far below what sums could overflow.
    pub const MAX_PERSONS: u32 = 100_000_000;

    /// Takes the facts of a snapshot.
    ///
    /// `years` is the public window for which departments delivered; a question about a year
    /// outside is refused whatever the facts say, so that a refusal tells nothing about them.
    ///
    /// # Errors
    /// [`Error::Table`] where a person's index is not below `persons`, a row lies outside the
    /// window, a dataset stands twice, or a limit is passed.
    pub fn new(
        snapshot: Name,
        persons: u32,
        years: RangeInclusive<u16>,
        datasets: Vec<DatasetFacts>,
    ) -> Result<Self, Error> {
        if persons > Self::MAX_PERSONS {
            return Err(Error::Table("more persons than one snapshot may hold"));
        }
        if years.is_empty() {
            return Err(Error::Table("the window of years must not be empty"));
        }
        let persons = usize::try_from(persons).map_err(|_| Error::Overflow)?;
        for (position, facts) in datasets.iter().enumerate() {
            if datasets.iter().take(position).any(|other| other.name() == facts.name()) {
                return Err(Error::Table("a dataset stands twice"));
            }
            if facts.extent().any(|(_, own)| own > persons) {
                return Err(Error::Table("a row names a person outside the snapshot"));
            }
            if facts.extent().any(|(year, _)| !years.contains(&year)) {
                return Err(Error::Table("a row lies outside the window of years"));
            }
        }
        Ok(Self { snapshot, persons, years, datasets, links: None })
    }

    /// Adds how surely each person was linked.
    ///
    /// # Errors
    /// [`Error::Table`] where it is about another number of persons.
    pub fn with_links(mut self, links: Links) -> Result<Self, Error> {
        if links.persons() != self.persons {
            return Err(Error::Table("the links are about another number of persons"));
        }
        self.links = Some(links);
        Ok(self)
    }

    pub(crate) fn schema(&self) -> Option<Digest> {
        self.links.as_ref().map(Links::schema)
    }

    pub(crate) fn require_links(&self) -> Result<&Links, Error> {
        self.links.as_ref().ok_or(Error::Plan("this table does not know how persons were linked"))
    }

    pub(crate) fn snapshot(&self) -> &Name {
        &self.snapshot
    }

    pub(crate) fn persons(&self) -> usize {
        self.persons
    }

    pub(crate) fn require_year(&self, year: u16) -> Result<(), Error> {
        if self.years.contains(&year) {
            return Ok(());
        }
        Err(Error::Year { year, first: *self.years.start(), last: *self.years.end() })
    }

    /// Refuses months that were not delivered for a dataset; `months` counts as
    /// [`month_index`](crate::facts::month_index) does.
    pub(crate) fn require_months(
        &self,
        dataset: &Name,
        months: RangeInclusive<u32>,
    ) -> Result<(), Error> {
        let year = |month: u32| u16::try_from(month.checked_div(12)?).ok();
        let (first, last) =
            year(*months.start()).zip(year(*months.end())).ok_or(Error::Overflow)?;
        self.require_year(first)?;
        self.require_year(last)?;
        if self.require_dataset(dataset)?.delivered(months) {
            return Ok(());
        }
        Err(Error::Months { dataset: dataset.as_str().to_owned(), first, last })
    }

    pub(crate) fn dataset(&self, name: &Name) -> Option<&DatasetFacts> {
        self.datasets.iter().find(|facts| facts.name() == name)
    }

    pub(crate) fn require_dataset(&self, name: &Name) -> Result<&DatasetFacts, Error> {
        self.dataset(name).ok_or_else(|| Error::Dataset(name.as_str().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Line, facts, name};

    fn table(persons: u32, years: RangeInclusive<u16>, lines: &[Line]) -> Result<(), Error> {
        PersonTable::new(name("s"), persons, years, vec![facts("kita", lines)]).map(drop)
    }

    #[test]
    fn facts_outside_the_snapshot_are_refused() {
        let line = Line { person: 3, year: 2024, ..Line::default() };
        assert!(table(4, 2023..=2024, &[line]).is_ok());
        assert!(table(3, 2023..=2024, &[line]).is_err());
        assert!(table(4, 2025..=2026, &[line]).is_err());
        #[expect(clippy::reversed_empty_ranges, reason = "the empty window is the case")]
        let empty = 2025..=2024;
        assert!(table(4, empty, &[]).is_err());
        assert!(table(PersonTable::MAX_PERSONS + 1, 2024..=2024, &[]).is_err());
        let twice = vec![facts("kita", &[]), facts("kita", &[])];
        assert!(PersonTable::new(name("s"), 1, 2024..=2024, twice).is_err());
    }
}
