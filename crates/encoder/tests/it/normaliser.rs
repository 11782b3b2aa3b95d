//! Every rule of the normaliser by its case in `tests/vectors/normaliser.csv`.

use encoder::normalise;
use policy::Identifier;

fn identifier(name: &str) -> Identifier {
    match name {
        "surname" => Identifier::Surname,
        "birth_name" => Identifier::BirthName,
        "given_names" => Identifier::GivenNames,
        "date_of_birth" => Identifier::DateOfBirth,
        "sex" => Identifier::Sex,
        "street" => Identifier::Street,
        "house_number" => Identifier::HouseNumber,
        "postcode" => Identifier::Postcode,
        "town" => Identifier::Town,
        "phone" => Identifier::Phone,
        _ => panic!("no identifier is called {name}"),
    }
}

/// Reads `\n` and `\u{...}` as Rust does, so that the file shows what it holds.
fn unescaped(cell: &str) -> String {
    let mut text = cell.replace("\\n", "\n");
    while let Some((before, rest)) = text.split_once("\\u{") {
        let (digits, after) = rest.split_once('}').unwrap();
        let character = char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap();
        text = format!("{before}{character}{after}");
    }
    text
}

#[test]
fn every_case_of_the_table_holds() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in include_str!("../vectors/normaliser.csv").lines().skip(1) {
        let cells: Vec<&str> = line.splitn(4, ';').collect();
        let [name, raw, expected, reason] = cells[..] else { panic!("four cells: {line}") };
        assert!(!reason.is_empty(), "each case says why: {line}");
        let found = normalise::text(identifier(name), &unescaped(raw));
        if *found != unescaped(expected) {
            wrong.push(format!("{name} {raw:?}: {:?}, expected {expected:?}", *found));
        }
        cases += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases > 100);
}

#[test]
fn a_normal_form_is_its_own_normal_form() {
    for line in include_str!("../vectors/normaliser.csv").lines().skip(1) {
        let cells: Vec<&str> = line.splitn(4, ';').collect();
        let normal = unescaped(cells[2]);
        assert_eq!(*normalise::text(identifier(cells[0]), &normal), normal, "{line}");
    }
}

#[test]
fn a_glued_house_number_is_split_off() {
    for (raw, number) in [
        ("Bahnhofstr. 12a", "12A"),
        ("Am Markt 3 - 5", "3-5"),
        ("Schulweg", ""),
        ("17. Juni Platz 3", "3"),
    ] {
        assert_eq!(*normalise::street(raw).house_number, number, "{raw}");
    }
}

/// The rows of the table that say so, and no other.
#[test]
fn what_refuses_the_record_is_another_script() {
    let mut refused = 0;
    for line in include_str!("../vectors/normaliser.csv").lines().skip(1) {
        let cells: Vec<&str> = line.splitn(4, ';').collect();
        let says = cells[3].contains("refuses the record");
        let found = normalise::is_other_script(identifier(cells[0]), &unescaped(cells[1]));
        assert_eq!(found, says, "{line}");
        refused += u32::from(says);
    }
    assert!(refused >= 4);
}
