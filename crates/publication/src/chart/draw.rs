//! The drawing itself.

use std::fmt::Write as _;

use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle, ShapeStyle};

use super::layout::{Layout, Place};
use super::rows::{Row, Rows};
use super::{ChartStyle, words};
use crate::picture::{
    BAR, Canvas, GRID, HATCH, INK, LINE, PAPER, SMALL, SOFT, TEXT, TITLE, WHISKER, blank, escaped,
    extent, failed, style, write,
};
use crate::{Amount, Document, Error, Numbers};

/// Least distance between two numbers of the axis, in pixels.
const TICK: i32 = 90;

/// Draws everything; the result is what plotters writes.
pub(super) fn draw(
    document: &Document,
    rows: &Rows,
    layout: &Layout,
    chart: &ChartStyle<'_>,
) -> Result<String, Error> {
    let mut svg = String::new();
    {
        let size = (layout.width.unsigned_abs(), layout.height.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&PAPER).map_err(failed)?;
        for (line, y) in layout.title.iter().zip((Layout::MARGIN + 10..).step_by(24)) {
            let style = style(TITLE, INK, HPos::Left, FontStyle::Bold);
            write(&root, line, (Layout::MARGIN, y), style)?;
        }
        if let Some(matrix) = &layout.matrix {
            matrix.draw_heads(layout.bottom, &root)?;
        }
        plot(document, rows, layout, &root)?;
        for (row, place) in rows.rows.iter().zip(&layout.places) {
            label(row, place, layout, &root)?;
        }
        let axis_y = layout.bottom + Layout::AXIS - 12;
        let middle = i32::midpoint(layout.left, layout.right);
        let axis = style(SMALL, SOFT, HPos::Center, FontStyle::Normal);
        write(&root, &words::axis(document, chart.names), (middle, axis_y), axis)?;
        let first = layout.bottom + Layout::AXIS + LINE / 2;
        let steps = (first..).step_by(LINE.unsigned_abs() as usize);
        for (line, y) in layout.note.iter().zip(steps) {
            let note = style(SMALL, SOFT, HPos::Left, FontStyle::Normal);
            write(&root, line, (Layout::MARGIN, y), note)?;
        }
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// Axis, bars or points, and whiskers. Inside, y counts pixels upwards.
fn plot(document: &Document, rows: &Rows, layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    let below = layout.height - layout.bottom;
    let area = root.margin(layout.top, below - 22, layout.left, layout.width - layout.right);
    let height = layout.bottom - layout.top;
    let mut chart = ChartBuilder::on(&area)
        .x_label_area_size(22)
        .build_cartesian_2d(rows.low..rows.high, 0..height)
        .map_err(failed)?;
    let ticks = ((layout.right - layout.left) / TICK).clamp(2, 8).unsigned_abs() as usize;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .axis_style(GRID)
        .bold_line_style(GRID)
        .light_line_style(plotters::style::TRANSPARENT)
        .x_labels(ticks)
        .x_label_formatter(&|position| tick(*position, document))
        .x_label_style(style(SMALL, SOFT, HPos::Center, FontStyle::Normal))
        .draw()
        .map_err(failed)?;
    if !document.kind.is_level() {
        let zero = PathElement::new([(0.0, 0), (0.0, height)], SOFT.stroke_width(1));
        chart.draw_series([zero]).map_err(failed)?;
    }
    for (row, place) in rows.rows.iter().zip(&layout.places) {
        let Some(numbers) = row.numbers else {
            hatch(layout, place, root)?;
            continue;
        };
        let y = layout.bottom - place.bar_y;
        if document.kind.is_level() {
            let at = (numbers.value.position(), y);
            let fill = if row.known { BAR.filled() } else { PAPER.filled() };
            let rim = Circle::new(at, 5, BAR.stroke_width(2));
            let point = Circle::new(at, 5, fill);
            chart.draw_series(whisker(numbers, y)).map_err(failed)?;
            chart.draw_series([point, rim]).map_err(failed)?;
        } else {
            chart.draw_series(bar(row, numbers, y)).map_err(failed)?;
            chart.draw_series(whisker(numbers, y)).map_err(failed)?;
        }
    }
    Ok(())
}

/// A full or hollow bar from zero to the value.
fn bar(row: &Row, numbers: Numbers, y: i32) -> [Rectangle<(f64, i32)>; 1] {
    let (from, to) = (numbers.value.position().min(0.0), numbers.value.position().max(0.0));
    let half = Layout::BAR / 2;
    let style: ShapeStyle = if row.known { BAR.filled() } else { BAR.stroke_width(1) };
    [Rectangle::new([(from, y + half), (to, y - half)], style)]
}

/// The interval: a line with a stop at each end.
fn whisker(numbers: Numbers, y: i32) -> [PathElement<(f64, i32)>; 3] {
    let (low, high) = (numbers.low.position(), numbers.high.position());
    let stroke = WHISKER.stroke_width(2);
    [
        PathElement::new([(low, y), (high, y)], stroke),
        PathElement::new([(low, y - 4), (low, y + 4)], stroke),
        PathElement::new([(high, y - 4), (high, y + 4)], stroke),
    ]
}

/// Slanted lines over the whole width, so that a withheld cell is not taken for zero.
fn hatch(layout: &Layout, place: &Place, root: &Canvas<'_>) -> Result<(), Error> {
    let half = Layout::BAR / 2;
    let (top, bottom) = (place.bar_y - half, place.bar_y + half);
    for x in (layout.left..layout.right - Layout::BAR).step_by(8) {
        let line = PathElement::new([(x, bottom), (x + Layout::BAR, top)], HATCH.stroke_width(1));
        root.draw(&line).map_err(failed)?;
    }
    Ok(())
}

fn label(row: &Row, place: &Place, layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    if let Some(matrix) = &layout.matrix {
        matrix.draw_row(row, place, root)?;
        let number = row.number.map(|number| number.to_string()).unwrap_or_default();
        let style = style(TEXT, SOFT, HPos::Right, FontStyle::Normal);
        write(root, &number, (layout.label_x, place.text_y), style)?;
        return value(row, place, layout, root);
    }
    let side = if layout.beside { HPos::Right } else { HPos::Left };
    let steps = (place.text_y..).step_by(LINE.unsigned_abs() as usize);
    for (line, y) in place.lines.iter().zip(steps) {
        if !layout.beside {
            blank(root, layout.label_x, layout.label_x + extent(line, TEXT), y)?;
        }
        write(root, line, (layout.label_x, y), style(TEXT, INK, side, FontStyle::Normal))?;
    }
    value(row, place, layout, root)
}

/// The number at the end of a row.
fn value(row: &Row, place: &Place, layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    let weight = if row.numbers.is_some() { FontStyle::Bold } else { FontStyle::Normal };
    let (text, x) = (words::value(row), layout.width - Layout::MARGIN);
    if !layout.beside {
        blank(root, x - extent(&text, TEXT), x, place.text_y)?;
    }
    write(root, &text, (x, place.text_y), style(TEXT, INK, HPos::Right, weight))
}

/// Over each row a transparent field with what it says, so that pointing at it is enough.
pub(super) fn tips(
    document: &Document,
    rows: &Rows,
    layout: &Layout,
    chart: &ChartStyle<'_>,
) -> String {
    let mut svg = String::new();
    for (row, place) in rows.rows.iter().zip(&layout.places) {
        let (top, bottom) = place.span;
        // A String takes everything that is written to it.
        let _ = writeln!(
            svg,
            "<rect x=\"0\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"none\" \
             pointer-events=\"all\"><title>{}</title></rect>",
            layout.width,
            bottom - top,
            escaped(&words::tip(row, document, chart.names))
        );
    }
    svg
}

/// A number of the axis; half a person is none.
#[expect(clippy::cast_possible_truncation, reason = "read amounts are at most 2^53")]
fn tick(position: f64, document: &Document) -> String {
    if (position - position.round()).abs() < 1e-9 {
        return Amount::Whole(position.round() as i64).german();
    }
    if !document.kind.is_level() && !document.leads_with_rate() {
        return String::new();
    }
    Amount::shortest(position).german()
}
