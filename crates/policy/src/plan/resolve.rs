//! Names of a question → positions and codes of the catalogue, with every limit checked.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    GroupKeys, PlanFilter, PlanKind, PlanMembers, PlanScale, PooledGroup, PooledKeys, fit, subject,
};
use crate::{
    Catalogue, Measure, Members, Name, PolicyError, Pooling, Query, QueryKind, Scale, State,
    Territory,
};

/// Most classes of a grid.
const MAX_CLASSES: usize = 1_000;
/// Most quantiles of one question.
const MAX_QUANTILES: usize = 20;
/// Most months that a question looks back from the event year.
const MAX_MONTHS: u8 = 36;
/// Most years between the two ends of a transition.
const MAX_YEARS: u8 = 5;

pub(super) fn refuse<T>(why: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError::Query(why.into()))
}

pub(super) fn kind(query: &Query, catalogue: &Catalogue) -> Result<PlanKind, PolicyError> {
    let kind = match &query.compute {
        QueryKind::Persons { datasets } => {
            PlanKind::Persons { datasets: known(datasets, 1, catalogue)? }
        }
        QueryKind::Overlap { datasets } => {
            PlanKind::Overlap { datasets: known(datasets, 2, catalogue)? }
        }
        QueryKind::Cases { dataset, dimension, keys, most } => {
            cases(dataset, (dimension, keys), *most, catalogue)?
        }
        QueryKind::Mean { dataset, measure: name, assumed_count } => {
            let (position, bounds) = measure(dataset, name, catalogue)?;
            PlanKind::Mean {
                dataset: dataset.clone(),
                position,
                lower: bounds.lower,
                upper: bounds.upper,
                assumed_count: assumed(*assumed_count)?,
            }
        }
        QueryKind::Sum { dataset, measure: name, per_month, cap } => {
            let (position, _) = measure(dataset, name, catalogue)?;
            if !(1..=Catalogue::MAX_BOUND).contains(cap) {
                return refuse(format!("cap must be 1 to {}", Catalogue::MAX_BOUND));
            }
            PlanKind::Sum { dataset: dataset.clone(), position, per_month: *per_month, cap: *cap }
        }
        QueryKind::Histogram { dataset, measure: name, edges } => {
            let (position, bounds) = measure(dataset, name, catalogue)?;
            let edges = grid(edges, bounds)?;
            PlanKind::Histogram { dataset: dataset.clone(), position, edges }
        }
        QueryKind::Quantiles { dataset, of, per_mille } => {
            quantiles(dataset, of, per_mille, catalogue)?
        }
        QueryKind::Transition { states, years } => transition(states, *years, catalogue)?,
        QueryKind::Share { of, with, assumed_count } => PlanKind::Share {
            of: members(of, catalogue)?,
            with: members(with, catalogue)?,
            assumed_count: assumed(*assumed_count)?,
        },
        QueryKind::Entries { datasets, gap_months, most } => {
            let datasets = known(datasets, 1, catalogue)?;
            let gap_months = look_back("gap_months", *gap_months)?;
            PlanKind::Entries { gap_months, most: at_most(*most, datasets.len())?, datasets }
        }
        QueryKind::LinkQuality { datasets } => {
            PlanKind::LinkQuality { datasets: known(datasets, 1, catalogue)? }
        }
        QueryKind::PriorContact { dataset, gap_months, before, months, assumed_count } => {
            catalogue.dataset(dataset)?;
            PlanKind::PriorContact {
                dataset: dataset.clone(),
                gap_months: look_back("gap_months", *gap_months)?,
                before: known(before, 1, catalogue)?,
                months: look_back("months", *months)?,
                assumed_count: assumed(*assumed_count)?,
            }
        }
        QueryKind::Series { datasets, most } => {
            let datasets = known(datasets, 1, catalogue)?;
            PlanKind::Series { most: at_most(*most, datasets.len())?, datasets }
        }
        QueryKind::Sparse { datasets, dimension, threshold_delta_femto } => {
            let datasets = known(datasets, 1, catalogue)?;
            fit::sparse(datasets, dimension, *threshold_delta_femto, catalogue)?
        }
        QueryKind::SubjectSum { parts } => subject::subject_sum(parts, catalogue)?,
    };
    if !query.unit.is_person() {
        check_households(&kind, catalogue)?;
    }
    Ok(kind)
}

