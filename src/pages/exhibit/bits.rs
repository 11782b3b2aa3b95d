//! An encoding as a picture: one small square per set bit.

use std::fmt::Write as _;

use super::View;

/// Squares in a row.
const WIDTH: usize = 32;
/// Digits of an encoding that are written out.
const SHOWN_DIGITS: usize = 16;

/// A view's bits as two SVG paths over a field of 32 columns.
pub(in crate::pages) struct Picture {
    pub(in crate::pages) name: String,
    pub(in crate::pages) rows: usize,
    /// Set bits; of those also set in the earlier encoding where there is one.
    pub(in crate::pages) same: String,
    /// Bits that differ from the earlier encoding.
    pub(in crate::pages) other: String,
    pub(in crate::pages) differing: Option<usize>,
    pub(in crate::pages) set: usize,
    pub(in crate::pages) bits: usize,
    pub(in crate::pages) digits: String,
}

impl Picture {
    /// Draws `view`; bits that differ from `earlier` apart, if it is of the same length.
    pub(super) fn of(view: &View, earlier: Option<&View>) -> Self {
        let own = bits(&view.bits);
        let earlier = earlier.map(|view| bits(&view.bits)).filter(|bits| bits.len() == own.len());
        let differs: Vec<bool> = match &earlier {
            Some(earlier) => own.iter().zip(earlier).map(|(a, b)| a != b).collect(),
            None => vec![false; own.len()],
        };
        let same: Vec<bool> = own.iter().zip(&differs).map(|(set, other)| *set && !other).collect();
        Self {
            name: view.name.clone(),
            rows: own.len().div_ceil(WIDTH),
            same: squares(&same),
            other: squares(&differs),
            differing: earlier.map(|_| differs.iter().filter(|other| **other).count()),
            set: own.iter().filter(|set| **set).count(),
            bits: own.len(),
            digits: view.bits.chars().take(SHOWN_DIGITS).collect(),
        }
    }
}

fn bits(hexadecimal: &str) -> Vec<bool> {
    let digits = hexadecimal.chars().filter_map(|digit| digit.to_digit(16));
    digits.flat_map(|digit| [8, 4, 2, 1].map(|bit| digit & bit != 0)).collect()
}

/// One rectangle per run of set bits in a row.
fn squares(bits: &[bool]) -> String {
    let mut path = String::new();
    for (row, y) in bits.chunks(WIDTH).zip(0_usize..) {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                // A String takes everything that is written to it.
                let _ = write!(path, "M{x} {y}h{0}v1h-{0}z", run.len());
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(bits: &str) -> View {
        View { name: "name".to_owned(), bits: bits.to_owned() }
    }

    #[test]
    fn set_bits_are_squares_and_differences_stand_apart() {
        let first = view("f00000000000000f");
        let picture = Picture::of(&first, None);
        assert_eq!(picture.same, "M0 0h4v1h-4zM28 1h4v1h-4z");
        assert_eq!((picture.rows, picture.bits, picture.set), (2, 64, 8));
        assert_eq!((picture.other.as_str(), picture.differing), ("", None));
        let second = Picture::of(&view("700000000000001f"), Some(&first));
        assert_eq!(second.same, "M1 0h3v1h-3zM28 1h4v1h-4z");
        assert_eq!(second.other, "M0 0h1v1h-1zM27 1h1v1h-1z");
        assert_eq!(second.differing, Some(2));
    }

    #[test]
    fn encodings_of_different_length_are_not_compared() {
        let picture = Picture::of(&view("f00000000000000f"), Some(&view("f00000000000000f00")));
        assert_eq!(picture.differing, None);
    }
}
