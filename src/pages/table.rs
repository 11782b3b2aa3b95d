//! One released document as pictures, a table and its fine print.

use publication::{
    Amount, Boundaries, Cell, ChartStyle, Document, Error, GridStyle, HalfWidth, Kind, MAX_ROWS,
    Map, MapStyle, Names, Step, Tolerance, Unit, chart, heat_map, map, transition_matrix, trend,
};

use super::figures;
use super::history::History;
use super::quality::{CorrectionSection, Evidence, LossLine, QualitySection, losses};
use super::rates::{RowRate, TableRates};

/// Width of a chart beside or above its table, in pixels.
const WIDE: u32 = 720;
/// Width of a chart between a map and a table.
const BESIDE_MAP: u32 = 480;
/// Width of a map.
const MAP: u32 = 400;
/// Width of a chart on a telephone.
const NARROW: u32 = 330;

/// What a table needs besides its document.
pub(crate) struct TableStyle<'a> {
    /// What readers see for short names.
    pub(crate) names: &'a Names,
    /// Where the places lie.
    pub(crate) boundaries: &'a Boundaries,
    /// What is too uncertain to compare.
    pub(crate) tolerance: Tolerance,
}

/// A released document, ready to be shown.
pub(crate) struct Table {
    /// Number on the page, from the caller.
    pub(super) position: usize,
    /// Address of the downloads, without the ending.
    pub(super) address: String,
    pub(super) label: String,
    pub(super) year: u16,
    /// `95` for 95-%-intervals.
    pub(super) percent: String,
    /// The most important in a sentence.
    pub(super) summary: Option<String>,
    /// Heads of the columns before the numbers.
    pub(super) columns: Vec<String>,
    /// Whether rows have the numbers of map and bars.
    pub(super) numbered: bool,
    /// What the numbers count.
    pub(super) unit: Option<Unit>,
    /// `Wert`, with the unit where it is not persons.
    pub(super) value_head: String,
    pub(super) rows: Vec<TableRow>,
    /// Rows of the document that the page leaves out.
    pub(super) left_out: usize,
    pub(super) withheld: usize,
    pub(super) why_withheld: String,
    /// Rows with numbers that are too uncertain.
    pub(super) unsure: usize,
    pub(super) tolerance: String,
    /// Where the purpose asks for rates and the unit knows residents.
    pub(super) rates: Option<TableRates>,
    pub(super) map: Option<Map>,
    pub(super) charts: Option<Charts>,
    /// Other years of the same question, see [`Table::with_history`].
    pub(super) history: Option<History>,
    /// How good the links are, where the table is about them.
    pub(super) quality: Option<QualitySection>,
    /// What a model makes of the table.
    pub(super) correction: Option<CorrectionSection>,
    pub(super) facts: Facts,
}

pub(super) struct TableRow {
    /// `None` for totals.
    pub(super) number: Option<usize>,
    pub(super) known: bool,
    pub(super) total: bool,
    pub(super) first: String,
    pub(super) others: Vec<String>,
    /// Value, low, high; `None` where withheld.
    pub(super) numbers: Option<[String; 3]>,
    pub(super) rate: RowRate,
}

/// The same picture for two widths; the style sheet shows one of them.
pub(super) struct Charts {
    /// What it is, for the style sheet: `bars`, `cells` or `lines`.
    pub(super) class: &'static str,
    pub(super) wide: String,
    pub(super) narrow: String,
}

impl Charts {
    pub(super) fn of(
        class: &'static str,
        draw: impl Fn(u32) -> Result<String, Error>,
    ) -> Result<Self, Error> {
        Ok(Self { class, wide: draw(WIDE)?, narrow: draw(NARROW)? })
    }
}

/// Address of a release's own page, and with an ending of its downloads.
pub(super) fn release_address(document: &Document) -> String {
    format!("/releases/{}/{}", document.ledger.sequence, document.file_stem())
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
    /// Who may lose how much.
    pub(super) losses: Vec<LossLine>,
    pub(super) purpose: String,
    pub(super) snapshot: String,
    pub(super) policy_digest: String,
    pub(super) sequence: u64,
    pub(super) head: String,
    pub(super) separation: String,
}

