//! Text that nobody expects.

use encoder::{EncodeError, Identifiers, normalise};
use policy::Identifier;
use proptest::prelude::*;

use crate::people::{encoder, person};

proptest! {
    #[test]
    fn any_text_is_encoded_or_refused(cells in prop::collection::vec(any::<String>(), 10)) {
        let encoder = encoder();
        let mut person = Identifiers::new();
        for (identifier, cell) in Identifier::ALL.into_iter().zip(&cells) {
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
        for identifier in Identifier::ALL {
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
    fn a_normal_form_stays_as_it_is(text in "[A-Za-zÄÖÜäöüßçşłéñæøı0-9 .,'/()-]{0,24}|\\PC{0,12}") {
        // A normal form has no umlauts and no titles left, but folding an umlaut may put two
        // letters together that were none (Boeer → BOER → BOR), and a sex is a code.
        for identifier in [
            Identifier::HouseNumber, Identifier::Postcode, Identifier::Phone, Identifier::Sex,
            Identifier::DateOfBirth,
        ] {
            let once = normalise::text(identifier, &text);
            // All that was readable is a digit of the year, which a whole date cannot say.
            if &*once == "0000-00-00" {
                continue;
            }
            prop_assert_eq!(&*normalise::text(identifier, &once), &*once, "{}", text);
        }
    }

    /// Without E and what becomes one, nothing folds: titles, particles, ranks and rivers that are
    /// dropped leave no others behind.
    #[test]
    fn normal_names_and_towns_stay_as_they_are(
        words in prop::collection::vec(
            "[A-DF-Za-df-zßçşłıñ]{1,6}|Dr|Prof|von|zu|graf|an|gib|H|C|a|am|ot|sankt|mult", 0..6,
        ),
        between in "[ .'’,-]",
    ) {
        let text = words.join(&between);
        for identifier in [Identifier::Surname, Identifier::GivenNames, Identifier::Town] {
            let once = normalise::text(identifier, &text);
            // All that was readable is a digit of the year, which a whole date cannot say.
            if &*once == "0000-00-00" {
                continue;
            }
            prop_assert_eq!(&*normalise::text(identifier, &once), &*once, "{}", text);
        }
    }

    #[test]
    fn given_names_are_a_set(
        names in prop::collection::vec("[A-ZÄÖÜ][a-zäöüßéłş]{1,10}", 1..6),
        turn in 0..5_usize,
    ) {
        let encoder = encoder();
        let mut turned = names.clone();
        turned.rotate_left(turn % names.len());
        turned.swap(0, names.len() - 1);
        let encode = |given: String| {
            encoder.encode(&person(["Meier", "", &given, "21.03.1975", "w", "", ""])).unwrap()
        };
        let one = encode(names.join(" "));
        prop_assert!(one == encode(turned.join(" ")));
        prop_assert!(one == encode(turned.join("-")));
    }

    #[test]
    fn a_letter_of_another_script_anywhere_in_a_name_refuses_the_record(
        before in "[A-Za-zäöü]{0,6}",
        foreign in "[а-яА-Яα-ωΑ-ΡΣ-Ωא-ת\u{621}-\u{64a}]",
        after in "[A-Za-zäöü]{0,6}",
    ) {
        let name = format!("{before}{foreign}{after}");
        let refused = |cells| encoder().encode(&person(cells)).err();
        let field = |field| Some(EncodeError::OtherScript { field });
        let surname = refused([&name, "", "Ute", "21.03.1975", "w", "", ""]);
        prop_assert_eq!(surname, field("surname"));
        let given = refused(["Meier", "", &name, "21.03.1975", "w", "", ""]);
        prop_assert_eq!(given, field("given_names"));
        let street = refused(["Meier", "", "Ute", "21.03.1975", "w", &name, ""]);
        prop_assert_eq!(street, field("street"));
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

#[test]
fn a_birth_name_glued_to_the_surname_is_the_birth_name() {
    let encoder = encoder();
    let encode = |surname, birth_name| {
        encoder.encode(&person([surname, birth_name, "Ute", "21.03.1975", "w", "", ""])).unwrap()
    };
    let apart = encode("Müller", "Groß");
    assert!(encode("Müller geb. Groß", "") == apart);
    assert!(encode("Dr. Müller geborene Groß", " ") == apart);
    assert!(encode("Müller geb. Klein", "Groß") == apart, "the column of its own counts");
    assert!(encode("Müller", "") != apart);
}

/// The scripts themselves, and a letter that only looks Latin: the refusal names the field and no
/// part of the name.
#[test]
fn other_scripts_are_refused_by_field() {
    let encoder = encoder();
    for surname in ["Жуков", "محمد", "M\u{430}ier", "王"] {
        let refused = encoder.encode(&person([surname, "", "Ute", "21.03.1975", "w", "", ""]));
        let refused = refused.err().unwrap();
        assert_eq!(refused, EncodeError::OtherScript { field: "surname" });
        assert!(refused.to_string().contains("Latin letters"));
        assert!(!refused.to_string().contains(surname));
    }
}
