//! Released cells as a picture with intervals.
//!
//! The picture is drawn by plotters and finished by hand: a name and a description for screen
//! readers, and a class per role so that a page can give it other colours in the dark. It refers
//! to nothing outside itself.

mod draw;
mod layout;
mod matrix;
mod rows;
mod words;

use crate::picture::{self, finish};
use crate::{Document, Error, Names, Tolerance};
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
    /// What is drawn hollow instead of full.
    pub tolerance: Tolerance,
}

impl ChartStyle<'_> {
    const WIDTHS: std::ops::RangeInclusive<u32> = 280..=1_600;

    pub(crate) fn check_width(width: u32) -> Result<(), Error> {
        let (least, most) = (*Self::WIDTHS.start(), *Self::WIDTHS.end());
        if Self::WIDTHS.contains(&width) { Ok(()) } else { Err(Error::Width { least, most }) }
    }
}

/// Draws the cells of `document` as an SVG document, one row per cell in the order of
/// [`Document::ranked`], numbered where that is an order by value; totals are left to the table.
///
/// Counts are bars from zero, means are points; both are hollow where the tolerance does not admit
/// them, so that negative estimates and noise are not taken for people. Each has its interval as a
/// whisker and says itself when pointed at. Combinations of services are shown as joined dots under
/// the services' names. Withheld cells are hatched. The same document and style give the same bytes.
///
/// Classes: `mg-paper`, `mg-ink`, `mg-soft`, `mg-grid`, `mg-bar`, `mg-whisker`, `mg-hatch`.
///
/// # Errors
/// [`Error::OneSided`], [`Error::TooManyRows`], [`Error::Width`], [`Error::Drawing`].
pub fn chart(document: &Document, style: &ChartStyle<'_>) -> Result<String, Error> {
    if document.is_thresholded() {
        return Err(Error::OneSided);
    }
    if document.ranked().len() > MAX_ROWS {
        return Err(Error::TooManyRows { most: MAX_ROWS });
    }
    ChartStyle::check_width(style.width)?;
    let rows = Rows::of(document, style);
    let layout = Layout::of(document, &rows, style);
    let svg = draw::draw(document, &rows, &layout, style)?;
    finish(
        &svg,
        &picture::Words {
            name: &words::name(document),
            description: &words::description(document, &rows),
            below: "",
            above: &draw::tips(document, &rows, &layout, style),
        },
    )
}
