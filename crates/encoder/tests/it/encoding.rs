//! What an encoding depends on, and what it does not.

use encoder::{EncodeError, Encoder, Identifiers, LinkageKey};
use policy::LinkageSchema;

use crate::people::{
    KEY, SCHEMA, UTE, county, county_schema, encoder, key, likeness, person, schema,
};

/// Threshold of the county's schema in thousandths.
const FLOOR: u32 = 584;

/// Computed on 2026-11-22 with this crate and, with the same result, by
/// `tests/vectors/encoding.py`, which follows `docs/formats/linkable.md` and shares no code.
const GOLDEN: [&str; 2] = [
    "5b73b2f33d7326d88e0c942c44b300632012a0b3341a65211f30d4c2f44555e8",
    "da80a562060064cd1a0d676b411c1cd7235891c295890d582c42e39658c0e82b",
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded(encoder: &Encoder, cells: [&str; 7]) -> Vec<String> {
    encoder.encode(&person(cells)).unwrap().iter().map(|e| hex(e.as_bytes())).collect()
}

#[test]
fn the_golden_vector_has_not_changed() {
    assert_eq!(encoded(&encoder(), UTE), GOLDEN);
}

#[test]
fn the_same_person_always_has_the_same_encodings() {
    let shared = encoder();
    let first = encoded(&shared, UTE);
    encoded(&shared, ["Weber", "", "Paul", "01.02.1960", "m", "Ring 1", "61169"]);
    assert_eq!(encoded(&shared, UTE), first, "nothing is left of the record before");
    assert_eq!(encoded(&encoder(), UTE), first);
    let other = ["MUELLER", "Gross", "UTE-MARIA", "1975-03-21", "2", "Bahnhofstr.", "64807"];
    assert_eq!(encoded(&shared, other), first, "what means the same is encoded alike");
}

#[test]
fn every_byte_of_the_key_matters() {
    let first = encoded(&encoder(), UTE);
    for byte in 0..32 {
        let place = KEY.len() - 64 + 2 * byte;
        let digit = if KEY.as_bytes()[place] == b'f' { "0" } else { "f" };
        let changed = format!("{}{digit}{}", &KEY[..place], &KEY[place + 1..]);
        let key = LinkageKey::from_file_text(&changed).unwrap();
        let other = encoded(&Encoder::new(&schema(), &key).unwrap(), UTE);
        assert!(first.iter().zip(&other).all(|(a, b)| a != b), "byte {byte}");
    }
}

#[test]
fn views_schemas_and_fields_have_keys_of_their_own() {
    let first = encoded(&encoder(), UTE);
    let renamed = |from: &str, to: &str| {
        let schema = LinkageSchema::from_json(&SCHEMA.replace(from, to)).unwrap();
        encoded(&Encoder::new(&schema, &key()).unwrap(), UTE)
    };
    let schema = renamed("\"vectors\"", "\"vectors-2\"");
    assert!(first[0] != schema[0] && first[1] != schema[1]);
    let view = renamed("\"birth-name\"", "\"other-name\"");
    assert!(first[0] == view[0] && first[1] != view[1]);
    let threshold = renamed("\"0.6\"", "\"0.7\"");
    assert_eq!(first, threshold, "another threshold needs no new encodings");
}

#[test]
fn an_error_leaves_records_alike_and_people_apart() {
    let county = county();
    let alike = |other: [&str; 7]| likeness(&county, UTE, other);
    let with = |position: usize, cell: &'static str| {
        let mut cells = UTE;
        cells[position] = cell;
        cells
    };
    assert_eq!(alike(UTE), 1000);
    assert_eq!(county_schema().threshold.millionths(), FLOOR * 1000);
    for (position, cell) in [
        (0, "Mülller"),
        (0, "Meier"),
        (2, "Ute"),
        (2, "Utte Maria"),
        (3, "12.03.1975"),
        (3, "00.00.1975"),
        (3, "21.03.1976"),
        (4, ""),
        (5, "Lange Gasse 4"),
        (6, "64870"),
    ] {
        let found = alike(with(position, cell));
        assert!(found >= FLOOR, "{cell}: {found}");
    }
    for stranger in [
        ["Weber", "", "Paul", "01.02.1960", "m", "Ringstraße 1", "61169"],
        ["Müller", "", "Werner", "14.11.1938", "m", "Hauptstraße 3", "61169"],
        ["Schmidt", "", "Ute Maria", "02.09.1991", "w", "Talweg 5", "61231"],
    ] {
        let found = alike(stranger);
        assert!(found < FLOOR, "{found}");
    }
}

