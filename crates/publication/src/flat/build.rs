//! Documents → rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::columns::{self, Axis, PERIOD, SERVICE};
use super::{Column, LongTable, Value};
use crate::document::Form;
use crate::{Amount, Cell, Document, Error, Kind, Names};

/// A document and the day of its release.
#[derive(Clone, Copy)]
pub struct Dated<'a> {
    /// The document.
    pub document: &'a Document,
    /// Unix seconds at which its charge was committed.
    pub at: i64,
}

/// What all rows of a document have in common.
struct Shared<'a> {
    document: &'a Document,
    names: &'a Names,
    stem: String,
    label: Arc<str>,
    unit: Value,
    kind: (Arc<str>, Arc<str>),
    date: Date,
    is_current: bool,
    texts: BTreeMap<&'static str, Arc<str>>,
}

impl LongTable {
    /// The cells of `documents` as rows, in the order given: oldest first, so that the last one of
    /// a question is the current one.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn of(documents: &[Dated<'_>], names: &Names) -> Result<Self, Error> {
        let axes = columns::axes(documents.iter().map(|own| own.document), names);
        let columns = columns::columns(&axes);
        let mut newest = BTreeMap::new();
        for (at, own) in documents.iter().enumerate() {
            newest.insert(question(own.document), at);
        }
        let current: BTreeSet<usize> = newest.into_values().collect();
        let cells: usize = documents.iter().map(|own| own.document.cells.len()).sum();
        if cells > Self::MAX_ROWS {
            return Err(Error::TooLong { most: Self::MAX_ROWS });
        }
        let place = |(at, own): (usize, &Column)| {
            Some((own.english.clone().or_else(|| own.german.clone())?, at))
        };
        let places: BTreeMap<String, usize> =
            columns.iter().enumerate().filter_map(place).collect();
        let mut rows = Vec::with_capacity(cells);
        for (at, own) in documents.iter().enumerate() {
            let shared = Shared::of(own, names, current.contains(&at));
            for (cell, number) in own.document.cells.iter().zip(1_usize..) {
                rows.push(shared.row((cell, number), &axes, &places));
            }
        }
        Ok(Self { columns, rows })
    }
}

/// Documents with the same one answer the same question, the later one anew.
fn question(own: &Document) -> (&str, &str, &str, u16, &[String]) {
    (&own.project, &own.purpose, &own.indicator, own.year, &own.dimensions)
}

impl<'a> Shared<'a> {
    fn of(own: &Dated<'a>, names: &'a Names, is_current: bool) -> Self {
        let document = own.document;
        let time = jiff::Timestamp::from_second(own.at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let (german, english) = match document.kind {
            Kind::Persons | Kind::Overlap | Kind::LinkQuality => ("Anzahl", "count"),
            Kind::Mean => ("Mittelwert", "mean"),
            Kind::Sum => ("Summe", "sum"),
            Kind::Share => ("Anteil", "share"),
            Kind::Quantiles => ("Quantil", "quantile"),
        };
        let text = |own: &str| Arc::<str>::from(own);
        let stem = document.file_stem();
        Self {
            document,
            names,
            label: text(&document.label),
            unit: names.unit(document).map_or(Value::Nothing, |unit| Value::text(unit.words)),
            kind: (text(german), text(english)),
            date: time.to_zoned(jiff::tz::TimeZone::UTC).date(),
            is_current,
            texts: BTreeMap::from([
                (columns::INDICATOR_ID, text(&document.indicator)),
                (columns::PROJECT, text(&document.project)),
                ("purpose", text(&document.purpose)),
                ("snapshot", text(&document.snapshot)),
                ("table", text(&stem)),
            ]),
            stem,
        }
    }

    /// `places` says where the column of a name stands.
    fn row(
        &self,
        (cell, number): (&Cell, usize),
        axes: &[Axis],
        places: &BTreeMap<String, usize>,
    ) -> Vec<Value> {
        let document = self.document;
        let mut row = vec![Value::Nothing; places.len()];
        let mut set = |name: &str, value: Value| {
            if let Some(own) = places.get(name).and_then(|at| row.get_mut(*at)) {
                *own = value;
            }
        };
        for (name, own) in &self.texts {
            set(name, Value::Text(Arc::clone(own)));
        }
        set(columns::INDICATOR, Value::Text(Arc::clone(&self.label)));
        for (name, value) in numbers(cell) {
            set(name, value);
        }
        set("unit", self.unit.clone());
        let withheld = cell.numbers.is_none() && cell.at_least.is_none();
        set("withheld", Value::Truth(withheld));
        set("release", Value::Whole(i64::try_from(document.ledger.sequence).unwrap_or(i64::MAX)));
        set("is_current", Value::Truth(self.is_current));
        set("as_of", Value::Date(self.date));
        set("art", Value::Text(Arc::clone(&self.kind.0)));
        set("kind", Value::Text(Arc::clone(&self.kind.1)));
        set("year", Value::Whole(i64::from(document.year)));
        let id = format!("{}.{}.{number}", document.ledger.sequence, self.stem);
        set("id", Value::text(id));
        let quarter = self.quarter(cell);
        let period = match quarter {
            Some(quarter) => format!("{}-{quarter}", document.year),
            None => document.year.to_string(),
        };
        set("period", Value::text(period));
        // A series counts a person once in the year and in each quarter, so its year is no total.
        let is_years_total =
            document.form == Form::Entries && self.keys(cell).any(|own| own == (PERIOD, "year"));
        set("is_total", Value::Truth(cell.is_total || is_years_total));
        let (german, english) = self.level(cell, axes, quarter.is_some());
        set("ebene", Value::text(german));
        set("level", Value::text(english));
        for (place, name) in document.dimensions.iter().enumerate() {
            let Some(axis) = axes.iter().find(|own| own.name == *name) else { continue };
            let (key, label) = (cell.keys.get(place), cell.labels.get(place));
            let key = key.filter(|_| !self.is_total_over(cell, place));
            set(&axis.label.1, label.map_or(Value::Nothing, Value::text));
            set(&axis.key.1, key.map_or(Value::Nothing, Value::text));
        }
        if let (false, Some(axis)) =
            (cell.datasets.is_empty(), axes.iter().find(|own| own.name == SERVICE))
        {
            set(&axis.label.1, Value::text(self.names.combination(cell)));
            set(&axis.key.1, Value::text(cell.datasets.join("+")));
        }
        row
    }

    fn keys<'c>(&'c self, cell: &'c Cell) -> impl Iterator<Item = (&'c str, &'c str)> {
        self.document
            .dimensions
            .iter()
            .map(String::as_str)
            .zip(cell.keys.iter().map(String::as_str))
    }

