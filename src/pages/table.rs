//! One released document as a chart, a table and its fine print.

use publication::{Amount, ChartStyle, Document, Error, HalfWidth, Kind, MAX_ROWS, Names, chart};

use super::figures;

/// Width of a chart beside or above its table, in pixels.
const WIDE: u32 = 720;
/// Width of a chart on a telephone, in pixels.
const NARROW: u32 = 330;

/// A released document, ready to be shown.
pub(crate) struct Table {
    /// Number in the address of the download, from the caller.
    pub(super) position: usize,
    pub(super) label: String,
    pub(super) year: u16,
    /// `95` for 95-%-intervals.
    pub(super) percent: String,
    /// Heads of the columns before the numbers.
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<TableRow>,
    /// Rows of the document that the page leaves out.
    pub(super) left_out: usize,
    pub(super) withheld: usize,
    pub(super) charts: Option<Charts>,
    pub(super) facts: Facts,
}

pub(super) struct TableRow {
    pub(super) first: String,
    pub(super) others: Vec<String>,
    /// Value, low, high; `None` where withheld.
    pub(super) numbers: Option<[String; 3]>,
}

/// The same picture for two widths; the style sheet shows one of them.
pub(super) struct Charts {
    pub(super) wide: String,
    pub(super) narrow: String,
}

/// What stands under „Wie diese Zahlen geschützt sind“.
pub(super) struct Facts {
    pub(super) half_width: String,
    pub(super) rho: String,
    pub(super) eps: String,
    pub(super) delta: String,
    /// In German where the kind of guarantee is known.
    pub(super) guarantee: Option<&'static str>,
    pub(super) guarantee_text: String,
    pub(super) purpose: String,
    pub(super) snapshot: String,
    pub(super) policy_digest: String,
    pub(super) sequence: u64,
    pub(super) head: String,
    pub(super) separation: String,
}

impl Table {
    /// Prepares `document` for the page. `position` is the `n` of `/releases/{n}.csv`; on one page
    /// every table has another one.
    ///
    /// A document with more rows than a chart can hold is shown without one and cut; the page says
    /// so and the download has everything.
    ///
    /// # Errors
    /// What [`chart`] says.
    pub(crate) fn new(position: usize, document: &Document, names: &Names) -> Result<Self, Error> {
        let shown = document.cells.len().min(MAX_ROWS);
        let charts = if shown == document.cells.len() {
            let draw = |width| chart(document, &ChartStyle { width, titled: false, names });
            Some(Charts { wide: draw(WIDE)?, narrow: draw(NARROW)? })
        } else {
            None
        };
        Ok(Self {
            position,
            label: document.label.clone(),
            year: document.year,
            percent: document.percent(),
            columns: columns(document, names),
            rows: document.cells.iter().take(shown).map(|cell| row(cell, names)).collect(),
            left_out: document.cells.len() - shown,
            withheld: document.withheld(),
            charts,
            facts: Facts::of(document),
        })
    }
}

fn columns(document: &Document, names: &Names) -> Vec<String> {
    let dimensions = document.dimensions.iter();
    let mut columns: Vec<String> =
        dimensions.map(|dimension| names.dimension(dimension).to_owned()).collect();
    if document.kind == Kind::Overlap {
        columns.push("Leistungen".to_owned());
    }
    if columns.is_empty() {
        columns.push("Gruppe".to_owned());
    }
    columns
}

fn row(cell: &publication::Cell, names: &Names) -> TableRow {
    let mut texts = cell.labels.clone();
    if !cell.datasets.is_empty() {
        texts.push(names.combination(cell));
    }
    let mut texts = texts.into_iter();
    TableRow {
        first: texts.next().unwrap_or_else(|| "insgesamt".to_owned()),
        others: texts.collect(),
        numbers: cell.numbers.map(|n| [n.value, n.low, n.high].map(Amount::german)),
    }
}

impl Facts {
    fn of(document: &Document) -> Self {
        let cluster = "Geschützt ist eine Person, so wie die Verknüpfung sie sieht: Ob ihre Angaben \
            dabei sind oder nicht, verändert die Wahrscheinlichkeit jeder veröffentlichten Zahl \
            höchstens um das Maß oben. Die Verknüpfung gilt dabei als gegeben. Wer irrtümlich als \
            zwei Personen geführt wird, und ein Haushalt als Ganzes, ist schwächer geschützt.";
        Self {
            half_width: half_width(document.half_width),
            rho: figures::rho(document.rho_nano),
            eps: Amount::Decimal((document.eps * 100.0).ceil() / 100.0).german(),
            delta: figures::delta(document.delta_conv_femto),
            guarantee: (document.guarantee.kind == "cluster").then_some(cluster),
            guarantee_text: document.guarantee.text.clone(),
            purpose: document.purpose.clone(),
            snapshot: document.snapshot.clone(),
            policy_digest: document.policy_digest.clone(),
            sequence: document.ledger.sequence,
            head: document.ledger.head.clone(),
            separation: document.separation.clone(),
        }
    }
}

fn half_width(half_width: HalfWidth) -> String {
    let persons =
        |count: u64| i64::try_from(count).map_or(count.to_string(), |n| Amount::Whole(n).german());
    match half_width {
        HalfWidth::Exact(1) => "±\u{a0}1 Person in jeder Zeile".to_owned(),
        HalfWidth::Exact(width) => format!("±\u{a0}{} Personen in jeder Zeile", persons(width)),
        HalfWidth::Assumed { half_width: Some(width), assumed_count, least_count } => format!(
            "höchstens ±\u{a0}{} bei {} Personen in der Zeile; ausgeblendet unter {} verrauschten Personen",
            Amount::Decimal(width).german(),
            persons(assumed_count),
            persons(least_count)
        ),
        HalfWidth::Assumed { half_width: None, assumed_count, least_count } => format!(
            "eine Zeile mit {} Personen wäre ausgeblendet; gezeigt wird ab {} verrauschten Personen",
            persons(assumed_count),
            persons(least_count)
        ),
    }
}
