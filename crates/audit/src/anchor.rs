use crate::document::{self, head, text};
use crate::{Error, Head, Installation, UnitKind, entry};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "milchglas/anchor/1";
const CODE: &[u8] = b"milchglas/anchor-code/1\0";
/// Without I, L, O and U, which are misread (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A head that the data protection officer keeps outside: a log that does not hold it is another
/// one, or an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    format: String,
    /// Whose log.
    #[serde(with = "text")]
    pub unit: UnitKind,
    /// Of which installation.
    #[serde(with = "text")]
    pub installation: Installation,
    /// The epoch in which it was taken, for whoever files it.
    pub epoch: String,
    /// How often the log had been restored.
    pub generation: u64,
    /// The head.
    #[serde(with = "head")]
    pub head: Head,
    /// When it was taken, in Unix seconds.
    pub at: i64,
}

impl Anchor {
    /// An anchor of a log that was verified.
    #[must_use]
    pub fn new(
        unit: UnitKind,
        installation: Installation,
        epoch: String,
        generation: u64,
        head: Head,
        at: i64,
    ) -> Self {
        Self { format: FORMAT.into(), unit, installation, epoch, generation, head, at }
    }

    /// Reads the file that [`Anchor::to_json`] gave.
    ///
    /// # Errors
    /// [`Error::Document`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let read: Self = document::read(text, "an anchor")?;
        if read.format == FORMAT { Ok(read) } else { Err(Error::Document("an anchor")) }
    }

    /// The file, one line.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn to_json(&self) -> Result<String, Error> {
        document::canonical(self)
    }

    /// What is noted down by hand: number and code.
    #[must_use]
    pub fn short(&self) -> ShortHead {
        ShortHead::of(self.unit, &self.installation, self.head)
    }
}

/// A head as it is written on paper: the number of the entry and sixteen letters that follow from
/// its hash. Written `1234 K7QF-2M9X-PB04-T6ZA`; two heads share it with a chance of 2^-80.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortHead {
    /// Number of the entry.
    pub sequence: u64,
    code: [u8; 10],
}

impl ShortHead {
    /// The short form of a head of that log.
    #[must_use]
    pub fn of(unit: UnitKind, installation: &Installation, head: Head) -> Self {
        let (unit, installation) = (unit.as_str().as_bytes(), installation.as_str().as_bytes());
        let number = head.sequence.to_be_bytes();
        let hash = entry::digest(&[CODE, unit, b"\0", installation, b"\0", &number, &head.hash]);
        let mut code = [0; 10];
        code.copy_from_slice(&hash[..10]);
        Self { sequence: head.sequence, code }
    }

    /// Whether it was taken of this head.
    #[must_use]
    pub fn is_of(&self, unit: UnitKind, installation: &Installation, head: Head) -> bool {
        *self == Self::of(unit, installation, head)
    }
}

impl std::fmt::Display for ShortHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.sequence)?;
        let mut padded = [0; 16];
        padded[6..].copy_from_slice(&self.code);
        let number = u128::from_be_bytes(padded);
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            let letter = usize::try_from(number >> (5 * (15 - place)) & 31).unwrap_or(0);
            write!(f, "{}", char::from(LETTERS[letter]))?;
        }
        Ok(())
    }
}

impl std::str::FromStr for ShortHead {
    type Err = Error;

    /// Small letters, blanks and hyphens do not matter; O is read as 0, I and L as 1.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (sequence, code) = text.trim().split_once([' ', ':']).ok_or(Error::Short)?;
        let sequence = sequence.parse().map_err(|_| Error::Short)?;
        let (mut number, mut letters) = (0_u128, 0);
        for letter in code.bytes().filter(|own| !matches!(own, b' ' | b'-')) {
            let letter = match letter.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let place = LETTERS.iter().position(|own| *own == letter).ok_or(Error::Short)?;
            letters += 1;
            if letters > 16 {
                return Err(Error::Short);
            }
            number = number << 5 | u128::try_from(place).map_err(|_| Error::Short)?;
        }
        if letters < 16 {
            return Err(Error::Short);
        }
        let mut code = [0; 10];
        code.copy_from_slice(&number.to_be_bytes()[6..]);
        Ok(Self { sequence, code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_down_is_read_again(sequence: u64, hash: [u8; 32]) {
            let installation: Installation = "test".parse().unwrap();
            let head = Head { sequence, hash };
            let short = ShortHead::of(UnitKind::Statistics, &installation, head);
            let written = short.to_string();
            prop_assert_eq!(written.parse::<ShortHead>().unwrap(), short);
            let careless = written.to_lowercase().replace('-', "").replace('0', "o");
            let careless = format!("{sequence} {}", careless.split_once(' ').unwrap().1);
            prop_assert_eq!(careless.parse::<ShortHead>().unwrap(), short);
            prop_assert!(short.is_of(UnitKind::Statistics, &installation, head));
            prop_assert!(!short.is_of(UnitKind::Linkage, &installation, head));
            let mut other = head;
            other.hash[31] ^= 1;
            prop_assert!(!short.is_of(UnitKind::Statistics, &installation, other));
        }
    }

    #[test]
    fn what_is_no_short_head_is_refused() {
        for bad in [
            "",
            "7",
            "7 ABCD",
            "x ABCD-EFGH-JKMN-PQRS",
            "7 ABCD-EFGH-JKMN-PQRST",
            "7 ABCD-EFGH-JKMN-PQR%",
        ] {
            assert!(bad.parse::<ShortHead>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_anchor_is_read_back_and_nothing_else_is() {
        let head = Head { sequence: 7, hash: [1; 32] };
        let installation: Installation = "test".parse().unwrap();
        let own = Anchor::new(UnitKind::Linkage, installation, "2026".into(), 0, head, 1);
        let text = own.to_json().unwrap();
        assert_eq!(Anchor::from_json(&text).unwrap(), own);
        for bad in [text.replace("anchor/1", "anchor/2"), text.replace("epoch", "era"), "{}".into()]
        {
            assert!(Anchor::from_json(&bad).is_err(), "{bad}");
        }
    }
}
