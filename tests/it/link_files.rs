//! `milchglas link --input …`: files in, files out, by the program itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use data_encoding::BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn clks(&self, name: &str, filters: &[Vec<u8>]) {
        let clks: Vec<String> = filters.iter().map(|own| BASE64.encode(own)).collect();
        self.write(name, json!({ "clks": clks }).to_string());
    }

    pub(crate) fn link(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_milchglas"))
            .arg("link")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Links, and wants it to succeed.
    pub(crate) fn linked(&self, arguments: &str) -> String {
        let output = self.link(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Links, wants it to fail, and that no file is left behind.
    pub(crate) fn refused(&self, arguments: &str) -> String {
        let names = || {
            let entries = fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<_> = entries.map(|own| own.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let before = names();
        let output = self.link(arguments);
        assert!(!output.status.success(), "{arguments}");
        assert_eq!(names(), before, "{arguments}");
        String::from_utf8(output.stderr).unwrap()
    }
}

/// Filters of 128 bits, each of another run of set bits.
pub(crate) fn filters(count: u8) -> Vec<Vec<u8>> {
    (0..count).map(|own| (0..16).map(|byte| own.wrapping_mul(37) ^ (byte * 11)).collect()).collect()
}

pub(crate) fn groups(text: &str) -> Vec<Vec<(u64, u64)>> {
    let mut groups: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("group,source,row,subject"));
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |cell: usize| cells[cell].parse().unwrap();
        groups.entry(number(0)).or_default().push((number(1), number(2)));
    }
    groups.into_values().collect()
}

fn expected(groups: &Value) -> Vec<Vec<(u64, u64)>> {
    let record = |own: &Value| (own[0].as_u64().unwrap(), own[1].as_u64().unwrap());
    let group = |own: &Value| own.as_array().unwrap().iter().map(record).collect();
    groups.as_array().unwrap().iter().map(group).collect()
}

pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("skipped: the shared data is not beside the project");
    }
    found
}

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn files_of_anonlink_users_give_anonlinks_groups() {
    let Some(expectation) = shared("clkhash/febrl4_anonlink_expected.json") else { return };
    let (place, results) = (Place::new(), read(&expectation));
    let clks = read(&expectation.with_file_name("febrl4_clks.json"));
    for (name, side) in [("a.json", "clks_a"), ("b.json", "clks_b")] {
        place.write(name, json!({ "clks": clks[side] }).to_string());
    }
    for (threshold, result) in results["results"].as_object().unwrap() {
        place.linked(&format!(
            "--input a.json --input b.json --threshold {threshold} --output {threshold}.csv \
             --pairs {threshold}.pairs --json {threshold}.json"
        ));
        assert_eq!(
            groups(&place.text(&format!("{threshold}.csv"))),
            expected(&result["greedy_groups"])
        );
        let pairs = place.text(&format!("{threshold}.pairs"));
        let count = result["num_candidates"].as_u64().unwrap();
        assert_eq!(pairs.lines().count() as u64, 1 + count);
        let first: Vec<&str> = pairs.lines().nth(1).unwrap().split(',').collect();
        assert_eq!(first[4], "1.000000");
        let report = read(&place.path(&format!("{threshold}.json")));
        assert_eq!(report["candidate_pairs"], count);
        let bands = report["pairs_by_band"].as_array().unwrap();
        let sum: u64 = bands.iter().map(|own| own["pairs"].as_u64().unwrap()).sum();
        assert_eq!((bands.len(), sum), (8, count));
    }
}

#[test]
fn five_files_give_anonlinks_groups() {
    let Some(expectation) = shared("multiparty/multiparty5_anonlink_expected.json") else { return };
    let (place, results) = (Place::new(), read(&expectation));
    let inputs: Vec<String> = (1..=5)
        .map(|own| {
            let path = expectation.with_file_name(format!("clks-{own}.json"));
            format!("--input {}", path.display())
        })
        .collect();
    for (name, result) in results["results"].as_object().unwrap() {
        let (solver, threshold) = name.split_once('@').unwrap();
        let solver = match solver.strip_prefix("probabilistic_mt") {
            Some(share) => format!("groups --agreement {share}"),
            None => solver.to_owned(),
        };
        place.linked(&format!(
            "{} --threshold {threshold} --solver {solver} --output {name}.csv",
            inputs.join(" ")
        ));
        assert_eq!(groups(&place.text(&format!("{name}.csv"))), expected(&result["groups"]));
    }
}