#[test]
fn a_birth_name_links_over_a_marriage() {
    let county = county();
    let before = ["Groß", "", "Ute Maria", "21.03.1975", "w", "Talweg 5", "61231"];
    assert!(likeness(&county, UTE, before) >= FLOOR);
    let sister = ["Groß", "", "Ina", "08.10.1978", "w", "Talweg 5", "61231"];
    assert!(likeness(&county, UTE, sister) < FLOOR);
}

#[test]
fn twins_are_two_people() {
    let county = county();
    let twin = |given, sex| ["Haddad", "", given, "04.05.2019", sex, "Schulstr. 9", "64846"];
    let found = likeness(&county, twin("Leyla", "w"), twin("Karim", "m"));
    assert!(
        found < 700,
        "{found}: well below one record's own copies, which the solver takes first"
    );
}

#[test]
fn too_little_is_refused_and_never_encoded_as_an_empty_filter() {
    let encoder = encoder();
    let refused = Some(EncodeError::TooLittle);
    assert_eq!(encoder.encode(&Identifiers::new()).err(), refused);
    let surname_only = person(["Müller", "", "", "", "w", "", "64807"]);
    assert_eq!(encoder.encode(&surname_only).err(), refused);
}

#[test]
fn people_encoded_together_are_encoded_as_one_by_one() {
    let encoder = encoder();
    let names: Vec<String> = (0..500).map(|n| format!("Name{n}")).collect();
    let cells = |name| [name, "", "Ute", "21.03.1975", "w", "", ""];
    let mut people: Vec<Identifiers> = names.iter().map(|name| person(cells(name))).collect();
    people.push(Identifiers::new());
    let together = encoder.encode_all(&people);
    assert_eq!(together.len(), 501);
    for (person, found) in people.iter().zip(together) {
        assert!(found == encoder.encode(person));
    }
}

#[test]
fn the_fill_is_what_is_set_before_diffusion() {
    let encoder = encoder();
    let fills = encoder.fill(&[person(UTE), Identifiers::new()]);
    assert_eq!(fills.len(), 2);
    for fill in fills {
        assert_eq!((fill.records, fill.bits), (1, 256));
        // At most every position of 16 name tokens, 7 date tokens and one or no sex token.
        assert!((30..=70).contains(&fill.mean_weight()), "{}", fill.mean_weight());
        assert_eq!(fill.per_mille(), fill.set_bits * 1000 / 256);
    }
    let nobody = encoder.fill(&[]);
    assert_eq!((nobody[0].mean_weight(), nobody[0].per_mille()), (0, 0));
}

/// Computed on 2026-11-28 with this crate and, with the same result, by `tests/vectors/encoding.py`.
const SALTED: [&str; 2] = [
    "67776038d3c3e405f28906a4868eb86e0eb0a6df53c99b9a28241344154c404b",
    "0914880001a1b23cf4740c2045a2ca50cdc897149bd84500982d422100a5c020",
];

fn salted() -> Encoder {
    let text = SCHEMA
        .replacen("\"diffusion\": 3", "\"diffusion\": 3, \"salt\": [\"birth_year\"]", 1)
        .replacen(
            "\"diffusion\": 3,\n",
            "\"diffusion\": 3, \"salt\": [\"sex\", \"given_initial\"],\n",
            1,
        );
    Encoder::new(&LinkageSchema::from_json(&text).unwrap(), &key()).unwrap()
}

#[test]
fn the_salted_vector_has_not_changed() {
    assert_eq!(encoded(&salted(), UTE), SALTED);
}

#[test]
fn a_salt_parts_people_in_its_view_and_only_there() {
    let encoder = salted();
    let ute = encoder.encode(&person(UTE)).unwrap();
    let far = |position: usize, cell: &'static str| -> Vec<bool> {
        let mut cells = UTE;
        cells[position] = cell;
        let other = encoder.encode(&person(cells)).unwrap();
        let distance = |(a, b): (&submission::Encoding, &submission::Encoding)| -> u32 {
            a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| (a ^ b).count_ones()).sum()
        };
        // Half of 256 bits, less three and a half standard deviations.
        ute.iter().zip(&other).map(|pair| distance(pair) >= 100).collect()
    };
    assert_eq!(far(3, "21.03.1976"), [true, false], "another year");
    assert_eq!(far(2, "Eva Maria"), [false, true], "another initial");
    assert_eq!(far(3, "22.03.1975"), [false, false], "another day");
}
