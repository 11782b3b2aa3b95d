//! A query resolved against catalogue and territory: public cells and codes, nothing left to guess.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{Catalogue, Name, PolicyError, Query, QueryKind, Territory};

/// A resolved query. Everything in it is public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What is computed, with positions instead of names.
    pub kind: PlanKind,
    /// Codes to which a person's value must belong, per dimension.
    pub filter: Vec<PlanFilter>,
    /// Dimensions that form the cells, with their public codes.
    pub group_by: Vec<GroupKeys>,
    /// The cells in publication order: groups outside, overlap combinations inside.
    pub cells: Vec<Cell>,
}

/// What a plan computes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlanKind {
    /// Persons with a row in any of the datasets.
    Persons {
        /// The datasets.
        datasets: Vec<Name>,
    },
    /// Persons per non-empty combination; bit i of a combination is dataset i.
    Overlap {
        /// The datasets.
        datasets: Vec<Name>,
    },
    /// Mean of a bounded measure per person.
    Mean {
        /// The dataset.
        dataset: Name,
        /// Position of the measure in its rows.
        position: usize,
        /// Least value of a person.
        lower: i64,
        /// Greatest value of a person.
        upper: i64,
        /// Public guess of the persons per cell.
        assumed_count: u64,
    },
}

/// The public codes that a person's value must be among.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanFilter {
    /// The dimension.
    pub dimension: Name,
    /// Permitted codes.
    pub codes: BTreeSet<u16>,
}

/// The public codes of one grouping dimension, in publication order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupKeys {
    /// The dimension.
    pub dimension: Name,
    /// Its codes.
    pub codes: Vec<u16>,
}

/// The public address of one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Key per grouping dimension, in order of `group_by`.
    pub keys: Vec<String>,
    /// Label per grouping dimension.
    pub labels: Vec<String>,
    /// The combination of datasets, for an overlap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Name>,
}

impl Plan {
    /// Most cells of one plan.
    pub const MAX_CELLS: usize = 100_000;

    /// Resolves `query` for a controller's territory.
    ///
    /// # Errors
    /// [`PolicyError::Query`] or [`PolicyError::Catalogue`] naming what is unknown, empty or too
    /// large.
    pub fn resolve(
        query: &Query,
        catalogue: &Catalogue,
        territory: &Territory,
    ) -> Result<Self, PolicyError> {
        let kind = resolve_kind(&query.compute, catalogue)?;
        let mut filter = Vec::new();
        for (dimension, keys) in &query.filter {
            filter.push(resolve_filter(dimension, keys, catalogue)?);
        }
        let mut group_by: Vec<GroupKeys> = Vec::new();
        for dimension in &query.group_by {
            if group_by.iter().any(|group| group.dimension == *dimension) {
                return Err(PolicyError::Query(format!("group_by names `{dimension}` twice")));
            }
            group_by.push(resolve_group(dimension, query, catalogue, territory)?);
        }
        let cells = build_cells(&kind, &group_by, catalogue)?;
        Ok(Self { kind, filter, group_by, cells })
    }

    /// The datasets whose rows are read.
    #[must_use]
    pub fn datasets(&self) -> &[Name] {
        match &self.kind {
            PlanKind::Persons { datasets } | PlanKind::Overlap { datasets } => datasets,
            PlanKind::Mean { dataset, .. } => std::slice::from_ref(dataset),
        }
    }
}

fn resolve_kind(kind: &QueryKind, catalogue: &Catalogue) -> Result<PlanKind, PolicyError> {
    let known = |datasets: &[Name], least: usize| {
        let distinct: BTreeSet<&Name> = datasets.iter().collect();
        if distinct.len() != datasets.len() || !(least..=8).contains(&datasets.len()) {
            return Err(PolicyError::Query(format!("name {least} to 8 different datasets")));
        }
        datasets.iter().try_for_each(|name| catalogue.dataset(name).map(drop))
    };
    match kind {
        QueryKind::Persons { datasets } => {
            known(datasets, 1)?;
            Ok(PlanKind::Persons { datasets: datasets.clone() })
        }
        QueryKind::Overlap { datasets } => {
            known(datasets, 2)?;
            Ok(PlanKind::Overlap { datasets: datasets.clone() })
        }
        QueryKind::Mean { dataset, measure, assumed_count } => {
            let (position, bounds) =
                catalogue.dataset(dataset)?.measure(measure).ok_or_else(|| {
                    PolicyError::Query(format!("dataset `{dataset}` has no measure `{measure}`"))
                })?;
            if !(1..=100_000_000).contains(assumed_count) {
                return Err(PolicyError::Query("assumed_count must be 1 to 100000000".into()));
            }
            Ok(PlanKind::Mean {
                dataset: dataset.clone(),
                position,
                lower: bounds.lower,
                upper: bounds.upper,
                assumed_count: *assumed_count,
            })
        }
    }
}

fn resolve_filter(
    name: &Name,
    keys: &[String],
    catalogue: &Catalogue,
) -> Result<PlanFilter, PolicyError> {
    let dimension = catalogue.dimension(name)?;
    if keys.is_empty() {
        return Err(PolicyError::Query(format!("filter on `{name}` names no key")));
    }
    let mut codes = BTreeSet::new();
    for key in keys {
        let code = dimension.code(key).ok_or_else(|| {
            let shown: String = key.chars().take(40).collect();
            PolicyError::Query(format!("`{shown}` is not a public key of dimension `{name}`"))
        })?;
        codes.insert(code);
    }
    Ok(PlanFilter { dimension: name.clone(), codes })
}

