//! An encoding as a picture: one dot per set bit.

use data_encoding::HEXLOWER_PERMISSIVE;

/// Dots in a row.
const WIDTH: usize = 32;

/// The dots of an encoding, as an SVG path in a grid of `WIDTH` columns.
pub(super) struct Picture {
    pub(super) rows: usize,
    pub(super) path: String,
    /// Set bits and all bits.
    pub(super) set: usize,
    pub(super) bits: usize,
}

impl Picture {
    /// The picture of hexadecimal digits; `None` for anything else.
    pub(super) fn of(digits: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        let bits = bytes.len() * 8;
        let mut picture = Self { rows: bits.div_ceil(WIDTH), path: String::new(), set: 0, bits };
        for bit in 0..bits {
            let set = bytes.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
            if set {
                picture.set += 1;
                let (x, y) = (bit % WIDTH, bit / WIDTH);
                picture.path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
        Some(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_bit_is_one_dot() {
        let picture = Picture::of("8000000100000000").unwrap();
        assert_eq!((picture.rows, picture.set, picture.bits), (2, 2, 64));
        assert_eq!(picture.path, "M0 0h1v1h-1zM31 0h1v1h-1z");
        assert!(Picture::of("no hex").is_none());
    }
}
