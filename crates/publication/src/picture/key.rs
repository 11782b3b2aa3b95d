//! What the colours of areas and cells mean: boxes with words.

use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::classes::{CLASSES, Classes};
use super::{Canvas, EDGE, HATCH, INK, LINE, SCALE, SMALL, extent, failed, style, write};
use crate::Error;

const SWATCH: (i32, i32) = (26, 14);
const MARGIN: i32 = 6;

/// Class, or `None` for hatched, and what the key says of it.
pub(crate) type Entry = (Option<usize>, String);

/// An entry per class, and one for what is hatched, if there is any.
pub(crate) fn entries(classes: Option<&Classes>, hatched: Option<&str>) -> Vec<Entry> {
    let classes = classes.into_iter();
    let entries = classes.flat_map(|own| (0..CLASSES).map(|class| (Some(class), own.words(class))));
    entries.chain(hatched.map(|words| (None, words.to_owned()))).collect()
}

/// Places entries in rows, as many beside each other as fit, up to `most`; also where they end.
pub(crate) fn lay(
    entries: &[Entry],
    width: i32,
    top: i32,
    most: i32,
) -> (Vec<(&Entry, (i32, i32))>, i32) {
    let widest = entries.iter().take(CLASSES).map(|(_, text)| extent(text, SMALL)).max();
    let column = SWATCH.0 + 6 + widest.unwrap_or(0) + 12;
    let columns = ((width - 2 * MARGIN) / column).clamp(1, most);
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
    let end = laid.last().map_or(top, |(_, (_, y))| y + LINE);
    (laid, end)
}

/// Draws one entry.
pub(crate) fn swatch(
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
