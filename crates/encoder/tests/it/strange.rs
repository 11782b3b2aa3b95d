//! Text that nobody expects.

use encoder::{Identifiers, normalise};
use policy::Identifier;
use proptest::prelude::*;

use crate::people::{encoder, person};

const ALL: [Identifier; 10] = [
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

proptest! {
    #[test]
    fn any_text_is_encoded_or_refused(cells in prop::collection::vec(any::<String>(), 10)) {
        let encoder = encoder();
        let mut person = Identifiers::new();
        for (identifier, cell) in ALL.into_iter().zip(&cells) {
            if person.set(identifier, cell).is_err() {
                prop_assert!(cell.len() > Identifiers::MAX_BYTES);
            }
        }
        if let Ok(encodings) = encoder.encode(&person) {
            prop_assert!(person.is_usable());
            prop_assert_eq!(encodings.len(), 2);
            prop_assert!(encodings.iter().all(|encoding| encoding.as_bytes().len() == 32));
        }
    }

    #[test]
    fn has_says_whether_normalising_leaves_anything(text in "\\PC{0,12}|[a-zA-Z .'-]{0,8}") {
        for identifier in ALL {
            let mut person = Identifiers::new();
            person.set(identifier, &text).unwrap();
            let left = !normalise::text(identifier, &text).is_empty();
            prop_assert_eq!(person.has(identifier), left);
        }
    }

    #[test]
    fn dates_never_panic_and_read_back(text in "[0-9?xX./ T:-]{0,24}|\\PC{0,12}") {
        if let Ok(date) = normalise::date(&text) {
            let part = |n: Option<u16>, width| format!("{:0width$}", n.unwrap_or(0));
            let again = format!(
                "{}.{}.{}",
                part(date.day.map(u16::from), 2),
                part(date.month.map(u16::from), 2),
                part(date.year, 4)
            );
            prop_assert!(normalise::date(&again).is_ok_and(|d| d == date), "{}", again);
        }
    }

    #[test]
    fn case_and_space_around_do_not_matter(name in "[A-Za-zÄÖÜäöüßçşłéñ' -]{1,30}") {
        let one = normalise::text(Identifier::Surname, &name);
        let other = normalise::text(Identifier::Surname, &format!("  {} ", name.to_uppercase()));
        prop_assert_eq!(&*one, &*other);
    }
}

#[test]
fn invisible_characters_do_not_part_a_person() {
    let encoder = encoder();
    let plain = encoder.encode(&person(["Meier", "", "Ute", "21.03.1975", "w", "", ""])).unwrap();
    for surname in ["\u{200f}Meier", "Mei\u{ad}er", "Meier\0", "\u{feff}Meier\r\n", "Mei\u{200d}er"]
    {
        let found = encoder.encode(&person([surname, "", "Ute", "21.03.1975", "w", "", ""]));
        assert!(found.is_ok_and(|found| found == plain), "{surname:?}");
    }
}

/// Found by the law above: the only letter belongs to the house number, so no street is left.
#[test]
fn a_house_number_alone_is_no_street() {
    let mut person = Identifiers::new();
    person.set(Identifier::Street, "\u{d81}0a").unwrap();
    assert!(!person.has(Identifier::Street));
}