impl Table {
    /// Prepares `document` for the page. `position` is another one for every table of a page.
    ///
    /// A document with more rows than a chart can hold is shown without one and cut; the page says
    /// so and the downloads have everything.
    ///
    /// # Errors
    /// What [`chart`] and [`map`] say.
    pub(crate) fn new(
        position: usize,
        document: &Document,
        style: &TableStyle<'_>,
    ) -> Result<Self, Error> {
        let (names, tolerance) = (style.names, style.tolerance);
        let shown = document.cells.len().min(MAX_ROWS);
        let boundaries = style.boundaries;
        let drawn = map(document, &MapStyle { width: MAP, names, boundaries, tolerance })?;
        let fits = shown == document.cells.len();
        let charts = pictures(document, style, drawn.is_some(), fits)?;
        let rows = document.rows();
        let row = |(number, cell): &(Option<usize>, &Cell)| row(*number, cell, document, style);
        let unsure = |cell: &&Cell| cell.numbers.is_some() && !tolerance.admits(cell.numbers);
        Ok(Self {
            position,
            address: release_address(document),
            label: document.label.clone(),
            year: document.year,
            percent: document.percent(),
            summary: summary(document, style),
            columns: columns(document, names),
            numbered: document.is_ranked(),
            value_head: match (document.kind, names.unit(document)) {
                (Kind::Persons | Kind::Overlap | Kind::LinkQuality, _) | (_, None) => {
                    "Wert".to_owned()
                }
                (_, Some(unit)) => format!("Wert ({})", unit.sign),
            },
            unit: names.unit(document),
            rows: rows.iter().take(shown).map(row).collect(),
            left_out: document.cells.len() - shown,
            withheld: document.withheld(),
            why_withheld: match document.withholding {
                Some(rule) => rule.words(),
                None => "zu wenige Personen für eine brauchbare Aussage".to_owned(),
            },
            unsure: document.cells.iter().filter(unsure).count(),
            tolerance: tolerance.words(),
            rates: TableRates::of(document),
            map: drawn,
            charts,
            history: None,
            quality: None,
            correction: None,
            facts: Facts::of(document, names),
        })
    }

    /// Adds what can be said about the links behind `document`, which the table was made of.
    ///
    /// # Errors
    /// What a picture says.
    pub(crate) fn judged(
        mut self,
        document: &Document,
        evidence: &Evidence<'_>,
    ) -> Result<Self, Error> {
        self.quality = evidence.quality(document)?;
        self.correction = evidence.correction(document);
        Ok(self)
    }

    /// Adds how the numbers of `document`, which the table was made of, went over `all` releases of
    /// its question; `whole` where the table stands alone on its page.
    ///
    /// # Errors
    /// What a picture says.
    pub(crate) fn with_history(
        mut self,
        document: &Document,
        all: &[&Document],
        style: &TableStyle<'_>,
        whole: bool,
    ) -> Result<Self, Error> {
        self.history = Some(History::of(document, all, style, whole)?);
        Ok(self)
    }
}

impl Table {
    /// Head of the column of rates, where there is one.
    pub(super) fn rate_head(&self) -> Option<&str> {
        self.rates.as_ref()?.head.as_deref()
    }
}

/// The picture that says most about a document: coloured cells for two dimensions and for
/// transitions, lines for quarters, else bars if they fit; `None` where numbers have no interval.
fn pictures(
    document: &Document,
    style: &TableStyle<'_>,
    beside_map: bool,
    fits: bool,
) -> Result<Option<Charts>, Error> {
    if document.is_thresholded() {
        return Ok(None);
    }
    let (names, tolerance) = (style.names, style.tolerance);
    let cells = match heat_map(document, names, tolerance) {
        Ok(None) => transition_matrix(document, names, tolerance),
        other => other,
    };
    match cells {
        Ok(Some(grid)) => {
            let draw = |width| grid.svg(&GridStyle { width, titled: false });
            return Charts::of("cells", draw).map(Some);
        }
        Ok(None) | Err(Error::TooManyCells { .. }) => {}
        Err(other) => return Err(other),
    }
    match trend(&[document], Step::Quarter, names, tolerance) {
        Ok(Some(lines)) => {
            let draw = |width| lines.svg(&GridStyle { width, titled: false });
            return Charts::of("lines", draw).map(Some);
        }
        Ok(None) | Err(Error::Changes(_) | Error::TooManyRows { .. }) => {}
        Err(other) => return Err(other),
    }
    if !fits {
        return Ok(None);
    }
    let draw = |width| chart(document, &ChartStyle { width, titled: false, names, tolerance });
    let wide = if beside_map { BESIDE_MAP } else { WIDE };
    Ok(Some(Charts { class: "bars", wide: draw(wide)?, narrow: draw(NARROW)? }))
}

