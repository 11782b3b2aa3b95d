//! The keys of a document's cells, and which of them make a rolled-up cell.

use std::collections::BTreeMap;

use super::{Over, refuse};
use crate::document::Form;
use crate::{Cell, Document, Error};

/// Most cells of a roll-up.
const MAX_LINES: usize = 100_000;

/// The keys along each dimension, totals left out; an overlap has an axis of combinations.
pub(super) struct Axes {
    axes: Vec<Axis>,
    /// The cell with one key or total per axis, by their positions; a total is beyond the keys.
    places: BTreeMap<Vec<usize>, usize>,
}

struct Axis {
    name: String,
    keys: Vec<String>,
    labels: Vec<String>,
    has_total: bool,
}

/// One rolled-up cell: which keys it takes of each axis.
pub(super) struct Line {
    targets: Vec<Target>,
}

#[derive(Clone)]
pub(super) struct Target {
    /// Key and label; `None` where the dimension is gone.
    named: Option<(String, String)>,
    /// Positions of its keys.
    pub(super) members: Vec<usize>,
    /// All keys of a dimension that has a total.
    pub(super) is_total: bool,
}

/// The name of the axis of combinations of an overlap.
const SERVICES: &str = "services";

impl Axes {
    pub(super) fn of(document: &Document) -> Result<Self, Error> {
        let has_total = |name: &String| {
            document.margins.as_ref().is_some_and(|own| own.dimensions.contains(name))
        };
        let mut axes: Vec<Axis> = document
            .dimensions
            .iter()
            .map(|name| Axis::new(name.clone(), has_total(name)))
            .collect();
        if document.form == Form::Overlap {
            axes.push(Axis::new(SERVICES.to_owned(), false));
        }
        for cell in &document.cells {
            for (axis, (key, label)) in axes.iter_mut().zip(keys(cell, document)) {
                axis.learn(key, label);
            }
        }
        let mut own = Self { axes, places: BTreeMap::new() };
        for (place, cell) in document.cells.iter().enumerate() {
            let address = own.address(cell, document);
            if address.is_none_or(|address| own.places.insert(address, place).is_some()) {
                return Err(Error::Broken("two cells have the same keys"));
            }
        }
        Ok(own)
    }

    fn address(&self, cell: &Cell, document: &Document) -> Option<Vec<usize>> {
        let pairs = self.axes.iter().zip(keys(cell, document));
        pairs.map(|(axis, (key, _))| axis.position(&key)).collect()
    }

    /// Whether another document has the same cells in the same order.
    pub(super) fn fit(&self, other: &Document) -> bool {
        other.cells.len() == self.places.len()
            && other.cells.iter().enumerate().all(|(place, cell)| {
                let address = self.address(cell, other);
                address.and_then(|own| self.places.get(&own).copied()) == Some(place)
            })
    }

    /// The dimensions that are left.
    pub(super) fn dimensions(&self, over: &BTreeMap<String, Over>) -> Vec<String> {
        let left = self.axes.iter().filter(|axis| over.get(&axis.name) != Some(&Over::All));
        left.map(|axis| axis.name.clone()).collect()
    }

    /// The cells that a request asks for; the last axis runs fastest.
    pub(super) fn lines(
        &self,
        document: &Document,
        over: &BTreeMap<String, Over>,
    ) -> Result<Vec<Line>, Error> {
        for name in over.keys() {
            if self.axes.iter().all(|axis| axis.name != *name) {
                let known: Vec<&str> = self.axes.iter().map(|axis| axis.name.as_str()).collect();
                return refuse(format!(
                    "it has no dimension `{name}`; it has {}",
                    known.join(", ")
                ));
            }
            check_disjoint(document, name)?;
        }
        let mut lines = vec![Vec::new()];
        for axis in &self.axes {
            let targets = axis.targets(over.get(&axis.name))?;
            if lines.len().saturating_mul(targets.len()) > MAX_LINES {
                return refuse(format!("it would have more than {MAX_LINES} cells; sum more"));
            }
            let finer = lines.iter().flat_map(|line: &Vec<Target>| {
                targets.iter().map(move |target| {
                    let mut line = line.clone();
                    line.push(target.clone());
                    line
                })
            });
            lines = finer.collect();
        }
        let lines = lines.into_iter().map(|targets| Line { targets });
        // Some pairs of states have no cell, such as none and none.
        Ok(lines.filter(|line| !self.places_of(line).is_empty()).collect())
    }

    /// The cells of a document whose sum a line is; the total where the document has one.
    pub(super) fn parts(&self, document: &Document, line: &Line) -> Result<Vec<usize>, Error> {
        let places = self.places_of(line);
        if places.iter().any(|place| document.cells.get(*place).is_none()) {
            return Err(Error::Broken("a document lacks a cell"));
        }
        Ok(places)
    }

