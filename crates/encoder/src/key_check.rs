//! The published test persons of the key-check value.

use policy::Identifier;

use crate::Identifiers;

/// 64 invented people, one per line; each rule of the normaliser changes the encoding of at least
/// one of them, the columns in the order of [`Identifier::ALL`]. Part of the format: a changed line is a changed key-check value.
const TEST_PERSONS: &str = include_str!("test_persons.csv");

/// The test persons in the order of the file.
pub(crate) fn test_persons() -> Vec<Identifiers> {
    TEST_PERSONS.lines().skip(1).map(person).collect()
}

fn person(line: &str) -> Identifiers {
    let mut person = Identifiers::new();
    for (identifier, cell) in Identifier::ALL.into_iter().zip(line.split(';')) {
        // Every cell of the shipped file is short enough, which a test checks.
        let _ = person.set(identifier, cell);
    }
    person
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_64_people_and_every_cell_fits() {
        let lines: Vec<&str> = TEST_PERSONS.lines().skip(1).collect();
        assert_eq!(lines.len(), 64);
        for line in lines {
            let cells: Vec<&str> = line.split(';').collect();
            assert_eq!(cells.len(), Identifier::ALL.len(), "{line}");
            for (identifier, cell) in Identifier::ALL.into_iter().zip(cells) {
                assert_eq!(person(line).get(identifier), cell);
            }
        }
    }

    #[test]
    fn every_rule_of_the_normaliser_has_a_person() {
        use Identifier::{
            DateOfBirth, GivenNames, HouseNumber, Phone, Postcode, Sex, Street, Surname, Town,
        };
        let people = test_persons();
        for (identifier, marks) in [
            (
                Surname,
                &["ü", "ue", "ß", "ł", "ı", "Å", "Đ", "Dr. ", "Prof. ", "von der ", "geb. "][..],
            ),
            (
                Surname,
                &["Graf von", "h.c. ", "Graf", "-", " ", "'", "’", "auer", "Quell", "Ж", "Zu"][..],
            ),
            (GivenNames, &["Ä", "-", " ", "Þ", "Ĳ", "oe", "ae", "ue", "An"][..]),
            (
                DateOfBirth,
                &["00.00.", "01.01.", "00.0", "-07-", "/", "T00", "unb", "2972", "1q"][..],
            ),
            (DateOfBirth, &["31.02", "5.6.", ".75", "20061106", "05.1991", "\u{200e}"][..]),
            (Sex, &["m", "w", "d", "x", "1", "2", "3", "männlich", "weiblich", "female"][..]),
            (
                Street,
                &["straße", "strasse", "str.", "Str.", " 12", "-Straße", "17. Juni", "weg"][..],
            ),
            (HouseNumber, &["a", " b", " - "][..]),
            (Postcode, &["64807", "1067", ".0", "D-", "D "][..]),
            (Town, &["ß-", "(", "/", ",", " am ", " a.M.", "Sankt", "a. d."][..]),
            (Phone, &[" ", "/", "-", "+49 ", "0049", "(0)"][..]),
        ] {
            for mark in marks {
                let found = people.iter().any(|person| person.get(identifier).contains(mark));
                assert!(found, "nobody has {mark:?}");
            }
        }
    }
}
