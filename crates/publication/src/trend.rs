//! How numbers went over years or quarters: a line per cell in a band of its intervals.

mod draw;
mod layout;
mod words;

use crate::change::{newest, timelines};
use crate::picture::{Words, finish};
use crate::{
    Amount, Cell, ChartStyle, Document, Error, GridStyle, Moment, Names, Shown, Step, Tolerance,
};
use layout::Layout;

/// Most lines of a trend; each has a panel of its own, so that bands do not cover each other.
pub const MAX_LINES: usize = 60;

/// Released cells over time, ready to be drawn; also the table behind the picture.
#[derive(Debug)]
#[non_exhaustive]
pub struct Trend {
    /// What a reader sees for the question.
    pub label: String,
    /// What the numbers are, such as `Personen`.
    pub quantity: String,
    /// When numbers are from, ascending.
    pub moments: Vec<Moment>,
    /// The lines: totals first, then the cells in the order of the newest document's
    /// [`Document::ranked`].
    pub lines: Vec<TrendLine>,
    percent: String,
    unit: String,
    whole: bool,
    /// Whether all panels have one scale.
    shared: bool,
    /// Whether the scale may begin elsewhere than at zero.
    is_level: bool,
    tolerance: Tolerance,
}

/// One cell over time.
#[derive(Debug)]
#[non_exhaustive]
pub struct TrendLine {
    /// What stands at the cell's row.
    pub row: String,
    /// Whether it is a total.
    pub is_total: bool,
    /// Per moment of [`Trend::moments`].
    pub points: Vec<Shown>,
}

/// The cells of documents of one question over the moments that they have, the newest document of
/// each year; `None` with fewer than two moments, or where numbers have no interval.
///
/// Where every document has rates per the same number of residents, rates are shown.
///
/// # Errors
/// [`Error::Changes`] for documents of different questions or a step into quarters that they do not
/// have, [`Error::TooManyRows`] beyond [`MAX_LINES`].
pub fn trend(
    documents: &[&Document],
    step: Step,
    names: &Names,
    tolerance: Tolerance,
) -> Result<Option<Trend>, Error> {
    let newest = newest(documents);
    let Some(last) = crate::change::check(&newest)?.and(newest.last()) else { return Ok(None) };
    if newest.iter().any(|own| own.is_thresholded()) {
        return Ok(None);
    }
    let series = timelines(&newest, step)?;
    if series.moments.len() < 2 {
        return Ok(None);
    }
    if series.timelines.len() > MAX_LINES {
        return Err(Error::TooManyRows { most: MAX_LINES });
    }
    let by_rate = crate::change::rated(&newest);
    let numbers = |cell: &Cell| if by_rate { cell.known_rate() } else { cell.numbers };
    let rank = |cell: &Cell| {
        let ranked = last.ranked();
        ranked.iter().find(|(_, own)| std::ptr::eq(*own, cell)).map_or(usize::MAX, |own| own.0)
    };
    let mut lines = Vec::with_capacity(series.timelines.len());
    for (_, line) in &series.timelines {
        let Some((_, _, cell)) = line.last() else { continue };
        let point = |moment: &Moment| {
            let found = line.iter().find(|(own, ..)| own == moment);
            found.map_or(Shown::Absent, |(.., cell)| tolerance.show(numbers(cell)))
        };
        let points = series.moments.iter().map(point).collect();
        let row = series.row(cell, names);
        lines.push((
            (!cell.is_total, rank(cell)),
            TrendLine { row, is_total: cell.is_total, points },
        ));
    }
    if step == Step::Year {
        lines.sort_by_key(|(place, _)| *place);
    }
    Ok(Some(Trend {
        label: last.label.clone(),
        quantity: if by_rate { names.lead_quantity(last) } else { names.quantity(last) },
        moments: series.moments,
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        percent: last.percent(),
        unit: if by_rate { names.lead_unit(last) } else { unit(last, names) },
        whole: last.kind.is_whole() && !by_rate,
        // One small place with a wide interval would flatten the rates and counts of all others.
        shared: !by_rate && !last.kind.is_whole(),
        is_level: last.kind.is_level(),
        tolerance,
    }))
}

fn unit(document: &Document, names: &Names) -> String {
    names.unit(document).map_or_else(String::new, |unit| format!(" {}", unit.words))
}

impl Trend {
    /// Draws it as an SVG document; the same trend and style give the same bytes.
    ///
    /// Classes: those of [`chart`](crate::chart()), `mg-c1` for bands and `mg-edge` for their rims.
    ///
    /// # Errors
    /// [`Error::Width`], [`Error::Drawing`].
    pub fn svg(&self, style: &GridStyle) -> Result<String, Error> {
        ChartStyle::check_width(style.width)?;
        let layout = Layout::of(self, style);
        let drawn = draw::draw(self, &layout)?;
        finish(
            &drawn,
            &Words {
                name: &self.name(),
                description: &self.description(),
                below: "",
                above: &draw::tips(self, &layout),
            },
        )
    }

    /// The table behind the picture: heads, and one row per line and moment.
    #[must_use]
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let heads = ["Gruppe", "Zeitraum", "Wert", "von", "bis"].map(str::to_owned);
        let mut rows = Vec::new();
        for line in &self.lines {
            for (moment, point) in self.moments.iter().zip(&line.points) {
                let numbers = match point.numbers() {
                    Some(own) => [own.value, own.low, own.high].map(Amount::german),
                    None => ["–".to_owned(), String::new(), String::new()],
                };
                rows.push([line.row.clone(), moment.german()].into_iter().chain(numbers).collect());
            }
        }
        (heads.to_vec(), rows)
    }

    /// Ends of the scale of one line's panel.
    fn scale(&self, line: &TrendLine) -> (f64, f64) {
        let all = |lines: &[&TrendLine]| {
            let numbers =
                lines.iter().flat_map(|own| own.points.iter().filter_map(|p| p.numbers()));
            let ends = numbers.map(|own| (own.low.position(), own.high.position()));
            ends.reduce(|(low, high), own| (low.min(own.0), high.max(own.1)))
        };
        let every: Vec<&TrendLine> = self.lines.iter().collect();
        let found = if self.shared { all(&every) } else { all(&[line]) };
        let (low, high) = found.unwrap_or((0.0, 1.0));
        // A level may stand on any stretch of an axis; an amount begins at zero.
        let low = if self.is_level { low } else { low.min(0.0) };
        let margin = if high > low { (high - low) * 0.06 } else { 1.0 };
        (if low < 0.0 || self.is_level { low - margin } else { low }, high + margin)
    }
}
