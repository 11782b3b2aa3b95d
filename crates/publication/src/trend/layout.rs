//! Where panels stand, in pixels.

use super::Trend;
use crate::GridStyle;
use crate::picture::{
    BOLD_CHARACTER, CHARACTER, LINE, SMALL, TEXT, TITLE, characters, extent, height, wrap,
};

pub(super) const MARGIN: i32 = 10;
/// Narrowest panel beside another one.
const NARROWEST: i32 = 158;
/// Height of the curve of a panel, alone and among others.
const HEIGHTS: (i32, i32) = (220, 84);
/// Height of the moments below a panel.
const MOMENTS: i32 = 20;

/// The place of one line.
pub(super) struct Panel {
    pub(super) left: i32,
    /// Lines of its name.
    pub(super) name: Vec<String>,
    pub(super) name_y: i32,
    /// Where the curve stands: left, top, right, bottom.
    pub(super) curve: [i32; 4],
}

pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) title: Vec<String>,
    pub(super) quantity: Vec<String>,
    pub(super) quantity_y: i32,
    pub(super) panels: Vec<Panel>,
    pub(super) note: Vec<String>,
    pub(super) note_y: i32,
}

impl Layout {
    pub(super) fn of(trend: &Trend, style: &GridStyle) -> Self {
        let width = i32::try_from(style.width).unwrap_or(i32::MAX);
        let inner = width - 2 * MARGIN;
        let title = match style.titled {
            true => wrap(&trend.name(), characters(inner, TITLE * BOLD_CHARACTER)),
            false => Vec::new(),
        };
        let quantity_y = if title.is_empty() { 4 } else { MARGIN + height(&title, 24) + 2 };
        let quantity = wrap(&trend.quantity, characters(inner, SMALL * CHARACTER));
        let top = quantity_y + height(&quantity, LINE) + 6;
        let (panels, bottom) = panels(trend, width, top);
        let note = wrap(&trend.note(), characters(inner, SMALL * CHARACTER));
        let note_y = bottom + 8;
        let height = note_y + height(&note, LINE) + MARGIN;
        Self { width, height, title, quantity, quantity_y, panels, note, note_y }
    }
}

/// One panel per line, as many beside each other as fit; also where they end.
fn panels(trend: &Trend, width: i32, top: i32) -> (Vec<Panel>, i32) {
    let count = i32::try_from(trend.lines.len().max(1)).unwrap_or(i32::MAX);
    let words = trend.lines.iter().flat_map(|line| line.row.split(' '));
    let longest = words.map(|word| extent(word, TEXT)).max().unwrap_or(0);
    let columns = ((width - MARGIN) / NARROWEST.max(longest + 2 * MARGIN)).clamp(1, count);
    let pitch = (width - MARGIN) / columns;
    let high = if count == 1 { HEIGHTS.0 } else { HEIGHTS.1 };
    let mut panels = Vec::with_capacity(trend.lines.len());
    let mut y = top;
    for row in trend.lines.chunks(usize::try_from(columns).unwrap_or(1)) {
        let names: Vec<Vec<String>> = row
            .iter()
            .map(|line| wrap(&line.row, characters(pitch - MARGIN, TEXT * CHARACTER)))
            .collect();
        let lines = names.iter().map(Vec::len).max().unwrap_or(1);
        let under = y + i32::try_from(lines).unwrap_or(1) * LINE + 4;
        let mut left = MARGIN;
        for (line, name) in row.iter().zip(names) {
            let axis = trend.ticks(line).iter().map(|(_, text)| extent(text, SMALL)).max();
            let last = extent(&trend.last_value(line), TEXT);
            let curve = [
                left + axis.unwrap_or(0) + 6,
                under,
                left + pitch - MARGIN - last - 8,
                under + high,
            ];
            panels.push(Panel { left, name, name_y: y + LINE / 2, curve });
            left += pitch;
        }
        y = under + high + MOMENTS + 8;
    }
    (panels, y)
}
