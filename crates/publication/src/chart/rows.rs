//! What stands in which row.

use super::ChartStyle;
use crate::{Document, Numbers};

pub(super) struct Row {
    /// As in map and table; `None` where rows have an order of their own.
    pub(super) number: Option<usize>,
    pub(super) label: String,
    /// The combination of an overlap cell.
    pub(super) datasets: Vec<String>,
    pub(super) numbers: Option<Numbers>,
    /// Whether there is a number of persons, but no rate of them.
    pub(super) rateless: bool,
    /// Whether it is drawn as if it stood for itself.
    pub(super) known: bool,
}

pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Digits of the greatest row number, 0 where rows have none.
    pub(super) digits: usize,
    /// Ends of the axis.
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Row {
    /// The label with its number next to the bar. Numbers have one width, so that they and the ends
    /// of the labels stand under each other.
    pub(super) fn beside(&self, digits: usize) -> String {
        match self.number {
            Some(number) => {
                let number = number.to_string();
                let blanks = "\u{2007}".repeat(digits.saturating_sub(number.len()));
                format!("{}\u{2002}{blanks}{number}", self.label)
            }
            None => self.label.clone(),
        }
    }

    /// The label with its number in front.
    pub(super) fn above(&self) -> String {
        self.number.map_or_else(|| self.label.clone(), |number| format!("{number} {}", self.label))
    }
}

impl Rows {
    pub(super) fn of(document: &Document, style: &ChartStyle<'_>) -> Self {
        let numbered = document.is_ranked();
        let row = |(number, cell): (usize, &crate::Cell)| Row {
            number: numbered.then_some(number),
            label: style.names.row(cell),
            datasets: cell.datasets.clone(),
            numbers: document.lead(cell),
            rateless: cell.numbers.is_some() && document.lead(cell).is_none(),
            known: style.tolerance.admits(document.lead(cell)),
        };
        let rows: Vec<Row> = document.ranked().into_iter().map(row).collect();
        let digits = if numbered { rows.len().to_string().len() } else { 0 };
        let (low, high) = axis(&rows, document.kind.is_level());
        Self { rows, digits, low, high }
    }

    /// The rows with numbers.
    pub(super) fn shown(&self) -> impl DoubleEndedIterator<Item = (&Row, Numbers)> {
        self.rows.iter().filter_map(|row| row.numbers.map(|numbers| (row, numbers)))
    }

    pub(super) fn withheld(&self) -> usize {
        self.rows.iter().filter(|row| row.numbers.is_none() && !row.rateless).count()
    }

    pub(super) fn rateless(&self) -> usize {
        self.rows.iter().filter(|row| row.rateless).count()
    }
}

/// A bar's length means something only from zero on; points may stand on any stretch.
fn axis(rows: &[Row], is_level: bool) -> (f64, f64) {
    let numbers = || rows.iter().filter_map(|row| row.numbers);
    let start = if is_level { None } else { Some(0.0) };
    let low = numbers().map(|n| n.low.position()).chain(start).reduce(f64::min);
    let high = numbers().map(|n| n.high.position()).chain(start).reduce(f64::max);
    let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(1.0));
    let span = if high > low { high - low } else { 1.0 };
    let margin = span * 0.03;
    let low = if !is_level && low >= 0.0 { 0.0 } else { low - margin };
    (low, high + margin)
}
