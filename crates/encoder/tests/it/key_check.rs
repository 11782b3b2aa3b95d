//! The key-check value.

use encoder::{EncodeError, Encoder, LinkageKey};
use policy::LinkageSchema;

use crate::people::{KEY, SCHEMA, encoder, key};

/// Computed once with this crate on 2026-11-28: a change of it is a change of the format, and
/// needs a new name of the normaliser or a new version of the schema.
const GOLDEN: &str = "77b43fab7a2e26ee";

fn value(schema: &str, key_text: &str) -> String {
    let schema = LinkageSchema::from_json(schema).unwrap();
    let key = LinkageKey::from_file_text(key_text).unwrap();
    Encoder::new(&schema, &key).unwrap().key_check_value().into()
}

#[test]
fn the_golden_value_has_not_changed() {
    assert_eq!(String::from(encoder().key_check_value()), GOLDEN);
    assert_eq!(value(SCHEMA, KEY), GOLDEN);
}

#[test]
fn another_key_or_schema_has_another_value() {
    let mut values = vec![value(SCHEMA, KEY)];
    values.push(value(SCHEMA, &KEY.replace("1f", "1e")));
    for (from, to) in [
        ("\"0.6\"", "\"0.61\""),
        ("\"vectors\"", "\"vectors-2\""),
        ("\"k\": 18", "\"k\": 17"),
        ("\"birth-name\"", "\"other\""),
        ("\"whole\"", "\"bigrams\""),
        ("[64, 192]", "[64, 191]"),
    ] {
        values.push(value(&SCHEMA.replace(from, to), KEY));
    }
    let count = values.len();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), count);
}

#[test]
fn a_normaliser_that_this_program_does_not_have_is_refused() {
    let schema = LinkageSchema::from_json(&SCHEMA.replace("de-1", "de-2")).unwrap();
    let error = Encoder::new(&schema, &key()).err().unwrap();
    assert!(matches!(error, EncodeError::Normaliser(_)));
    assert!(error.to_string().contains("install the agreed version"));
}
