//! `encode --schema`, `convert` and `schema check`: plain tables of people who use clkhash.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::facts::private;

const SECRET: &str = "correct horse battery staple";
/// Vectors that clkhash 0.18.3 computed; the file says what of whom they are.
const VECTORS: &str = include_str!("../../../encoder/tests/vectors/clkhash.json");

struct Place {
    folder: TempDir,
}

fn schema() -> Value {
    json!({
        "version": 3,
        "clkConfig": {"l": 256, "kdf": {"type": "HKDF", "salt": "c2FsdA=="}},
        "features": [
            {"identifier": "id", "ignored": true},
            {"identifier": "name", "format": {"type": "string", "maxLength": 30},
             "hashing": {"comparison": {"type": "ngram", "n": 2},
                         "strategy": {"bitsPerFeature": 40}}},
            {"identifier": "age", "format": {"type": "integer", "minimum": 0, "maximum": 130},
             "hashing": {"comparison": {"type": "numeric", "thresholdDistance": 5,
                                        "resolution": 3},
                         "strategy": {"bitsPerToken": 4}, "hash": {"type": "doubleHash"},
                         "missingValue": {"sentinel": ""}}}
        ]
    })
}

impl Place {
    fn new(table: impl AsRef<[u8]>) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write("schema.json", schema().to_string());
        place.write("secret", SECRET);
        private(&place.at("secret"));
        place.write("people.csv", table);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.at(name), content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_milchglas-department"))
            .args(arguments)
            .args(["--lang", "en"])
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    fn encode(&self, more: &[&str]) -> Output {
        let mut arguments = vec![
            "encode",
            "--schema",
            "schema.json",
            "--key-file",
            "secret",
            "--input",
            "people.csv",
            "--output",
            "clks.json",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    fn clks(&self) -> Vec<String> {
        let read: Value = serde_json::from_slice(&fs::read(self.at("clks.json")).unwrap()).unwrap();
        serde_json::from_value(read["clks"].clone()).unwrap()
    }

    /// The folder holds what it held before.
    fn nothing_written(&self) {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["people.csv", "schema.json", "secret"]);
    }
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", err(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_golden_set_comes_out_of_the_program_as_clkhash_wrote_it() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut sets = 0;
    for set in vectors["clk"].as_array().unwrap() {
        if set["schema"]["clkConfig"].get("xorFolds").is_some() {
            continue;
        }
        let place = Place::new("");
        place.write("schema.json", set["schema"].to_string());
        place.write("secret", set["secret"].as_str().unwrap());
        let mut table = csv::Writer::from_path(place.at("people.csv")).unwrap();
        let row = |row: &Value| -> Vec<String> { serde_json::from_value(row.clone()).unwrap() };
        table.write_record(row(&set["header"])).unwrap();
        for cells in set["rows"].as_array().unwrap() {
            table.write_record(row(cells)).unwrap();
        }
        drop(table);
        done(&place.encode(&[]));
        assert_eq!(json!(place.clks()), set["clks"], "{}", set["name"]);
        sets += 1;
    }
    assert_eq!(sets, 9);
}

#[test]
fn rows_keep_their_order_over_many_chunks() {
    let names: Vec<String> = (0..20_000).map(|n| format!("name{}", n * 7919 % 20_000)).collect();
    let rows: String = names.iter().enumerate().map(|(n, name)| format!("{n},{name},\n")).collect();
    let place = Place::new(format!("id,name,age\n{rows}"));
    let report = done(&place.encode(&["--json"]));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["report"]["records"], 20_000);
    assert_eq!(report["report"]["family"], "clkhash");
    let clks = place.clks();
    assert_eq!(clks.len(), 20_000);
    let distinct: std::collections::BTreeSet<&String> = clks.iter().collect();
    // Some names have the same pairs of letters in another order.
    assert!(distinct.len() > 19_000, "{}", distinct.len());
    for n in [0, 1, 4095, 4096, 8192, 19_999] {
        let alone = Place::new(format!("id,name,age\n0,{},\n", names[n]));
        done(&alone.encode(&[]));
        assert_eq!(alone.clks(), [clks[n].clone()], "row {n}");
    }
    let mode = fs::metadata(place.at("clks.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn spellings_of_a_csv_file_that_mean_the_same() {
    let plain = Place::new("id,name,age\n1,Ute,5\n2,\"Groß, Ina\",\n");
    done(&plain.encode(&[]));
    for (table, options) in [
        ("\u{feff}id,name,age\r\n1,Ute,5\r\n2,\"Groß, Ina\",\r\n", &[][..]),
        ("id,name,age\n1,Ute,5\n2,\"Groß, Ina\",", &["--header"]),
        ("id,name,age\n1,Ute,5\n2,\"Groß, Ina\",\n\n\n", &[]),
        ("1,Ute,5\n2,\"Groß, Ina\",\n", &["--no-header"]),
        ("id;name;age\n1;Ute;5\n2;Groß, Ina;\n", &["--delimiter", ";"]),
        ("id,name,age\n1, Ute ,5 \n2,\"Groß, Ina\u{a0}\",\n", &["--trim"]),
    ] {
        let place = Place::new(table);
        done(&place.encode(options));
        assert_eq!(place.clks(), plain.clks(), "{table:?}");
    }
    let spaced = Place::new("id,name,age\n1, Ute,5\n2,\"Groß, Ina\",\n");
    done(&spaced.encode(&[]));
    assert_ne!(spaced.clks()[0], plain.clks()[0], "a space is a character like any other");
}

#[test]
fn bad_rows_are_refused_with_line_and_column_and_nothing_is_written() {
    let long = "x".repeat(1 << 20);
    let unclosed = format!("id,name,age\n1,\"{}", "Geheim\n".repeat(300_000));
    let many = "7,Ute,5\n".repeat(10_000);
    let many = format!("id,name,age\n{many}9,Ute,Geheim\n");
    let cases: [(&[u8], &[&str]); 18] = [
        (b"id,name,age\n1,Geheim\0,5\n", &["line 2, column 2 (name)", "control"]),
        ("id,name,age\n1,\u{202e}Geheim,5\n".as_bytes(), &["line 2, column 2", "direction"]),
        ("id,name,age\n1,Geheim\u{200f},5\n".as_bytes(), &["line 2, column 2", "direction"]),
        ("id,name,age\n1,\u{feff}Geheim,5\n".as_bytes(), &["line 2, column 2", "byte order"]),
        (b"id,name,age\n1,Ute,5\n2,Geheim\xed\xa0\x80,5\n", &["line 3, column 2", "UTF-8"]),
        (b"id,name,age\n1,Geheim\xc3,5\n", &["line 2, column 2", "UTF-8"]),
        // Together two broken cells would be one whole letter.
        (b"id,name,age\n1\xc3,\xbcGeheim,5\n", &["line 2, column 1", "UTF-8"]),
        (b"id,name,age\n1,Geheim\n", &["line 2", "2 cells"]),
        (b"id,name,age\n1,Geheim,5,6\n", &["line 2", "4 cells"]),
        (b"id,name,age\n1,Ute,5\n\n2,Geheim,5\n", &["line 3", "0 cells"]),
        (b"id,name,age\r\n1,Ute,5\r\n\r\n2,Geheim,5\r\n", &["line 3", "0 cells"]),
        (
            b"id,name,age\n1,\"Ge\nheim\",5\n2,Ute,Geheim\n",
            &["line 4, column 3 (age)", "whole number"],
        ),
        (b"id,name,age\n1,Ute,131\n", &["line 2, column 3 (age)", "maximum"]),
        (b"id,name,age\n1,,\n", &["line 2", "nothing to hash"]),
        (many.as_bytes(), &["line 10002, column 3 (age)"]),
        (unclosed.as_bytes(), &["line 2", "unclosed"]),
        (b"id,name,age\n", &["no records"]),
        (b"", &["empty"]),
    ];
    for (table, words) in cases {
        let place = Place::new(table);
        let refused = place.encode(&[]);
        let text = err(&refused);
        assert_eq!(refused.status.code(), Some(3), "{text}");
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(!text.contains("eheim"), "{text}");
        place.nothing_written();
    }
    let place = Place::new(format!("id,name,age\n1,{long},5\n"));
    let refused = place.encode(&[]);
    assert!(err(&refused).contains("line 2"), "{}", err(&refused));
    place.nothing_written();
}

#[test]
fn big_numbers_end_in_an_error_and_not_in_other_bits() {
    let mut schema = schema();
    schema["features"][2]["format"] = json!({"type": "integer"});
    for (number, word) in [
        ("99999999999999999999999999999999999999", Some("too large")),
        ("-170141183460469231731687303715884105728", Some("too large")),
        ("99999999999999999999", None),
    ] {
        let place = Place::new(format!("id,name,age\n1,Ute,{number}\n"));
        place.write("schema.json", schema.to_string());
        let output = place.encode(&[]);
        match word {
            Some(word) => assert!(err(&output).contains(word), "{}", err(&output)),
            None => drop(done(&output)),
        }
        assert!(!err(&output).contains(number));
    }
}

#[test]
fn headers_are_checked_by_name_and_order() {
    for (header, words) in [
        ("id,age,name", &["order", "id, name, age"][..]),
        ("id,name", &["lacks", "age"]),
        ("id,name,age,Geheim", &["does not know", "4"]),
        ("1,Geheim,5", &["no feature", "--no-header"]),
        ("id;name;age", &["no feature", "`,`"]),
    ] {
        let place = Place::new(format!("{header}\n1,Ute,5\n"));
        let refused = place.encode(&[]);
        let text = err(&refused);
        assert_eq!(refused.status.code(), Some(3), "{text}");
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(!text.contains("Geheim"), "{text}");
        place.nothing_written();
    }
}

#[test]
fn secrets_are_files_of_their_owner() {
    let place = Place::new("id,name,age\n1,Ute,5\n");
    fs::set_permissions(place.at("secret"), fs::Permissions::from_mode(0o640)).unwrap();
    let refused = place.encode(&[]);
    assert_eq!(refused.status.code(), Some(4));
    assert!(err(&refused).contains("chmod 600"));
    private(&place.at("secret"));
    let fine = err(&place.encode(&[]));
    assert!(!fine.contains("short") && fine.contains("legacy, weaker"), "{fine}");
    fs::remove_file(place.at("clks.json")).unwrap();
    place.write("secret", "short\n");
    let text = err(&place.encode(&[]));
    assert!(text.contains("secret is short") && text.contains("line end"), "{text}");
    fs::remove_file(place.at("clks.json")).unwrap();
    for content in [String::new(), "x".repeat(4097)] {
        place.write("secret", &content);
        assert_eq!(place.encode(&[]).status.code(), Some(4));
    }
    place.nothing_written();
}

#[test]
fn nothing_is_overwritten_and_a_killed_run_leaves_nothing_in_the_way() {
    let place = Place::new("id,name,age\n1,Ute,5\n");
    place.write(".clks.json.partial", "half");
    done(&place.encode(&[]));
    let first = fs::read(place.at("clks.json")).unwrap();
    let refused = place.encode(&["--format", "binary"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read(place.at("clks.json")).unwrap(), first);
    assert!(!place.at(".clks.json.partial").exists());
}

#[test]
fn empty_rows_are_kept_when_asked_for() {
    let place = Place::new("id,name,age\n1,Ute,5\n2,,\n");
    let report = done(&place.encode(&["--empty-rows", "--json"]));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["report"]["empty_rows"], 1);
    assert_eq!(report["report"]["least_set_bits"], 0);
    assert_eq!(place.clks()[1], format!("{}=", "A".repeat(43)));
}

#[test]
fn each_form_of_encodings_turns_into_each_other() {
    let place = Place::new("id,name,age\n1,Ute,5\n2,Ina,6\n");
    done(&place.encode(&[]));
    let clks = place.clks();
    let convert = |from: &str, to: &str, format: &str, more: &[&str]| {
        let mut arguments = vec!["convert", from, "--output", to, "--format", format];
        arguments.extend(more);
        place.run(&arguments)
    };
    done(&convert("clks.json", "a.bin", "binary", &[]));
    assert_eq!(fs::metadata(place.at("a.bin")).unwrap().len(), 64);
    done(&convert("a.bin", "b.json", "clknblocks", &["--bits", "256"]));
    let blocks: Value = serde_json::from_slice(&fs::read(place.at("b.json")).unwrap()).unwrap();
    assert_eq!(blocks, json!({"clknblocks": [[clks[0], "1"], [clks[1], "1"]]}));
    done(&convert("b.json", "c.json", "json", &[]));
    assert_eq!(fs::read(place.at("c.json")).unwrap(), fs::read(place.at("clks.json")).unwrap());
    place.write("d.json", json!({"clknblocks": [[clks[0], "x", 7], [clks[1]]]}).to_string());
    done(&convert("d.json", "e.json", "clknblocks", &[]));
    let kept: Value = serde_json::from_slice(&fs::read(place.at("e.json")).unwrap()).unwrap();
    assert_eq!(kept["clknblocks"][0], json!([clks[0], "x", "7"]));

    for (name, content, more, word) in [
        ("1", "{\"clks\": []}".to_owned(), &[][..], "no encoding"),
        ("2", "{\"clks\": [\"AAAA\", \"AAA=\"]}".to_owned(), &[], "another length"),
        ("3", "{\"clks\": [\"not base64\"]}".to_owned(), &[], "base64"),
        ("4", "{\"clks\": [\"AAAA\"]} {}".to_owned(), &[], "trailing"),
        ("5", "{\"other\": []}".to_owned(), &[], "neither"),
        ("6", "{\"clks\": [\"AAAA\"".to_owned(), &[], "EOF"),
        ("7", "abcde".to_owned(), &["--bits", "16"], "ends within"),
        ("8", "abcd".to_owned(), &[], "--bits"),
        ("9", String::new(), &[], "empty"),
    ] {
        place.write(name, content);
        let refused = convert(name, "never", "json", more);
        assert_eq!(refused.status.code(), Some(3), "{name}");
        assert!(err(&refused).contains(word), "{name}: {}", err(&refused));
        assert!(!place.at("never").exists() && !place.at(".never.partial").exists());
    }
}

#[test]
fn a_schema_of_either_family_is_explained() {
    let place = Place::new("");
    let text = done(&place.run(&["schema", "check", "schema.json"]));
    for word in ["legacy, weaker", "256 bits", "name", "40 bits together", "is not encoded"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let json = done(&place.run(&["schema", "check", "schema.json", "--json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["family"], "clkhash");
    // 40 + 7 tokens of 4 bits: 1 - (255/256)^68.
    assert_eq!(json["fields"][2]["expected_bits"], 28);
    assert_eq!(json["expected_fill_per_mille"], json!([234]));
    let county = crate::desk::root().join("policies/linkage/county-2026.json");
    let text = done(&place.run(&["schema", "check", county.to_str().unwrap()]));
    for word in ["family milchglas", "county-2026", "t = 5", "surname", "k = 20", "birth year"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let mut schema = schema();
    schema["features"][1]["hashing"]["strategy"]["bitsPerFeature"] = 0.into();
    place.write("schema.json", schema.to_string());
    let refused = place.run(&["schema", "check", "schema.json"]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(err(&refused).contains("feature 2 (name)"), "{}", err(&refused));
}

#[test]
fn a_plain_table_is_encoded_by_our_own_schema_too() {
    let place = Place::new(
        "surname,birth_name,given_names,date_of_birth,sex,street,postcode\n\
         Müller,,Ute,21.03.1975,w,Ring 1,64807\n,,,,,,\nЖук,,Ann,1.2.1980,w,,\n",
    );
    let county = crate::desk::root().join("policies/linkage/county-2026.json");
    fs::copy(county, place.at("schema.json")).unwrap();
    let secret = place.encode(&[]);
    assert_eq!(secret.status.code(), Some(4), "a passphrase is no linkage key");
    fs::remove_file(place.at("secret")).unwrap();
    done(&place.run(&["keygen", "linkage", "--output", "secret"]));
    let refused = place.encode(&["--trim"]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(err(&refused).contains("has no --trim"), "{}", err(&refused));
    place.nothing_written();
    let told: Value = serde_json::from_str(&done(&place.encode(&["--json"]))).unwrap();
    let counts = ["rows", "too_little", "other_script", "outside_window"];
    assert_eq!(counts.map(|name| told[name].as_u64().unwrap()), [3, 1, 1, 0]);
    assert_eq!(told["fill"].as_array().unwrap().len(), 2);
    assert!(fs::metadata(place.at("clks.json")).unwrap().len() > 256);
}

fn shared(path: &str) -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found =
        project.map(|above| above.join("shared/data").join(path)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: the shared data is not beside the project");
    }
    found
}

/// clkhash's own regression pair, for which its first versions already stood.
#[test]
fn the_pair_that_clkhash_tests_itself_with() {
    let Some(path) = shared("clkhash/clkhash_upstream_regression.json") else { return };
    let pair: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let place = Place::new("");
    place.write("schema.json", pair["schema"].to_string());
    place.write("secret", pair["secret"].as_str().unwrap());
    let mut table = csv::Writer::from_path(place.at("people.csv")).unwrap();
    for cells in pair["rows"].as_array().unwrap() {
        let cells: Vec<String> = serde_json::from_value(cells.clone()).unwrap();
        table.write_record(cells).unwrap();
    }
    drop(table);
    done(&place.encode(&["--no-header"]));
    assert_eq!(json!(place.clks()[..2]), pair["expected_first_two"]);
}
