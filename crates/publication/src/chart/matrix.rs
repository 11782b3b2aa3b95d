//! Which services a row stands for, as dots: one column per service, filled dots joined by a line
//! (after Lex et al. 2014, "UpSet: Visualization of Intersecting Sets", turned by a right angle).

use plotters::element::{Circle, PathElement};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

use super::layout::{Layout, Place};
use super::rows::Row;
use crate::picture::{
    Canvas, GRID, INK, LINE, PAPER, SOFT, TEXT, characters, extent, failed, style, wrap, write,
};
use crate::{Document, Error, Names};

pub(super) struct Matrix {
    /// Short name and lines of the label, per column.
    columns: Vec<(String, Vec<String>)>,
    /// Pixels between two columns.
    pitch: i32,
    /// Where the labels begin.
    top: i32,
    /// Where they end and rows begin.
    pub(super) bottom: i32,
}

impl Matrix {
    const RADIUS: i32 = 6;

    /// For overlaps without a further grouping; in those the label says more than dots would.
    pub(super) fn of(document: &Document, names: &Names, width: i32, top: i32) -> Option<Self> {
        let is_plain = document.kind == crate::Kind::Overlap && document.dimensions.is_empty();
        if !is_plain {
            return None;
        }
        let mut services: Vec<&String> = Vec::new();
        for service in document.cells.iter().flat_map(|cell| &cell.datasets) {
            if !services.contains(&service) {
                services.push(service);
            }
        }
        let pitch = if width < 500 { 18 } else { 26 };
        let mut x = Layout::MARGIN + Self::RADIUS;
        let mut columns = Vec::with_capacity(services.len());
        let mut lines = 0;
        for service in services {
            let room = width - x - 2 * Layout::MARGIN;
            let label = wrap(names.dataset(service), characters(room, TEXT * 0.6));
            lines += i32::try_from(label.len()).unwrap_or(i32::MAX);
            columns.push((service.clone(), label));
            x += pitch;
        }
        Some(Self { columns, pitch, top, bottom: top + lines * LINE + 10 })
    }

    /// Width of the dots and of the row's number beside them.
    pub(super) fn width(&self, digits: usize) -> i32 {
        let columns = i32::try_from(self.columns.len()).unwrap_or(i32::MAX);
        columns * self.pitch + extent(&"0".repeat(digits), TEXT)
    }

    fn x(&self, column: usize) -> i32 {
        let column = i32::try_from(column).unwrap_or(i32::MAX);
        Layout::MARGIN + Self::RADIUS + column.saturating_mul(self.pitch)
    }

    /// The names, each from the top of its column.
    pub(super) fn draw_heads(&self, bottom: i32, canvas: &Canvas<'_>) -> Result<(), Error> {
        let mut y = self.top + LINE / 2;
        for (column, (_, label)) in self.columns.iter().enumerate() {
            let x = self.x(column);
            let line = PathElement::new([(x, y), (x, bottom)], GRID.stroke_width(1));
            canvas.draw(&line).map_err(failed)?;
            let hook = PathElement::new([(x, y), (x + 5, y)], SOFT.stroke_width(1));
            canvas.draw(&hook).map_err(failed)?;
            for text in label {
                let style = style(TEXT, INK, HPos::Left, FontStyle::Normal);
                write(canvas, text, (x + 9, y), style)?;
                y += LINE;
            }
            let lead = [(x, y - LINE * i32::try_from(label.len()).unwrap_or(1)), (x, self.bottom)];
            canvas.draw(&PathElement::new(lead, SOFT.stroke_width(1))).map_err(failed)?;
        }
        Ok(())
    }

    /// The dots of one row.
    pub(super) fn draw_row(
        &self,
        row: &Row,
        place: &Place,
        canvas: &Canvas<'_>,
    ) -> Result<(), Error> {
        let y = place.bar_y;
        let is_in = |(name, _): &(String, Vec<String>)| row.datasets.contains(name);
        let places = || self.columns.iter().enumerate();
        for (column, _) in places().filter(|(_, service)| !is_in(service)) {
            let at = (self.x(column), y);
            canvas.draw(&Circle::new(at, 4, PAPER.filled())).map_err(failed)?;
            canvas.draw(&Circle::new(at, 4, GRID.stroke_width(2))).map_err(failed)?;
        }
        let filled: Vec<(i32, i32)> =
            places().filter(|(_, own)| is_in(own)).map(|(column, _)| (self.x(column), y)).collect();
        canvas.draw(&PathElement::new(filled.clone(), INK.stroke_width(3))).map_err(failed)?;
        for at in filled {
            canvas.draw(&Circle::new(at, Self::RADIUS, INK.filled())).map_err(failed)?;
        }
        Ok(())
    }
}
