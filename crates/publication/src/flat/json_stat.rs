//! Released documents as JSON-stat 2.0, a cube per document (<https://json-stat.org/full/>).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::build::Dated;
use crate::{Amount, Cell, Document, Error, Names};

/// The numbers of a cell: id, German label.
const MEASURES: [(&str, &str); 4] = [
    ("value", "Wert, ab 0 und ganzzahlig, wo die Freigabe das hat (verzerrt)"),
    ("value_unbiased", "Wert ohne Verzerrung"),
    ("low", "untere Grenze des Intervalls"),
    ("high", "obere Grenze des Intervalls"),
];
/// Most values of a cube, most of which may be empty.
const MAX_VALUES: usize = 4_000_000;

/// A document as a JSON-stat dataset: the year, its dimensions, for an overlap the combination of
/// services, and last `measure` with the four numbers of a cell. A withheld number is missing from
/// `value` and has the status `withheld`.
///
/// # Errors
/// [`Error::LongTable`] where the cube of its keys is too great.
pub fn json_stat(own: &Dated<'_>, names: &Names) -> Result<Vec<u8>, Error> {
    written(&dataset(own, names)?)
}

/// Documents as a JSON-stat collection whose items are whole datasets.
///
/// # Errors
/// As [`json_stat`].
pub fn json_stat_collection(
    label: &str,
    documents: &[Dated<'_>],
    names: &Names,
) -> Result<Vec<u8>, Error> {
    let items = documents.iter().map(|own| dataset(own, names));
    let items: Vec<Value> = items.collect::<Result<_, _>>()?;
    written(&json!({
        "version": "2.0",
        "class": "collection",
        "label": label,
        "link": {"item": items},
    }))
}

fn written(value: &Value) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| Error::LongTable("it could not be written"))
}

/// The keys of a dimension in the order in which they first stand in a document.
#[derive(Default)]
struct Keys {
    places: BTreeMap<String, usize>,
    labels: Vec<(String, String)>,
}

impl Keys {
    fn place(&mut self, key: &str, label: impl FnOnce() -> String) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = self.labels.len();
        self.places.insert(key.to_owned(), place);
        self.labels.push((key.to_owned(), label()));
        place
    }

    fn category(&self) -> Value {
        let index: Vec<&String> = self.labels.iter().map(|(key, _)| key).collect();
        let label: Map<String, Value> =
            self.labels.iter().map(|(key, label)| (key.clone(), json!(label))).collect();
        json!({"index": index, "label": label})
    }
}

fn dataset(dated: &Dated<'_>, names: &Names) -> Result<Value, Error> {
    let document = dated.document;
    let is_overlap = document.cells.iter().any(|own| !own.datasets.is_empty());
    let mut axes: Vec<Keys> = document.dimensions.iter().map(|_| Keys::default()).collect();
    if is_overlap {
        axes.push(Keys::default());
    }
    let places: Vec<Vec<usize>> =
        document.cells.iter().map(|cell| places(cell, &mut axes, is_overlap, names)).collect();
    let sizes: Vec<usize> = axes.iter().map(|own| own.labels.len()).collect();
    let all = sizes.iter().try_fold(MEASURES.len(), |all, own| all.checked_mul(*own));
    let all = all.filter(|all| *all <= MAX_VALUES);
    let all = all.ok_or(Error::LongTable("its cube is too great; take the table"))?;
    // A private dimension of which no key passed has no cell to count.
    let (mut values, mut status) = (vec![Value::Null; all], Map::new());
    for (cell, places) in document.cells.iter().zip(&places) {
        let first = places.iter().zip(&sizes).fold(0, |at, (place, size)| at * size + place);
        for (number, at) in numbers(cell).into_iter().zip(first * MEASURES.len()..) {
            match (number, values.get_mut(at)) {
                (Some(number), Some(value)) => *value = number,
                (None, _) if cell.numbers.is_none() && cell.at_least.is_none() => {
                    status.insert(at.to_string(), json!("withheld"));
                }
                _ => {}
            }
        }
    }
    Ok(assembled(dated, names, (&axes, &sizes), (values, status)))
}