    fn is_total_over(&self, cell: &Cell, place: usize) -> bool {
        cell.is_total
            && cell.keys.get(place).is_some_and(|own| own == Document::TOTAL)
            && self.document.margins.as_ref().is_some_and(|own| {
                self.document
                    .dimensions
                    .get(place)
                    .is_some_and(|name| own.dimensions.contains(name))
            })
    }

    /// `Q1` to `Q4`, where the cell is of a quarter.
    fn quarter(&self, cell: &Cell) -> Option<&'static str> {
        let period = self.keys(cell).find(|(name, _)| *name == PERIOD);
        period.and_then(|(_, key)| match key {
            "q1" => Some("Q1"),
            "q2" => Some("Q2"),
            "q3" => Some("Q3"),
            "q4" => Some("Q4"),
            _ => None,
        })
    }

    /// The columns that tell this row from others of its release.
    fn level(&self, cell: &Cell, axes: &[Axis], is_quarter: bool) -> (String, String) {
        let (mut german, mut english) = (Vec::new(), Vec::new());
        for (place, name) in self.document.dimensions.iter().enumerate() {
            let axis = axes.iter().find(|own| own.name == *name);
            if let (Some(axis), false) = (axis, self.is_total_over(cell, place)) {
                german.push(axis.label.0.as_str());
                english.push(axis.label.1.as_str());
            }
        }
        if !cell.datasets.is_empty() {
            german.push("leistung");
            english.push("service");
        }
        if is_quarter {
            german.push("quartal");
            english.push("quarter");
        }
        let words = |parts: Vec<&str>, none: &str| {
            if parts.is_empty() { none.to_owned() } else { parts.join(" × ") }
        };
        (words(german, "insgesamt"), words(english, "total"))
    }
}

fn numbers(cell: &Cell) -> [(&'static str, Value); 4] {
    let (unbiased, low, high) = match (&cell.numbers, cell.at_least) {
        (_, Some(own)) => (value(own.value), value(own.low), Value::Nothing),
        (Some(own), None) => (value(own.value), value(own.low), value(own.high)),
        (None, None) => (Value::Nothing, Value::Nothing, Value::Nothing),
    };
    let shown = match cell.non_negative {
        Some(own) if unbiased != Value::Nothing => Value::Whole(own),
        _ => unbiased.clone(),
    };
    [(columns::VALUE, shown), (columns::UNBIASED, unbiased), ("low", low), ("high", high)]
}

fn value(amount: Amount) -> Value {
    match amount {
        Amount::Whole(own) => Value::Whole(own),
        Amount::Decimal(own) | Amount::Rate(own, _) => Value::Number(own),
    }
}
