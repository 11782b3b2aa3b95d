//! The areas as SVG paths.

use std::fmt::Write as _;

use crate::geography::{Area, hatching, outline};
use crate::picture::{EDGE, HATCH, PAPER, SCALE, escaped, hexadecimal};

/// One place on the map, in pixels.
pub(super) struct Place {
    /// As in bars and table.
    pub(super) number: usize,
    /// `None` where it is hatched.
    pub(super) class: Option<usize>,
    pub(super) title: String,
    pub(super) area: Area,
}

/// Pixels between two lines of a hatching, measured along an axis.
const DISTANCE: f64 = 7.0;

/// All areas, each with its title.
pub(super) fn paths(places: &[Place]) -> String {
    let (paper, hatch, edge) = (hexadecimal(PAPER), hexadecimal(HATCH), hexadecimal(EDGE));
    let mut svg = String::new();
    for place in places {
        let (title, data) = (escaped(&place.title), outline(&place.area));
        let fill = place.class.and_then(|class| SCALE.get(class)).copied().map(hexadecimal);
        let (fill, lines) = match fill {
            Some(fill) => (fill, String::new()),
            None => (paper.clone(), hatching(&place.area, DISTANCE)),
        };
        // A String takes everything that is written to it.
        let _ = write!(
            svg,
            "<g><title>{title}</title><path fill-rule=\"evenodd\" d=\"{data}\" fill=\"{fill}\"/>"
        );
        if !lines.is_empty() {
            let _ = write!(svg, "<path d=\"{lines}\" stroke=\"{hatch}\"/>");
        }
        let _ = writeln!(
            svg,
            "<path fill=\"none\" stroke-linejoin=\"round\" d=\"{data}\" stroke=\"{edge}\"/></g>"
        );
    }
    svg
}
