//! One value per person, dimension and question.

use std::collections::BTreeSet;

use policy::{Catalogue, Name, PlanFilter, UNKNOWN_CODE};

use crate::{
    Error,
    facts::{Column, YearFacts},
    table::PersonTable,
};

/// The value of a dimension per person.
///
/// The first of the years in which any source knows one decides, within it the first source of the
/// catalogue, within that the latest month, then the smaller keyed rank: the order in which a
/// person's rows stand. The value is a function of the person's own rows and of the catalogue
/// alone. With two values a person would stand in two cells and the stated sensitivity would be
/// wrong.
pub(crate) struct Attribute<'a>(Vec<(&'a YearFacts, &'a Column)>);

impl<'a> Attribute<'a> {
    pub(crate) fn new(
        table: &'a PersonTable,
        catalogue: &Catalogue,
        dimension: &Name,
        years: &[u16],
    ) -> Result<Self, Error> {
        let mut deciding = Vec::new();
        for year in years {
            for source in &catalogue.dimension(dimension)?.attribute_from {
                let Some(facts) = table.dataset(source) else { continue };
                let Some(position) = facts.dimension(dimension) else { continue };
                let facts = facts.year(*year);
                deciding.extend(facts.codes(position).map(|codes| (facts, codes)));
            }
        }
        Ok(Self(deciding))
    }

    /// The person's code; [`UNKNOWN_CODE`] where no source knows one.
    pub(crate) fn of(&self, person: usize) -> u16 {
        let mut codes = self.0.iter().map(|(facts, codes)| codes.first_known(facts.places(person)));
        codes.find(|code| *code != UNKNOWN_CODE).unwrap_or(UNKNOWN_CODE)
    }
}

/// Who has a permitted value in every dimension that is filtered.
pub(crate) struct Fitting<'a>(Vec<(Attribute<'a>, &'a BTreeSet<u16>)>);

impl<'a> Fitting<'a> {
    pub(crate) fn new(
        table: &'a PersonTable,
        catalogue: &Catalogue,
        filters: &'a [PlanFilter],
        years: &[u16],
    ) -> Result<Self, Error> {
        let filter = |filter: &'a PlanFilter| -> Result<_, Error> {
            let attribute = Attribute::new(table, catalogue, &filter.dimension, years)?;
            Ok((attribute, &filter.codes))
        };
        filters.iter().map(filter).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn holds(&self, person: usize) -> bool {
        self.0.iter().all(|(attribute, codes)| codes.contains(&attribute.of(person)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Line, YEAR, catalogue, name, table};

    fn line(month: u8, rank: u64, municipality: u16) -> Line {
        Line { month, rank, codes: [municipality, UNKNOWN_CODE], ..Line::default() }
    }

    fn municipality(lines: &[Vec<Line>; 3]) -> u16 {
        let table = table(1, lines);
        Attribute::new(&table, catalogue(), &name("municipality"), &[YEAR]).unwrap().of(0)
    }

    #[test]
    fn the_first_source_that_knows_decides() {
        let kita = vec![line(1, 9, 0)];
        let sgb2 = vec![line(12, 1, 1)];
        assert_eq!(municipality(&[sgb2.clone(), vec![], kita]), 0);
        assert_eq!(municipality(&[sgb2.clone(), vec![], vec![line(1, 0, UNKNOWN_CODE)]]), 1);
        let last_year = Line { year: YEAR - 1, ..line(1, 0, 0) };
        assert_eq!(municipality(&[sgb2, vec![], vec![last_year]]), 1);
        assert_eq!(municipality(&[vec![], vec![], vec![]]), UNKNOWN_CODE);
    }

    #[test]
    fn within_a_source_the_latest_month_then_the_smaller_rank_decides() {
        assert_eq!(municipality(&[vec![line(1, 0, 0), line(2, 9, 1)], vec![], vec![]]), 1);
        assert_eq!(municipality(&[vec![line(2, 9, 1), line(2, 3, 2)], vec![], vec![]]), 2);
        let unknown_later = line(3, 0, UNKNOWN_CODE);
        assert_eq!(municipality(&[vec![unknown_later, line(2, 9, 1)], vec![], vec![]]), 1);
        assert_eq!(municipality(&[vec![line(2, 3, 2), line(2, 3, 1)], vec![], vec![]]), 1);
    }

    #[test]
    fn an_earlier_year_decides_only_where_the_first_knows_nothing() {
        let earlier = Line { year: YEAR - 1, ..line(12, 0, 0) };
        let both = |lines: &[Vec<Line>; 3]| {
            let table = table(1, lines);
            let years = [YEAR, YEAR - 1];
            Attribute::new(&table, catalogue(), &name("municipality"), &years).unwrap().of(0)
        };
        let kita = vec![earlier];
        assert_eq!(both(&[vec![line(1, 0, 1)], vec![], kita.clone()]), 1, "year before source");
        assert_eq!(both(&[vec![line(1, 0, UNKNOWN_CODE)], vec![], kita]), 0);
    }
}
