//! A typed question; there is no free query language over raw data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Name;

/// A question about the persons of one event year in one frozen snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// What is computed.
    pub compute: QueryKind,
    /// Keys to which a person's value must belong, per dimension.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<Name, Vec<String>>,
    /// Dimensions whose public keys form the cells; empty for one cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<Name>,
}

/// What a query computes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum QueryKind {
    /// Number of persons with at least one row in any of the datasets.
    Persons {
        /// Datasets of which one suffices.
        datasets: Vec<Name>,
    },
    /// Number of persons per combination of datasets: 2^k − 1 disjoint cells.
    Overlap {
        /// Two to eight datasets.
        datasets: Vec<Name>,
    },
    /// Mean of a person's value of one measure, over the persons who have one.
    ///
    /// A person's value is the one of the latest month of the year, ties by keyed hash.
    Mean {
        /// The dataset.
        dataset: Name,
        /// The measure within it.
        measure: Name,
        /// Public guess of the number of persons per cell, used only to tell the width beforehand.
        assumed_count: u64,
    },
}
