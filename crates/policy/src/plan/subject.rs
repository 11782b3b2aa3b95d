//! Sums over subjects, bounded before linkage.

use std::collections::BTreeSet;

use super::{
    PlanKind, PlanPart,
    resolve::{known, measure, refuse},
};
use crate::{Catalogue, Name, PolicyError, SubjectPart};

/// Most subjects of a person in one dataset and year: deliveries that cover it.
const MAX_SUBJECTS: u8 = 16;

/// A sum over rows with public bounds per subject.
pub(super) fn subject_sum(
    parts: &[SubjectPart],
    catalogue: &Catalogue,
) -> Result<PlanKind, PolicyError> {
    let datasets: Vec<Name> = parts.iter().map(|part| part.dataset.clone()).collect();
    known(&datasets, 1, catalogue)?;
    let resolved: Vec<PlanPart> =
        parts.iter().map(|part| resolve(part, catalogue)).collect::<Result<_, _>>()?;
    let mut units = BTreeSet::new();
    for part in parts {
        units.insert(match &part.measure {
            Some(name) => Some(measure(&part.dataset, name, catalogue)?.1.unit.as_str()),
            None => None,
        });
    }
    if units.len() != 1 {
        return refuse("the parts must count rows all, or name measures of one unit all");
    }
    let most = resolved.iter().try_fold(0_i64, |sum, part| sum.checked_add(part.most()?));
    if most.is_none_or(|most| most > Catalogue::MAX_BOUND) {
        return refuse(format!(
            "what one person may add (subjects × rows × cap, over all parts) must stay within {}",
            Catalogue::MAX_BOUND
        ));
    }
    Ok(PlanKind::SubjectSum { parts: resolved })
}

fn resolve(part: &SubjectPart, catalogue: &Catalogue) -> Result<PlanPart, PolicyError> {
    let dataset = &part.dataset;
    let declared = catalogue.dataset(dataset)?;
    if !(1..=declared.max_rows).contains(&part.rows) {
        return refuse(format!(
            "rows of `{dataset}` must be 1 to {}, the most that a subject delivers",
            declared.max_rows
        ));
    }
    if !(1..=MAX_SUBJECTS).contains(&part.subjects) {
        return refuse(format!("subjects of `{dataset}` must be 1 to {MAX_SUBJECTS}"));
    }
    let position = match &part.measure {
        Some(name) => Some(measure(dataset, name, catalogue)?.0),
        None if part.cap != 1 || part.per_month => {
            return refuse(format!(
                "`{dataset}` counts rows, each as one; leave out cap and per_month or name a measure"
            ));
        }
        None => None,
    };
    if !(1..=Catalogue::MAX_BOUND).contains(&part.cap) {
        return refuse(format!("cap must be 1 to {}", Catalogue::MAX_BOUND));
    }
    Ok(PlanPart {
        dataset: dataset.clone(),
        position,
        per_month: part.per_month,
        rows: part.rows,
        cap: part.cap,
        subjects: part.subjects,
    })
}

impl PlanPart {
    /// Most that one person adds by this dataset; `None` where it passes every limit.
    #[must_use]
    pub fn most(&self) -> Option<i64> {
        self.most_of_subject()?.checked_mul(i64::from(self.subjects))
    }

    /// Most that one subject adds; `None` where it passes every limit.
    #[must_use]
    pub fn most_of_subject(&self) -> Option<i64> {
        i64::from(self.rows).checked_mul(self.cap)
    }
}

/// A row stands in the cell of its own values, whoever it was linked with; so every dataset that is
/// asked has to deliver what groups and filters.
pub(super) fn rows_carry<'a>(
    kind: &PlanKind,
    dimensions: impl Iterator<Item = &'a Name>,
    catalogue: &Catalogue,
) -> Result<(), PolicyError> {
    let PlanKind::SubjectSum { parts } = kind else { return Ok(()) };
    for dimension in dimensions {
        for part in parts {
            if catalogue.dataset(&part.dataset)?.dimension_position(dimension).is_none() {
                return refuse(format!(
                    "dataset `{}` does not deliver dimension `{dimension}`, and a linked person's \
                     value would depend on the links; leave one of the two out",
                    part.dataset
                ));
            }
        }
    }
    Ok(())
}
