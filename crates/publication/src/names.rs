//! What readers see for the short names in a document.

use std::collections::BTreeMap;

use crate::{Cell, Document};

/// Labels of dimensions and datasets, as the catalogue has them.
///
/// A release holds the short names only; a name without a label is shown as it is.
#[derive(Clone, Default)]
pub struct Names {
    dimensions: BTreeMap<String, String>,
    datasets: BTreeMap<String, String>,
    units: BTreeMap<(String, String), Unit>,
}

/// The unit of a mean, as readers write it.
#[derive(Clone)]
pub struct Unit {
    /// Beside a number or in a narrow column: `€`.
    pub sign: String,
    /// In a sentence or at an axis: `Euro`.
    pub words: String,
}

impl Unit {
    /// The unit behind the catalogue's short form; one that is not known is shown as it stands.
    #[must_use]
    pub fn of(short: &str) -> Self {
        let (sign, words) = match short {
            "EUR" => ("€", "Euro"),
            "h" => ("Std.", "Stunden"),
            "d" => ("Tage", "Tage"),
            other => (other, other),
        };
        Self { sign: sign.to_owned(), words: words.to_owned() }
    }
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
            units: BTreeMap::new(),
        }
    }

    /// Adds the units of means: purpose and indicator, and the catalogue's short form of the unit.
    #[must_use]
    pub fn with_units<U>(mut self, units: U) -> Self
    where
        U: IntoIterator<Item = ((String, String), String)>,
    {
        self.units = units.into_iter().map(|(asked, short)| (asked, Unit::of(&short))).collect();
        self
    }

    /// The unit of a document's numbers: persons for counts; `None` for a mean whose measure is
    /// not known here.
    #[must_use]
    pub fn unit(&self, document: &Document) -> Option<Unit> {
        if document.kind != crate::Kind::Mean {
            return Some(Unit { sign: "Personen".to_owned(), words: "Personen".to_owned() });
        }
        self.units.get(&(document.purpose.clone(), document.indicator.clone())).cloned()
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
    /// all of them and in no other. So a single service reads `nur …`, several `A, B und C`.
    #[must_use]
    pub fn combination(&self, cell: &Cell) -> String {
        let labels: Vec<&str> = cell.datasets.iter().map(|name| self.dataset(name)).collect();
        match labels.as_slice() {
            [] => String::new(),
            [single] => format!("nur {single}"),
            [several @ .., last] => format!("{} und {last}", several.join(", ")),
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
