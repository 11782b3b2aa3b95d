//! The estimate of a precision as a small picture: a point with its whisker on an axis up to 1,000.

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::words::per_thousand;
use super::{Estimate, LinkQuality};
use crate::picture::{BAR, GRID, PAPER, SMALL, SOFT, WHISKER, failed, finish, style, write};
use crate::{ChartStyle, Error, picture};

/// Height in pixels.
const HEIGHT: i32 = 74;
/// Room for half a number at either end of the axis.
const MARGIN: i32 = 30;
/// Where the axis begins, of 1,000; the greatest that lies below the interval is taken.
const BEGINNINGS: [u16; 6] = [990, 950, 900, 800, 500, 0];

/// Draws how many of 1,000 linked persons are estimated to be one human being, as an SVG document
/// `width` pixels wide (280 to 1600). The same estimate gives the same bytes.
///
/// # Errors
/// [`Error::Width`], [`Error::Drawing`].
pub fn quality_picture(quality: &LinkQuality, width: u32) -> Result<String, Error> {
    ChartStyle::check_width(width)?;
    let Estimate { value, low, high, .. } = quality.precision;
    let first = BEGINNINGS.into_iter().find(|own| f64::from(*own) <= low * 1_000.0).unwrap_or(0);
    let right = i32::try_from(width).map_err(failed)? - MARGIN;
    let at = |share: f64| place(share, f64::from(first), right);
    let mut svg = String::new();
    {
        let size = (width, HEIGHT.unsigned_abs());
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&PAPER).map_err(failed)?;
        for part in 0..=5_u16 {
            let tick = first + (1_000 - first) / 5 * part;
            let x = at(f64::from(tick) / 1_000.0);
            let line = PathElement::new([(x, 12), (x, 44)], GRID.stroke_width(1));
            root.draw(&line).map_err(failed)?;
            let text = style(SMALL, SOFT, HPos::Center, FontStyle::Normal);
            write(&root, &tick.to_string(), (x, 56), text)?;
        }
        for (ends, thick) in [
            ([(at(low), 28), (at(high), 28)], 2),
            ([(at(low), 21), (at(low), 35)], 2),
            ([(at(high), 21), (at(high), 35)], 2),
        ] {
            let line = PathElement::new(ends, WHISKER.stroke_width(thick));
            root.draw(&line).map_err(failed)?;
        }
        root.draw(&Circle::new((at(value), 28), 7, BAR.filled())).map_err(failed)?;
        root.present().map_err(failed)?;
    }
    let description = format!(
        "Von 1.000 zusammengeführten Personen sind geschätzt {} richtig zusammengeführt, mit einem \
         Bereich von {} bis {}. Die Achse geht von {first} bis 1.000.",
        per_thousand(value),
        per_thousand(low),
        per_thousand(high)
    );
    let name = "Geschätzte Genauigkeit der Verknüpfung";
    finish(&svg, &picture::Words { name, description: &description, below: "", above: "" })
}

/// Pixel of a share on the axis from `first` of 1,000 to all of them.
#[expect(clippy::cast_possible_truncation, reason = "a pixel of a picture of at most 1600")]
fn place(share: f64, first: f64, right: i32) -> i32 {
    let part = (share * 1_000.0 - first) / (1_000.0 - first);
    MARGIN + (part.clamp(0.0, 1.0) * f64::from(right - MARGIN)).round() as i32
}
