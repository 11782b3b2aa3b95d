//! What fits which kind of answer: noise, months, and dimensions whose keys are private.

use super::{PlanKind, resolve::refuse};
use crate::{Catalogue, Dimension, Femto, Mechanism, Name, PolicyError, Query};

/// Laplace noise has another shape, so an interval that was derived for the Gaussian would lie.
pub(super) fn mechanism(mechanism: Mechanism, kind: &PlanKind) -> Result<(), PolicyError> {
    if mechanism.is_gaussian() || kind.is_plain() {
        return Ok(());
    }
    refuse(format!(
        "mechanism = \"laplace\" fits plain counts and sums only (persons, overlap, cases, sum, \
         histogram, transition, series, subject_sum); leave it out for {}",
        kind.name()
    ))
}

/// A part of the year decides only who was there.
pub(super) fn months(query: &Query, kind: &PlanKind) -> Result<(), PolicyError> {
    let Some(months) = query.months else { return Ok(()) };
    if !(1..=12).contains(&months.from) || !(months.from..=12).contains(&months.to) {
        return refuse("months needs from and to of 1 to 12, in order");
    }
    let fits = matches!(kind, PlanKind::Persons { .. } | PlanKind::Overlap { .. });
    if fits && query.unit.is_person() {
        return Ok(());
    }
    refuse("months fits persons and overlap of persons only; leave it out")
}

/// A dimension that may group or filter.
pub(super) fn public<'a>(
    name: &Name,
    catalogue: &'a Catalogue,
) -> Result<&'a Dimension, PolicyError> {
    let dimension = catalogue.dimension(name)?;
    if dimension.private {
        return refuse(format!(
            "dimension `{name}` is private, it neither groups nor filters; ask for kind = \
             \"sparse\", which shows the keys above a threshold"
        ));
    }
    Ok(dimension)
}

/// Persons per key of a private dimension.
pub(super) fn sparse(
    datasets: Vec<Name>,
    name: &Name,
    threshold_delta_femto: Femto,
    catalogue: &Catalogue,
) -> Result<PlanKind, PolicyError> {
    let dimension = catalogue.dimension(name)?;
    if !dimension.private {
        return refuse(format!(
            "dimension `{name}` is public; group by it, which shows every key without a threshold"
        ));
    }
    if threshold_delta_femto.is_zero() {
        return refuse("threshold_delta_femto must be at least 1 (1e-15)");
    }
    let keys = dimension.keys.len();
    Ok(PlanKind::Sparse { datasets, dimension: name.clone(), keys, threshold_delta_femto })
}
