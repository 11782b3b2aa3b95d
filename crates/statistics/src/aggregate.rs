//! From a person table to the exact vectors of a plan; each person counts as its plan says.

mod amounts;
mod counts;
mod entries;

use policy::{Catalogue, Digest, GroupKeys, Name, Plan, PlanKind};

use crate::{
    Error,
    attribute::{attribute, fitting},
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
    /// In the order of [`vectors`](crate::bounds::vectors).
    pub(crate) vectors: Vec<Exact<Vec<i64>>>,
}

/// Computes the exact vectors of `plan` for one event year.
///
/// A person is in at most one group, that of its one value per grouping dimension; a person with an
/// unknown value in a grouping or filtering dimension is in none. How many cells of its group it is
/// in, and by how much, follows from the plan; the sensitivities in the price are its bounds.
///
/// # Errors
/// [`Error::Year`], [`Error::Months`], [`Error::Dataset`] or [`Error::Plan`] for a question that the
/// snapshot cannot answer. All of them follow from public facts alone, so computing before the
/// charge reveals nothing.
pub fn aggregate(
    table: &PersonTable,
    catalogue: &Catalogue,
    plan: &Plan,
    year: u16,
) -> Result<Aggregate, Error> {
    check_shape(plan)?;
    table.require_year(year)?;
    for earlier in plan.event_years(year) {
        table.require_year(earlier)?;
    }
    let question = Question { table, catalogue, plan, year };
    let vectors = match &plan.kind {
        PlanKind::Persons { datasets } => counts::persons(&question, datasets)?,
        PlanKind::Overlap { datasets } => counts::overlap(&question, datasets)?,
        PlanKind::Cases { dataset, dimension, codes, most } => {
            counts::cases(&question, dataset, dimension, codes, *most)?
        }
        PlanKind::Histogram { dataset, position, edges } => {
            amounts::histogram(&question, dataset, *position, edges)?
        }
        PlanKind::Quantiles { dataset, of, edges, .. } => {
            amounts::grid(&question, dataset, of, edges)?
        }
        PlanKind::Sum { dataset, position, per_month, cap } => {
            amounts::sum(&question, dataset, *position, (*per_month, *cap))?
        }
        PlanKind::Mean { dataset, position, lower, upper, .. } => {
            amounts::mean(&question, dataset, *position, (*lower, *upper))?
        }
        PlanKind::Transition { states, years } => counts::transition(&question, states, *years)?,
        PlanKind::Share { of, with, .. } => counts::share(&question, of, with)?,
        PlanKind::Entries { datasets, gap_months, most } => {
            entries::entries(&question, datasets, *gap_months, *most)?
        }
        PlanKind::PriorContact { dataset, gap_months, before, months, .. } => {
            entries::prior_contact(&question, dataset, *gap_months, (before, *months))?
        }
    };
    let vectors = vectors.into_iter().map(Exact::new).collect();
    let snapshot = table.snapshot().clone();
    Ok(Aggregate { snapshot, year, plan: Digest::of_json(plan)?, vectors })
}

/// A plan about one event year of a table.
struct Question<'a> {
    table: &'a PersonTable,
    catalogue: &'a Catalogue,
    plan: &'a Plan,
    year: u16,
}

/// The cells of one vector while persons are added.
struct Tally {
    cells: Vec<i64>,
    per_group: usize,
}

impl Question<'_> {
    fn tally(&self) -> Result<Tally, Error> {
        let per_group = self.plan.kind.noised_per_group().ok_or(Error::Overflow)?;
        let size = self.plan.groups().and_then(|groups| groups.checked_mul(per_group));
        Ok(Tally { cells: vec![0; size.ok_or(Error::Overflow)?], per_group })
    }

    /// Per person its group, by its values of the event year.
    fn groups(&self) -> Result<Vec<Option<usize>>, Error> {
        groups(self.table, self.catalogue, self.plan, &[self.year])
    }
}

impl Tally {
    /// Adds to a cell of a group; a person without a group adds nothing.
    fn add(&mut self, group: Option<usize>, inner: usize, amount: i64) -> Result<(), Error> {
        let Some(group) = group.filter(|_| inner < self.per_group) else { return Ok(()) };
        let first = group.checked_mul(self.per_group).ok_or(Error::Overflow)?;
        let place = first.checked_add(inner).ok_or(Error::Overflow)?;
        if let Some(cell) = self.cells.get_mut(place) {
            *cell = cell.checked_add(amount).ok_or(Error::Overflow)?;
        }
        Ok(())
    }

    fn only(self) -> Vec<Vec<i64>> {
        vec![self.cells]
    }
}

/// Refuses a plan whose cells are not the product of its dimensions: positions in the vectors
/// would mean something else than the keys beside them.
pub(crate) fn check_shape(plan: &Plan) -> Result<(), Error> {
    if plan.cells.is_empty() || plan.datasets().is_empty() {
        return Err(Error::Plan("has no cell; group by a dimension with keys in the territory"));
    }
    let groups = plan.groups();
    let times = |per_group: Option<usize>| groups?.checked_mul(per_group?);
    let published = times(plan.kind.cells_per_group());
    let noised = times(plan.kind.noised_per_group());
    if [published, noised].iter().any(|size| size.is_none_or(|size| size > Plan::MAX_CELLS)) {
        return Err(Error::Plan("has too many cells; group by fewer or coarser dimensions"));
    }
    if published != Some(plan.cells.len()) {
        return Err(Error::Plan("its cells do not fit its dimensions; resolve the query again"));
    }
    Ok(())
}

/// Per person the position of its group among all groups, or `None` where a filter excludes it or
/// a value is unknown; the first of `years` that knows a value decides.
fn groups(
    table: &PersonTable,
    catalogue: &Catalogue,
    plan: &Plan,
    years: &[u16],
) -> Result<Vec<Option<usize>>, Error> {
    let fitting = fitting(table, catalogue, &plan.filter, years)?;
    let mut groups: Vec<Option<usize>> =
        fitting.into_iter().map(|fits| fits.then_some(0)).collect();
    for keys in &plan.group_by {
        let places = places(keys)?;
        let codes = attribute(table, catalogue, &keys.dimension, years)?;
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
