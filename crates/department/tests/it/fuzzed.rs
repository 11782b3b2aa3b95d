//! The laws of `fuzz/laws.rs` on the stable compiler: real schemas and extracts, changed at random.

use proptest::prelude::*;

use crate::desk::{SCHEMA, extract, root};

#[path = "../../../../fuzz/laws.rs"]
mod laws;

/// A change of a text: at a place, so many bytes out, these in.
fn change() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    let pieces: [&[u8]; 26] = [
        b"\0",
        b"\"",
        b"\"\"",
        b";",
        b"\t",
        b"\r\n",
        b"\r",
        b",",
        b"\xEF\xBB\xBF",
        b"\xED\xA0\x80",
        b"\xFF\xFE",
        b"\x81",
        b"\xFC",
        b"\xE2\x80\x8F",
        b"\xD0\x96",
        b"-1",
        b"0",
        b"65",
        b"1e400",
        b"4294967296",
        b"null",
        b"{",
        b"]",
        b"\\ud800",
        b"\"k\": 255",
        b"PK\x03\x04",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(pieces.to_vec()).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => (any::<u8>(), 1..100_000_usize).prop_map(|(byte, times)| vec![byte; times]),
    ];
    (any::<usize>(), 0..6_usize, piece)
}

fn changed(seed: &[u8], changes: Vec<(usize, usize, Vec<u8>)>) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (at, out, piece) in changes {
        let from = at % (bytes.len() + 1);
        let to = (from + out).min(bytes.len());
        bytes.splice(from..to, piece);
    }
    bytes
}

/// A schema in which any numbers and names stand where some belong.
fn schema() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        4 => (0..70_i64).prop_map(|n| n.to_string()),
        2 => prop::sample::select(vec![256_i64, 512, 1000, 1024, 8192, 16384, 65536])
            .prop_map(|n| n.to_string()),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => prop::sample::select(vec!["1.5", "1e3", "null", "\"8\"", "[]", "true"])
            .prop_map(str::to_owned),
    ];
    let word = prop::sample::select(vec![
        "surname",
        "date_of_birth",
        "phone",
        "bigrams",
        "date_parts",
        "whole",
        "hamming",
        "dice",
        "milchglas",
        "clkhash",
        "de-1",
        "de-2",
        "xorFolds",
        "",
    ]);
    (prop::collection::vec(number, 8), prop::collection::vec(word, 6), 0..4_usize).prop_map(
        |(n, w, views)| {
            let view = format!(
                "{{\"name\": \"v\", \"diffusion\": {}, \"fields\": [{{\"identifier\": \"{}\", \
                 \"tokens\": \"{}\", \"k\": {}}}]}}",
                n[0], w[0], w[1], n[1]
            );
            let views = vec![view; views].join(",");
            format!(
                "{{\"name\": \"t\", \"version\": {}, \"family\": \"{}\", \"normaliser\": \"{}\", \
                 \"bits\": {}, \"measure\": \"{}\", \"threshold\": \"0.{}\", \
                 \"weight_window\": [{}, {}], \"views\": [{views}]{}}}",
                n[2],
                w[2],
                w[3],
                n[3],
                w[4],
                n[4],
                n[5],
                n[6],
                if w[5] == "xorFolds" { ", \"xorFolds\": 1" } else { "" }
            )
            .into_bytes()
        },
    )
}

proptest! {
    #[test]
    fn any_schema_is_refused_or_within_its_ranges(
        changes in prop::collection::vec(change(), 0..4),
        own in schema(),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        laws::schema(&changed(SCHEMA.as_bytes(), changes));
        laws::schema(&own);
        laws::schema(&noise);
    }

}

proptest! {
    // Each case reads three files; the guided search does this faster.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_extract_is_refused_or_read_within_its_limits(
        changes in prop::collection::vec(change(), 0..5),
        noise in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let seed = std::fs::read(extract("hze.csv")).unwrap();
        laws::extract(&changed(&seed, changes));
        laws::extract(&noise);
        laws::extract(&[b"a;b\n", &noise[..]].concat());
    }
}

/// Without this the laws above would hold of a reader that refuses everything.
#[test]
fn the_seeds_are_read() {
    laws::schema(SCHEMA.as_bytes());
    assert!(policy::LinkageSchema::from_json(SCHEMA).is_ok());
    let county = std::fs::read(root().join("policies/linkage/county-2026.json")).unwrap();
    laws::schema(&county);
    let path = extract("hze.csv");
    laws::extract(&std::fs::read(&path).unwrap());
    let mut source =
        department::Source::open(&path, &department::SourceSettings::detect()).unwrap();
    assert!(source.next_record().unwrap().is_some());
}
