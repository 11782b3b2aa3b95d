//! The public cells of a plan.

use super::{Cell, GroupKeys, Plan, PlanKind};
use crate::{Catalogue, Name, PolicyError, Query, QueryKind, Scale};

/// Key of the state of those who fit no state.
pub(super) const NO_STATE: &str = "none";
/// What a reader sees for the total of a dimension.
const TOTAL_LABEL: &str = "insgesamt";

/// What divides a group: names, and one cell per division.
type Inner = (Vec<Name>, Vec<Cell>);

/// Names and cells; groups outside, what divides a group inside.
pub(super) fn build(
    query: &Query,
    kind: &PlanKind,
    group_by: &[GroupKeys],
    catalogue: &Catalogue,
) -> Result<Inner, PolicyError> {
    check_size(query, kind, group_by)?;
    let (names, inner) = inner(query, kind, catalogue)?;
    let grouped = |name: &Name| group_by.iter().any(|group| group.source() == name);
    if matches!(&query.compute,
        QueryKind::Quantiles { of: Scale::Classes { dimension, .. }, .. } if grouped(dimension))
    {
        return Err(PolicyError::Query("quantiles cannot be grouped by their classes".into()));
    }
    if let Some(name) = names.iter().find(|name| grouped(name)) {
        return Err(PolicyError::Query(format!(
            "`{name}` divides the answer already; leave it out of group_by"
        )));
    }
    let mut cells = Vec::new();
    for group in groups(query, group_by, catalogue)? {
        for own in &inner {
            let mut cell = group.clone();
            cell.keys.extend_from_slice(&own.keys);
            cell.labels.extend_from_slice(&own.labels);
            cell.datasets.clone_from(&own.datasets);
            cells.push(cell);
        }
    }
    Ok((names, cells))
}

/// Refuses a table beyond the limit before a single cell of it is built.
fn check_size(query: &Query, kind: &PlanKind, group_by: &[GroupKeys]) -> Result<(), PolicyError> {
    let per_group = kind.cells_per_group().zip(kind.noised_per_group());
    let largest = per_group.map(|(published, noised)| published.max(noised));
    let size = largest.and_then(|first| {
        // The cells of all tables together are the product of keys and total of every dimension.
        group_by.iter().try_fold(first, |size, group| {
            let total = usize::from(query.margins.contains(&group.dimension));
            size.checked_mul(group.codes.len().checked_add(total)?)
        })
    });
    if size.is_some_and(|size| size <= Plan::MAX_CELLS) {
        return Ok(());
    }
    Err(PolicyError::Query(format!(
        "the table would have more than {} cells; group by fewer or coarser dimensions",
        Plan::MAX_CELLS
    )))
}

fn groups(
    query: &Query,
    group_by: &[GroupKeys],
    catalogue: &Catalogue,
) -> Result<Vec<Cell>, PolicyError> {
    let mut cells = vec![Cell { keys: Vec::new(), labels: Vec::new(), datasets: Vec::new() }];
    for group in group_by {
        let keys = keys(group, catalogue)?;
        let mut finer = Vec::with_capacity(cells.len() * keys.len());
        for cell in &cells {
            for (key, label) in &keys {
                let mut next = cell.clone();
                next.keys.push((*key).to_owned());
                next.labels.push((*label).to_owned());
                finer.push(next);
            }
            if query.margins.contains(&group.dimension) {
                let mut next = cell.clone();
                next.keys.push(Plan::TOTAL.to_owned());
                next.labels.push(TOTAL_LABEL.to_owned());
                finer.push(next);
            }
        }
        cells = finer;
    }
    Ok(cells)
}

/// Key and label of each place of a grouping dimension.
fn keys<'a>(
    group: &'a GroupKeys,
    catalogue: &'a Catalogue,
) -> Result<Vec<(&'a str, &'a str)>, PolicyError> {
    if let Some(pooled) = &group.pooled {
        let groups = pooled.groups.iter();
        return Ok(groups.map(|own| (own.key.as_str(), own.label.as_str())).collect());
    }
    let known = &catalogue.dimension(&group.dimension)?.keys;
    let found = group.codes.iter().filter_map(|code| known.get(usize::from(*code)));
    Ok(found.map(|key| (key.key.as_str(), key.label.as_str())).collect())
}

fn cell<const N: usize>(keys: [String; N], labels: [String; N]) -> Cell {
    Cell { keys: keys.into(), labels: labels.into(), datasets: Vec::new() }
}

