//! Four views of one made-up person: what each party holds of the same human being.
//!
//! Only an installation of made-up people can have such a page, since nobody else may know the
//! person. What the analyst sees is not taken from the file: the file names cells, and the numbers
//! come from the released documents that are on the page.

mod bits;
mod format;

use publication::{Amount, Document, Names, Numbers};

pub use format::{
    Cell, Delivery, Exhibit, ExhibitError, Fact, Facts, Linkage, Office, Similarity, Statistics,
    View,
};

/// Rows of an extract that are shown; a person may have one per month, mostly alike.
const SHOWN_ROWS: usize = 1;

/// The section of a page.
pub(crate) struct ExhibitSection {
    pub(super) title: String,
    pub(super) offices: Vec<OfficeView>,
    pub(super) deliveries: Vec<DeliveryView>,
    pub(super) linked_person: String,
    pub(super) similarities: Vec<String>,
    pub(super) counted_person: String,
    pub(super) facts: Vec<FactsView>,
    pub(super) cells: Vec<CellView>,
}

pub(super) struct OfficeView {
    pub(super) name: String,
    /// Column and its value in each shown row.
    pub(super) lines: Vec<(String, Vec<String>)>,
    pub(super) further: usize,
}

pub(super) struct DeliveryView {
    pub(super) office: String,
    pub(super) subject: String,
    pub(super) pictures: Vec<bits::Picture>,
}

pub(super) struct FactsView {
    pub(super) dataset: String,
    /// Column and, per shown row, code and meaning.
    pub(super) lines: Vec<(String, Vec<Fact>)>,
    pub(super) further: usize,
}

pub(super) struct CellView {
    pub(super) label: String,
    pub(super) row: String,
    /// Value and interval in a sentence's form; `None` where withheld.
    pub(super) numbers: Option<(String, String)>,
    pub(super) swing: Option<Swing>,
}

/// How wide the noise swings beside one person, in persons.
pub(super) struct Swing {
    pub(super) width: i64,
    /// Where the value lies, from the lower end.
    pub(super) value: i64,
}

impl ExhibitSection {
    /// Joins the file with what was released; cells that no document holds are left out.
    pub(crate) fn new(exhibit: &Exhibit, documents: &[&Document], names: &Names) -> Self {
        let (linkage, statistics) = (&exhibit.linkage, &exhibit.statistics);
        let first = linkage.deliveries.first();
        let delivery = |(own, number): (&Delivery, usize)| DeliveryView {
            office: own.office.clone(),
            subject: own.subject.clone(),
            pictures: own
                .views
                .iter()
                .map(|view| {
                    let earlier = first
                        .filter(|_| number > 0)
                        .and_then(|first| first.views.iter().find(|other| other.name == view.name));
                    bits::Picture::of(view, earlier)
                })
                .collect(),
        };
        let similarity = |own: &Similarity| {
            let office = |at: usize| linkage.deliveries.get(at).map_or("?", |d| d.office.as_str());
            format!(
                "{} und {}: {}\u{a0}% gleich (Sicht „{}“)",
                office(own.first),
                office(own.second),
                tenths(own.per_mille),
                own.view
            )
        };
        Self {
            title: exhibit.title.clone(),
            offices: exhibit.offices.iter().map(office).collect(),
            deliveries: linkage.deliveries.iter().zip(0..).map(delivery).collect(),
            linked_person: linkage.person.clone(),
            similarities: linkage.similarities.iter().map(similarity).collect(),
            counted_person: statistics.person.clone(),
            facts: statistics.facts.iter().map(facts).collect(),
            cells: exhibit.released.iter().filter_map(|own| cell(own, documents, names)).collect(),
        }
    }
}

fn office(own: &Office) -> OfficeView {
    let shown = own.rows.iter().take(SHOWN_ROWS);
    let line = |(at, column): (usize, &String)| {
        let values = shown.clone().map(|row| row.get(at).cloned().unwrap_or_default());
        (column.clone(), values.collect())
    };
    OfficeView {
        name: own.name.clone(),
        lines: own.columns.iter().enumerate().map(line).collect(),
        further: own.rows.len().saturating_sub(SHOWN_ROWS),
    }
}

fn facts(own: &Facts) -> FactsView {
    let shown = own.rows.iter().take(SHOWN_ROWS);
    let line = |(at, column): (usize, &String)| {
        (column.clone(), shown.clone().filter_map(|row| row.get(at).cloned()).collect())
    };
    FactsView {
        dataset: own.dataset.clone(),
        lines: own.columns.iter().enumerate().map(line).collect(),
        further: own.rows.len().saturating_sub(SHOWN_ROWS),
    }
}

fn cell(wanted: &Cell, documents: &[&Document], names: &Names) -> Option<CellView> {
    let fits = |document: &&&Document| {
        document.indicator == wanted.indicator
            && document.year == wanted.year
            && document.dimensions.len() == wanted.keys.len()
    };
    let of = |document: &&Document| {
        let found = document
            .cells
            .iter()
            .find(|cell| cell.keys == wanted.keys && cell.datasets == wanted.datasets)?;
        let unit =
            names.unit(document).map_or_else(String::new, |unit| format!("\u{a0}{}", unit.words));
        Some(CellView {
            label: format!("{}, {}", document.label, document.year),
            row: names.row(found),
            numbers: found.numbers.map(|numbers| {
                let [value, low, high] =
                    [numbers.value, numbers.low, numbers.high].map(Amount::german);
                (format!("{value}{unit}"), format!("{low} bis {high}"))
            }),
            swing: found.numbers.and_then(swing),
        })
    };
    documents.iter().filter(fits).find_map(of)
}

/// `None` for means, where one person has no width of its own.
fn swing(numbers: Numbers) -> Option<Swing> {
    match (numbers.low, numbers.value, numbers.high) {
        (Amount::Whole(low), Amount::Whole(value), Amount::Whole(high)) if high > low => {
            Some(Swing { width: high - low + 1, value: value - low })
        }
        _ => None,
    }
}

/// Per mille in per cent with one decimal.
fn tenths(per_mille: u16) -> String {
    format!("{},{}", per_mille / 10, per_mille % 10)
}

#[cfg(test)]
mod tests;
