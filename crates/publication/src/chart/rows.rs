//! What stands in which row.

use crate::{Document, Kind, Names, Numbers};

pub(super) struct Row {
    pub(super) label: String,
    pub(super) numbers: Option<Numbers>,
}

pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Ends of the axis.
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Rows {
    pub(super) fn of(document: &Document, names: &Names) -> Self {
        let row = |cell| Row { label: names.row(cell), numbers: cell.numbers };
        let mut rows: Vec<Row> = document.cells.iter().map(row).collect();
        // Stable: equal values keep the order of the document.
        rows.sort_by(|a, b| {
            let key = |row: &Row| row.numbers.map(|numbers| numbers.value.position());
            let withheld = |row: &Row| row.numbers.is_none();
            withheld(a).cmp(&withheld(b)).then_with(|| match (key(a), key(b)) {
                (Some(a), Some(b)) => b.total_cmp(&a),
                _ => std::cmp::Ordering::Equal,
            })
        });
        let (low, high) = axis(&rows, document.kind);
        Self { rows, low, high }
    }

    /// The rows with numbers.
    pub(super) fn shown(&self) -> impl DoubleEndedIterator<Item = (&Row, Numbers)> {
        self.rows.iter().filter_map(|row| row.numbers.map(|numbers| (row, numbers)))
    }

    pub(super) fn withheld(&self) -> usize {
        self.rows.iter().filter(|row| row.numbers.is_none()).count()
    }
}

/// A bar's length means something only from zero on; points may stand on any stretch.
fn axis(rows: &[Row], kind: Kind) -> (f64, f64) {
    let numbers = || rows.iter().filter_map(|row| row.numbers);
    let start = if kind == Kind::Mean { None } else { Some(0.0) };
    let low = numbers().map(|n| n.low.position()).chain(start).reduce(f64::min);
    let high = numbers().map(|n| n.high.position()).chain(start).reduce(f64::max);
    let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(1.0));
    let span = if high > low { high - low } else { 1.0 };
    let margin = span * 0.03;
    let low = if kind != Kind::Mean && low >= 0.0 { 0.0 } else { low - margin };
    (low, high + margin)
}
