//! What charts and maps have in common: colours, texts, and what plotters does not write.

pub(crate) mod classes;
pub(crate) mod key;
mod text;

use std::fmt::Write as _;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle};

use crate::Error;
pub(crate) use text::{BOLD_CHARACTER, CHARACTER, characters, extent, height, wrap};

/// Size of labels and numbers.
pub(crate) const TEXT: f64 = 13.0;
/// Size of axis, legend and notes.
pub(crate) const SMALL: f64 = 12.0;
/// Size of the title.
pub(crate) const TITLE: f64 = 17.0;
/// Height of a line of text.
pub(crate) const LINE: i32 = 17;

pub(crate) const PAPER: RGBColor = RGBColor(255, 255, 255);
pub(crate) const INK: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
pub(crate) const SOFT: RGBColor = RGBColor(0x4a, 0x52, 0x5c);
pub(crate) const GRID: RGBColor = RGBColor(0xd8, 0xdd, 0xe3);
pub(crate) const BAR: RGBColor = RGBColor(0x4f, 0x86, 0xc2);
pub(crate) const WHISKER: RGBColor = RGBColor(0x0d, 0x22, 0x3f);
pub(crate) const HATCH: RGBColor = RGBColor(0x6b, 0x73, 0x7d);
pub(crate) const EDGE: RGBColor = RGBColor(0x5a, 0x63, 0x6e);
/// Lightest to darkest, each clearly darker than the one before.
pub(crate) const SCALE: [RGBColor; 5] = [
    RGBColor(0xdc, 0xeb, 0xf7),
    RGBColor(0xa6, 0xcc, 0xe6),
    RGBColor(0x5f, 0xa3, 0xd3),
    RGBColor(0x24, 0x74, 0xb5),
    RGBColor(0x08, 0x41, 0x7d),
];
/// Text on each of them. Nearly equal colours that a page can tell apart, since in the dark the
/// scale turns around.
pub(crate) const ON_SCALE: [RGBColor; 5] = [
    RGBColor(0x10, 0x14, 0x18),
    RGBColor(0x10, 0x14, 0x19),
    RGBColor(0x10, 0x14, 0x1a),
    RGBColor(0xff, 0xff, 0xfd),
    RGBColor(0xff, 0xff, 0xfe),
];

/// The class by which a style sheet finds a colour.
const CLASSES: [(RGBColor, &str); 18] = [
    (PAPER, "mg-paper"),
    (INK, "mg-ink"),
    (SOFT, "mg-soft"),
    (GRID, "mg-grid"),
    (BAR, "mg-bar"),
    (WHISKER, "mg-whisker"),
    (HATCH, "mg-hatch"),
    (EDGE, "mg-edge"),
    (SCALE[0], "mg-c1"),
    (SCALE[1], "mg-c2"),
    (SCALE[2], "mg-c3"),
    (SCALE[3], "mg-c4"),
    (SCALE[4], "mg-c5"),
    (ON_SCALE[0], "mg-on1"),
    (ON_SCALE[1], "mg-on2"),
    (ON_SCALE[2], "mg-on3"),
    (ON_SCALE[3], "mg-on4"),
    (ON_SCALE[4], "mg-on5"),
];

/// plotters writes a size divided by this.
const PLOTTERS_SIZE: f64 = 1.24;

pub(crate) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub(crate) fn failed<E>(_: E) -> Error {
    Error::Drawing
}

pub(crate) fn style(
    size: f64,
    colour: RGBColor,
    side: HPos,
    weight: FontStyle,
) -> TextStyle<'static> {
    let font = ("sans-serif", size * PLOTTERS_SIZE, weight).into_font();
    let style = TextStyle::from(font).pos(Pos::new(side, VPos::Center));
    TextStyle { color: colour.to_backend_color(), ..style }
}

pub(crate) fn write(
    canvas: &Canvas<'_>,
    text: &str,
    at: (i32, i32),
    style: TextStyle<'_>,
) -> Result<(), Error> {
    canvas.draw(&Text::new(text, at, style)).map_err(failed)
}

/// Clears a line of text from what lies below it.
pub(crate) fn blank(canvas: &Canvas<'_>, left: i32, right: i32, y: i32) -> Result<(), Error> {
    let half = LINE / 2 + 1;
    let paper = Rectangle::new([(left, y - half), (right, y + half)], PAPER.filled());
    canvas.draw(&paper).map_err(failed)
}

/// A colour as SVG writes it.
pub(crate) fn hexadecimal(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// What is added to a drawing.
pub(crate) struct Words<'a> {
    /// The picture's name.
    pub(crate) name: &'a str,
    /// The picture for whoever does not see it.
    pub(crate) description: &'a str,
    /// Elements between the paper and what plotters drew.
    pub(crate) below: &'a str,
    /// Elements over everything.
    pub(crate) above: &'a str,
}

/// Adds role, title, description, further elements and one class per element.
pub(crate) fn finish(svg: &str, words: &Words<'_>) -> Result<String, Error> {
    let (root, rest) = svg.split_once('>').ok_or(Error::Drawing)?;
    // The first element is the paper.
    let (paper, drawn) = rest.split_once("/>").ok_or(Error::Drawing)?;
    let drawn = drawn.strip_suffix("</svg>\n").or(drawn.strip_suffix("</svg>"));
    let drawn = drawn.ok_or(Error::Drawing)?;
    let (name, description) = (escaped(words.name), escaped(words.description));
    let mut finished = format!(
        "{root} role=\"img\" font-variant-numeric=\"tabular-nums\">\n\
         <title>{name}</title>\n<desc>{description}</desc>{paper}/>\n{}{drawn}{}</svg>\n",
        words.below, words.above
    );
    // Texts cannot hold these: a quotation mark in a text is written as an entity.
    finished = finished.replace(" opacity=\"1\"", "");
    for (colour, class) in CLASSES {
        let colour = hexadecimal(colour);
        for paint in ["fill", "stroke"] {
            let plain = format!(" {paint}=\"{colour}\"");
            finished = finished.replace(&plain, &format!(" class=\"{class}\"{plain}"));
        }
    }
    Ok(finished)
}

/// A text as it may stand in an element or attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '"' | '\'' => {
                // A String takes everything that is written to it.
                let _ = write!(safe, "&#{};", u32::from(character));
            }
            other => safe.push(other),
        }
    }
    safe
}