/// The greatest values that are known well enough, and how many are not.
fn summary(document: &Document, style: &TableStyle<'_>) -> Option<String> {
    const NAMED: usize = 3;
    if document.is_thresholded() {
        let text = "Gezeigt wird nur, was nach der Zufallszugabe über einer Schwelle liegt; welche \
            Schlüssel sonst vorkommen, bleibt offen.";
        return Some(text.to_owned());
    }
    if !document.is_ranked() {
        return None;
    }
    let ranked = document.ranked();
    let known: Vec<&Cell> = ranked
        .iter()
        .map(|(_, cell)| *cell)
        .filter(|cell| style.tolerance.admits(document.lead(cell)))
        .collect();
    let named = known.iter().take(NAMED).filter_map(|cell| {
        let value = document.lead(cell)?.value.german();
        Some(format!("{} mit {value}", style.names.row(cell)))
    });
    let named: Vec<String> = named.collect();
    let unsure = ranked.len() - known.len();
    let most = match &document.rate {
        Some(rate) if document.leads_with_rate() => format!("Am höchsten {}", rate.words()),
        _ => "Am größten".to_owned(),
    };
    let mut text = match named.as_slice() {
        [] => "Alle Werte sind zu unsicher zum Vergleichen.".to_owned(),
        [only] => format!("{most}: {only}."),
        [first @ .., last] => format!("{most}: {}, dann {last}.", first.join(", dann ")),
    };
    if document.kind == Kind::Overlap {
        text.push_str(
            " Jede Person zählt in genau einer Zeile: „nur“ heißt, dass sie keine der anderen hier \
             gefragten Leistungen erhielt.",
        );
    }
    if !named.is_empty() && unsure > 0 {
        text.push_str(&format!(
            " {unsure} von {} Werten sind zu unsicher zum Vergleichen.",
            ranked.len()
        ));
    }
    Some(text)
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

fn row(
    number: Option<usize>,
    cell: &Cell,
    document: &Document,
    style: &TableStyle<'_>,
) -> TableRow {
    let mut texts = cell.labels.clone();
    if !cell.datasets.is_empty() {
        texts.push(style.names.combination(cell));
    }
    let mut texts = texts.into_iter();
    TableRow {
        number,
        known: cell.at_least.is_some() || style.tolerance.admits(cell.numbers),
        total: cell.is_total,
        first: texts.next().unwrap_or_else(|| "insgesamt".to_owned()),
        others: texts.collect(),
        numbers: match (cell.numbers, cell.at_least) {
            (Some(n), _) => Some([n.value, n.low, n.high].map(Amount::german)),
            (None, Some(own)) => Some([own.value.german(), own.low.german(), "–".to_owned()]),
            (None, None) => None,
        },
        rate: RowRate::of(document, cell),
    }
}

impl Facts {
    fn of(document: &Document, names: &Names) -> Self {
        let cluster = "Geschützt ist eine Person, so wie die Verknüpfung sie sieht: Ob ihre Angaben \
            dabei sind oder nicht, verändert die Wahrscheinlichkeit jeder veröffentlichten Zahl \
            höchstens um das Maß oben. Die Verknüpfung gilt dabei als gegeben. Wer irrtümlich als \
            zwei Personen geführt wird, und ein Haushalt als Ganzes, ist schwächer geschützt.";
        let subject = "Geschützt ist eine Person mit allen ihren Fällen in den gefragten Diensten, \
            gleich wie verknüpft wurde: Keine Zahl hängt davon ab, wer mit wem zusammengeführt \
            wurde. Wer in einem Dienst mehr Fälle hat, als die Frage annimmt, und ein Haushalt als \
            Ganzes, ist schwächer geschützt.";
        Self {
            half_width: match &document.margins {
                Some(margins) => margins.words(names),
                None => half_width(document),
            },
            rho: figures::rho(document.rho_nano),
            eps: Amount::Decimal((document.eps * 100.0).ceil() / 100.0).german(),
            delta: figures::delta(document.delta_conv_femto),
            guarantee: match document.guarantee.kind.as_str() {
                "cluster" => Some(cluster),
                "subject" => Some(subject),
                _ => None,
            },
            guarantee_text: document.guarantee.text.clone(),
            losses: losses(document),
            purpose: document.purpose.clone(),
            snapshot: document.snapshot.clone(),
            policy_digest: document.policy_digest.clone(),
            sequence: document.ledger.sequence,
            head: document.ledger.head.clone(),
            separation: document.separation.clone(),
        }
    }
}

fn half_width(document: &Document) -> String {
    let (several, one) = (document.counted.german(), document.counted.one());
    let persons =
        |count: u64| i64::try_from(count).map_or(count.to_string(), |n| Amount::Whole(n).german());
    match document.half_width {
        HalfWidth::Exact(width) if document.kind == Kind::Sum => {
            format!("±\u{a0}{} in jeder Zeile", persons(width))
        }
        HalfWidth::Exact(1) => format!("±\u{a0}1 {one} in jeder Zeile"),
        HalfWidth::Exact(width) => format!("±\u{a0}{} {several} in jeder Zeile", persons(width)),
        HalfWidth::Threshold { lower_width, threshold } => format!(
            "höchstens {} {several} zu hoch. Gezeigt werden nur Schlüssel, deren verrauschte Anzahl \
             über {} liegt; ob es andere gibt, sagt die Tabelle nicht",
            persons(lower_width),
            persons(threshold)
        ),
        HalfWidth::Ranks(width) => {
            format!("±\u{a0}{} {several}, die unter dem Wert liegen", persons(width))
        }
        HalfWidth::Assumed { half_width: Some(width), assumed_count, least_count } => format!(
            "höchstens ±\u{a0}{} bei {} {several} in der Zeile; ausgeblendet unter {} verrauschten {several}",
            Amount::Decimal(width).german(),
            persons(assumed_count),
            persons(least_count)
        ),
        HalfWidth::Assumed { half_width: None, assumed_count, least_count } => format!(
            "eine Zeile mit {} {several} wäre ausgeblendet; gezeigt wird ab {} verrauschten {several}",
            persons(assumed_count),
            persons(least_count)
        ),
    }
}