/// A household is known to one dataset only, by random ids that no other dataset shares.
fn check_households(kind: &PlanKind, catalogue: &Catalogue) -> Result<(), PolicyError> {
    if !matches!(kind, PlanKind::Persons { .. } | PlanKind::Mean { .. } | PlanKind::Share { .. }) {
        return refuse("unit = \"household\" fits the kinds persons, mean and share only");
    }
    let datasets: BTreeSet<&Name> = kind.datasets().into_iter().collect();
    let [only] = datasets.into_iter().collect::<Vec<_>>()[..] else {
        return refuse("unit = \"household\" needs exactly one dataset");
    };
    if !catalogue.dataset(only)?.unit {
        return refuse(format!("dataset `{only}` names no households; ask for persons"));
    }
    Ok(())
}

pub(super) fn known(
    datasets: &[Name],
    least: usize,
    catalogue: &Catalogue,
) -> Result<Vec<Name>, PolicyError> {
    let distinct: BTreeSet<&Name> = datasets.iter().collect();
    if distinct.len() != datasets.len() || !(least..=8).contains(&datasets.len()) {
        return refuse(format!("name {least} to 8 different datasets"));
    }
    datasets.iter().try_for_each(|name| catalogue.dataset(name).map(drop))?;
    Ok(datasets.to_vec())
}

pub(super) fn measure<'a>(
    dataset: &Name,
    measure: &Name,
    catalogue: &'a Catalogue,
) -> Result<(usize, &'a Measure), PolicyError> {
    catalogue.dataset(dataset)?.measure(measure).ok_or_else(|| {
        PolicyError::Query(format!("dataset `{dataset}` has no measure `{measure}`"))
    })
}

fn assumed(count: u64) -> Result<u64, PolicyError> {
    if (1..=100_000_000).contains(&count) {
        return Ok(count);
    }
    refuse("assumed_count must be 1 to 100000000")
}

fn at_most(most: u8, cells: usize) -> Result<u8, PolicyError> {
    if most >= 1 && usize::from(most) <= cells {
        return Ok(most);
    }
    refuse(format!(
        "most must be 1 to {cells}: a person counts in one cell at least, in all at most"
    ))
}

fn look_back(what: &str, months: u8) -> Result<u8, PolicyError> {
    if (1..=MAX_MONTHS).contains(&months) {
        return Ok(months);
    }
    refuse(format!("{what} must be 1 to {MAX_MONTHS}"))
}

fn cases(
    dataset: &Name,
    (dimension, wanted): (&Name, &[String]),
    most: u8,
    catalogue: &Catalogue,
) -> Result<PlanKind, PolicyError> {
    if catalogue.dataset(dataset)?.dimension_position(dimension).is_none() {
        return refuse(format!("dataset `{dataset}` does not deliver dimension `{dimension}`"));
    }
    let codes: Vec<u16> = if wanted.is_empty() {
        (0_u16..).take(fit::public(dimension, catalogue)?.keys.len()).collect()
    } else {
        one_filter(dimension, wanted, catalogue)?.codes.into_iter().collect()
    };
    let most = at_most(most, codes.len())?;
    Ok(PlanKind::Cases { dataset: dataset.clone(), dimension: dimension.clone(), codes, most })
}

