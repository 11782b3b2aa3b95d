//! The drawing itself.

use std::fmt::Write as _;

use jiff::civil::Date;
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::{BurnDown, Round, day, rho};
use crate::picture::{
    BAR, BOLD_CHARACTER, CHARACTER, Canvas, EDGE, GRID, HATCH, INK, LINE, PAPER, SCALE, SMALL,
    SOFT, TEXT, TITLE, characters, escaped, extent, failed, height, style, wrap, write,
};
use crate::{Error, GridStyle};

const MARGIN: i32 = 10;
const HIGH: i32 = 180;
/// Room for `100 %` left of the curve.
const AXIS: i32 = 50;

pub(super) struct Layout {
    width: i32,
    title: Vec<String>,
    note: Vec<String>,
    top: i32,
    right: i32,
    days: (Date, i32),
}

impl Layout {
    pub(super) fn of(own: &BurnDown, style: &GridStyle) -> Self {
        let width = i32::try_from(style.width).unwrap_or(i32::MAX);
        let inner = width - 2 * MARGIN;
        let title = match style.titled {
            true => wrap(&own.name(), characters(inner, TITLE * BOLD_CHARACTER)),
            false => Vec::new(),
        };
        let top = if title.is_empty() { 16 } else { MARGIN + height(&title, 24) + 16 };
        let first = own.charges.iter().map(|own| own.day).min().unwrap_or(own.until).min(own.until);
        Self {
            width,
            note: wrap(&note(own), characters(inner, SMALL * CHARACTER)),
            title,
            top,
            right: width - MARGIN - 8,
            days: (first, days(first, own.until).max(1)),
        }
    }

    fn bottom(&self) -> i32 {
        self.top + HIGH
    }

    fn x(&self, day: Date) -> i32 {
        let (first, all) = self.days;
        let left = MARGIN + AXIS;
        let wide = i64::from(self.right - left);
        let along = i64::from(days(first, day).clamp(0, all)) * wide / i64::from(all);
        left + i32::try_from(along).unwrap_or(0)
    }

    fn y(&self, per_mille: u32) -> i32 {
        let high = i64::from(HIGH) * i64::from(per_mille) / 1_000;
        self.bottom() - i32::try_from(high).unwrap_or(0)
    }
}

fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn note(own: &BurnDown) -> String {
    let mut note = format!(
        "Fläche: was von der Obergrenze ρ = {} übrig ist. Was verbraucht ist, kommt nie zurück.",
        rho(own.cap, Round::Down)
    );
    if own.reserved > 0 {
        note.push_str(" Schraffiert: vom Veröffentlichungsplan vorgesehen.");
    }
    note
}

/// Draws everything; the result is what plotters writes.
pub(super) fn draw(own: &BurnDown, layout: &Layout) -> Result<String, Error> {
    let end = layout.bottom() + LINE + 12;
    let total = end + height(&layout.note, LINE) + MARGIN;
    let mut svg = String::new();
    {
        let size = (layout.width.unsigned_abs(), total.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&PAPER).map_err(failed)?;
        for (line, y) in layout.title.iter().zip((MARGIN + 10..).step_by(24)) {
            write(&root, line, (MARGIN, y), style(TITLE, INK, HPos::Left, FontStyle::Bold))?;
        }
        curve(own, layout, &root)?;
        axes(own, layout, &root)?;
        let soft = || style(SMALL, SOFT, HPos::Left, FontStyle::Normal);
        for (line, y) in layout.note.iter().zip((end + LINE / 2..).step_by(17)) {
            write(&root, line, (MARGIN, y), soft())?;
        }
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// Steps down from the cap, one per charge.
fn curve(own: &BurnDown, layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    let (first, _) = layout.days;
    let mut line = vec![(layout.x(first), layout.y(1_000))];
    let mut corners = Vec::new();
    let mut level = layout.y(1_000);
    for left in own.left() {
        let x = layout.x(left.day);
        line.push((x, level));
        level = layout.y(own.per_mille(left.rho_nano));
        line.push((x, level));
        corners.push((x, level));
    }
    line.push((layout.right, level));
    let mut area = line.clone();
    area.extend([(layout.right, layout.bottom()), (layout.x(first), layout.bottom())]);
    root.draw(&Polygon::new(area, SCALE[0].filled())).map_err(failed)?;
    reserved(own, layout, root)?;
    root.draw(&PathElement::new(line, BAR.stroke_width(2))).map_err(failed)?;
    for at in corners {
        root.draw(&Circle::new(at, 4, BAR.filled())).map_err(failed)?;
    }
    Ok(())
}

/// What is set aside: slanted lines at the lower end of what is left.
fn reserved(own: &BurnDown, layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    let (top, bottom) = (layout.y(own.per_mille(own.reserved)), layout.bottom());
    if top >= bottom {
        return Ok(());
    }
    let left = layout.x(layout.days.0);
    let high = bottom - top;
    for start in (left - high..layout.right).step_by(8) {
        let from = start.max(left);
        let to = (start + high).min(layout.right);
        let line = [(from, bottom - (from - start)), (to, bottom - (to - start))];
        root.draw(&PathElement::new(line, HATCH.stroke_width(1))).map_err(failed)?;
    }
    let rim = PathElement::new([(left, top), (layout.right, top)], EDGE.stroke_width(1));
    root.draw(&rim).map_err(failed)
}

fn axes(own: &BurnDown, layout: &Layout, root: &Canvas<'_>) -> Result<(), Error> {
    let left = MARGIN + AXIS;
    for per_mille in [0, 250, 500, 750, 1_000] {
        let y = layout.y(per_mille);
        let colour = if per_mille == 0 { SOFT } else { GRID };
        let rule = PathElement::new([(left, y), (layout.right, y)], colour.stroke_width(1));
        root.draw(&rule).map_err(failed)?;
        let text = format!("{}\u{a0}%", per_mille / 10);
        let style = style(SMALL, SOFT, HPos::Right, FontStyle::Normal);
        write(root, &text, (left - 4, y), style)?;
    }
    let y = layout.bottom() + LINE / 2 + 4;
    let (first, _) = layout.days;
    let soft = |side| style(SMALL, SOFT, side, FontStyle::Normal);
    if layout.right - left > 2 * extent("00.00.0000", SMALL) && first != own.until {
        write(root, &day(first), (left, y), soft(HPos::Left))?;
    }
    write(root, &day(own.until), (layout.right, y), soft(HPos::Right))?;
    let free = format!("frei: {}\u{a0}%", own.per_mille(own.free()) / 10);
    let bold = style(TEXT, INK, HPos::Right, FontStyle::Bold);
    write(root, &free, (layout.right, layout.top - 9), bold)
}

/// Over the days of each charge a transparent field with what it says.
pub(super) fn tips(own: &BurnDown, layout: &Layout) -> String {
    let mut svg = String::new();
    let left = own.left();
    for (place, (charge, after)) in own.charges.iter().zip(&left).enumerate() {
        let from = layout.x(charge.day);
        let to = own.charges.get(place + 1).map_or(layout.right, |next| layout.x(next.day));
        let text = format!(
            "{}: {}, ρ = {}; danach übrig ρ = {}",
            day(charge.day),
            charge.label,
            rho(charge.rho_nano, Round::Up),
            rho(after.rho_nano, Round::Down)
        );
        // A String takes everything that is written to it.
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{HIGH}\" fill=\"none\" \
             pointer-events=\"all\"><title>{}</title></rect>",
            from - 4,
            layout.top,
            (to - from).max(8),
            escaped(&text)
        );
    }
    svg
}
