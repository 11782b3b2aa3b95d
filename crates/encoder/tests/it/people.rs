//! A schema, a key and people to encode.

use encoder::{Encoder, Identifiers, LinkageKey};
use policy::{Identifier, LinkageSchema};

/// The bytes 0 to 31: published, for vectors only.
pub(crate) const KEY: &str = "milchglas-linkage-key-1 \
    000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The schema of the vectors in `docs/formats/linkable.md`.
pub(crate) const SCHEMA: &str = include_str!("../vectors/schema.json");

pub(crate) fn key() -> LinkageKey {
    LinkageKey::from_file_text(KEY).unwrap()
}

pub(crate) fn schema() -> LinkageSchema {
    LinkageSchema::from_json(SCHEMA).unwrap()
}

pub(crate) fn encoder() -> Encoder {
    Encoder::new(&schema(), &key()).unwrap()
}

/// The shipped schema of the county.
pub(crate) fn county_schema() -> LinkageSchema {
    let text = include_str!("../../../../policies/linkage/county-2026.json");
    LinkageSchema::from_json(text).unwrap()
}

pub(crate) fn county() -> Encoder {
    Encoder::new(&county_schema(), &key()).unwrap()
}

/// Surname, birth name, given names, date of birth, sex, street, postcode.
pub(crate) fn person(cells: [&str; 7]) -> Identifiers {
    use Identifier::{BirthName, DateOfBirth, GivenNames, Postcode, Sex, Street, Surname};
    let fields = [Surname, BirthName, GivenNames, DateOfBirth, Sex, Street, Postcode];
    let mut person = Identifiers::new();
    for (field, cell) in fields.into_iter().zip(cells) {
        person.set(field, cell).unwrap();
    }
    person
}

pub(crate) const UTE: [&str; 7] =
    ["Müller", "Groß", "Ute Maria", "21.03.1975", "w", "Bahnhofstraße 12", "64807"];

/// Similarity of the best view by Hamming distance, in thousandths.
pub(crate) fn likeness(encoder: &Encoder, one: [&str; 7], other: [&str; 7]) -> u32 {
    let (one, other) =
        (encoder.encode(&person(one)).unwrap(), encoder.encode(&person(other)).unwrap());
    let distance = |a: &submission::Encoding, b: &submission::Encoding| -> u32 {
        a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| (a ^ b).count_ones()).sum()
    };
    let bits = one[0].as_bytes().len() as u32 * 8;
    let least = one.iter().zip(&other).map(|(a, b)| distance(a, b)).min().unwrap();
    (bits - least) * 1000 / bits
}
