//! Which numbers are set against each other.

use std::collections::BTreeMap;

use super::{MAX_MOMENTS, Moment, Step, refuse};
use crate::{Cell, Document, Error, Names};

/// The dimension of quarters and their year.
const PERIOD: &str = "period";

/// A cell at two moments that follow each other.
pub(super) struct Pair<'a> {
    pub(super) keys: Vec<String>,
    pub(super) from: Moment,
    pub(super) to: Moment,
    /// Which document, and its cell.
    pub(super) before: (usize, &'a Cell),
    pub(super) after: (usize, &'a Cell),
    /// The dimension that a row does not name, because the moments do.
    dropped: Option<usize>,
}

/// All pairs.
pub(super) struct Series<'a> {
    pub(super) moments: Vec<Moment>,
    pub(super) pairs: Vec<Pair<'a>>,
    pub(super) unmatched: usize,
}

/// The newest document of each event year, ascending.
pub(crate) fn newest<'a>(documents: &[&'a Document]) -> Vec<&'a Document> {
    let mut newest: BTreeMap<u16, &Document> = BTreeMap::new();
    for own in documents {
        let kept = newest.entry(own.year).or_insert(own);
        if own.ledger.sequence > kept.ledger.sequence {
            *kept = own;
        }
    }
    newest.into_values().collect()
}

/// The first document, if all answer the same question.
pub(crate) fn check<'a>(documents: &[&'a Document]) -> Result<Option<&'a Document>, Error> {
    let Some((first, others)) = documents.split_first() else { return Ok(None) };
    if documents.len() > MAX_MOMENTS {
        return refuse(format!("at most {MAX_MOMENTS} years are compared; choose some"));
    }
    match others.iter().find(|own| !same_question(first, own)) {
        Some(own) => refuse(format!(
            "the documents of {} and {} answer different questions; compare one indicator with one \
             grouping and one filter",
            first.year, own.year
        )),
        None => Ok(Some(first)),
    }
}

/// Whether numbers of two documents are of the same people, counted in the same way, but for their
/// years.
fn same_question(a: &Document, b: &Document) -> bool {
    let pooled = |own: &Document| -> Vec<_> {
        own.pooled
            .iter()
            .map(|(name, own)| (name.clone(), own.of.clone(), own.groups.clone()))
            .collect()
    };
    a.project == b.project
        && a.purpose == b.purpose
        && a.indicator == b.indicator
        && a.form == b.form
        && a.counted == b.counted
        && a.dimensions == b.dimensions
        && a.filter == b.filter
        && pooled(a) == pooled(b)
}

impl<'a> Series<'a> {
    pub(super) fn of(documents: &[&'a Document], step: Step) -> Result<Self, Error> {
        let Timelines { moments, timelines, dropped } = timelines(documents, step)?;
        if moments.len() < 2 {
            return refuse(
                "there is nothing to compare it with yet; at least two years are needed",
            );
        }
        let mut series = Self { moments, pairs: Vec::new(), unmatched: 0 };
        for ((keys, _), line) in timelines {
            if line.len() < series.moments.len() {
                series.unmatched += 1;
            }
            for (before, after) in line.iter().zip(line.iter().skip(1)) {
                if series.follow(before.0, after.0) {
                    series.pairs.push(Pair {
                        keys: keys.clone(),
                        from: before.0,
                        to: after.0,
                        before: (before.1, before.2),
                        after: (after.1, after.2),
                        dropped,
                    });
                }
            }
        }
        Ok(series)
    }

    /// Whether nothing that was released lies between them.
    fn follow(&self, before: Moment, after: Moment) -> bool {
        let place = |own| self.moments.binary_search(&own).ok();
        let adjacent = place(before).zip(place(after)).is_some_and(|(a, b)| a + 1 == b);
        // A quarter after a gap of a year is no next one.
        adjacent && (before.quarter.is_none() || count(after) == count(before) + 1)
    }
}

/// Quarters since the year 0.
fn count(moment: Moment) -> u32 {
    u32::from(moment.year) * 4 + u32::from(moment.quarter.unwrap_or(1))
}

type Address = (Vec<String>, Vec<String>);
type Timeline<'a> = Vec<(Moment, usize, &'a Cell)>;

/// Each cell over time.
pub(crate) struct Timelines<'a> {
    /// Ascending.
    pub(crate) moments: Vec<Moment>,
    /// In the order in which the documents have the cells: keys and combination, then moment, number
    /// of the document and cell, ascending.
    pub(crate) timelines: Vec<(Address, Timeline<'a>)>,
    /// The dimension that a row does not name, because the moments do.
    dropped: Option<usize>,
}

/// Each cell of documents of one question over time.
///
/// # Errors
/// [`Error::Changes`] for quarters that they do not have.
pub(crate) fn timelines<'a>(
    documents: &[&'a Document],
    step: Step,
) -> Result<Timelines<'a>, Error> {
    let first = documents.first();
    let period = first.and_then(|own| own.dimensions.iter().position(|name| name == PERIOD));
    let dropped = match (step, period) {
        (Step::Year, _) => None,
        (Step::Quarter, Some(place)) => Some(place),
        (Step::Quarter, None) => return refuse("it has no quarters; compare years"),
    };
    let mut places: BTreeMap<Address, usize> = BTreeMap::new();
    let mut timelines: Vec<(Address, Timeline<'a>)> = Vec::new();
    let mut moments = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for cell in &document.cells {
            let Some(quarter) = quarter(cell, dropped) else { continue };
            let moment = Moment { year: document.year, quarter };
            let kept = cell.keys.iter().enumerate().filter(|(place, _)| Some(*place) != dropped);
            let keys = kept.map(|(_, key)| key.clone()).collect();
            let address = (keys, cell.datasets.clone());
            let place = *places.entry(address.clone()).or_insert_with(|| {
                timelines.push((address, Vec::new()));
                timelines.len() - 1
            });
            if let Some((_, line)) = timelines.get_mut(place) {
                line.push((moment, number, cell));
            }
            moments.push(moment);
        }
    }
    for (_, line) in &mut timelines {
        line.sort_by_key(|(moment, ..)| *moment);
    }
    moments.sort_unstable();
    moments.dedup();
    Ok(Timelines { moments, timelines, dropped })
}

impl Timelines<'_> {
    /// What stands at a cell's row.
    pub(crate) fn row(&self, cell: &Cell, names: &Names) -> String {
        row(cell, self.dropped, names)
    }
}

/// The quarter of a cell; `None` for the year beside quarters, which belongs to no step.
fn quarter(cell: &Cell, dropped: Option<usize>) -> Option<Option<u8>> {
    let Some(place) = dropped else { return Some(None) };
    let number = cell.keys.get(place)?.strip_prefix('q')?.parse().ok()?;
    (1..=4).contains(&number).then_some(Some(number))
}

impl Pair<'_> {
    /// What stands at its row.
    pub(super) fn row(&self, names: &Names) -> String {
        row(self.after.1, self.dropped, names)
    }
}

fn row(cell: &Cell, dropped: Option<usize>, names: &Names) -> String {
    if dropped.is_none() {
        return names.row(cell);
    }
    let kept = cell.labels.iter().enumerate().filter(|(place, _)| Some(*place) != dropped);
    let labels: Vec<&str> = kept.map(|(_, label)| label.as_str()).collect();
    if labels.is_empty() { "insgesamt".to_owned() } else { labels.join(", ") }
}
