//! Released cells as a picture with intervals.
//!
//! The picture is drawn by plotters and finished by hand: a name and a description for screen
//! readers, and a class per role so that a page can give it other colours in the dark. It refers
//! to nothing outside itself.

mod draw;
mod finish;
mod layout;
mod rows;
mod words;

use crate::{Document, Error, Names};
use draw::draw;
use finish::finish;
use layout::Layout;
use rows::Rows;

/// Most rows of a chart; an overlap of eight services has 255.
pub const MAX_ROWS: usize = 300;

/// How a chart is to look.
pub struct ChartStyle<'a> {
    /// Width in pixels, 280 to 1600. The height follows from the rows. Where labels
    /// and numbers would leave too little of it to the bars, they stand above them.
    pub width: u32,
    /// Whether label and year of the document stand in the picture; not needed below a heading.
    pub titled: bool,
    /// What readers see for short names.
    pub names: &'a Names,
}

impl ChartStyle<'_> {
    const WIDTHS: std::ops::RangeInclusive<u32> = 280..=1_600;
}

/// Draws the cells of `document` as an SVG document, one row per cell, greatest value first.
///
/// Counts are bars from zero, hollow where the interval reaches zero, so that negative estimates
/// and noise are not taken for people; means are points. Each has its interval as a whisker.
/// Withheld cells come last and are hatched. The same document and style give the same bytes.
///
/// Classes: `mg-paper`, `mg-ink`, `mg-soft`, `mg-grid`, `mg-bar`, `mg-whisker`, `mg-hatch`.
///
/// # Errors
/// [`Error::TooManyRows`], [`Error::Width`], [`Error::Drawing`].
pub fn chart(document: &Document, style: &ChartStyle<'_>) -> Result<String, Error> {
    if document.cells.len() > MAX_ROWS {
        return Err(Error::TooManyRows { most: MAX_ROWS });
    }
    let (least, most) = (*ChartStyle::WIDTHS.start(), *ChartStyle::WIDTHS.end());
    if !ChartStyle::WIDTHS.contains(&style.width) {
        return Err(Error::Width { least, most });
    }
    let rows = Rows::of(document, style.names);
    let layout = Layout::of(document, &rows, style);
    let svg = draw(document, &rows, &layout)?;
    finish(&svg, &words::name(document), &words::description(document, &rows))
}
