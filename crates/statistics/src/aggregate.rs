//! From a person table to the exact vectors of a plan; each person counts once.

use policy::{Catalogue, Digest, GroupKeys, Name, Plan, PlanKind};

use crate::{
    Error,
    attribute::{amount, attribute, presence},
    bounds::Centre,
    exact::Exact,
    table::PersonTable,
};

/// The exact answer to one plan, on its way into a release.
///
/// Missing on purpose: everything that [`Exact`] lacks.
pub struct Aggregate {
    pub(crate) snapshot: Name,
    pub(crate) year: u16,
    pub(crate) plan: Digest,
    pub(crate) values: Values,
}

pub(crate) enum Values {
    /// Persons per cell.
    Counts(Exact<Vec<i64>>),
    /// Per cell the sum of centred amounts, and the persons who have one.
    Means { sums: Exact<Vec<i64>>, counts: Exact<Vec<i64>> },
}

/// Computes the exact vectors of `plan` for one event year.
///
/// A person is in at most one cell: the cell of its one value per grouping dimension and, for an
/// overlap, of its one combination of datasets. A person with an unknown value in a grouping or
/// filtering dimension is in no cell.
///
/// # Errors
/// [`Error::Year`], [`Error::Dataset`] or [`Error::Plan`] for a question that the snapshot cannot
/// answer. All of them follow from public facts alone, so computing before the charge reveals
/// nothing.
pub fn aggregate(
    table: &PersonTable,
    catalogue: &Catalogue,
    plan: &Plan,
    year: u16,
) -> Result<Aggregate, Error> {
    check_shape(plan)?;
    table.require_year(year)?;
    let values = match &plan.kind {
        PlanKind::Persons { datasets } => {
            let masks = presence(table, datasets, year)?;
            let groups = groups(table, catalogue, plan, year)?;
            let mut counts = vec![0_i64; plan.cells.len()];
            for (_, group) in masks.iter().zip(groups).filter(|(mask, _)| **mask != 0) {
                add(&mut counts, group, 1)?;
            }
            Values::Counts(Exact::new(counts))
        }
        PlanKind::Overlap { datasets } => {
            let masks = presence(table, datasets, year)?;
            let groups = groups(table, catalogue, plan, year)?;
            let combinations = combinations(plan)?;
            let mut counts = vec![0_i64; plan.cells.len()];
            for (mask, group) in masks.iter().zip(groups) {
                // Combinations are numbered from 1; the empty one is no cell.
                let Some(inner) = usize::from(*mask).checked_sub(1) else { continue };
                let outer = group.and_then(|group| group.checked_mul(combinations));
                add(&mut counts, outer.and_then(|outer| outer.checked_add(inner)), 1)?;
            }
            Values::Counts(Exact::new(counts))
        }
        PlanKind::Mean { dataset, position, lower, upper, .. } => {
            let centre = Centre::of(*lower, *upper)?;
            let amounts = amount(table, dataset, *position, (*lower, *upper), year)?;
            let groups = groups(table, catalogue, plan, year)?;
            let mut sums = vec![0_i64; plan.cells.len()];
            let mut counts = vec![0_i64; plan.cells.len()];
            for (value, group) in amounts.into_iter().zip(groups) {
                let Some(value) = value else { continue };
                add(&mut sums, group, centre.centred(value)?)?;
                add(&mut counts, group, 1)?;
            }
            Values::Means { sums: Exact::new(sums), counts: Exact::new(counts) }
        }
    };
    let snapshot = table.snapshot().clone();
    Ok(Aggregate { snapshot, year, plan: Digest::of_json(plan)?, values })
}

/// Number of combinations of the plan's datasets; 1 where it does not combine.
pub(crate) fn combinations(plan: &Plan) -> Result<usize, Error> {
    let PlanKind::Overlap { datasets } = &plan.kind else { return Ok(1) };
    let shift = u32::try_from(datasets.len()).map_err(|_| Error::Overflow)?;
    let all = 1_usize.checked_shl(shift).and_then(|all| all.checked_sub(1));
    all.filter(|_| (1..=8).contains(&shift)).ok_or(Error::Plan("names 1 to 8 datasets"))
}

/// Refuses a plan whose cells are not the product of its dimensions: positions in the vectors
/// would mean something else than the keys beside them.
pub(crate) fn check_shape(plan: &Plan) -> Result<(), Error> {
    if plan.cells.is_empty() || plan.datasets().is_empty() {
        return Err(Error::Plan("has no cell; group by a dimension with keys in the territory"));
    }
    if plan.cells.len() > Plan::MAX_CELLS {
        return Err(Error::Plan("has too many cells; group by fewer or coarser dimensions"));
    }
    let product = plan
        .group_by
        .iter()
        .try_fold(combinations(plan)?, |size, group| size.checked_mul(group.codes.len()));
    if product != Some(plan.cells.len()) {
        return Err(Error::Plan("its cells do not fit its dimensions; resolve the query again"));
    }
    Ok(())
}

/// Adds to the cell at `position`; a person without a cell adds nothing.
fn add(cells: &mut [i64], position: Option<usize>, amount: i64) -> Result<(), Error> {
    if let Some(cell) = position.and_then(|position| cells.get_mut(position)) {
        *cell = cell.checked_add(amount).ok_or(Error::Overflow)?;
    }
    Ok(())
}

/// Per person the position of its group among all groups, or `None` where a filter excludes it or
/// a value is unknown.
fn groups(
    table: &PersonTable,
    catalogue: &Catalogue,
    plan: &Plan,
    year: u16,
) -> Result<Vec<Option<usize>>, Error> {
    let mut groups = vec![Some(0_usize); table.persons()];
    for filter in &plan.filter {
        let codes = attribute(table, catalogue, &filter.dimension, year)?;
        for (group, code) in groups.iter_mut().zip(codes) {
            *group = group.filter(|_| filter.codes.contains(&code));
        }
    }
    for keys in &plan.group_by {
        let places = places(keys)?;
        let codes = attribute(table, catalogue, &keys.dimension, year)?;
        for (group, code) in groups.iter_mut().zip(codes) {
            let place = places.get(usize::from(code)).copied().flatten();
            let outer = group.and_then(|group| group.checked_mul(keys.codes.len()));
            *group = outer.zip(place).and_then(|(outer, place)| outer.checked_add(place));
        }
    }
    Ok(groups)
}

/// Place in publication order, by code.
fn places(keys: &GroupKeys) -> Result<Vec<Option<usize>>, Error> {
    let mut places: Vec<Option<usize>> = Vec::new();
    for (place, code) in keys.codes.iter().enumerate() {
        let code = usize::from(*code);
        if places.len() <= code {
            places.resize(code.checked_add(1).ok_or(Error::Overflow)?, None);
        }
        let slot = places.get_mut(code).ok_or(Error::Overflow)?;
        if slot.replace(place).is_some() {
            return Err(Error::Plan("groups by a key twice; resolve the query again"));
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests;
