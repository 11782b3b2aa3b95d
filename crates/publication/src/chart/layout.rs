//! Where everything stands, in pixels.
//!
//! The reader's fonts are not known here, so widths are estimated for a wide sans-serif.

use super::{ChartStyle, rows::Rows, words};
use crate::Document;

/// Size of labels and numbers.
pub(super) const TEXT: f64 = 13.0;
/// Size of axis and notes.
pub(super) const SMALL: f64 = 12.0;
/// Size of the title.
pub(super) const TITLE: f64 = 17.0;
/// Widest average character, in font sizes: DejaVu Sans, the widest common sans-serif.
const CHARACTER: f64 = 0.6;
/// Same for bold text.
const BOLD_CHARACTER: f64 = 0.68;

const LINE: i32 = 17;
const MARGIN: i32 = 10;
const BAR: i32 = 14;
/// Height of the axis numbers and the axis name.
const AXIS: i32 = 44;

/// A row's place.
pub(super) struct Place {
    /// Lines of its label.
    pub(super) lines: Vec<String>,
    /// Middle of the first line.
    pub(super) text_y: i32,
    /// Middle of the bar.
    pub(super) bar_y: i32,
}

pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// Lines of the title, empty without one.
    pub(super) title: Vec<String>,
    /// Left end of a label that stands above, right end of one that stands beside.
    pub(super) label_x: i32,
    pub(super) beside: bool,
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) places: Vec<Place>,
    pub(super) note: Vec<String>,
}

impl Layout {
    pub(super) const LINE: i32 = LINE;
    pub(super) const MARGIN: i32 = MARGIN;
    pub(super) const BAR: i32 = BAR;
    pub(super) const AXIS: i32 = AXIS;

    pub(super) fn of(document: &Document, rows: &Rows, style: &ChartStyle<'_>) -> Self {
        let width = i32::try_from(style.width).unwrap_or(i32::MAX);
        let inner = width - 2 * MARGIN;
        let title = if style.titled {
            wrap(&words::name(document), characters(inner, TITLE * BOLD_CHARACTER))
        } else {
            Vec::new()
        };
        let longest = rows.rows.iter().map(|row| extent(&row.label, TEXT)).max().unwrap_or(0);
        let numbers = rows.rows.iter().map(|row| extent(&words::value(row), TEXT)).max();
        let numbers = numbers.unwrap_or(0) + MARGIN;
        let beside = longest + MARGIN <= width / 3 && longest + numbers <= width / 2;
        let (left, right) = if beside {
            (MARGIN + longest + MARGIN, width - MARGIN - numbers)
        } else {
            (MARGIN, width - MARGIN)
        };
        let top = if title.is_empty() { 4 } else { MARGIN + lines(&title, 24) + 4 };
        let per_line = characters(inner - numbers, TEXT * CHARACTER);
        let (places, bottom) = place(rows, beside, per_line, top);
        let note = wrap(&words::note(document, rows), characters(inner, SMALL * CHARACTER));
        Self {
            width,
            height: bottom + AXIS + lines(&note, LINE) + MARGIN,
            title,
            label_x: if beside { left - MARGIN } else { MARGIN },
            beside,
            left,
            right,
            top,
            bottom,
            places,
            note,
        }
    }
}

/// Places rows from `top` on; also the lower end of the last one.
fn place(rows: &Rows, beside: bool, per_line: usize, top: i32) -> (Vec<Place>, i32) {
    let mut y = top;
    let mut places = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        let (lines, text_y, bar_y, below) = if beside {
            (vec![row.label.clone()], y + 13, y + 13, y + 26)
        } else {
            let wrapped = wrap(&row.label, per_line);
            let under = y + 6 + lines(&wrapped, LINE);
            (wrapped, y + 6 + LINE / 2, under + BAR / 2, under + BAR + 6)
        };
        places.push(Place { lines, text_y, bar_y });
        y = below;
    }
    (places, y + 4)
}

fn lines(texts: &[String], height: i32) -> i32 {
    i32::try_from(texts.len()).unwrap_or(i32::MAX).saturating_mul(height)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "labels have at most a few thousand characters"
)]
#[expect(clippy::cast_precision_loss, reason = "as above")]
pub(super) fn extent(text: &str, size: f64) -> i32 {
    (text.chars().count() as f64 * size * CHARACTER).ceil() as i32
}

/// How many characters of `width` pixels each fit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
fn characters(pixels: i32, width: f64) -> usize {
    (f64::from(pixels) / width).max(8.0) as usize
}

/// Breaks at spaces; a word longer than a line is cut.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let Some(line) = lines.last_mut() else { break };
            let used = line.chars().count();
            let space = usize::from(used > 0);
            if used + space + rest.len() <= most {
                if space == 1 {
                    line.push(' ');
                }
                line.extend(rest.drain(..));
            } else if used > 0 {
                lines.push(String::new());
            } else {
                line.extend(rest.drain(..most));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_spaces_and_long_words_are_cut() {
        assert_eq!(wrap("nur Wohngeld", 20), ["nur Wohngeld"]);
        assert_eq!(
            wrap("Wohngeld + Hilfe zur Erziehung", 12),
            ["Wohngeld +", "Hilfe zur", "Erziehung"]
        );
        assert_eq!(wrap("Eingliederungshilfe ab", 10), ["Einglieder", "ungshilfe", "ab"]);
        assert_eq!(wrap("", 10), [""]);
    }
}