#[test]
fn every_solver_links_equal_records_and_the_report_counts_them() {
    let place = Place::new();
    place.clks("a.json", &filters(5));
    let mut other = filters(4);
    other.reverse();
    place.clks("b.json", &other);
    for solver in ["greedy", "mutual", "optimal", "one-to-many", "groups"] {
        let report: Value = serde_json::from_str(&place.linked(&format!(
            "--input a.json --input b.json --threshold 1 --solver {solver} --output {solver}.csv \
             --json"
        )))
        .unwrap();
        let pairs = [[(0, 0), (1, 3)], [(0, 1), (1, 2)], [(0, 2), (1, 1)], [(0, 3), (1, 0)]];
        assert_eq!(groups(&place.text(&format!("{solver}.csv"))), pairs, "{solver}");
        let counts = ["compared", "candidate_pairs", "groups", "grouped_records", "single_records"];
        assert_eq!(counts.map(|own| report[own].as_u64().unwrap()), [20, 4, 4, 8, 1]);
        assert_eq!(report["groups_by_size"], json!([{ "size": 2, "groups": 4 }]));
        assert_eq!(report["solver"], solver);
    }
}

#[test]
fn duplicates_rules_and_known_links() {
    let place = Place::new();
    let twice: Vec<Vec<u8>> = filters(3).into_iter().chain(filters(2)).collect();
    place.clks("a.json", &twice);
    place.clks("b.json", &filters(3));
    place.clks("c.json", &filters(1));
    place.linked("--input a.json --deduplicate 0 --threshold 1 --output one.csv");
    assert_eq!(groups(&place.text("one.csv")), [[(0, 0), (0, 3)], [(0, 1), (0, 4)]]);
    let all = "--input a.json --input b.json --input c.json --threshold 1 --deduplicate 0";
    place.linked(&format!("{all} --compare 0-1 --compare 0-2 --output rule.csv"));
    assert_eq!(groups(&place.text("rule.csv"))[0], [(0, 0), (0, 3), (1, 0), (2, 0)]);
    place.write("known.csv", "source_a,row_a,source_b,row_b\n1,2,2,0\n");
    place.linked(&format!("{all} --known known.csv --output known-links.csv"));
    let known = groups(&place.text("known-links.csv"));
    assert!(known.iter().any(|own| own.ends_with(&[(1, 2), (2, 0)])), "{known:?}");

    place.write("known.csv", "1,2,2,0\n1,7,2,0\n");
    let error = place.refused(&format!("{all} --known known.csv --output x.csv"));
    assert!(error.contains("line 2") && error.contains("source 1 has no encoding 7"), "{error}");
    let error = place.refused("--input a.json --threshold 1 --output x.csv");
    assert!(error.contains("--deduplicate 0"), "{error}");
    let error = place.refused("--input a.json --deduplicate 1 --threshold 1 --output x.csv");
    assert!(error.contains("no source 1"), "{error}");
}