/// The ends of classes that cover a measure from its least to its greatest value.
fn grid(edges: &[i64], bounds: &Measure) -> Result<Vec<i64>, PolicyError> {
    if !(2..=MAX_CLASSES + 1).contains(&edges.len()) || !edges.is_sorted_by(|a, b| a < b) {
        return refuse(format!("edges must ascend and form 1 to {MAX_CLASSES} classes"));
    }
    if edges.first() != Some(&bounds.lower) || edges.last() != Some(&bounds.upper) {
        return refuse(format!(
            "edges must go from {} to {}, the bounds of measure `{}`",
            bounds.lower, bounds.upper, bounds.name
        ));
    }
    Ok(edges.to_vec())
}

fn quantiles(
    dataset: &Name,
    of: &Scale,
    per_mille: &[u16],
    catalogue: &Catalogue,
) -> Result<PlanKind, PolicyError> {
    let proper = per_mille.iter().all(|own| (1..1_000).contains(own));
    let ascending = per_mille.is_sorted_by(|a, b| a < b);
    if !proper || !ascending || !(1..=MAX_QUANTILES).contains(&per_mille.len()) {
        return refuse(format!("per_mille must be 1 to {MAX_QUANTILES} ascending of 1 to 999"));
    }
    let (of, edges) = match of {
        Scale::Measure { name, edges } => {
            let (position, bounds) = measure(dataset, name, catalogue)?;
            if edges.len() < 3 {
                return refuse("a quantile needs edges of two classes at least");
            }
            (PlanScale::Measure { position }, grid(edges, bounds)?)
        }
        Scale::Classes { dimension, end } => {
            if catalogue.dataset(dataset)?.dimension_position(dimension).is_none() {
                return refuse(format!("`{dataset}` does not deliver dimension `{dimension}`"));
            }
            let classes = fit::public(dimension, catalogue)?.age_classes()?;
            let mut edges: Vec<i64> =
                classes.classes().iter().map(|class| i64::from(class.from)).collect();
            let open = edges.last().copied().unwrap_or(0);
            if !(open + 1..=Catalogue::MAX_BOUND).contains(end) {
                return refuse(format!("end must lie above {open}, where the open class begins"));
            }
            edges.push(*end);
            (PlanScale::Classes { dimension: dimension.clone() }, edges)
        }
    };
    Ok(PlanKind::Quantiles { dataset: dataset.clone(), of, edges, per_mille: per_mille.to_vec() })
}

fn transition(states: &[State], years: u8, catalogue: &Catalogue) -> Result<PlanKind, PolicyError> {
    let ids: BTreeSet<&str> = states.iter().map(|state| state.id.as_str()).collect();
    if !(1..=8).contains(&states.len()) || ids.len() != states.len() {
        return refuse("name 1 to 8 states with different ids");
    }
    if ids.contains(super::cells::NO_STATE) {
        return refuse("`none` is the state of those who fit none; choose another id");
    }
    if states.iter().any(|state| state.label.trim().is_empty()) {
        return refuse("every state needs a label");
    }
    if !(1..=MAX_YEARS).contains(&years) {
        return refuse(format!("years must be 1 to {MAX_YEARS}"));
    }
    let resolved = states.iter().map(|state| resolve(&state.datasets, &state.filter, catalogue));
    Ok(PlanKind::Transition { states: resolved.collect::<Result<_, _>>()?, years })
}

fn members(members: &Members, catalogue: &Catalogue) -> Result<PlanMembers, PolicyError> {
    resolve(&members.datasets, &members.filter, catalogue)
}

fn resolve(
    datasets: &[Name],
    filter: &BTreeMap<Name, Vec<String>>,
    catalogue: &Catalogue,
) -> Result<PlanMembers, PolicyError> {
    let datasets = known(datasets, 1, catalogue)?;
    Ok(PlanMembers { datasets, filter: filters(filter, catalogue)? })
}

pub(super) fn filters(
    filter: &BTreeMap<Name, Vec<String>>,
    catalogue: &Catalogue,
) -> Result<Vec<PlanFilter>, PolicyError> {
    filter.iter().map(|(dimension, keys)| one_filter(dimension, keys, catalogue)).collect()
}

