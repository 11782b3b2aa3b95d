//! The drawing itself.

use std::fmt::Write as _;

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::layout::{Layout, MARGIN, Panel};
use super::{Trend, TrendLine};
use crate::picture::{
    BAR, Canvas, EDGE, GRID, INK, LINE, PAPER, SCALE, SMALL, SOFT, TEXT, TITLE, blank, escaped,
    extent, failed, style, write,
};
use crate::{Error, Moment, Shown};

/// Draws everything; the result is what plotters writes.
pub(super) fn draw(trend: &Trend, layout: &Layout) -> Result<String, Error> {
    let mut svg = String::new();
    {
        let size = (layout.width.unsigned_abs(), layout.height.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&PAPER).map_err(failed)?;
        for (line, y) in layout.title.iter().zip((MARGIN + 10..).step_by(24)) {
            write(&root, line, (MARGIN, y), style(TITLE, INK, HPos::Left, FontStyle::Bold))?;
        }
        let soft = || style(SMALL, SOFT, HPos::Left, FontStyle::Normal);
        for (line, y) in layout.quantity.iter().zip((layout.quantity_y + LINE / 2..).step_by(17)) {
            write(&root, line, (MARGIN, y), soft())?;
        }
        for (line, panel) in trend.lines.iter().zip(&layout.panels) {
            axes(trend, line, panel, &root)?;
            curve(trend, line, panel, &root)?;
        }
        for (line, y) in layout.note.iter().zip((layout.note_y + LINE / 2..).step_by(17)) {
            write(&root, line, (MARGIN, y), soft())?;
        }
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// Pixels of moments and numbers in a panel.
struct Scale<'a> {
    trend: &'a Trend,
    ends: (f64, f64),
    curve: [i32; 4],
}

impl<'a> Scale<'a> {
    fn of(trend: &'a Trend, line: &TrendLine, panel: &Panel) -> Self {
        Self { trend, ends: trend.scale(line), curve: panel.curve }
    }

    /// Time runs evenly, so that a year without numbers is as wide as others.
    fn x(&self, moment: Moment) -> i32 {
        const INSET: i32 = 7;
        let [left, _, right, _] = self.curve;
        let count = |own: Moment| f64::from(own.year) * 4.0 + f64::from(own.quarter.unwrap_or(1));
        let ends = self.trend.moments.first().zip(self.trend.moments.last());
        let (first, last) = ends.map_or((0.0, 1.0), |(a, b)| (count(*a), count(*b)));
        let share = if last > first { (count(moment) - first) / (last - first) } else { 0.5 };
        left + INSET + pixels(share * f64::from(right - left - 2 * INSET))
    }

    fn y(&self, number: f64) -> i32 {
        let [_, top, _, bottom] = self.curve;
        let (low, high) = self.ends;
        bottom - pixels((number - low) / (high - low) * f64::from(bottom - top))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "pixels of a picture")]
fn pixels(number: f64) -> i32 {
    number.round() as i32
}

/// Name, scale and moments of a panel.
fn axes(trend: &Trend, line: &TrendLine, panel: &Panel, root: &Canvas<'_>) -> Result<(), Error> {
    let weight = if line.is_total { FontStyle::Bold } else { FontStyle::Normal };
    for (text, y) in panel.name.iter().zip((panel.name_y..).step_by(LINE.unsigned_abs() as usize)) {
        write(root, text, (panel.left, y), style(TEXT, INK, HPos::Left, weight))?;
    }
    let scale = Scale::of(trend, line, panel);
    let [left, _, right, bottom] = panel.curve;
    for (number, text) in trend.ticks(line) {
        let y = scale.y(number);
        let colour = if number.abs() < 1e-9 { SOFT } else { GRID };
        let rule = PathElement::new([(left, y), (right, y)], colour.stroke_width(1));
        root.draw(&rule).map_err(failed)?;
        write(root, &text, (left - 4, y), style(SMALL, SOFT, HPos::Right, FontStyle::Normal))?;
    }
    let mut free = i32::MIN;
    let count = trend.moments.len();
    for (place, moment) in trend.moments.iter().enumerate() {
        let text = short(*moment);
        let (x, half) = (scale.x(*moment), extent(&text, SMALL) / 2);
        let last = trend.moments.last().map_or(x, |own| scale.x(*own));
        // The last one is always named, others where they have room.
        if x - half > free && (place + 1 == count || x + 2 * half + 6 < last) {
            let y = bottom + LINE / 2 + 4;
            write(root, &text, (x, y), style(SMALL, SOFT, HPos::Center, FontStyle::Normal))?;
            free = x + half + 4;
        }
    }
    Ok(())
}

fn short(moment: Moment) -> String {
    match moment.quarter {
        Some(quarter) => format!("{quarter}/{:02}", moment.year % 100),
        None => moment.year.to_string(),
    }
}

/// Band, line, points and the last number; a gap where there is none.
fn curve(trend: &Trend, line: &TrendLine, panel: &Panel, root: &Canvas<'_>) -> Result<(), Error> {
    let scale = Scale::of(trend, line, panel);
    let at = |(moment, point): (&Moment, &Shown)| {
        let own = point.numbers()?;
        let y = [own.low, own.value, own.high].map(|amount| scale.y(amount.position()));
        Some((scale.x(*moment), y, matches!(point, Shown::Known(_))))
    };
    let placed: Vec<_> = trend.moments.iter().zip(&line.points).map(at).collect();
    for stretch in placed.split(Option::is_none) {
        let stretch: Vec<_> = stretch.iter().flatten().copied().collect();
        let along = |which: usize| -> Vec<(i32, i32)> {
            stretch.iter().filter_map(|(x, y, _)| Some((*x, *y.get(which)?))).collect()
        };
        let (lows, values, highs) = (along(0), along(1), along(2));
        if stretch.len() == 1 {
            // A single point has no width for a band, so it has a whisker.
            let whisker = lows.iter().chain(&highs).copied().collect::<Vec<_>>();
            root.draw(&PathElement::new(whisker, EDGE.stroke_width(3))).map_err(failed)?;
        } else {
            let around: Vec<_> = lows.iter().copied().chain(highs.iter().rev().copied()).collect();
            root.draw(&Polygon::new(around, SCALE[0].filled())).map_err(failed)?;
            for rim in [lows, highs] {
                root.draw(&PathElement::new(rim, EDGE.stroke_width(1))).map_err(failed)?;
            }
            root.draw(&PathElement::new(values, BAR.stroke_width(2))).map_err(failed)?;
        }
        for (x, [_, y, _], known) in stretch {
            let fill = if known { BAR.filled() } else { PAPER.filled() };
            root.draw(&Circle::new((x, y), 4, fill)).map_err(failed)?;
            root.draw(&Circle::new((x, y), 4, BAR.stroke_width(2))).map_err(failed)?;
        }
    }
    let [_, top, right, bottom] = panel.curve;
    let y = placed.last().copied().flatten().map_or(i32::midpoint(top, bottom), |(_, y, _)| y[1]);
    let text = trend.last_value(line);
    blank(root, right + 2, right + 4 + extent(&text, TEXT), y)?;
    write(root, &text, (right + 4, y), style(TEXT, INK, HPos::Left, FontStyle::Bold))
}

/// Over each moment a transparent field with what it says.
pub(super) fn tips(trend: &Trend, layout: &Layout) -> String {
    let mut svg = String::new();
    for (line, panel) in trend.lines.iter().zip(&layout.panels) {
        let scale = Scale::of(trend, line, panel);
        let [left, top, right, bottom] = panel.curve;
        let middles: Vec<i32> = trend.moments.iter().map(|own| scale.x(*own)).collect();
        for (place, (moment, point)) in trend.moments.iter().zip(&line.points).enumerate() {
            let own = middles.get(place).copied().unwrap_or(left);
            let before = place.checked_sub(1).and_then(|place| middles.get(place));
            let from = before.map_or(left, |other| i32::midpoint(*other, own));
            let to = middles.get(place + 1).map_or(right, |other| i32::midpoint(*other, own));
            // A String takes everything that is written to it.
            let _ = writeln!(
                svg,
                "<rect x=\"{from}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"none\" \
                 pointer-events=\"all\"><title>{}</title></rect>",
                to - from,
                bottom - top,
                escaped(&trend.tip(line, *moment, *point))
            );
        }
    }
    svg
}