#[test]
fn a_batch_folder_is_read_with_its_subjects() {
    let place = Place::new();
    fs::create_dir_all(place.path("batch/linkable")).unwrap();
    let schema = fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/encoder/tests/vectors/schema.json"),
    );
    let schema = policy::LinkageSchema::from_json(&String::from_utf8(schema.unwrap()).unwrap());
    let schema = schema.unwrap();
    let mut chunk = submission::LinkableChunk::new(&schema);
    let bytes = schema.filter_bytes();
    let subjects = [[1; 16], [2; 16]].map(|own| submission::SubjectId::from_wire(&own).unwrap());
    for (subject, fill) in subjects.iter().zip([0x0f_u8, 0x33]) {
        let encoding = submission::Encoding::new(&vec![fill; bytes]).unwrap();
        chunk.push(*subject, &vec![encoding; schema.views.len()]).unwrap();
    }
    let chunk = chunk.encode().unwrap();
    place.write("batch/linkable/0000.arrow", &chunk);
    place.write("other.arrow", &chunk);
    let text =
        place.linked("--input batch --input other.arrow --threshold 0.9 --output groups.csv");
    assert!(text.contains("by hamming") && text.contains("view:"), "{text}");
    let expected = subjects
        .iter()
        .enumerate()
        .map(|(row, own)| format!("{row},0,{row},{own}\n{row},1,{row},{own}\n"));
    let expected: String = expected.collect();
    assert_eq!(place.text("groups.csv"), format!("group,source,row,subject\n{expected}"));

    place.write("cut.arrow", &chunk[..chunk.len() - 9]);
    let error = place.refused("--input cut.arrow --input batch --threshold 0.9 --output x.csv");
    assert!(error.contains("cut.arrow") && error.contains("after"), "{error}");
    place.clks("a.json", &[vec![0x0f; bytes]]);
    let error = place.refused("--input a.json --input other.arrow --threshold 0.9 --output x.csv");
    assert!(error.contains("bits") || error.contains("--measure"), "{error}");
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let place = Place::new();
    place.clks("a.json", &filters(5));
    place.clks("long.json", &[vec![1; 32]]);
    place.clks("odd.json", &[vec![1; 15]]);
    place.clks("mixed.json", &[vec![1; 16], vec![1; 8]]);
    place.clks("none.json", &[]);
    place.write("empty.json", "");
    place.write("list.json", "[]");
    place.write("other.json", r#"{"encodings": []}"#);
    place.write("cut.json", &fs::read(place.path("a.json")).unwrap()[..60]);
    place.write("text.json", "{\"clks\": [\n\"AAAAAAAAAAA=\",\n\"not base64\"]}");
    for (name, words) in [
        ("long.json", vec!["long.json of 256", "a.json has", "128", "one schema"]),
        ("odd.json", vec!["120 bits", "multiple of 64", "line 1"]),
        ("mixed.json", vec!["filter 1 has 8 bytes", "says 16"]),
        ("none.json", vec!["none.json", "no encoding"]),
        ("empty.json", vec!["is empty"]),
        ("list.json", vec!["neither clkhash JSON"]),
        ("other.json", vec!["no list `clks`"]),
        ("cut.json", vec!["cut.json", "line 1 column"]),
        ("text.json", vec!["filter 1 ", "not base64", "line 3"]),
        ("absent.json", vec!["absent.json", "cannot be read"]),
    ] {
        let error =
            place.refused(&format!("--input a.json --input {name} --threshold 0.8 --output x.csv"));
        for word in words {
            assert!(error.contains(word), "{name}: `{word}` in {error}");
        }
    }
    for threshold in ["0", "0.0", "1.01", "0.1234567", "80", "0,8"] {
        let error = place.refused(&format!(
            "--input a.json --input a.json --threshold {threshold} --output x.csv"
        ));
        assert!(error.contains("above 0, at most 1"), "{error}");
    }
}

#[test]
fn too_many_pairs_say_what_would_fit_and_equal_filters_are_warned_of() {
    let place = Place::new();
    place.clks("a.json", &filters(60));
    let same = vec![vec![7_u8; 16]; 30];
    place.clks("same.json", &same);
    let error = place
        .refused("--input a.json --input a.json --threshold 0.1 --most-pairs 60 --output x.csv");
    assert!(error.contains("--most-pairs") && error.contains("fit from threshold"), "{error}");
    let error = place.refused(
        "--input same.json --input same.json --threshold 0.5 --most-pairs 60 --output x.csv",
    );
    assert!(error.contains("no threshold makes them fit"), "{error}");
    assert!(error.contains("warning: same.json: all 30 filters"), "{error}");
    place.linked("--input same.json --input a.json --threshold 1 --output x.csv --json x.json");
    assert!(place.text("x.json").contains("all 30 filters"));
}

#[test]
fn nothing_is_overwritten_unasked() {
    let place = Place::new();
    place.clks("a.json", &filters(5));
    place.write("x.csv", "mine");
    let link = "--input a.json --input a.json --threshold 0.8";
    let error = place.refused(&format!("{link} --output x.csv"));
    assert!(error.contains("x.csv exists") && error.contains("--overwrite"), "{error}");
    place.refused(&format!("{link} --output y.csv --pairs x.csv"));
    place.refused(&format!("{link} --output y.csv --pairs y.csv"));
    place.refused(&format!("{link} --output a.json --overwrite"));
    place.refused(&format!("{link} --output missing/y.csv"));
    assert_eq!(place.text("x.csv"), "mine");
    place.linked(&format!("{link} --output x.csv --overwrite"));
    assert!(place.text("x.csv").starts_with("group,"));
}

#[test]
fn the_two_ways_to_link_do_not_mix() {
    let place = Place::new();
    place.clks("a.json", &filters(5));
    place.refused("");
    place.refused("--url http://127.0.0.1:1 --input a.json");
    place.refused("--url http://127.0.0.1:1");
    place.refused("--url http://127.0.0.1:1 --token-file t --epoch 2026 --threshold 0.8");
}
