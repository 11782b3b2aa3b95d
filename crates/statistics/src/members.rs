//! Who has a row of which dataset in a year.

use policy::{Catalogue, Name, PlanMembers};

use crate::{
    Error,
    attribute::{fitting, person},
    table::PersonTable,
};

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

/// Who is a member in `year`: a row in any of the datasets, and values among the keys.
pub(crate) fn members(
    table: &PersonTable,
    catalogue: &Catalogue,
    members: &PlanMembers,
    year: u16,
) -> Result<Vec<bool>, Error> {
    let masks = presence(table, &members.datasets, year)?;
    let mut found = fitting(table, catalogue, &members.filter, &[year])?;
    for (member, mask) in found.iter_mut().zip(masks) {
        *member &= mask != 0;
    }
    Ok(found)
}

/// The first of `states` that each person fits in `year`; their number where it fits none.
pub(crate) fn states(
    table: &PersonTable,
    catalogue: &Catalogue,
    states: &[PlanMembers],
    year: u16,
) -> Result<Vec<usize>, Error> {
    let mut found = vec![states.len(); table.persons()];
    for (place, state) in states.iter().enumerate() {
        let fits = members(table, catalogue, state, year)?;
        for (own, fits) in found.iter_mut().zip(fits) {
            if fits {
                *own = place.min(*own);
            }
        }
    }
    Ok(found)
}
