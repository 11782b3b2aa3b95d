//! One value per person, dimension and year.

use std::cmp::Reverse;

use policy::{Catalogue, Name, UNKNOWN_CODE};

use crate::{Error, table::PersonTable};

/// What decides between two rows of the same person, least first: the source's place in the
/// catalogue's order, the later month, the smaller keyed rank. The code stands last so that even
/// two rows of equal rank are ordered by content and not by arrival.
type Claim = (usize, Reverse<u8>, u64, u16);

const NO_CLAIM: Claim = (usize::MAX, Reverse(0), u64::MAX, UNKNOWN_CODE);

/// The code of `dimension` per person in `year`; [`UNKNOWN_CODE`] where no source knows one.
///
/// The value is a function of the person's own rows and of the catalogue alone. With two values a
/// person would stand in two cells and the stated sensitivity would be wrong.
pub(crate) fn attribute(
    table: &PersonTable,
    catalogue: &Catalogue,
    dimension: &Name,
    year: u16,
) -> Result<Vec<u16>, Error> {
    let mut claims = vec![NO_CLAIM; table.persons()];
    for (place, source) in catalogue.dimension(dimension)?.attribute_from.iter().enumerate() {
        let Some(rows) = table.dataset(source).and_then(|facts| facts.codes(dimension)) else {
            continue;
        };
        for (row, code) in rows {
            if row.year != year || code == UNKNOWN_CODE {
                continue;
            }
            let claim = (place, Reverse(row.month), row.rank, code);
            if let Some(best) = person(&mut claims, row.person) {
                *best = claim.min(*best);
            }
        }
    }
    Ok(claims.into_iter().map(|(_, _, _, code)| code).collect())
}

/// A person's amount of a measure in `year`, clamped to the public bounds: the one of the latest
/// month, ties by the smaller keyed rank; `None` where no row has one.
pub(crate) fn amount(
    table: &PersonTable,
    dataset: &Name,
    position: usize,
    bounds: (i64, i64),
    year: u16,
) -> Result<Vec<Option<i64>>, Error> {
    let rows = table
        .require_dataset(dataset)?
        .amounts(position)
        .ok_or(Error::Plan("the measure is not in the dataset; resolve the query again"))?;
    let (lower, upper) = bounds;
    let mut claims: Vec<Option<(Reverse<u8>, u64, i64)>> = vec![None; table.persons()];
    for (row, value) in rows {
        if row.year != year {
            continue;
        }
        let claim = (Reverse(row.month), row.rank, value.max(lower).min(upper));
        if let Some(best) = person(&mut claims, row.person) {
            *best = Some(best.map_or(claim, |best| claim.min(best)));
        }
    }
    Ok(claims.into_iter().map(|claim| claim.map(|(_, _, value)| value)).collect())
}

/// Per person the datasets with at least one row in `year`; bit i is dataset i of at most eight.
pub(crate) fn presence(
    table: &PersonTable,
    datasets: &[Name],
    year: u16,
) -> Result<Vec<u8>, Error> {
    let mut masks = vec![0_u8; table.persons()];
    for (position, dataset) in datasets.iter().enumerate() {
        let bit = u32::try_from(position).ok().and_then(|shift| 1_u8.checked_shl(shift));
        let bit = bit.ok_or(Error::Plan("names more than eight datasets"))?;
        for row in table.require_dataset(dataset)?.rows() {
            if row.year != year {
                continue;
            }
            if let Some(mask) = person(&mut masks, row.person) {
                *mask |= bit;
            }
        }
    }
    Ok(masks)
}

/// The slot of a person; the table has checked every index.
fn person<T>(slots: &mut [T], index: u32) -> Option<&mut T> {
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
        attribute(&table, catalogue(), &name("municipality"), YEAR).unwrap()[0]
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
    fn an_amount_is_the_latest_one_within_the_bounds() {
        let paid = |month, rank, amount| Line { month, rank, amount, ..Line::default() };
        let rows = vec![paid(3, 5, Some(250)), paid(4, 0, None), paid(3, 4, Some(5_000))];
        let table = table(2, &[vec![], rows, vec![]]);
        let amounts = amount(&table, &name("wohngeld"), 0, (100, 901), YEAR).unwrap();
        assert_eq!(amounts, [Some(901), None]);
        assert!(amount(&table, &name("wohngeld"), 1, (100, 901), YEAR).is_err());
    }
}
