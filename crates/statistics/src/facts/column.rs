//! A column of small numbers, at the width that they need.

use std::ops::Range;

use policy::UNKNOWN_CODE;
use rayon::prelude::*;

/// Codes, one per row. Most dimensions have fewer than 255 keys, and half the bytes are half the
/// time where a question reads them all.
pub(crate) enum Column {
    /// All codes lie below [`NARROW_UNKNOWN`], which stands for [`UNKNOWN_CODE`].
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
}

const NARROW_UNKNOWN: u8 = u8::MAX;

impl Column {
    pub(super) fn new() -> Self {
        Self::Narrow(Vec::new())
    }

    /// Takes numbers that are already in their order.
    pub(super) fn of(codes: Vec<u16>) -> Self {
        match codes.par_iter().map(|code| narrow(*code)).collect() {
            Some(narrow) => Self::Narrow(narrow),
            None => Self::Wide(codes),
        }
    }

    pub(super) fn push(&mut self, code: u16) {
        match self {
            Self::Narrow(codes) => match narrow(code) {
                Some(narrow) => codes.push(narrow),
                None => {
                    let widened = codes.iter().map(|own| wide(*own)).chain([code]);
                    *self = Self::Wide(widened.collect());
                }
            },
            Self::Wide(codes) => codes.push(code),
        }
    }

    /// The rows in another order: row i of it is row `order[i]` of this one.
    pub(super) fn ordered(&self, order: &[u32]) -> Self {
        match self {
            Self::Narrow(codes) => Self::Narrow(ordered(codes, order)),
            Self::Wide(codes) => Self::Wide(ordered(codes, order)),
        }
    }

    /// The code of a row, [`UNKNOWN_CODE`] where it has none.
    pub(crate) fn get(&self, place: usize) -> u16 {
        let code = match self {
            Self::Narrow(codes) => codes.get(place).map(|own| wide(*own)),
            Self::Wide(codes) => codes.get(place).copied(),
        };
        code.unwrap_or(UNKNOWN_CODE)
    }

    /// The first code of some rows that is known, else [`UNKNOWN_CODE`].
    pub(crate) fn first_known(&self, places: Range<usize>) -> u16 {
        let known = match self {
            Self::Narrow(codes) => {
                let own = codes.get(places).unwrap_or_default();
                own.iter().find(|code| **code != NARROW_UNKNOWN).map(|code| u16::from(*code))
            }
            Self::Wide(codes) => {
                let own = codes.get(places).unwrap_or_default();
                own.iter().find(|code| **code != UNKNOWN_CODE).copied()
            }
        };
        known.unwrap_or(UNKNOWN_CODE)
    }
}

/// The values in another order; both name rows of one dataset, so that every place exists.
pub(super) fn ordered<T: Copy + Default + Send + Sync>(values: &[T], order: &[u32]) -> Vec<T> {
    let value = |place: &u32| {
        let place = usize::try_from(*place).ok()?;
        values.get(place).copied()
    };
    order.par_iter().map(|place| value(place).unwrap_or_default()).collect()
}

fn narrow(code: u16) -> Option<u8> {
    if code == UNKNOWN_CODE {
        return Some(NARROW_UNKNOWN);
    }
    u8::try_from(code).ok().filter(|code| *code != NARROW_UNKNOWN)
}

fn wide(code: u8) -> u16 {
    if code == NARROW_UNKNOWN { UNKNOWN_CODE } else { u16::from(code) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code() -> impl Strategy<Value = u16> {
        prop_oneof![8 => 0_u16..40, 1 => 250_u16..260, 1 => Just(UNKNOWN_CODE)]
    }

    proptest! {
        #[test]
        fn a_column_gives_back_what_it_took(codes in prop::collection::vec(code(), 0..40)) {
            let mut pushed = Column::new();
            codes.iter().for_each(|code| pushed.push(*code));
            let backwards: Vec<u32> = (0..codes.len()).rev().map(|at| at as u32).collect();
            let turned = pushed.ordered(&backwards);
            let whole = Column::of(codes.clone());
            let narrow = codes.iter().all(|code| *code < 255 || *code == UNKNOWN_CODE);
            prop_assert_eq!(matches!(pushed, Column::Narrow(_)), narrow);
            prop_assert_eq!(matches!(whole, Column::Narrow(_)), narrow);
            for (at, code) in codes.iter().enumerate() {
                prop_assert_eq!(pushed.get(at), *code);
                prop_assert_eq!(whole.get(at), *code);
                prop_assert_eq!(turned.get(codes.len() - 1 - at), *code);
                let known = codes[at..].iter().find(|code| **code != UNKNOWN_CODE);
                let found = pushed.first_known(at..codes.len());
                prop_assert_eq!(found, known.copied().unwrap_or(UNKNOWN_CODE));
            }
            prop_assert_eq!(pushed.get(codes.len()), UNKNOWN_CODE);
        }
    }
}
