//! Where everything stands, in pixels.

use super::{Grid, GridStyle};
use crate::picture::{
    BOLD_CHARACTER, CHARACTER, LINE, SMALL, TEXT, TITLE, characters, extent, height, wrap,
};

pub(super) const MARGIN: i32 = 8;
/// Height of a cell.
const CELL: i32 = 24;
/// Height of a label above its row.
const ABOVE: i32 = LINE + 3;
/// Narrowest cell beside whose row the label still stands.
const NARROWEST: i32 = 44;
/// Widest cell; wider ones would tear numbers apart.
const WIDEST: i32 = 120;

pub(super) struct Layout {
    pub(super) width: i32,
    /// Lines of the title, empty without one.
    pub(super) title: Vec<String>,
    /// What rows and columns are.
    pub(super) axes: Vec<String>,
    pub(super) axes_y: i32,
    /// Lines of each column's head.
    pub(super) heads: Vec<Vec<String>>,
    /// Whether heads hang from a staircase, because their words are wider than a cell.
    pub(super) stairs: bool,
    pub(super) heads_y: i32,
    /// Whether labels stand beside their rows or above them.
    pub(super) beside: bool,
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) cell: i32,
    pub(super) pitch: i32,
    /// Where the rows end.
    pub(super) bottom: i32,
    pub(super) note: Vec<String>,
}

impl Layout {
    pub(super) fn of(grid: &Grid, style: &GridStyle) -> Self {
        let width = i32::try_from(style.width).unwrap_or(i32::MAX);
        let inner = width - 2 * MARGIN;
        let title = match style.titled {
            true => wrap(&grid.name(), characters(inner, TITLE * BOLD_CHARACTER)),
            false => Vec::new(),
        };
        let axes_y = if title.is_empty() { 4 } else { MARGIN + height(&title, 24) + 2 };
        let axes = wrap(&grid.axes(), characters(inner, SMALL * CHARACTER));
        let columns = i32::try_from(grid.columns.len().max(1)).unwrap_or(i32::MAX);
        let labels = grid.rows.iter().map(|row| extent(&row.label, TEXT)).max().unwrap_or(0);
        let beside = (inner - labels - MARGIN) / columns >= NARROWEST;
        let left = MARGIN + if beside { labels + MARGIN } else { 0 };
        let cell = ((width - MARGIN - left) / columns).min(WIDEST);
        let heads_y = axes_y + height(&axes, LINE) + 4;
        let (heads, stairs) = heads(&grid.columns, cell, width - left);
        let lines = heads.iter().map(Vec::len);
        let lines = if stairs { lines.sum() } else { lines.max().unwrap_or(0) };
        let top = heads_y + i32::try_from(lines).unwrap_or(i32::MAX) * LINE + 6;
        let pitch = if beside { CELL } else { CELL + ABOVE + 4 };
        let rows = i32::try_from(grid.rows.len()).unwrap_or(i32::MAX);
        let note = wrap(&grid.note(), characters(inner, SMALL * CHARACTER));
        let bottom = top + rows * pitch;
        Self {
            width,
            title,
            axes,
            axes_y,
            heads,
            stairs,
            heads_y,
            beside,
            left,
            top,
            cell,
            pitch,
            bottom,
            note,
        }
    }

    /// Corners of a cell: left, top, right, bottom.
    pub(super) fn corners(&self, row: usize, column: usize) -> [i32; 4] {
        let place = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let left = self.left + place(column) * self.cell;
        let under = place(row) * self.pitch + if self.beside { 0 } else { ABOVE };
        let top = self.top + under;
        [left, top, left + self.cell, top + CELL]
    }
}

/// Lines per head, and whether they need a staircase.
fn heads(columns: &[String], cell: i32, room: i32) -> (Vec<Vec<String>>, bool) {
    const MOST_LINES: usize = 3;
    let fits = |word: &str| extent(word, SMALL) <= cell - 4;
    let most = usize::try_from((cell - 4) * 10 / extent("0000000000", SMALL).max(1)).unwrap_or(1);
    let wrapped: Vec<Vec<String>> = columns.iter().map(|own| wrap(own, most.max(1))).collect();
    let words_fit = columns.iter().all(|own| own.split(' ').all(fits));
    if words_fit && wrapped.iter().all(|own| own.len() <= MOST_LINES) {
        return (wrapped, false);
    }
    let mut left = room - cell / 2;
    let stairs = columns.iter().map(|own| {
        let lines = wrap(own, characters(left - 12, SMALL * CHARACTER));
        left -= cell;
        lines
    });
    (stairs.collect(), true)
}
