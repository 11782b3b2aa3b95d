//! From a person table to the exact vectors of a plan; each person counts as its plan says.

mod amounts;
mod counts;
mod entries;
mod groups;
mod series;
mod subjects;
mod tally;

use policy::{Catalogue, Digest, Name, Plan, PlanKind};

use crate::{Error, consistency, exact::Exact, members::Presence, table::PersonTable};

use groups::Groups;

/// The exact answer to one plan, on its way into a release.
///
/// Missing on purpose: everything that [`Exact`] lacks.
pub struct Aggregate {
    pub(crate) snapshot: Name,
    /// Of the linkage schema that the snapshot was linked by, where the table states it.
    pub(crate) schema: Option<Digest>,
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
        PlanKind::Series { datasets, most } => series::series(&question, datasets, *most)?,
        PlanKind::Sparse { datasets, dimension, .. } => {
            counts::sparse(&question, datasets, dimension)?
        }
        PlanKind::SubjectSum { parts } => subjects::sum(&question, parts)?,
        PlanKind::Transition { states, years } => counts::transition(&question, states, *years)?,
        PlanKind::Share { of, with, .. } => counts::share(&question, of, with)?,
        PlanKind::Entries { datasets, gap_months, most } => {
            entries::entries(&question, datasets, *gap_months, *most)?
        }
        PlanKind::LinkQuality { datasets } => counts::link_quality(&question, datasets)?,
        PlanKind::PriorContact { dataset, gap_months, before, months, .. } => {
            entries::prior_contact(&question, dataset, *gap_months, (before, *months))?
        }
    };
    let vectors = with_margins(plan, vectors)?.into_iter().map(Exact::new).collect();
    let (snapshot, schema) = (table.snapshot().clone(), table.schema());
    Ok(Aggregate { snapshot, schema, year, plan: Digest::of_json(plan)?, vectors })
}

/// The detail and its margins, where the plan has some.
fn with_margins(plan: &Plan, mut vectors: Vec<Vec<i64>>) -> Result<Vec<Vec<i64>>, Error> {
    match (plan.margins.is_empty(), vectors.pop()) {
        (false, Some(detail)) if vectors.is_empty() => consistency::expand(plan, detail),
        (_, last) => {
            vectors.extend(last);
            Ok(vectors)
        }
    }
}

/// A plan about one event year of a table.
struct Question<'a> {
    table: &'a PersonTable,
    catalogue: &'a Catalogue,
    plan: &'a Plan,
    year: u16,
}

impl<'a> Question<'a> {
    /// Who has a row in the year, or in the months that are asked about.
    fn presence(&self, datasets: &[Name]) -> Result<Presence<'a>, Error> {
        match self.plan.months {
            None => Presence::new(self.table, datasets, self.year),
            Some(months) => Presence::within(self.table, datasets, self.year, months),
        }
    }

    /// The groups of persons, by their values of the event year.
    fn groups(&self) -> Result<Groups<'_>, Error> {
        Groups::new(self.table, self.catalogue, self.plan, &[self.year])
    }
}

/// Refuses a plan whose cells are not the product of its dimensions: positions in the vectors
/// would mean something else than the keys beside them.
pub(crate) fn check_shape(plan: &Plan) -> Result<(), Error> {
    if plan.cells.is_empty() || plan.datasets().is_empty() {
        return Err(Error::Plan("has no cell; group by a dimension with keys in the territory"));
    }
    let times = |groups: Option<usize>, per_group: Option<usize>| groups?.checked_mul(per_group?);
    let published = times(plan.published_groups(), plan.kind.cells_per_group());
    let noised = times(plan.published_groups(), plan.kind.noised_per_group());
    if [published, noised].iter().any(|size| size.is_none_or(|size| size > Plan::MAX_CELLS)) {
        return Err(Error::Plan("has too many cells; group by fewer or coarser dimensions"));
    }
    if published != Some(plan.cells.len()) {
        return Err(Error::Plan("its cells do not fit its dimensions; resolve the query again"));
    }
    Ok(())
}

#[cfg(test)]
mod pooled;
#[cfg(test)]
mod tests;
