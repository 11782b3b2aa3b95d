//! What plotters does not write: name, description, classes.

use std::fmt::Write as _;

use plotters::style::RGBColor;

use super::draw::{BAR, GRID, HATCH, INK, PAPER, SOFT, WHISKER};
use crate::Error;

const CLASSES: [(RGBColor, &str); 7] = [
    (PAPER, "mg-paper"),
    (INK, "mg-ink"),
    (SOFT, "mg-soft"),
    (GRID, "mg-grid"),
    (BAR, "mg-bar"),
    (WHISKER, "mg-whisker"),
    (HATCH, "mg-hatch"),
];

/// Adds role, title, description and one class per element.
pub(super) fn finish(svg: &str, name: &str, description: &str) -> Result<String, Error> {
    let (root, rest) = svg.split_once('>').ok_or(Error::Drawing)?;
    let (name, description) = (escaped(name), escaped(description));
    let mut finished = format!(
        "{root} role=\"img\" font-variant-numeric=\"tabular-nums\">\n\
         <title>{name}</title>\n<desc>{description}</desc>{rest}"
    );
    // Texts cannot hold these: a quotation mark in a text is written as an entity.
    finished = finished.replace(" opacity=\"1\"", "");
    for (RGBColor(red, green, blue), class) in CLASSES {
        let colour = format!("#{red:02X}{green:02X}{blue:02X}");
        for paint in ["fill", "stroke"] {
            let plain = format!(" {paint}=\"{colour}\"");
            finished = finished.replace(&plain, &format!(" class=\"{class}\"{plain}"));
        }
    }
    Ok(finished)
}

fn escaped(text: &str) -> String {
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
