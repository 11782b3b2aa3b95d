//! The published test persons of the key-check value.

use policy::Identifier;

use crate::Identifiers;

/// 64 invented people, one per line; each rule of the normaliser changes the encoding of at least
/// one of them. Part of the format: a changed line is a changed key-check value.
const TEST_PERSONS: &str = include_str!("test_persons.csv");

/// The columns of the file, in their order.
const COLUMNS: [Identifier; 10] = [
    Identifier::Surname,
    Identifier::BirthName,
    Identifier::GivenNames,
    Identifier::DateOfBirth,
    Identifier::Sex,
    Identifier::Street,
    Identifier::HouseNumber,
    Identifier::Postcode,
    Identifier::Town,
    Identifier::Phone,
];

/// The test persons in the order of the file.
pub(crate) fn test_persons() -> Vec<Identifiers> {
    TEST_PERSONS.lines().skip(1).map(person).collect()
}

fn person(line: &str) -> Identifiers {
    let mut person = Identifiers::new();
    for (identifier, cell) in COLUMNS.into_iter().zip(line.split(';')) {
        // Every cell of the shipped file is short enough, which a test checks.
        let _ = person.set(identifier, cell);
    }
    person
}
