//! A released document from its bytes to what people read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod change;
mod chart;
mod csv;
mod demand;
mod grid;
mod flat;
mod import;
mod map;
mod population;
mod quality;
mod rate;
mod reading;
mod rollup;
mod sample;
mod thresholded;
mod totals;
mod trend;
mod workbook;