fn places(cell: &Cell, axes: &mut [Keys], is_overlap: bool, names: &Names) -> Vec<usize> {
    let combination = cell.datasets.join("+");
    let labelled = cell.keys.iter().map(String::as_str).zip(cell.labels.iter().cloned());
    let own = is_overlap.then(|| (combination.as_str(), names.combination(cell)));
    let keys = labelled.chain(own);
    axes.iter_mut().zip(keys).map(|(axis, (key, label))| axis.place(key, || label)).collect()
}

fn numbers(cell: &Cell) -> [Option<Value>; 4] {
    let amount = |own: Amount| match own {
        Amount::Whole(own) => json!(own),
        Amount::Decimal(own) | Amount::Rate(own, _) => json!(own),
    };
    match (&cell.numbers, cell.at_least) {
        (_, Some(own)) => {
            [Some(amount(own.value)), Some(amount(own.value)), Some(amount(own.low)), None]
        }
        (Some(own), None) => {
            let shown = cell.non_negative.map_or_else(|| amount(own.value), |own| json!(own));
            [Some(shown), Some(amount(own.value)), Some(amount(own.low)), Some(amount(own.high))]
        }
        (None, None) => [None, None, None, None],
    }
}

fn assembled(
    dated: &Dated<'_>,
    names: &Names,
    (axes, sizes): (&[Keys], &[usize]),
    (values, status): (Vec<Value>, Map<String, Value>),
) -> Value {
    let document = dated.document;
    let mut id = vec!["year".to_owned()];
    let mut dimension = Map::new();
    let year = document.year.to_string();
    dimension.insert(
        "year".to_owned(),
        json!({"label": "Jahr", "category": {"index": [&year], "label": {&year: &year}}}),
    );
    let combination = "combination".to_owned();
    for (name, axis) in document.dimensions.iter().chain([&combination]).zip(axes) {
        let label = if *name == combination { "Leistungen" } else { names.dimension(name) };
        dimension.insert(name.clone(), json!({"label": label, "category": axis.category()}));
        id.push(name.clone());
    }
    let index: Vec<&str> = MEASURES.iter().map(|own| own.0).collect();
    let unit = names.unit(document).map_or(Value::Null, |own| json!({"label": own.words}));
    let labels: BTreeMap<&str, &str> = MEASURES.into_iter().collect();
    let units: BTreeMap<&str, &Value> = index.iter().map(|own| (*own, &unit)).collect();
    let mut category = json!({"index": index, "label": labels});
    if let (false, Some(own)) = (unit.is_null(), category.as_object_mut()) {
        own.insert("unit".to_owned(), json!(units));
    }
    dimension.insert("measure".to_owned(), json!({"label": "Zahl", "category": category}));
    id.push("measure".to_owned());
    let size: Vec<usize> =
        [1].into_iter().chain(sizes.iter().copied()).chain([MEASURES.len()]).collect();
    let geo: Vec<&str> = document
        .dimensions
        .iter()
        .map(String::as_str)
        .filter(|own| *own == Document::PLACE)
        .collect();
    let mut role = json!({"time": ["year"], "metric": ["measure"]});
    if let (false, Some(own)) = (geo.is_empty(), role.as_object_mut()) {
        own.insert("geo".to_owned(), json!(geo));
    }
    let mut dataset = json!({
        "version": "2.0",
        "class": "dataset",
        "label": format!("{}, {}", document.label, document.year),
        "updated": jiff::Timestamp::from_second(dated.at).unwrap_or_default().to_string(),
        "id": id,
        "size": size,
        "role": role,
        "dimension": dimension,
        "value": values,
        "note": [
            "Freigegebene Zahlen mit Zufallszugabe; „low“ bis „high“ gilt um „value_unbiased“.",
        ],
        "extension": {"milchglas": {
            "indicator": document.indicator,
            "project": document.project,
            "purpose": document.purpose,
            "release": document.ledger.sequence,
            "confidence": document.confidence,
        }},
    });
    if let (false, Some(own)) = (status.is_empty(), dataset.as_object_mut()) {
        own.insert("status".to_owned(), Value::Object(status));
    }
    dataset
}
