//! What readers see for the short names in a document.

use std::collections::BTreeMap;

use crate::Cell;

/// Labels of dimensions and datasets, as the catalogue has them.
///
/// A release holds the short names only; a name without a label is shown as it is.
#[derive(Clone, Default)]
pub struct Names {
    dimensions: BTreeMap<String, String>,
    datasets: BTreeMap<String, String>,
}

impl Names {
    /// Takes pairs of name and label.
    pub fn new<D, S>(dimensions: D, datasets: S) -> Self
    where
        D: IntoIterator<Item = (String, String)>,
        S: IntoIterator<Item = (String, String)>,
    {
        Self {
            dimensions: dimensions.into_iter().collect(),
            datasets: datasets.into_iter().collect(),
        }
    }

    /// The label of a dimension.
    #[must_use]
    pub fn dimension<'a>(&'a self, name: &'a str) -> &'a str {
        self.dimensions.get(name).map_or(name, String::as_str)
    }

    /// The label of a dataset.
    #[must_use]
    pub fn dataset<'a>(&'a self, name: &'a str) -> &'a str {
        self.datasets.get(name).map_or(name, String::as_str)
    }

    /// The combination of services of an overlap cell; empty for other cells.
    ///
    /// The cells of an overlap are disjoint: whoever is in several services counts in the cell of
    /// all of them and in no other. So a single service reads `nur …`.
    #[must_use]
    pub fn combination(&self, cell: &Cell) -> String {
        match cell.datasets.as_slice() {
            [single] => format!("nur {}", self.dataset(single)),
            several => {
                let labels: Vec<&str> = several.iter().map(|name| self.dataset(name)).collect();
                labels.join(" + ")
            }
        }
    }

    /// What stands at a cell's row: its labels and its combination of services.
    #[must_use]
    pub fn row(&self, cell: &Cell) -> String {
        let labels = cell.labels.join(", ");
        match (labels.is_empty(), cell.datasets.is_empty()) {
            (true, true) => "insgesamt".to_owned(),
            (false, true) => labels,
            (true, false) => self.combination(cell),
            (false, false) => format!("{labels}: {}", self.combination(cell)),
        }
    }
}
