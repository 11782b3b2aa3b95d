//! Where everything stands, in pixels.

use super::matrix::Matrix;
use super::{ChartStyle, rows::Rows, words};
use crate::Document;
use crate::picture::{
    BOLD_CHARACTER, CHARACTER, LINE, SMALL, TEXT, TITLE, characters, extent, height, wrap,
};

const MARGIN: i32 = 10;
const BAR: i32 = 14;
/// Height of the axis numbers and the axis name.
const AXIS: i32 = 44;

/// A row's place.
pub(super) struct Place {
    /// Lines of its label.
    pub(super) lines: Vec<String>,
    /// Middle of the first line.
    pub(super) text_y: i32,
    /// Middle of the bar.
    pub(super) bar_y: i32,
    /// Upper and lower end.
    pub(super) span: (i32, i32),
}

pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Lines of the title, empty without one.
    pub(super) title: Vec<String>,
    /// Left end of a label that stands above, right end of one that stands beside.
    pub(super) label_x: i32,
    pub(super) beside: bool,
    /// Dots instead of labels.
    pub(super) matrix: Option<Matrix>,
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) places: Vec<Place>,
    pub(super) note: Vec<String>,
}

impl Layout {
    pub(super) const MARGIN: i32 = MARGIN;
    pub(super) const BAR: i32 = BAR;
    pub(super) const AXIS: i32 = AXIS;

    pub(super) fn of(document: &Document, rows: &Rows, style: &ChartStyle<'_>) -> Self {
        let width = i32::try_from(style.width).unwrap_or(i32::MAX);
        let inner = width - 2 * MARGIN;
        let title = if style.titled {
            wrap(&words::name(document), characters(inner, TITLE * BOLD_CHARACTER))
        } else {
            Vec::new()
        };
        let mut top = if title.is_empty() { 4 } else { MARGIN + height(&title, 24) + 4 };
        let matrix = Matrix::of(document, style.names, width, top);
        if let Some(matrix) = &matrix {
            top = matrix.bottom;
        }
        let label = |row: &super::rows::Row| extent(&row.beside(rows.digits), TEXT);
        let longest = match &matrix {
            Some(matrix) => matrix.width(rows.digits),
            None => rows.rows.iter().map(label).max().unwrap_or(0),
        };
        let numbers = rows.rows.iter().map(|row| extent(&words::value(row), TEXT)).max();
        let numbers = numbers.unwrap_or(0) + MARGIN;
        let beside = matrix.is_some()
            || (longest + MARGIN <= width * 9 / 20 && longest + numbers <= width * 11 / 20);
        let (left, right) = if beside {
            (MARGIN + longest + MARGIN, width - MARGIN - numbers)
        } else {
            (MARGIN, width - MARGIN)
        };
        let per_line = characters(inner - numbers, TEXT * CHARACTER);
        let (places, bottom) = place(rows, beside, per_line, top);
        let note = wrap(&words::note(document, rows, style), characters(inner, SMALL * CHARACTER));
        Self {
            width,
            height: bottom + AXIS + height(&note, LINE) + MARGIN,
            title,
            label_x: if beside { left - MARGIN } else { MARGIN },
            beside,
            matrix,
            left,
            right,
            top,
            bottom,
            places,
            note,
        }
    }
}

/// Places rows from `top` on; also the lower end of the last one.
fn place(rows: &Rows, beside: bool, per_line: usize, top: i32) -> (Vec<Place>, i32) {
    let mut y = top;
    let mut places = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        let (lines, text_y, bar_y, below) = if beside {
            (vec![row.beside(rows.digits)], y + 13, y + 13, y + 26)
        } else {
            let wrapped = wrap(&row.above(), per_line);
            let under = y + 6 + height(&wrapped, LINE);
            (wrapped, y + 6 + LINE / 2, under + BAR / 2, under + BAR + 6)
        };
        places.push(Place { lines, text_y, bar_y, span: (y, below) });
        y = below;
    }
    (places, y + 4)
}
