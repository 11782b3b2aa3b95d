//! Leakage against usefulness over a grid of choices, as a picture.

use anyhow::Context as _;
use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::coord::combinators::IntoLogRange;
use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Text};
use plotters::style::{Color, IntoFont, RGBColor, WHITE};
use serde::Serialize;

use super::profiles::Salt;

/// One choice, and what it gives and gives away.
#[derive(Clone, Serialize)]
pub struct Point {
    /// Written beside the point.
    pub label: String,
    /// Whether the views are salted apart.
    pub salted: bool,
    /// Whether it was chosen.
    pub chosen: bool,
    /// F1 at its best threshold, mean over counties.
    pub f1: f64,
    /// That threshold, in millionths, of the first county.
    pub threshold: u32,
    /// Share named by the graph attack.
    pub graph: f64,
    /// Share named with known pairs, in the order of their numbers.
    pub pairs: Vec<f64>,
}

impl Point {
    pub(super) fn salted(salt: Salt) -> bool {
        salt != Salt::None
    }
}

const SIZE: (u32, u32) = (1100, 520);
const PLAIN: RGBColor = RGBColor(0x8a, 0x8a, 0x8a);
const SALTED: RGBColor = RGBColor(0x1b, 0x5e, 0x9e);
const LIMIT: RGBColor = RGBColor(0xb0, 0x30, 0x30);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// What 0 is drawn as.
const LEAST: f64 = 0.0005;

/// One panel for each number of pairs; lower and further right is better.
pub(super) fn draw(points: &[Point], undiffused: f64, pairs: &[usize]) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let panels = root.split_evenly((1, pairs.len()));
        let least = points.iter().map(|own| own.f1).fold(undiffused - 0.012, f64::min);
        for ((at, pairs), area) in pairs.iter().enumerate().zip(&panels) {
            let limit = if *pairs <= 500 { 0.01 } else { 0.05 };
            let mut chart = ChartBuilder::on(area)
                .caption(
                    format!("{pairs} bekannte Paare (known pairs)"),
                    ("sans-serif", 18).into_font(),
                )
                .margin(14)
                .x_label_area_size(44)
                .y_label_area_size(56)
                .build_cartesian_2d(least - 0.001..undiffused + 0.003, (LEAST..1.5).log_scale())?;
            chart
                .configure_mesh()
                .x_desc("F1 der Verknüpfung (of links)")
                .y_desc("Anteil benannt (share named)")
                .light_line_style(WHITE)
                .x_labels(6)
                .y_label_formatter(&|share| format!("{:.1} %", share * 100.0))
                .draw()?;
            let line = |from: (f64, f64), to: (f64, f64)| {
                PathElement::new(vec![from, to], LIMIT.stroke_width(1))
            };
            chart.draw_series([
                line((least, limit), (undiffused + 0.002, limit)),
                line((undiffused - 0.01, LEAST), (undiffused - 0.01, 1.0)),
            ])?;
            for own in points {
                let Some(share) = own.pairs.get(at) else { continue };
                let place = (own.f1, share.max(LEAST));
                let colour = if own.salted { SALTED } else { PLAIN };
                let size = if own.chosen { 7 } else { 4 };
                chart.draw_series([Circle::new(place, size, colour.filled())])?;
                chart.draw_series([Text::new(
                    own.label.clone(),
                    (own.f1 + 0.0005, place.1),
                    ("sans-serif", 11).into_font().color(&INK),
                )])?;
            }
        }
        root.present()?;
    }
    anyhow::ensure!(svg.contains("</svg>"), "the picture was not finished");
    Ok(svg)
}

/// Writes a file and its folder.
pub(super) fn write(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
