//! Numbers on the map and the legend below it.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::Circle;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::areas::Place;
use super::{MARGIN, MapStyle, NUMBER, words};
use crate::geography::label_place;
use crate::picture::classes::Classes;
use crate::picture::{
    CHARACTER, Canvas, INK, LINE, ON_SCALE, PAPER, SMALL, SOFT, characters, failed, height, key,
    style, wrap, write,
};
use crate::{Document, Error};

/// Draws everything but the areas; `below` is where the map ends.
pub(super) fn draw(
    map: &MapStyle<'_>,
    places: &[Place],
    classes: Option<&Classes>,
    document: &Document,
    below: i32,
) -> Result<String, Error> {
    let width = i32::try_from(map.width).unwrap_or(i32::MAX);
    let is_hatched = places.iter().any(|place| place.class.is_none());
    let entries = key::entries(classes, is_hatched.then(|| map.tolerance.short_words()));
    let head = wrap(&words::legend(document, map.names), characters(width, SMALL * CHARACTER));
    let heading = height(&head, LINE);
    let (laid, end) = key::lay(&entries, width, below + heading + 4, 3);
    let end = end + MARGIN;
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
            key::swatch(*class, text, *at, &canvas)?;
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