fn inner(query: &Query, kind: &PlanKind, catalogue: &Catalogue) -> Result<Inner, PolicyError> {
    Ok(match &query.compute {
        QueryKind::Persons { .. }
        | QueryKind::Mean { .. }
        | QueryKind::Sum { .. }
        | QueryKind::Share { .. }
        | QueryKind::SubjectSum { .. }
        | QueryKind::PriorContact { .. } => (Vec::new(), vec![cell([], [])]),
        QueryKind::Overlap { datasets } => (Vec::new(), combinations(datasets)),
        QueryKind::LinkQuality { .. } => (vec![Name::new("band")?], bands()),
        QueryKind::Cases { dimension, keys, .. } => {
            let known = catalogue.dimension(dimension)?.keys.iter();
            let counted = known.filter(|key| keys.is_empty() || keys.contains(&key.key));
            let cells = counted.map(|key| cell([key.key.clone()], [key.label.clone()]));
            (vec![dimension.clone()], cells.collect())
        }
        QueryKind::Histogram { dataset, measure, edges } => {
            let found = catalogue.dataset(dataset)?.measure(measure);
            let unit = found.map_or("", |(_, measure)| measure.unit.as_str());
            (vec![Name::new("class")?], classes(edges, unit))
        }
        QueryKind::Quantiles { per_mille, .. } => {
            let label = |own: &u16| cell([own.to_string()], [quantile_label(*own)]);
            (vec![Name::new("quantile")?], per_mille.iter().map(label).collect())
        }
        QueryKind::Transition { states, .. } => {
            let none = (NO_STATE.to_owned(), "keine davon".to_owned());
            let named = states.iter().map(|own| (own.id.to_string(), own.label.clone()));
            let all: Vec<(String, String)> = named.chain([none]).collect();
            let pairs = all.iter().flat_map(|from| all.iter().map(move |to| (from, to)));
            let cells = pairs.map(|(from, to)| {
                cell([from.0.clone(), to.0.clone()], [from.1.clone(), to.1.clone()])
            });
            // The last pair is none and none: people whom none of these datasets ever had.
            let known = kind.cells_per_group().unwrap_or(0);
            (vec![Name::new("from")?, Name::new("to")?], cells.take(known).collect())
        }
        QueryKind::Sparse { dimension, .. } => {
            let known = catalogue.dimension(dimension)?.keys.iter();
            let cells = known.map(|key| cell([key.key.clone()], [key.label.clone()]));
            (vec![dimension.clone()], cells.collect())
        }
        QueryKind::Entries { datasets, .. } | QueryKind::Series { datasets, .. } => {
            let mut cells = Vec::new();
            for dataset in datasets {
                let label = &catalogue.dataset(dataset)?.label;
                for (key, period) in PERIODS {
                    let keys = [dataset.to_string(), key.to_owned()];
                    cells.push(cell(keys, [label.clone(), period.to_owned()]));
                }
            }
            (vec![Name::new("service")?, Name::new("period")?], cells)
        }
    })
}

const PERIODS: [(&str, &str); PlanKind::PERIODS] = [
    ("q1", "1. Quartal"),
    ("q2", "2. Quartal"),
    ("q3", "3. Quartal"),
    ("q4", "4. Quartal"),
    ("year", "Jahr"),
];

/// Those known by one record only, then the bands from the threshold to equality.
fn bands() -> Vec<Cell> {
    let single = cell(["single".into()], ["nur ein Datensatz, nichts verknüpft".into()]);
    let band = |number: usize| {
        let label = match number {
            0 => "Stufe 0: knapp über der Schwelle".to_owned(),
            7 => "Stufe 7: fast oder ganz gleich".to_owned(),
            other => format!("Stufe {other}"),
        };
        cell([number.to_string()], [label])
    };
    std::iter::once(single).chain((0..PlanKind::LINK_CLASSES.saturating_sub(1)).map(band)).collect()
}

fn combinations(datasets: &[Name]) -> Vec<Cell> {
    let all = 1_usize << datasets.len();
    let chosen = |mask: usize| {
        let named = datasets.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
        let datasets = named.map(|(_, name)| name.clone()).collect();
        Cell { keys: Vec::new(), labels: Vec::new(), datasets }
    };
    (1..all).map(chosen).collect()
}

fn classes(edges: &[i64], unit: &str) -> Vec<Cell> {
    let ends = edges.iter().zip(edges.iter().skip(1)).enumerate();
    let class = |(position, (lower, upper)): (usize, (&i64, &i64))| {
        // Values are whole, so a class that stops short of its upper end stops one below it.
        let last = if position + 2 == edges.len() { *upper } else { upper - 1 };
        cell([format!("{lower}-{last}")], [format!("{lower} bis {last} {unit}")])
    };
    ends.map(class).collect()
}

fn quantile_label(per_mille: u16) -> String {
    let (percent, tenth) = (per_mille / 10, per_mille % 10);
    match (percent, tenth) {
        (50, 0) => "Median".to_owned(),
        (percent, 0) => format!("{percent}-%-Quantil"),
        (percent, tenth) => format!("{percent},{tenth}-%-Quantil"),
    }
}
