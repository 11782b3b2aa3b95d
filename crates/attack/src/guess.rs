//! What an attacker starts from and ends with.

use submission::Encoding;

use crate::Person;

/// The records that are attacked.
pub struct Target<'a> {
    /// Their encodings, view by view in the schema's order.
    pub encodings: &'a [&'a [Encoding]],
    /// Which department each is of, by number.
    pub sources: &'a [u8],
}

/// A record whose clear text the attacker has.
pub struct Known<'a> {
    /// Clear text.
    pub person: &'a Person,
    /// Its encodings.
    pub encodings: &'a [Encoding],
    /// Its department.
    pub source: u8,
}

/// For each attacked record, the entry of the register that it is taken for.
pub struct Guesses {
    /// Place in the register.
    pub entries: Vec<u32>,
    /// Year of birth that is most likely over all entries together.
    pub years: Vec<Option<u16>>,
}