    fn places_of(&self, line: &Line) -> Vec<usize> {
        let mut addresses = vec![Vec::with_capacity(self.axes.len())];
        for (axis, target) in self.axes.iter().zip(&line.targets) {
            let total = [axis.keys.len()];
            let members = if target.is_total { &total[..] } else { &target.members };
            let longer = addresses.iter().flat_map(|address: &Vec<usize>| {
                members.iter().map(move |member| {
                    let mut address = address.clone();
                    address.push(*member);
                    address
                })
            });
            addresses = longer.collect();
        }
        addresses.iter().filter_map(|address| self.places.get(address).copied()).collect()
    }

    /// Number of keys and name of every axis.
    pub(super) fn sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.axes.iter().map(|axis| (axis.name.as_str(), axis.keys.len()))
    }
}

/// Key and label of a cell per axis.
fn keys(cell: &Cell, document: &Document) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = cell.keys.iter().cloned().zip(cell.labels.iter().cloned()).collect();
    if document.form == Form::Overlap {
        let combination = cell.datasets.join("+");
        pairs.push((combination.clone(), combination));
    }
    pairs
}

/// Refuses to add up cells that hold the same persons.
fn check_disjoint(document: &Document, name: &str) -> Result<(), Error> {
    let is_inner = document.dimensions.last().is_some_and(|own| own == name);
    let most = document.noise.first().and_then(|own| own.l0);
    match (document.form, name) {
        (Form::Entries, "period") => refuse(
            "the quarters were made to agree with their year; use the cells of the year as they are",
        ),
        (Form::Series, "service" | "period") => refuse(
            "a person counts in several services and periods, so their sum is no number of \
             persons; read them one by one",
        ),
        (Form::Entries, "service") if most != Some(2) => refuse(
            "a person counts in several services, so their sum is no number of persons; read them \
             service by service",
        ),
        (Form::Cases, _) if is_inner && most != Some(1) => refuse(format!(
            "a person counts under several keys of `{name}`, so their sum is no number of persons; \
             ask for `persons`, or for `cases` with `most = 1`"
        )),
        _ => Ok(()),
    }
}

impl Axis {
    fn new(name: String, has_total: bool) -> Self {
        Self { name, keys: Vec::new(), labels: Vec::new(), has_total }
    }

    fn learn(&mut self, key: String, label: String) {
        if self.position(&key).is_none() {
            self.keys.push(key);
            self.labels.push(label);
        }
    }

    /// Totals stand behind the keys.
    fn position(&self, key: &str) -> Option<usize> {
        if self.has_total && key == Document::TOTAL {
            return Some(self.keys.len());
        }
        self.keys.iter().position(|own| own == key)
    }

    fn targets(&self, over: Option<&Over>) -> Result<Vec<Target>, Error> {
        let all = || (0..self.keys.len()).collect::<Vec<_>>();
        let target = |named: Option<(&str, &str)>, members: Vec<usize>| {
            let is_total = self.has_total && members.len() == self.keys.len();
            let named = named.map(|(key, label)| (key.to_owned(), label.to_owned()));
            Target { named, members, is_total }
        };
        match over {
            Some(Over::All) => Ok(vec![target(None, all())]),
            Some(Over::Groups(groups)) => {
                let group = |(name, keys): &(String, Vec<String>)| {
                    Ok(target(Some((name, name)), self.members(name, keys)?))
                };
                groups.iter().map(group).collect()
            }
            None => {
                let keys = self.keys.iter().zip(&self.labels).enumerate();
                let single = keys.map(|(at, (key, label))| target(Some((key, label)), vec![at]));
                let total = target(Some((Document::TOTAL, "insgesamt")), all());
                let total = Some(total).filter(|_| self.has_total);
                Ok(single.chain(total).collect())
            }
        }
    }

    /// Positions of the keys of a group, ascending.
    fn members(&self, group: &str, keys: &[String]) -> Result<Vec<usize>, Error> {
        let mut members = Vec::with_capacity(keys.len());
        for key in keys {
            match self.keys.iter().position(|own| own == key) {
                Some(at) if !members.contains(&at) => members.push(at),
                Some(_) => return refuse(format!("group `{group}` names `{key}` twice")),
                None => {
                    let known = self.keys.join(", ");
                    return refuse(format!("`{}` has no key `{key}`; it has {known}", self.name));
                }
            }
        }
        members.sort_unstable();
        Ok(members)
    }
}

impl Line {
    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.targets.iter().filter_map(|own| own.named.as_ref()).map(|own| own.0.clone()).collect()
    }

    pub(super) fn labels(&self) -> Vec<String> {
        self.targets.iter().filter_map(|own| own.named.as_ref()).map(|own| own.1.clone()).collect()
    }

    /// For a message.
    pub(super) fn name(&self) -> String {
        let labels = self.labels();
        if labels.is_empty() { "insgesamt".to_owned() } else { labels.join(", ") }
    }
}
