//! Every golden vector, step by step: `tests/vectors/clkhash.json` says who computed it.

use data_encoding::{BASE64, HEXLOWER};
use policy::ClkhashSchema;
use policy::clkhash::{Comparison, FieldFormat, HashFunction, Kdf, Strategy, TextEncoding};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::field::bits_of;
use super::format::Format;
use super::hash::{self, TokenHash};
use super::keys::{self, FeatureKeys};
use super::tokens::{TokenList, Tokeniser};
use super::{ClkhashEncoder, ClkhashSecret, Trim, filter};

const VECTORS: &str = include_str!("../../tests/vectors/clkhash.json");

fn vectors(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = all[part].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn number(value: &Value, key: &str) -> usize {
    value[key].as_u64().unwrap() as usize
}

fn typed<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn keys() {
    for case in vectors("kdf") {
        let mut kdf = json!({
            "type": "HKDF", "hash": case["hash"], "keySize": case["key_size"],
            "salt": case["salt_b64"], "info": case["info_b64"],
        });
        for key in ["salt", "info"] {
            if kdf[key].is_null() {
                kdf.as_object_mut().unwrap().remove(key);
            }
        }
        let secret = ClkhashSecret::from_bytes(text(&case, "secret").as_bytes()).unwrap();
        let kdf: Kdf = typed(&kdf);
        let keys = keys::derive(&kdf, &secret, number(&case, "num_fields")).unwrap();
        let hex: Vec<[String; 2]> =
            keys.iter().map(|pair| [0, 1].map(|n| HEXLOWER.encode(&pair[n]))).collect();
        assert_eq!(json!(hex), case["keys_hex"]);
    }
}

#[test]
fn tokens() {
    for case in vectors("tokens") {
        let comparison: Comparison = typed(&case["comparison"]);
        let mut list = TokenList::default();
        Tokeniser::new(&comparison).unwrap().fill(text(&case, "input"), &mut list).unwrap();
        let found: Vec<_> = list.iter().map(|t| String::from_utf8(t.to_vec()).unwrap()).collect();
        assert_eq!(json!(found), case["tokens"], "{comparison:?} {}", case["input"]);
        assert_eq!(found.len(), list.len());
    }
}

#[test]
fn shares_of_the_bits() {
    for case in vectors("bits_per_token") {
        let strategy = Strategy::BitsPerFeature(number(&case, "bitsPerFeature") as u32);
        let count = number(&case, "num_tokens");
        let found: Vec<_> = (0..count).map(|n| bits_of(strategy, n, count)).collect();
        assert_eq!(json!(found), case["ks"]);
    }
}

#[test]
fn formats() {
    for case in vectors("format_value") {
        let format: FieldFormat = typed(&case["format"]);
        let mut out = String::new();
        let input = text(&case, "input");
        let found = if input == case["missing"]["sentinel"] {
            text(&case["missing"], "replaceWith")
        } else {
            Format::new(&format).unwrap().read(input, &mut out).unwrap()
        };
        assert_eq!(found, text(&case, "output"));
    }
}

fn index_keys() -> FeatureKeys {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    [0, 1].map(|n| {
        let hex = all["index_keys_hex"][n].as_str().unwrap();
        Zeroizing::new(HEXLOWER.decode(hex.as_bytes()).unwrap())
    })
}

fn double(again: bool, keys: &FeatureKeys, bits: usize, token: &str, k: usize) -> Vec<u64> {
    let prevent_singularity = again;
    let function = HashFunction::DoubleHash { prevent_singularity };
    let made = TokenHash::new(function, keys, bits);
    let Some(TokenHash::Double { sha1, md5, again, bits }) = made else { panic!("no doubleHash") };
    let found = hash::progression(&sha1, &md5, again, bits, token.as_bytes());
    let place = |i: u64| (u64::from(found.start) + i * u64::from(found.step)) % u64::from(bits);
    let mut positions: Vec<u64> = (0..k as u64).map(place).collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}

#[test]
fn positions() {
    let keys = index_keys();
    for case in vectors("token_index") {
        let (bits, k) = (number(&case, "l"), number(&case, "k"));
        let token = text(&case, "token");
        assert_eq!(
            json!(double(false, &keys, bits, token, k)),
            case["doubleHash"],
            "{token} {bits} {k}"
        );
        let again = json!(double(true, &keys, bits, token, k));
        assert_eq!(again, case["doubleHash_prevent_singularity"], "{token} {bits} {k}");
        if case["blakeHash_sequence"].is_null() {
            assert!(!bits.is_power_of_two());
            continue;
        }
        let made = TokenHash::new(HashFunction::BlakeHash {}, &keys, bits);
        let Some(TokenHash::Blake { key, mask }) = made else { panic!("no blakeHash") };
        let mut found = Vec::new();
        hash::blake_positions(&key, mask, token.as_bytes(), k, &mut found);
        assert_eq!(json!(found), case["blakeHash_sequence"], "{token} {bits} {k}");
    }
}

/// Tokens whose h2 is a multiple of l, found by search: one bit whatever k is.
#[test]
fn singular_tokens() {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let keys = index_keys();
    for (bits, token) in all["singular_tokens"].as_object().unwrap() {
        let (bits, token) = (bits.parse().unwrap(), token.as_str().unwrap());
        assert_eq!(double(false, &keys, bits, token, 30).len(), 1);
        assert!(double(true, &keys, bits, token, 30).len() > 1);
    }
}

#[test]
fn folding() {
    for case in vectors("fold") {
        let input = BASE64.decode(text(&case, "input").as_bytes()).unwrap();
        let mut words: Vec<u64> =
            input.chunks(8).map(|chunk| u64::from_be_bytes(chunk.try_into().unwrap())).collect();
        let bits = filter::fold(&mut words, input.len() * 8, number(&case, "folds") as u8);
        let mut bytes = Vec::new();
        filter::push_bytes(&words, bits, &mut bytes);
        assert_eq!(BASE64.encode(&bytes), text(&case, "output"));
    }
}

#[test]
fn whole_sets() {
    for case in vectors("clk") {
        let name = text(&case, "name");
        let mut schema = case["schema"].clone();
        if schema["clkConfig"].get("xorFolds").is_some() {
            let refused = ClkhashSchema::try_from(schema.clone()).unwrap_err().to_string();
            assert!(refused.contains("silently ignores"), "{refused}");
            // What clkhash did with it: nothing.
            schema["clkConfig"].as_object_mut().unwrap().remove("xorFolds");
        }
        let schema = ClkhashSchema::try_from(schema).unwrap();
        let secret = ClkhashSecret::from_bytes(text(&case, "secret").as_bytes()).unwrap();
        let encoder = ClkhashEncoder::new(&schema, &secret, Trim::Keep).unwrap();
        let mut worker = encoder.worker();
        let header: Vec<&str> = schema.header().collect();
        assert_eq!(json!(header), case["header"], "{name}");
        // Twice: the second time from memory.
        for _ in 0..2 {
            for (number, row) in case["rows"].as_array().unwrap().iter().enumerate() {
                let cells = row.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap());
                let mut bytes = Vec::new();
                let weight = worker.encode(cells, &mut bytes).unwrap();
                assert_eq!(BASE64.encode(&bytes), case["clks"][number], "{name}, row {number}");
                assert_eq!(json!(weight), case["popcounts"][number], "{name}, row {number}");
            }
        }
    }
}

#[test]
fn encodings_of_characters_are_those_of_python() {
    // '"aé€".encode(…)' of Python 3.11 on x86_64.
    for (encoding, expected) in [
        (TextEncoding::Utf8, "61c3a9e282ac"),
        (TextEncoding::Utf16, "fffe6100e900ac20"),
        (TextEncoding::Utf32, "fffe000061000000e9000000ac200000"),
    ] {
        let mut out = Vec::new();
        hash::encode("aé€".as_bytes(), encoding, &mut out);
        assert_eq!(HEXLOWER.encode(&out), expected);
    }
}
