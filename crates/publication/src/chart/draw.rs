//! The drawing itself.

use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::layout::{Layout, Place, SMALL, TEXT, TITLE, extent};
use super::rows::{Row, Rows};
use super::words;
use crate::{Amount, Document, Error, Kind, Numbers};

pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);
pub(super) const INK: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
pub(super) const SOFT: RGBColor = RGBColor(0x4a, 0x52, 0x5c);
pub(super) const GRID: RGBColor = RGBColor(0xd8, 0xdd, 0xe3);
pub(super) const BAR: RGBColor = RGBColor(0x4f, 0x86, 0xc2);
pub(super) const WHISKER: RGBColor = RGBColor(0x0d, 0x22, 0x3f);
pub(super) const HATCH: RGBColor = RGBColor(0x6b, 0x73, 0x7d);

/// plotters writes a size divided by this.
const PLOTTERS_SIZE: f64 = 1.24;
/// Least distance between two numbers of the axis, in pixels.
const TICK: i32 = 90;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn failed<E>(_: E) -> Error {
    Error::Drawing
}

/// Draws everything; the result is what plotters writes.
pub(super) fn draw(document: &Document, rows: &Rows, layout: &Layout) -> Result<String, Error> {
    let mut svg = String::new();
    {
        let size = (layout.width.unsigned_abs(), layout.height.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&PAPER).map_err(failed)?;
        for (line, y) in layout.title.iter().zip((Layout::MARGIN + 10..).step_by(24)) {
            let style = style(TITLE, INK, HPos::Left, FontStyle::Bold);
            write(&root, line, (Layout::MARGIN, y), style)?;
        }
        plot(document, rows, layout, &root)?;
        for (row, place) in rows.rows.iter().zip(&layout.places) {
            label(row, place, layout, &root)?;
        }
        let axis_y = layout.bottom + Layout::AXIS - 12;
        let middle = i32::midpoint(layout.left, layout.right);
        let axis = style(SMALL, SOFT, HPos::Center, FontStyle::Normal);
        write(&root, words::axis(document), (middle, axis_y), axis)?;
        let first = layout.bottom + Layout::AXIS + Layout::LINE / 2;
        let steps = (first..).step_by(Layout::LINE.unsigned_abs() as usize);
        for (line, y) in layout.note.iter().zip(steps) {
            let note = style(SMALL, SOFT, HPos::Left, FontStyle::Normal);
            write(&root, line, (Layout::MARGIN, y), note)?;
        }
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// Axis, bars or points, and whiskers. Inside, y counts pixels upwards.
fn plot(document: &Document, rows: &Rows, layout: &Layout, root: &Area<'_>) -> Result<(), Error> {
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
        .x_label_formatter(&|position| tick(*position, document.kind))
        .x_label_style(style(SMALL, SOFT, HPos::Center, FontStyle::Normal))
        .draw()
        .map_err(failed)?;
    if document.kind != Kind::Mean {
        let zero = PathElement::new([(0.0, 0), (0.0, height)], SOFT.stroke_width(1));
        chart.draw_series([zero]).map_err(failed)?;
    }
    for (row, place) in rows.rows.iter().zip(&layout.places) {
        let Some(numbers) = row.numbers else {
            hatch(layout, place, root)?;
            continue;
        };
        let y = layout.bottom - place.bar_y;
        if document.kind == Kind::Mean {
            let point = Circle::new((numbers.value.position(), y), 5, BAR.filled());
            chart.draw_series(whisker(numbers, y)).map_err(failed)?;
            chart.draw_series([point]).map_err(failed)?;
        } else {
            chart.draw_series(bar(numbers, y)).map_err(failed)?;
            chart.draw_series(whisker(numbers, y)).map_err(failed)?;
        }
    }
    Ok(())
}

/// A full or hollow bar from zero to the value.
fn bar(numbers: Numbers, y: i32) -> [Rectangle<(f64, i32)>; 1] {
    let (from, to) = (numbers.value.position().min(0.0), numbers.value.position().max(0.0));
    let half = Layout::BAR / 2;
    let style: ShapeStyle = if words::hollow(numbers) { BAR.stroke_width(1) } else { BAR.filled() };
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
fn hatch(layout: &Layout, place: &Place, root: &Area<'_>) -> Result<(), Error> {
    let half = Layout::BAR / 2;
    let (top, bottom) = (place.bar_y - half, place.bar_y + half);
    for x in (layout.left..layout.right - Layout::BAR).step_by(8) {
        let line = PathElement::new([(x, bottom), (x + Layout::BAR, top)], HATCH.stroke_width(1));
        root.draw(&line).map_err(failed)?;
    }
    Ok(())
}

fn label(row: &Row, place: &Place, layout: &Layout, root: &Area<'_>) -> Result<(), Error> {
    let side = if layout.beside { HPos::Right } else { HPos::Left };
    let steps = (place.text_y..).step_by(Layout::LINE.unsigned_abs() as usize);
    for (line, y) in place.lines.iter().zip(steps) {
        if !layout.beside {
            blank(layout.label_x, layout.label_x + extent(line, TEXT), y, root)?;
        }
        write(root, line, (layout.label_x, y), style(TEXT, INK, side, FontStyle::Normal))?;
    }
    let weight = if row.numbers.is_some() { FontStyle::Bold } else { FontStyle::Normal };
    let (text, x) = (words::value(row), layout.width - Layout::MARGIN);
    if !layout.beside {
        blank(x - extent(&text, TEXT), x, place.text_y, root)?;
    }
    write(root, &text, (x, place.text_y), style(TEXT, INK, HPos::Right, weight))
}

/// Clears a line of text from what lies below it.
fn blank(left: i32, right: i32, y: i32, root: &Area<'_>) -> Result<(), Error> {
    let half = Layout::LINE / 2 + 1;
    let paper = Rectangle::new([(left, y - half), (right, y + half)], PAPER.filled());
    root.draw(&paper).map_err(failed)
}

fn style(size: f64, colour: RGBColor, side: HPos, weight: FontStyle) -> TextStyle<'static> {
    let font = ("sans-serif", size * PLOTTERS_SIZE, weight).into_font();
    let style = TextStyle::from(font).pos(Pos::new(side, VPos::Center));
    TextStyle { color: colour.to_backend_color(), ..style }
}

fn write(root: &Area<'_>, text: &str, at: (i32, i32), style: TextStyle<'_>) -> Result<(), Error> {
    root.draw(&Text::new(text, at, style)).map_err(failed)
}

/// A number of the axis; half a person is none.
#[expect(clippy::cast_possible_truncation, reason = "read amounts are at most 2^53")]
fn tick(position: f64, kind: Kind) -> String {
    if (position - position.round()).abs() < 1e-9 {
        return Amount::Whole(position.round() as i64).german();
    }
    if kind != Kind::Mean {
        return String::new();
    }
    let text = Amount::Decimal(position).german();
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}
