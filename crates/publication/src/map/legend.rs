//! Numbers on the map and the legend below it.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::areas::Place;
use super::classes::{CLASSES, Classes};
use super::{MARGIN, MapStyle, NUMBER, words};
use crate::geography::label_place;
use crate::picture::{
    CHARACTER, Canvas, EDGE, HATCH, INK, LINE, ON_SCALE, PAPER, SCALE, SMALL, SOFT, characters,
    extent, failed, height, style, wrap, write,
};
use crate::{Document, Error};

const SWATCH: (i32, i32) = (26, 14);

/// Draws everything but the areas; `below` is where the map ends.
pub(super) fn draw(
    map: &MapStyle<'_>,
    places: &[Place],
    classes: Option<&Classes>,
    document: &Document,
    below: i32,
) -> Result<String, Error> {
    let width = i32::try_from(map.width).unwrap_or(i32::MAX);
    let entries = entries(places, classes, map);
    let head = wrap(&words::legend(document, map.names), characters(width, SMALL * CHARACTER));
    let heading = height(&head, LINE);
    let laid = lay(&entries, width, below + heading + 4);
    let end = laid.last().map_or(below, |(_, (_, y))| y + LINE) + MARGIN;
    let mut svg = String::new();
    {
        let size = (map.width, end.unsigned_abs());
        let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        canvas.fill(&PAPER).map_err(failed)?;
        for place in places {
            number(place, &canvas)?;
        }
        for (line, y) in head.iter().zip((below + LINE / 2..).step_by(17)) {
            write(&canvas, line, (MARGIN, y), style(SMALL, SOFT, HPos::Left, FontStyle::Normal))?;
        }
        for ((class, text), at) in &laid {
            swatch(*class, text, *at, &canvas)?;
        }
        canvas.present().map_err(failed)?;
    }
    Ok(svg)
}

#[expect(clippy::cast_possible_truncation, reason = "pixels of a picture")]
fn number(place: &Place, canvas: &Canvas<'_>) -> Result<(), Error> {
    let (x, y) = label_place(&place.area);
    let at = (x.round() as i32, y.round() as i32);
    let colour = match place.class.and_then(|class| ON_SCALE.get(class)) {
        Some(colour) => *colour,
        None => {
            // Otherwise the hatching runs through the number.
            canvas.draw(&Circle::new(at, 9, PAPER.filled())).map_err(failed)?;
            INK
        }
    };
    let text = style(NUMBER, colour, HPos::Center, FontStyle::Bold);
    write(canvas, &place.number.to_string(), at, text)
}

/// Class, or `None` for hatched, and what the legend says of it.
type Entry = (Option<usize>, String);

fn entries(places: &[Place], classes: Option<&Classes>, map: &MapStyle<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = classes.map_or_else(Vec::new, |classes| {
        (0..CLASSES).map(|class| (Some(class), classes.words(class))).collect()
    });
    if places.iter().any(|place| place.class.is_none()) {
        entries.push((None, map.tolerance.short_words().to_owned()));
    }
    entries
}

/// Places entries in rows, as many beside each other as fit.
fn lay(entries: &[Entry], width: i32, top: i32) -> Vec<(&Entry, (i32, i32))> {
    let widest = entries.iter().take(CLASSES).map(|(_, text)| extent(text, SMALL)).max();
    let column = SWATCH.0 + 6 + widest.unwrap_or(0) + 12;
    let columns = ((width - 2 * MARGIN) / column).clamp(1, 3);
    let mut laid = Vec::with_capacity(entries.len());
    let (mut place, mut y) = (0, top);
    for entry in entries {
        // The sentence on hatching takes a row of its own.
        if place == columns || (entry.0.is_none() && place > 0) {
            (place, y) = (0, y + LINE + 4);
        }
        laid.push((entry, (MARGIN + place * column, y + LINE / 2)));
        place += 1;
    }
    laid
}

fn swatch(
    class: Option<usize>,
    text: &str,
    (x, y): (i32, i32),
    canvas: &Canvas<'_>,
) -> Result<(), Error> {
    let (top, bottom) = (y - SWATCH.1 / 2, y + SWATCH.1 / 2);
    let corners = [(x, top), (x + SWATCH.0, bottom)];
    match class.and_then(|class| SCALE.get(class)) {
        Some(colour) => {
            canvas.draw(&Rectangle::new(corners, colour.filled())).map_err(failed)?;
        }
        None => {
            let lines = (x - SWATCH.1..x + SWATCH.0).step_by(7);
            for start in lines {
                let from = (start.max(x), bottom - (start.max(x) - start));
                let to_x = (start + SWATCH.1).min(x + SWATCH.0);
                let to = (to_x, bottom - (to_x - start));
                let line = PathElement::new([from, to], HATCH.stroke_width(1));
                canvas.draw(&line).map_err(failed)?;
            }
        }
    }
    canvas.draw(&Rectangle::new(corners, EDGE.stroke_width(1))).map_err(failed)?;
    let style = style(SMALL, INK, HPos::Left, FontStyle::Normal);
    write(canvas, text, (x + SWATCH.0 + 6, y), style)
}