fn one_filter(
    name: &Name,
    keys: &[String],
    catalogue: &Catalogue,
) -> Result<PlanFilter, PolicyError> {
    let dimension = fit::public(name, catalogue)?;
    if keys.is_empty() {
        return refuse(format!("filter on `{name}` names no key"));
    }
    let mut codes = BTreeSet::new();
    for key in keys {
        let code = dimension.code(key).ok_or_else(|| {
            let shown: String = key.chars().take(40).collect();
            PolicyError::Query(format!("`{shown}` is not a public key of dimension `{name}`"))
        })?;
        codes.insert(code);
    }
    let named = dimension.keys.iter().map(|own| &own.key).filter(|own| keys.contains(own));
    Ok(PlanFilter { dimension: name.clone(), codes, keys: named.cloned().collect() })
}

pub(super) fn group(
    name: &Name,
    query: &Query,
    catalogue: &Catalogue,
    territory: &Territory,
) -> Result<GroupKeys, PolicyError> {
    let dimension = fit::public(name, catalogue)?;
    let wanted = query.filter.get(name);
    let codes: Vec<u16> = dimension
        .keys
        .iter()
        .filter(|key| territory.dimension != *name || key.key.starts_with(&territory.prefix))
        .filter(|key| wanted.is_none_or(|keys| keys.contains(&key.key)))
        .filter_map(|key| dimension.code(&key.key))
        .collect();
    if codes.is_empty() {
        return refuse(format!("dimension `{name}` has no key in this territory"));
    }
    Ok(GroupKeys { dimension: name.clone(), codes, pooled: None })
}

/// The groups of a pooling that lie in the territory and in the filter. One that lies there only in
/// part is refused: its cell would hold less than its label says.
pub(super) fn pooled(
    name: &Name,
    pooling: &Pooling,
    query: &Query,
    catalogue: &Catalogue,
    territory: &Territory,
) -> Result<GroupKeys, PolicyError> {
    let dimension = catalogue.dimension(&pooling.of)?;
    let wanted = query.filter.get(&pooling.of);
    let counts = |key: &String| {
        let here = territory.dimension != pooling.of || key.starts_with(&territory.prefix);
        here && wanted.is_none_or(|keys| keys.contains(key))
    };
    let mut groups = Vec::new();
    for group in &pooling.groups {
        if !group.keys.iter().any(counts) {
            continue;
        }
        if let Some(cut) = group.keys.iter().find(|key| !counts(key)) {
            return refuse(format!(
                "the filter on `{}` leaves `{cut}` out and with it a part of the group `{}` of \
                 `{name}`; filter by whole groups",
                pooling.of, group.key
            ));
        }
        groups.push(PooledGroup {
            key: group.key.clone(),
            label: group.label.clone(),
            keys: group.keys.clone(),
            codes: group.keys.iter().filter_map(|key| dimension.code(key)).collect(),
        });
    }
    if groups.is_empty() {
        return refuse(format!("pooling `{name}` has no group in this territory and filter"));
    }
    let codes = (0_u16..).take(groups.len()).collect();
    let pooled = Some(PooledKeys { of: pooling.of.clone(), groups });
    Ok(GroupKeys { dimension: name.clone(), codes, pooled })
}

/// Refuses a grouping by the same dimension twice, pooled or not: most of its cells could hold
/// nobody.
pub(super) fn check_apart(group: &GroupKeys, others: &[GroupKeys]) -> Result<(), PolicyError> {
    let Some(other) = others.iter().find(|own| own.source() == group.source()) else {
        return Ok(());
    };
    if other.dimension == group.dimension {
        return refuse(format!("group_by names `{}` twice", group.dimension));
    }
    refuse(format!(
        "`{}` and `{}` both group the keys of `{}`; group by one of them",
        other.dimension,
        group.dimension,
        group.source()
    ))
}
