//! Schemas of clkhash: conversion and ranges.

use policy::clkhash::{Comparison, HashFunction, Strategy};
use policy::{AnySchema, ClkhashSchema};
use serde_json::{Value, json};

pub(crate) fn version_3() -> Value {
    json!({
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": {"type": "HKDF", "hash": "SHA256", "salt": "c2FsdA=="}},
        "features": [
            {"identifier": "id", "ignored": true},
            {"identifier": "name", "format": {"type": "string", "encoding": "utf-8"},
             "hashing": {"comparison": {"type": "ngram", "n": 2},
                         "strategy": {"bitsPerFeature": 200}}},
            {"identifier": "age", "format": {"type": "integer", "minimum": 0},
             "hashing": {"comparison": {"type": "numeric", "thresholdDistance": 5,
                                        "resolution": 2},
                         "strategy": {"bitsPerToken": 20}, "hash": {"type": "doubleHash"}}}
        ]
    })
}

pub(crate) fn version_1() -> Value {
    json!({
        "version": 1,
        "clkConfig": {"l": 1024, "k": 25, "hash": {"type": "doubleHash"},
                      "kdf": {"type": "HKDF"}},
        "features": [
            {"identifier": "a", "format": {"type": "string"}, "hashing": {"ngram": 2}},
            {"identifier": "b", "format": {"type": "string"},
             "hashing": {"ngram": 1, "positional": true, "weight": 0.5}},
            {"identifier": "c", "format": {"type": "string"},
             "hashing": {"ngram": 1, "weight": 0}}
        ]
    })
}

