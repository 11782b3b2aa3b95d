//! Throughput as a picture: logarithmic sizes or plain thresholds across, rates up.

use std::error::Error;
use std::fs;
use std::path::Path;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::coord::combinators::IntoLogRange;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement};
use plotters::style::{Color, RGBColor, WHITE};

/// Rates along a scale.
pub(crate) struct Line {
    name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Line {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, points: Vec::new() }
    }
}

const SIZE: (u32, u32) = (760, 420);
const COLOURS: [RGBColor; 2] = [RGBColor(0x1b, 0x5e, 0x9e), RGBColor(0xb0, 0x60, 0x10)];
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);

/// Draws the lines over a scale of this name; logarithmic or not.
pub(crate) fn plot(
    path: &Path,
    (name, logarithmic): (&str, bool),
    lines: &[Line],
) -> Result<(), Box<dyn Error>> {
    let across = || lines.iter().flat_map(|own| own.points.iter().map(|point| point.0));
    let (least, most) = (across().fold(f64::MAX, f64::min), across().fold(0.0, f64::max));
    let svg = if logarithmic {
        let whole = |own: &f64| format!("{own:.0}");
        draw((least..most).log_scale(), (name, &whole), lines)?
    } else {
        draw(least..most, (name, &|own: &f64| format!("{own:.2}")), lines)?
    };
    Ok(fs::write(path, svg)?)
}

fn draw<X>(
    across: X,
    (name, label): (&str, &dyn Fn(&f64) -> String),
    lines: &[Line],
) -> Result<String, Box<dyn Error>>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    let top = lines.iter().flat_map(|own| own.points.iter().map(|point| point.1));
    let top = top.fold(0.0, f64::max) * 1.1;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .margin(14)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(across, 0.0..top)?;
        chart
            .configure_mesh()
            .x_desc(name)
            .y_desc("million filter pairs per second, one thread")
            .light_line_style(WHITE)
            .x_label_formatter(&label)
            .y_label_formatter(&|own| format!("{own:.0}"))
            .draw()?;
        for (line, colour) in lines.iter().zip(COLOURS) {
            let points = || line.points.iter().copied();
            let path = PathElement::new(points().collect::<Vec<_>>(), colour.stroke_width(2));
            chart.draw_series([path])?.label(line.name).legend(move |(x, y)| {
                PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2))
            });
            chart.draw_series(points().map(|own| Circle::new(own, 3, colour.filled())))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE)
            .border_style(INK)
            .draw()?;
        root.present()?;
    }
    Ok(svg)
}
