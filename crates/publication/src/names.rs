//! What readers see for the short names in a document.

use std::collections::BTreeMap;

use crate::{Cell, Document, Kind};

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

    /// Adds the units of amounts: purpose and indicator, and the catalogue's short form of the unit.
    #[must_use]
    pub fn with_units<U>(mut self, units: U) -> Self
    where
        U: IntoIterator<Item = ((String, String), String)>,
    {
        self.units = units.into_iter().map(|(asked, short)| (asked, Unit::of(&short))).collect();
        self
    }

    /// The unit of a document's numbers: persons or households for counts, per cent for shares;
    /// `None` for amounts of a measure that is not known here.
    #[must_use]
    pub fn unit(&self, document: &Document) -> Option<Unit> {
        let plain =
            |sign: &str, words: &str| Some(Unit { sign: sign.to_owned(), words: words.to_owned() });
        match document.kind {
            Kind::Persons | Kind::Overlap | Kind::LinkQuality => {
                return plain(document.counted.german(), document.counted.german());
            }
            Kind::Share => return plain("%", "Prozent"),
            Kind::Mean | Kind::Sum | Kind::Quantiles => {}
        }
        self.units.get(&(document.purpose.clone(), document.indicator.clone())).cloned()
    }

    /// What a number of the document is, with its unit: `Mittelwert je Person in Euro`.
    #[must_use]
    pub fn quantity(&self, document: &Document) -> String {
        let (several, one) = (document.counted.german(), document.counted.one());
        let quantity = match document.kind {
            Kind::Persons | Kind::Overlap | Kind::LinkQuality => return several.to_owned(),
            Kind::Mean => format!("Mittelwert je {one}"),
            Kind::Sum => "Summe".to_owned(),
            Kind::Share => format!("Anteil der {several}"),
            Kind::Quantiles => "Wert, den dieser Anteil nicht erreicht".to_owned(),
        };
        match self.unit(document) {
            Some(unit) => format!("{quantity} in {}", unit.words),
            None => quantity,
        }
    }

    /// What the numbers shown in the first place are: the rate where the document has one.
    #[must_use]
    pub fn lead_quantity(&self, document: &Document) -> String {
        match &document.rate {
            Some(rate) if document.leads_with_rate() => {
                format!("{} {}", document.counted.german(), rate.words())
            }
            _ => self.quantity(document),
        }
    }

    /// What stands behind a number shown in the first place, with a blank before it; empty where the
    /// unit is not known.
    pub(crate) fn lead_unit(&self, document: &Document) -> String {
        match &document.rate {
            Some(rate) if document.leads_with_rate() => format!(" {}", rate.words()),
            _ => self.unit(document).map_or_else(String::new, |unit| format!(" {}", unit.words)),
        }
    }

    /// The label of a dimension, or of what divides a group.
    #[must_use]
    pub fn dimension<'a>(&'a self, name: &'a str) -> &'a str {
        let built_in = || match name {
            "class" => "Klasse",
            "band" => "Schwächste Verbindung",
            "quantile" => "Quantil",
            "from" => "vorher",
            "to" => "jetzt",
            "service" => "Dienst",
            "period" => "Zeitraum",
            other => other,
        };
        self.dimensions.get(name).map_or_else(built_in, String::as_str)
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
