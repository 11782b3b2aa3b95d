//! Cells that nobody expects, under schemas of clkhash.

use encoder::clkhash::{ClkhashEncoder, ClkhashSecret, Trim};
use policy::ClkhashSchema;
use proptest::prelude::*;

/// Every format with every comparison that goes with it.
const SCHEMA: &str = r#"{"version": 3,
  "clkConfig": {"l": 512, "xor_folds": 1, "kdf": {"type": "HKDF"}},
  "features": [
    {"identifier": "free", "format": {"type": "string", "encoding": "utf-16"},
     "hashing": {"comparison": {"type": "ngram", "n": 3, "positional": true},
                 "strategy": {"bitsPerFeature": 70}}},
    {"identifier": "upper", "format": {"type": "string", "case": "upper", "maxLength": 9},
     "hashing": {"comparison": {"type": "exact"}, "strategy": {"bitsPerToken": 33},
                 "hash": {"type": "doubleHash", "prevent_singularity": true},
                 "missingValue": {"sentinel": "-", "replaceWith": ""}}},
    {"identifier": "form", "format": {"type": "string", "encoding": "ascii",
                                      "pattern": "[a-z]*\\Z"},
     "hashing": {"comparison": {"type": "ngram", "n": 1}, "strategy": {"bitsPerToken": 2}}},
    {"identifier": "whole", "format": {"type": "integer"},
     "hashing": {"comparison": {"type": "numeric", "thresholdDistance": 2.5, "resolution": 2,
                                "fractional_precision": 1},
                 "strategy": {"bitsPerFeature": 9}}},
    {"identifier": "number", "format": {"type": "string"},
     "hashing": {"comparison": {"type": "numeric", "thresholdDistance": 100, "resolution": 3},
                 "strategy": {"bitsPerFeature": 9}, "hash": {"type": "doubleHash"}}},
    {"identifier": "date", "format": {"type": "date", "format": "%d. %B %Y"},
     "hashing": {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerFeature": 9}}},
    {"identifier": "one of", "format": {"type": "enum", "values": ["m", "ä"]},
     "hashing": {"comparison": {"type": "ngram", "n": 32}, "strategy": {"bitsPerToken": 3}}}
  ]}"#;

fn encoder(trim: Trim) -> ClkhashEncoder {
    let schema = ClkhashSchema::from_json(SCHEMA).unwrap();
    let secret = ClkhashSecret::from_bytes(b"secret").unwrap();
    ClkhashEncoder::new(&schema, &secret, trim).unwrap()
}

const GOOD: [&str; 7] = ["Ünal 👩‍👧", "-", "abc", "-12", "1e3", "03. may 1999", "ä"];

proptest! {
    #[test]
    fn any_cell_is_encoded_or_refused(
        column in 0..7_usize,
        cell in "\\PC{0,20}|[0-9+_.eE \\-]{0,12}|[A-Z]{0,12}|[0-9]{1,2}\\. [A-Za-z]{3,9} [0-9]{1,5}",
    ) {
        let encoder = encoder(Trim::Keep);
        let mut worker = encoder.worker();
        let mut cells = GOOD;
        cells[column] = &cell;
        let mut out = Vec::new();
        match worker.encode(cells.into_iter(), &mut out) {
            Ok(weight) => {
                prop_assert_eq!(out.len(), 64);
                let set: u32 = out.iter().map(|byte| byte.count_ones()).sum();
                prop_assert_eq!(set, weight);
                // From memory it is the same.
                let mut again = Vec::new();
                worker.encode(cells.into_iter(), &mut again).unwrap();
                prop_assert_eq!(again, out);
            }
            Err(fault) => {
                prop_assert_eq!(fault.column, column);
                prop_assert!(out.is_empty());
            }
        }
    }

    #[test]
    fn any_replacement_pattern_and_date_format_is_taken_or_refused(
        pattern in "\\PC{0,12}|[a-z\\[\\]()*+?\\\\^$.|{}&~-]{0,12}",
        date in "\\PC{0,8}|(%[A-Za-z%]|[ ./-]){0,6}",
        instead in "\\PC{0,6}|[0-9.]{0,50}",
    ) {
        let mut schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        let features = schema["features"].as_array_mut().unwrap();
        features[2]["format"]["pattern"] = pattern.into();
        features[5]["format"]["format"] = date.into();
        let missing = serde_json::json!({"sentinel": "?", "replaceWith": instead});
        features[4]["hashing"]["missingValue"] = missing;
        if let Ok(schema) = ClkhashSchema::try_from(schema) {
            let _ = ClkhashEncoder::check(&schema);
        }
    }
}

#[test]
fn the_good_row_is_good_and_trimming_is_an_option() {
    let encode = |trim: Trim, row: [&str; 7]| {
        let encoder = encoder(trim);
        let mut out = Vec::new();
        let result = encoder.worker().encode(row.into_iter(), &mut out);
        result.map(|_| out)
    };
    let expected = encode(Trim::Keep, GOOD).unwrap();
    let mut spaced = GOOD;
    spaced[0] = "\u{a0}Ünal 👩‍👧 \t";
    assert_ne!(encode(Trim::Keep, spaced).unwrap(), expected);
    assert_eq!(encode(Trim::Cut, spaced).unwrap(), expected);
}

/// More tokens and cells than are remembered: the bits stay those of a fresh worker.
#[test]
fn full_memories_do_not_change_the_bits() {
    let encoder = encoder(Trim::Keep);
    let mut worker = encoder.worker();
    let row = |n: usize| {
        let letters: String = n.to_string().bytes().map(|b| char::from(b + 49)).collect();
        (format!("x{n}"), letters, n.to_string())
    };
    let encode = |worker: &mut encoder::clkhash::ClkhashWorker<'_>, n: usize| {
        let (free, form, number) = row(n);
        let cells = [&free, "-", &form, &number, &number, GOOD[5], "m"];
        let mut out = Vec::new();
        worker.encode(cells.into_iter(), &mut out).unwrap();
        out
    };
    for n in 0..40_000 {
        encode(&mut worker, n);
    }
    for n in (0..40_000).step_by(397) {
        assert_eq!(encode(&mut worker, n), encode(&mut encoder.worker(), n), "{n}");
    }
}
