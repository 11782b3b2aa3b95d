//! What a table says about rates.

use publication::{Amount, Cell, CellRate, Document, Gap};

/// The rates of a table: a column, or a sentence where not a single one could be computed.
pub(super) struct TableRates {
    /// Head of the column, such as `je 100 Einwohner unter 15`; `None` without a column.
    pub(super) head: Option<String>,
    /// Why rates are missing, in the order of [`RowRate::Missing`].
    pub(super) gaps: Vec<String>,
    /// Whose residents they are, with licence and date.
    pub(super) source: String,
}

/// A rate in its row.
pub(super) enum RowRate {
    /// Value, low, high.
    Known([String; 3]),
    /// Number of the reason below the table.
    Missing(usize),
    /// There is no count either.
    Withheld,
}

impl TableRates {
    /// What `document` has of rates.
    pub(super) fn of(document: &Document) -> Option<Self> {
        let rate = document.rate.as_ref()?;
        let has_column = document.leads_with_rate();
        let gaps = document.gaps().into_iter().map(|(gap, _)| Self::reason(gap, &rate.words()));
        Some(Self {
            head: has_column.then(|| rate.words()),
            gaps: gaps.collect(),
            source: rate.source_words(),
        })
    }

    fn reason(gap: &Gap, words: &str) -> String {
        format!("Quote {words} nicht berechenbar: {}.", gap.german())
    }
}

impl RowRate {
    /// The rate of a cell of `document`.
    pub(super) fn of(document: &Document, cell: &Cell) -> Self {
        match &cell.rate {
            Some(CellRate::Known { numbers, .. }) => {
                Self::Known([numbers.value, numbers.low, numbers.high].map(Amount::german))
            }
            Some(CellRate::Unknown(gap)) => {
                let place = document.gaps().iter().position(|(own, _)| *own == gap);
                Self::Missing(place.unwrap_or_default() + 1)
            }
            None => Self::Withheld,
        }
    }
}
