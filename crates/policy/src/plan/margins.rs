//! Totals over grouping dimensions: which of them a question has.

use super::{GroupKeys, Plan, PlanKind};
use crate::{Name, PolicyError, Query};

/// Most dimensions with a total; their tables double with each.
const MAX_MARGINS: usize = 3;

impl Plan {
    /// The key of a total over a dimension; no key of a catalogue.
    pub const TOTAL: &'static str = "*";

    /// Whether a grouping dimension has a total.
    #[must_use]
    pub fn has_margin(&self, dimension: &Name) -> bool {
        self.margins.contains(dimension)
    }

    /// Number of groups that are published: totals count as keys. `None` where it passes every
    /// limit.
    #[must_use]
    pub fn published_groups(&self) -> Option<usize> {
        self.group_by.iter().try_fold(1_usize, |size, group| {
            let total = usize::from(self.has_margin(&group.dimension));
            size.checked_mul(group.codes.len().checked_add(total)?)
        })
    }
}

/// The dimensions with a total, in the order of the grouping.
pub(super) fn resolve(
    query: &Query,
    kind: &PlanKind,
    group_by: &[GroupKeys],
) -> Result<Vec<Name>, PolicyError> {
    let refuse = |why: String| Err(PolicyError::Query(why));
    let wanted = &query.margins;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let adds_up = matches!(
        kind,
        PlanKind::Persons { .. }
            | PlanKind::Overlap { .. }
            | PlanKind::Cases { .. }
            | PlanKind::Sum { .. }
            | PlanKind::Histogram { .. }
            | PlanKind::Transition { .. }
    );
    if !adds_up {
        return refuse(
            "margins fit the kinds persons, overlap, cases, sum, histogram and transition: only \
             counts and sums add up; ask for the coarser grouping as a question of its own"
                .into(),
        );
    }
    if !query.mechanism.is_gaussian() {
        return refuse("margins need Gaussian noise; leave mechanism or margins out".into());
    }
    if wanted.len() > MAX_MARGINS {
        return refuse(format!("margins names more than {MAX_MARGINS} dimensions; name fewer"));
    }
    for (position, name) in wanted.iter().enumerate() {
        if wanted.iter().skip(position + 1).any(|other| other == name) {
            return refuse(format!("margins names `{name}` twice"));
        }
        match group_by.iter().find(|group| group.dimension == *name) {
            None => return refuse(format!("margins names `{name}`, which is not in group_by")),
            Some(group) if group.codes.len() < 2 => {
                return refuse(format!(
                    "`{name}` has one key here, which is its own total; leave it out of margins"
                ));
            }
            Some(_) => {}
        }
    }
    let ordered = group_by.iter().map(|group| &group.dimension);
    Ok(ordered.filter(|name| wanted.contains(name)).cloned().collect())
}
