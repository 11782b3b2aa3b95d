//! Schemas that nobody expects.

use policy::{AnySchema, ClkhashSchema};
use proptest::prelude::*;
use serde_json::Value;

use crate::clkhash::{version_1, version_3};

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}|string|ngram|numeric|HKDF|doubleHash|blakeHash|enum|date".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = "version|clkConfig|features|l|k|kdf|hash|type|identifier|format|hashing|ngram|n|\
                   weight|strategy|bitsPerToken|bitsPerFeature|comparison|missingValue|sentinel|\
                   values|thresholdDistance|resolution|family|[a-z]{0,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Places of a valid schema, for changes that reach deep.
const PLACES: [&str; 14] = [
    "/version",
    "/clkConfig",
    "/clkConfig/l",
    "/clkConfig/kdf",
    "/clkConfig/kdf/salt",
    "/features",
    "/features/0",
    "/features/1/format",
    "/features/1/format/type",
    "/features/1/hashing",
    "/features/1/hashing/strategy",
    "/features/1/hashing/comparison",
    "/features/2/hashing/comparison/thresholdDistance",
    "/features/2/hashing/comparison/resolution",
];

proptest! {
    #[test]
    fn any_json_is_read_or_refused(value in arbitrary_json()) {
        let _ = AnySchema::from_json(&value.to_string());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = AnySchema::from_json(&text);
    }

    #[test]
    fn a_changed_schema_is_read_or_refused_and_reads_back(
        place in 0..PLACES.len(),
        value in arbitrary_json(),
        old in any::<bool>(),
    ) {
        let mut schema = if old { version_1() } else { version_3() };
        if let Some(at) = schema.pointer_mut(PLACES[place]) {
            *at = value;
        }
        if let Ok(read) = ClkhashSchema::try_from(schema) {
            let again = ClkhashSchema::from_json(&serde_json::to_string(&read).unwrap()).unwrap();
            prop_assert_eq!(again.digest().unwrap(), read.digest().unwrap());
        }
    }
}
