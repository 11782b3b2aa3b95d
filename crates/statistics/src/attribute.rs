//! One value per person, dimension and question.

use std::cmp::Reverse;

use policy::{Catalogue, Name, PlanFilter, UNKNOWN_CODE};

use crate::{Error, table::PersonTable};

/// What decides between two rows of the same person, least first: the year's and the source's place
/// in their orders, the later month, the smaller keyed rank. The code stands last so that even two
/// rows of equal rank are ordered by content and not by arrival.
type Claim = (usize, usize, Reverse<u8>, u64, u16);

const NO_CLAIM: Claim = (usize::MAX, usize::MAX, Reverse(0), u64::MAX, UNKNOWN_CODE);

/// The code of `dimension` per person; [`UNKNOWN_CODE`] where no source knows one.
///
/// The first of `years` in which any source knows one decides, within it the first source of the
/// catalogue. The value is a function of the person's own rows and of the catalogue alone. With two
/// values a person would stand in two cells and the stated sensitivity would be wrong.
pub(crate) fn attribute(
    table: &PersonTable,
    catalogue: &Catalogue,
    dimension: &Name,
    years: &[u16],
) -> Result<Vec<u16>, Error> {
    let mut claims = vec![NO_CLAIM; table.persons()];
    for (place, source) in catalogue.dimension(dimension)?.attribute_from.iter().enumerate() {
        let Some(rows) = table.dataset(source).and_then(|facts| facts.codes(dimension)) else {
            continue;
        };
        for (row, code) in rows {
            let Some(age) = years.iter().position(|year| *year == row.year) else { continue };
            if code == UNKNOWN_CODE {
                continue;
            }
            let claim = (age, place, Reverse(row.month), row.rank, code);
            if let Some(best) = person(&mut claims, row.person) {
                *best = claim.min(*best);
            }
        }
    }
    Ok(claims.into_iter().map(|(.., code)| code).collect())
}

/// Who has a permitted value in every dimension that is filtered.
pub(crate) fn fitting(
    table: &PersonTable,
    catalogue: &Catalogue,
    filters: &[PlanFilter],
    years: &[u16],
) -> Result<Vec<bool>, Error> {
    let mut fitting = vec![true; table.persons()];
    for filter in filters {
        let codes = attribute(table, catalogue, &filter.dimension, years)?;
        for (fits, code) in fitting.iter_mut().zip(codes) {
            *fits &= filter.codes.contains(&code);
        }
    }
    Ok(fitting)
}

/// The slot of a person; the table has checked every index.
pub(crate) fn person<T>(slots: &mut [T], index: u32) -> Option<&mut T> {
    slots.get_mut(usize::try_from(index).ok()?)
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
        attribute(&table, catalogue(), &name("municipality"), &[YEAR]).unwrap()[0]
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
            attribute(&table, catalogue(), &name("municipality"), &[YEAR, YEAR - 1]).unwrap()[0]
        };
        let kita = vec![earlier];
        assert_eq!(both(&[vec![line(1, 0, 1)], vec![], kita.clone()]), 1, "year before source");
        assert_eq!(both(&[vec![line(1, 0, UNKNOWN_CODE)], vec![], kita]), 0);
    }
}
