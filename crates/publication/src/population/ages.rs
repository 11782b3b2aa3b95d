//! Sets of completed years of age.

use std::fmt;

/// A set of ages in completed years, one bit per age; the last one stands for itself and all above.
///
/// Sets instead of ranges, so that „exactly these ages, none twice“ is a comparison of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages(u128);

/// The age of the last bit.
const TOP: u8 = 127;

impl Ages {
    /// All ages.
    pub const ALL: Self = Self(u128::MAX);
    /// No age.
    pub const NONE: Self = Self(0);
    /// Oldest age at which a class may begin or end.
    pub const OLDEST: u8 = 120;

    /// From one age to another, both included; `None` where they are inverted or too old.
    #[must_use]
    pub fn between(from: u8, to: u8) -> Option<Self> {
        if from > to || to > Self::OLDEST {
            return None;
        }
        Some(Self(u128::MAX << from & u128::MAX >> (TOP - to)))
    }

    /// From an age on; `None` where it is too old.
    #[must_use]
    pub fn starting(age: u8) -> Option<Self> {
        (age <= Self::OLDEST).then_some(Self(u128::MAX << age))
    }

    /// Reads a class as [`Display`](fmt::Display) writes it, leading zeros allowed: `*`, `7`,
    /// `06-14`, `65+`.
    #[must_use]
    pub fn read(class: &str) -> Option<Self> {
        let age = |digits: &str| {
            let plain =
                (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<u8>().ok()).flatten()
        };
        if class == "*" {
            return Some(Self::ALL);
        }
        if let Some(from) = class.strip_suffix('+') {
            return Self::starting(age(from)?);
        }
        match class.split_once('-') {
            Some((from, to)) => Self::between(age(from)?, age(to)?),
            None => Self::between(age(class)?, age(class)?),
        }
    }

    /// Ages in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Ages in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Ages in this one only.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is no age.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every age of `other` is in it.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        other.without(self).is_empty()
    }

    /// Whether an age is in it.
    #[must_use]
    pub fn has(self, age: u8) -> bool {
        u32::from(age) < u128::BITS && self.0 >> age & 1 == 1
    }

    /// How many single ages it holds; `None` where it has an open end.
    #[must_use]
    pub fn count(self) -> Option<u32> {
        (!self.has(TOP)).then_some(self.0.count_ones())
    }

    /// Neighbouring ages as first and last one; no last one for an open end.
    #[must_use]
    pub fn stretches(self) -> Vec<(u8, Option<u8>)> {
        let mut stretches = Vec::new();
        let mut rest = self.0;
        let mut at = 0_u32;
        while rest != 0 {
            let gap = rest.trailing_zeros();
            rest >>= gap;
            at += gap;
            let length = rest.trailing_ones();
            let from = u8::try_from(at).unwrap_or(TOP);
            let to = u8::try_from(at + length - 1).ok().filter(|to| *to < TOP);
            stretches.push((from, to));
            at += length;
            rest = rest.checked_shr(length).unwrap_or(0);
        }
        stretches
    }

    /// For readers: `unter 15`, `15 bis 64`, `ab 65`, `7`, several with commas; empty for all ages.
    #[must_use]
    pub fn german(self) -> String {
        let words = |(from, to): (u8, Option<u8>)| match (from, to) {
            (0, None) => String::new(),
            (from, None) => format!("ab {from}"),
            (0, Some(to)) => format!("unter {}", to + 1),
            (from, Some(to)) if from == to => from.to_string(),
            (from, Some(to)) => format!("{from} bis {to}"),
        };
        self.stretches().into_iter().map(words).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Ages {
    /// A class of the normal form; sets with a hole have none and are parted by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (from, to)) in self.stretches().into_iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            match (from, to) {
                (0, None) => f.write_str("*")?,
                (from, None) => write!(f, "{from}+")?,
                (from, Some(to)) if from == to => write!(f, "{from}")?,
                (from, Some(to)) => write!(f, "{from}-{to}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn classes_are_read_written_and_told() {
        for (class, written, german) in [
            ("*", "*", ""),
            ("0", "0", "unter 1"),
            ("007", "7", "7"),
            ("00-02", "0-2", "unter 3"),
            ("06-14", "6-14", "6 bis 14"),
            ("65+", "65+", "ab 65"),
            ("0+", "*", ""),
            ("120", "120", "120"),
        ] {
            let ages = Ages::read(class).unwrap();
            assert_eq!((ages.to_string().as_str(), ages.german().as_str()), (written, german));
        }
        for wrong in ["", "-", "a", "7-", "-7", "14-6", "121", "0-121", "256", "1 ", "+", "0000"] {
            assert_eq!(Ages::read(wrong), None, "{wrong}");
        }
        let holed = Ages::read("0-2").unwrap().union(Ages::read("6+").unwrap());
        assert_eq!((holed.to_string(), holed.german()), ("0-2,6+".into(), "unter 3, ab 6".into()));
        assert!(holed.has(0) && !holed.has(3) && holed.has(127) && !holed.has(200));
        assert_eq!((holed.count(), Ages::read("6-14").unwrap().count()), (None, Some(9)));
        assert!(Ages::NONE.is_empty() && Ages::NONE.stretches().is_empty());
    }

    proptest! {
        #[test]
        fn a_class_is_read_as_it_is_written(from in 0_u8..=120, length in 0_u8..=120, open: bool) {
            let ages = if open { Ages::starting(from) } else { Ages::between(from, (from + length).min(120)) };
            let ages = ages.unwrap();
            prop_assert_eq!(Ages::read(&ages.to_string()), Some(ages));
        }

        #[test]
        fn stretches_hold_the_set_and_nothing_else(bits: u128) {
            let whole = Ages(bits);
            let parts = whole.stretches().into_iter().map(|(from, to)| {
                // The last ages lie beyond what a class may name.
                Ages(u128::MAX << from & to.map_or(u128::MAX, |to| u128::MAX >> (TOP - to)))
            });
            prop_assert_eq!(parts.fold(Ages::NONE, Ages::union), whole);
        }
    }
}