fn resolve_group(
    name: &Name,
    query: &Query,
    catalogue: &Catalogue,
    territory: &Territory,
) -> Result<GroupKeys, PolicyError> {
    let dimension = catalogue.dimension(name)?;
    let wanted = query.filter.get(name);
    let codes: Vec<u16> = dimension
        .keys
        .iter()
        .filter(|key| territory.dimension != *name || key.key.starts_with(&territory.prefix))
        .filter(|key| wanted.is_none_or(|keys| keys.contains(&key.key)))
        .filter_map(|key| dimension.code(&key.key))
        .collect();
    if codes.is_empty() {
        return Err(PolicyError::Query(format!("dimension `{name}` has no key in this territory")));
    }
    Ok(GroupKeys { dimension: name.clone(), codes })
}

fn build_cells(
    kind: &PlanKind,
    group_by: &[GroupKeys],
    catalogue: &Catalogue,
) -> Result<Vec<Cell>, PolicyError> {
    let combinations = match kind {
        PlanKind::Overlap { datasets } => (1_usize << datasets.len()) - 1,
        PlanKind::Persons { .. } | PlanKind::Mean { .. } => 1,
    };
    let size = group_by
        .iter()
        .try_fold(combinations, |size, group| size.checked_mul(group.codes.len()))
        .filter(|size| *size <= Plan::MAX_CELLS);
    if size.is_none() {
        return Err(PolicyError::Query(format!(
            "the table would have more than {} cells; group by fewer or coarser dimensions",
            Plan::MAX_CELLS
        )));
    }
    let mut cells = vec![Cell { keys: Vec::new(), labels: Vec::new(), datasets: Vec::new() }];
    for group in group_by {
        let dimension = catalogue.dimension(&group.dimension)?;
        let mut finer = Vec::with_capacity(cells.len() * group.codes.len());
        for cell in &cells {
            for code in &group.codes {
                let Some(key) = dimension.keys.get(usize::from(*code)) else { continue };
                let mut next = cell.clone();
                next.keys.push(key.key.clone());
                next.labels.push(key.label.clone());
                finer.push(next);
            }
        }
        cells = finer;
    }
    let PlanKind::Overlap { datasets } = kind else { return Ok(cells) };
    let mut combined = Vec::with_capacity(cells.len() * combinations);
    for cell in &cells {
        for mask in 1..=combinations {
            let chosen = datasets.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
            let datasets = chosen.map(|(_, name)| name.clone()).collect();
            combined.push(Cell { datasets, ..cell.clone() });
        }
    }
    Ok(combined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(query: serde_json::Value) -> Result<Plan, PolicyError> {
        let catalogue = Catalogue::from_toml(crate::catalogue::tests::SMALL).unwrap();
        let territory = Territory {
            dimension: Name::new("municipality").unwrap(),
            prefix: "06432".into(),
            label: "Kreis".into(),
        };
        let query = serde_json::from_value(query).map_err(|e| PolicyError::Query(e.to_string()))?;
        Plan::resolve(&query, &catalogue, &territory)
    }

    #[test]
    fn cells_are_public_and_within_the_territory() {
        let plan = resolve(serde_json::json!({
            "compute": {"kind": "persons", "datasets": ["sgb2"]}, "group_by": ["municipality"]}))
        .unwrap();
        let keys: Vec<_> = plan.cells.iter().map(|cell| cell.keys.join("/")).collect();
        assert_eq!(keys, ["06432001", "06432002"]);
    }

    #[test]
    fn an_overlap_has_every_combination_once() {
        let plan = resolve(
            serde_json::json!({"compute": {"kind": "overlap", "datasets": ["sgb2", "kita"]}}),
        );
        let cells = plan.unwrap().cells;
        let shown: Vec<_> = cells
            .iter()
            .map(|c| c.datasets.iter().map(Name::as_str).collect::<Vec<_>>().join("+"))
            .collect();
        assert_eq!(shown, ["sgb2", "kita", "sgb2+kita"]);
    }

    #[test]
    fn questions_outside_the_catalogue_have_no_plan() {
        let persons = serde_json::json!({"kind": "persons", "datasets": ["sgb2"]});
        for (compute, rest, word) in [
            (serde_json::json!({"kind": "persons", "datasets": []}), "{}", "1 to 8"),
            (serde_json::json!({"kind": "persons", "datasets": ["x"]}), "{}", "not in the cat"),
            (serde_json::json!({"kind": "overlap", "datasets": ["sgb2"]}), "{}", "2 to 8"),
            (
                serde_json::json!({"kind": "overlap", "datasets": ["kita", "kita"]}),
                "{}",
                "different",
            ),
            (
                serde_json::json!({"kind": "mean", "dataset": "sgb2", "measure": "x", "assumed_count": 9}),
                "{}",
                "no measure",
            ),
            (serde_json::json!({"kind": "select *"}), "{}", "variant"),
            (persons.clone(), r#"{"group_by": ["name"]}"#, "`name`"),
            (persons.clone(), r#"{"filter": {"age_group": []}}"#, "no key"),
            (persons.clone(), r#"{"filter": {"age_group": ["7"]}}"#, "public key"),
            (persons, r#"{"having": 1}"#, "having"),
        ] {
            let mut query: serde_json::Value = serde_json::from_str(rest).unwrap();
            query["compute"] = compute;
            let text = resolve(query.clone()).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{query}: {text}");
        }
    }
}