fn refusal(schema: &Value) -> String {
    AnySchema::from_json(&schema.to_string()).err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn version_1_is_converted_as_clkhash_does() {
    let schema = ClkhashSchema::try_from(version_1()).unwrap();
    let used: Vec<_> = schema.features.iter().map(|feature| feature.used()).collect();
    let [Some(a), Some(b), None] = used.as_slice() else { unreachable!("{used:?}") };
    assert_eq!(a.hashing.strategy, Strategy::BitsPerToken(25));
    // 12.5 is rounded half to even.
    assert_eq!(b.hashing.strategy, Strategy::BitsPerToken(12));
    assert!(matches!(b.hashing.comparison, Comparison::Ngram { n: 1, positional: true }));
    assert!(matches!(a.hashing.hash, HashFunction::DoubleHash { prevent_singularity: false }));
}

#[test]
fn version_2_is_converted_as_clkhash_does() {
    let mut schema = version_3();
    schema["version"] = 2.into();
    schema["features"] = json!([
        {"identifier": "a", "format": {"type": "string"},
         "hashing": {"ngram": 2, "strategy": {"k": 15}}},
        {"identifier": "b", "format": {"type": "string"},
         "hashing": {"ngram": 1, "strategy": {"numBits": 100}, "hash": {"type": "blakeHash"}}}
    ]);
    let schema = ClkhashSchema::try_from(schema).unwrap();
    let strategies: Vec<_> =
        schema.features.iter().map(|feature| feature.used().unwrap().hashing.strategy).collect();
    assert_eq!(strategies, [Strategy::BitsPerToken(15), Strategy::BitsPerFeature(100)]);
}

#[test]
fn values_out_of_range_are_refused_with_their_place() {
    assert_eq!(refusal(&version_3()), "");
    let cases = [
        ("/version", json!(4), "version 4"),
        ("/clkConfig/l", json!(0), "clkConfig.l"),
        ("/clkConfig/l", json!(-1), "clkConfig"),
        ("/clkConfig/l", json!(1000), "power of two"),
        ("/clkConfig/l", json!(1 << 20), "clkConfig.l"),
        ("/clkConfig/xorFolds", json!(1), "silently ignores"),
        ("/clkConfig/xor_folds", json!(9), "xor_folds"),
        ("/clkConfig/surprise", json!(1), "surprise"),
        ("/surprise", json!(1), "surprise"),
        ("/clkConfig/kdf/type", json!("legacy"), "HKDF"),
        ("/clkConfig/kdf/salt", json!("not base64!"), "salt"),
        ("/clkConfig/kdf/keySize", json!(65), "keySize"),
        ("/clkConfig/kdf/keySize", json!(0), "keySize"),
        ("/features/1/hashing/strategy/bitsPerFeature", json!(0), "feature 2 (name)"),
        ("/features/1/hashing/strategy/bitsPerFeature", json!(1.5), "strategy"),
        ("/features/1/hashing/strategy/bitsPerToken", json!(1), "strategy"),
        ("/features/1/hashing/strategy", json!({"throughTheWall": 15}), "throughTheWall"),
        ("/features/1/hashing/comparison/n", json!(0), "n = 0"),
        ("/features/1/hashing/comparison/n", json!(300), "comparison"),
        ("/features/1/hashing/comparison/type", json!("soundex"), "soundex"),
        ("/features/1/hashing/surprise", json!(1), "surprise"),
        (
            "/features/1/hashing/hash",
            json!({"type": "blakeHash", "prevent_singularity": true}),
            "prevent_singularity",
        ),
        ("/features/1/surprise", json!(1), "surprise"),
        ("/features/1/format/surprise", json!(1), "surprise"),
        ("/features/1/format/encoding", json!("latin-1"), "latin-1"),
        ("/features/1/format/maxLength", json!(0), "maxLength"),
        ("/features/1/ignored", json!("yes"), "ignored"),
        ("/features/2/format/maximum", json!(-1), "minimum"),
        ("/features/2/hashing/comparison/thresholdDistance", json!(0), "thresholdDistance"),
        ("/features/2/hashing/comparison/thresholdDistance", json!(0.4), "thresholdDistance"),
        ("/features/2/hashing/comparison/thresholdDistance", json!(1e300), "thresholdDistance"),
        ("/features/2/hashing/comparison/resolution", json!(0), "resolution"),
        ("/features/2/hashing/comparison/fractional_precision", json!(31), "precision"),
    ];
    for (place, value, word) in cases {
        let mut schema = version_3();
        let (parent, key) = place.rsplit_once('/').unwrap();
        schema.pointer_mut(parent).unwrap()[key] = value;
        let text = refusal(&schema);
        assert!(text.contains(word), "{place}: {text:?}");
    }
    for (place, value, word) in [
        ("/clkConfig/k", json!(0), "clkConfig.k"),
        ("/clkConfig/xorFolds", json!(0), "silently ignores"),
        ("/features/1/hashing/weight", json!(-1), "weight"),
        ("/features/1/hashing/weight", json!(0.01), "less than one bit"),
        ("/features/1/hashing/weight", json!(1e9), "weight"),
        ("/features/1/hashing/strategy", json!({"k": 3}), "strategy"),
        ("/features/0/hashing/ngram", json!(0), "n = 0"),
    ] {
        let mut schema = version_1();
        let (parent, key) = place.rsplit_once('/').unwrap();
        schema.pointer_mut(parent).unwrap()[key] = value;
        let text = refusal(&schema);
        assert!(text.contains(word), "{place}: {text:?}");
    }
}

#[test]
fn more_features_than_the_key_derivation_has_keys_for_are_refused() {
    let with = |features: usize, hash: &str| {
        let mut schema = version_3();
        schema["clkConfig"]["kdf"]["hash"] = hash.into();
        let one = schema["features"][1].clone();
        schema["features"] = vec![one; features].into();
        refusal(&schema)
    };
    assert_eq!(with(63, "SHA256"), "");
    assert!(with(64, "SHA256").contains("at most 63 features"));
    assert_eq!(with(127, "SHA512"), "");
    assert!(with(128, "SHA512").contains("at most 127 features"));
}

#[test]
fn a_filter_of_any_length_will_do_for_double_hashes_alone() {
    let mut schema = version_3();
    schema["clkConfig"]["l"] = 1000.into();
    schema["features"][1]["hashing"]["hash"] = json!({"type": "doubleHash"});
    assert_eq!(refusal(&schema), "");
}

#[test]
fn a_schema_with_nothing_to_hash_is_refused() {
    let mut schema = version_3();
    schema["features"] = json!([{"identifier": "id", "ignored": true}]);
    assert!(refusal(&schema).contains("none is hashed"));
    schema["features"] = json!([]);
    assert!(refusal(&schema).contains("none is hashed"));
}
