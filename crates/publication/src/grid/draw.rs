//! The drawing itself: cells by hand, because they have titles and hatching; texts by plotters.

use std::fmt::Write as _;

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::layout::{Layout, MARGIN};
use super::{Grid, class, words};
use crate::geography::hatching;
use crate::picture::classes::Classes;
use crate::picture::{
    Canvas, EDGE, GRID, HATCH, INK, LINE, ON_SCALE, PAPER, SCALE, SMALL, SOFT, TEXT, TITLE,
    escaped, extent, failed, height, hexadecimal, key, style, write,
};
use crate::{Error, Shown};

/// Pixels between two lines of a hatching, measured along an axis.
const DISTANCE: f64 = 8.0;

/// The coloured and hatched cells, each with its title.
pub(super) fn cells(grid: &Grid, layout: &Layout, classes: Option<&Classes>) -> String {
    let (paper, hatch, edge) = (hexadecimal(PAPER), hexadecimal(HATCH), hexadecimal(EDGE));
    let ink = hexadecimal(INK);
    let mut svg = String::new();
    for (row, own) in grid.rows.iter().enumerate() {
        for (column, cell) in own.cells.iter().enumerate() {
            let [left, top, right, bottom] = layout.corners(row, column);
            let (wide, high) = (right - left, bottom - top);
            let place = format!("x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\"");
            let colour = class(*cell, classes).and_then(|class| SCALE.get(class));
            let fill = colour.copied().map_or(paper.clone(), hexadecimal);
            let title = escaped(&words::title(grid, own, column, *cell));
            // A String takes everything that is written to it.
            let _ = write!(svg, "<g><title>{title}</title><rect {place} fill=\"{fill}\"/>");
            if colour.is_none() && *cell != Shown::Absent {
                let area = rectangle([left, top, right, bottom]);
                let _ =
                    write!(svg, "<path d=\"{}\" stroke=\"{hatch}\"/>", hatching(&area, DISTANCE));
            }
            // Who stayed where they were is framed.
            let stayed = grid.is_transition && row == column && *cell != Shown::Absent;
            let (frame, line) = if stayed { (&ink, 2) } else { (&edge, 1) };
            let _ = writeln!(
                svg,
                "<rect {place} fill=\"none\" stroke-width=\"{line}\" stroke=\"{frame}\"/></g>"
            );
        }
    }
    svg
}

fn rectangle(corners: [i32; 4]) -> Vec<Vec<(f64, f64)>> {
    let [left, top, right, bottom] = corners.map(f64::from);
    vec![vec![(left, top), (right, top), (right, bottom), (left, bottom)]]
}

/// Texts, numbers and key; the result is what plotters writes.
pub(super) fn draw(
    grid: &Grid,
    layout: &Layout,
    classes: Option<&Classes>,
) -> Result<String, Error> {
    let entries = key::entries(classes, grid.is_hatched().then(|| grid.tolerance.short_words()));
    let quantity_y = layout.bottom + LINE;
    let (laid, end) = key::lay(&entries, layout.width, quantity_y + LINE / 2 + 4, 5);
    let note_y = end + 6;
    let total = note_y + height(&layout.note, LINE) + MARGIN;
    let mut svg = String::new();
    {
        let size = (layout.width.unsigned_abs(), total.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&PAPER).map_err(failed)?;
        let bold = |size| style(size, INK, HPos::Left, FontStyle::Bold);
        for (line, y) in layout.title.iter().zip((MARGIN + 10..).step_by(24)) {
            write(&root, line, (MARGIN, y), bold(TITLE))?;
        }
        let soft = || style(SMALL, SOFT, HPos::Left, FontStyle::Normal);
        for (line, y) in layout.axes.iter().zip((layout.axes_y + LINE / 2..).step_by(17)) {
            write(&root, line, (MARGIN, y), soft())?;
        }
        heads(layout, &root)?;
        for (row, own) in grid.rows.iter().enumerate() {
            label(layout, row, &own.label, &root)?;
            for (column, cell) in own.cells.iter().enumerate() {
                number(layout.corners(row, column), *cell, class(*cell, classes), &root)?;
            }
        }
        write(&root, &grid.quantity, (MARGIN, quantity_y), soft())?;
        for ((class, text), at) in &laid {
            key::swatch(*class, text, *at, &root)?;
        }
        for (line, y) in layout.note.iter().zip((note_y + LINE / 2..).step_by(17)) {
            write(&root, line, (MARGIN, y), soft())?;
        }
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// Heads of the columns: above their cells, or hanging from a staircase.
fn heads(layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    let mut stair = layout.heads_y + LINE / 2;
    for (column, lines) in layout.heads.iter().enumerate() {
        let [left, _, right, _] = layout.corners(0, column);
        let middle = i32::midpoint(left, right);
        let count = i32::try_from(lines.len()).unwrap_or(1);
        let first = if layout.stairs { stair } else { layout.top - 6 - count * LINE + LINE / 2 };
        if layout.stairs {
            let lead = [(middle, layout.top - 2), (middle, stair), (middle + 5, stair)];
            root.draw(&PathElement::new(lead, SOFT.stroke_width(1))).map_err(failed)?;
        }
        let (x, side) =
            if layout.stairs { (middle + 8, HPos::Left) } else { (middle, HPos::Center) };
        for (line, y) in lines.iter().zip((first..).step_by(LINE.unsigned_abs() as usize)) {
            write(root, line, (x, y), style(SMALL, INK, side, FontStyle::Normal))?;
        }
        stair += count * LINE;
    }
    Ok(())
}

fn label(layout: &Layout, row: usize, text: &str, root: &Canvas<'_>) -> Result<(), Error> {
    let [left, top, _, bottom] = layout.corners(row, 0);
    let (at, side) = if layout.beside {
        ((left - MARGIN, i32::midpoint(top, bottom)), HPos::Right)
    } else {
        ((left, top - LINE / 2 - 3), HPos::Left)
    };
    write(root, text, at, style(TEXT, INK, side, FontStyle::Normal))
}

/// The number in a cell, if it fits.
fn number(
    [left, top, right, bottom]: [i32; 4],
    cell: Shown,
    class: Option<usize>,
    root: &Canvas<'_>,
) -> Result<(), Error> {
    let text = words::value(cell);
    let wide = extent(&text, SMALL);
    if wide > right - left - 2 {
        return Ok(());
    }
    let (x, y) = (i32::midpoint(left, right), i32::midpoint(top, bottom));
    let (colour, weight) = match class.and_then(|class| ON_SCALE.get(class)) {
        Some(colour) => (*colour, FontStyle::Bold),
        None if cell == Shown::Absent => (GRID, FontStyle::Normal),
        None => {
            // Otherwise the hatching runs through the number.
            let half = wide / 2 + 2;
            let blank = Rectangle::new([(x - half, y - 8), (x + half, y + 8)], PAPER.filled());
            root.draw(&blank).map_err(failed)?;
            (SOFT, FontStyle::Normal)
        }
    };
    write(root, &text, (x, y), style(SMALL, colour, HPos::Center, weight))
}
