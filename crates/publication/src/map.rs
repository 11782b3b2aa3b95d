//! A table of places as a map.
//!
//! Areas are drawn here, because they have holes, titles and hatching; texts and legend by
//! plotters. Colours are a sequence from light to dark that stays in order for colour-blind
//! readers and in black and white; a page turns it around in the dark.

mod areas;
mod legend;
mod words;

use crate::geography::{Area, Projection};
use crate::picture::classes::Classes;
use crate::picture::{self, SMALL};
use crate::{Boundaries, Cell, ChartStyle, Document, Error, Names, Tolerance};
use areas::Place;

/// How a map is to look.
pub struct MapStyle<'a> {
    /// Width in pixels, 280 to 1600.
    pub width: u32,
    /// What readers see for short names.
    pub names: &'a Names,
    /// Where the places lie.
    pub boundaries: &'a Boundaries,
    /// What is hatched instead of coloured.
    pub tolerance: Tolerance,
}

/// A map and what belongs below it.
#[non_exhaustive]
pub struct Map {
    /// The picture.
    pub svg: String,
    /// Sentences: what kind of map, what its colours do not say, which places it lacks, and whom
    /// to name for the boundaries.
    pub notes: Vec<String>,
}

const MARGIN: i32 = 6;

/// Draws the cells of `document` as an SVG map, if its only dimension is the place, or a pooling of
/// places, and at least one of its keys has an area; else `None`. A group has the areas of all its
/// places in one colour.
///
/// Cells that [`Tolerance::admits`] are coloured by five classes with round bounds, from the
/// released values alone, or from the rates where there are some; all others are hatched. Numbers are those of [`Document::ranked`]. Each
/// area has a title with name, value and interval. The same input gives the same bytes.
///
/// Classes: those of [`chart`](crate::chart), `mg-c1` to `mg-c5` for areas, `mg-on1` to `mg-on5` for the
/// numbers on them, `mg-edge` for their outlines.
///
/// # Errors
/// [`Error::Width`], [`Error::Drawing`].
pub fn map(document: &Document, style: &MapStyle<'_>) -> Result<Option<Map>, Error> {
    ChartStyle::check_width(style.width)?;
    if !document.is_of_places() {
        return Ok(None);
    }
    let ranked = document.ranked();
    let located: Vec<(usize, &Cell, Area)> = ranked
        .iter()
        .filter_map(|(number, cell)| {
            Some((*number, *cell, style.boundaries.union(document.places(cell))?))
        })
        .collect();
    if located.is_empty() {
        return Ok(None);
    }
    let known = ranked.iter().filter(|(_, cell)| style.tolerance.admits(document.lead(cell)));
    let values: Vec<f64> = known
        .filter_map(|(_, cell)| document.lead(cell))
        .map(|numbers| numbers.value.position())
        .collect();
    let classes = Classes::of(&values, document.is_whole());
    let shapes: Vec<&Area> = located.iter().map(|(_, _, area)| area).collect();
    let inner = f64::from(style.width) - 2.0 * f64::from(MARGIN);
    let corner = (f64::from(MARGIN), f64::from(MARGIN));
    let (projection, height) = Projection::fit(&shapes, corner, inner, inner * 1.25);
    let places: Vec<Place> = located
        .into_iter()
        .map(|(number, cell, area)| {
            let class = document
                .lead(cell)
                .filter(|numbers| style.tolerance.admits(Some(*numbers)))
                .and_then(|numbers| classes.as_ref()?.class(numbers.value.position()));
            let title = words::title(number, cell, document, style.names);
            Place { number, class, title, area: projection.area(&area) }
        })
        .collect();
    let below = height.ceil() as i32 + 2 * MARGIN;
    let drawn = legend::draw(style, &places, classes.as_ref(), document, below)?;
    let notes = words::notes(document, &ranked, style);
    let description = words::description(document, &ranked, style);
    let svg = picture::finish(
        &drawn,
        &picture::Words {
            name: &format!("Karte: {}, {}", document.label, document.year),
            description: &description,
            below: &areas::paths(&places),
            above: "",
        },
    )?;
    Ok(Some(Map { svg, notes }))
}

/// Size of the numbers on the map.
const NUMBER: f64 = SMALL;
