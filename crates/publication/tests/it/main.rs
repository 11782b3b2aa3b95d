//! A released document from its bytes to what people read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chart;
mod csv;
mod map;
mod quality;
mod reading;
mod sample;
mod thresholded;
mod workbook;
