//! `milchglas link` where pairs are many: in bounded memory, with a cap, by blocks, and cut off.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::link_files::{Place, filters, groups, read, shared};

/// Two files of 60 people with many similar ones among them.
fn people(place: &Place) {
    place.clks("a.json", &filters(60));
    let mut other = filters(60);
    other.reverse();
    place.clks("b.json", &other);
}

#[test]
fn what_does_not_fit_into_memory_gives_the_same_files() {
    let place = Place::new();
    people(&place);
    let link = "--input a.json --input b.json --deduplicate 1 --threshold 0.5";
    for solver in ["greedy", "mutual", "optimal", "one-to-many", "groups"] {
        let run = |name: &str, held: &str| {
            place.linked(&format!(
                "{link} --solver {solver} {held} --output {name}.csv --pairs {name}.pairs \
                 --json {name}.json --overwrite"
            ));
            let report = read(&place.path(&format!("{name}.json")));
            (place.text(&format!("{name}.csv")), place.text(&format!("{name}.pairs")), report)
        };
        let (whole, spilled) = (run("whole", ""), run("spilled", "--held-pairs 7"));
        assert!(whole.0 == spilled.0 && whole.1 == spilled.1, "{solver}");
        assert_eq!(whole.2["spilled_pairs"], 0);
        let count = whole.2["kept_pairs"].as_u64().unwrap();
        assert!(count > 1_000 && spilled.2["spilled_pairs"].as_u64().unwrap() + 7 >= count);
        assert_eq!(whole.2["pairs_by_band"], spilled.2["pairs_by_band"]);
    }
    // Nothing but what was asked for.
    assert_eq!(fs::read_dir(place.path(".")).unwrap().count(), 2 + 2 * 3);
}

#[test]
fn a_cap_per_record_keeps_the_best_of_both() {
    let place = Place::new();
    people(&place);
    let link = "--input a.json --input b.json --threshold 0.5 --output x.csv --pairs x.pairs \
                --json x.json --overwrite";
    place.linked(link);
    let every = read(&place.path("x.json"));
    assert_eq!(every["kept_pairs"], every["candidate_pairs"]);
    let text = place.linked(&format!("{link} --per-record 1"));
    assert!(text.contains("at most 1 of a record"), "{text}");
    let capped = read(&place.path("x.json"));
    assert_eq!(capped["candidate_pairs"], every["candidate_pairs"]);
    assert_eq!(
        capped["kept_pairs"].as_u64().unwrap() + 1,
        place.text("x.pairs").lines().count() as u64
    );
    let mut rows: Vec<String> = place
        .text("x.pairs")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().to_owned())
        .collect();
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len() as u64, capped["kept_pairs"].as_u64().unwrap(), "a row stands once");
    // What would be too many without a cap fits with one.
    place.refused("--input a.json --input b.json --threshold 0.5 --most-pairs 100 --output y.csv");
    place.linked(
        "--input a.json --input b.json --threshold 0.5 --most-pairs 100 --per-record 1 \
         --output y.csv",
    );
    let error = place.refused(&format!("{link} --per-record 0"));
    assert!(error.contains("--per-record"), "{error}");
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    let place = Place::new();
    people(&place);
    let names = || fs::read_dir(place.path(".")).unwrap().count();
    // A file may grow to 4 KiB; the signal that says so otherwise is ignored.
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" link --input a.json --input b.json \
                  --threshold 0.3 --held-pairs 100 --output x.csv --json x.report";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_milchglas")])
        .current_dir(place.path("."))
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("no room for"), "{error}");
    assert!(error.contains("--per-record") && error.contains("--output"), "{error}");
    assert_eq!(names(), 2);
}

#[test]
fn a_run_that_is_killed_leaves_nothing_and_can_be_repeated() {
    let place = Place::new();
    // Four million pairs, all of them candidates: enough to be killed in the midst of.
    let same = vec![vec![7_u8; 8]; 2_000];
    place.clks("a.json", &same);
    place.clks("b.json", &same);
    let names = || fs::read_dir(place.path(".")).unwrap().count();
    let link = ["link", "--input", "a.json", "--input", "b.json", "--threshold", "1"];
    let mut running = Command::new(env!("CARGO_BIN_EXE_milchglas"))
        .args(link)
        .args(["--output", "x.csv", "--pairs", "x.pairs", "--held-pairs", "1000"])
        .current_dir(place.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // In the midst is where pairs lie in a file without a name.
    let open = format!("/proc/{}/fd", running.id());
    let spills = || {
        let files = fs::read_dir(&open).into_iter().flatten().flatten();
        let targets = files.filter_map(|own| fs::read_link(own.path()).ok());
        targets.into_iter().any(|own| own.to_string_lossy().ends_with("(deleted)"))
    };
    while !spills() {
        assert!(running.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::yield_now();
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(names(), 2, "{:?}", fs::read_dir(place.path(".")).unwrap().collect::<Vec<_>>());
    place.linked(
        "--input a.json --input b.json --threshold 1 --per-record 1 --output x.csv \
         --most-equal 4000",
    );
    assert_eq!(groups(&place.text("x.csv")).len(), 1, "everybody's best is the first");
}

#[test]
fn blocks_lose_few_pairs_and_say_how_many() {
    let Some(clks) = shared("clkhash/febrl4_clks.json") else { return };
    let (place, clks) = (Place::new(), read(&clks));
    for (name, side) in [("a.json", "clks_a"), ("b.json", "clks_b")] {
        place.write(name, serde_json::json!({ "clks": clks[side] }).to_string());
    }
    let link = "--input a.json --input b.json --threshold 0.8 --output x.csv --overwrite";
    let exact: Value = serde_json::from_str(&place.linked(&format!("{link} --json"))).unwrap();
    assert!(exact.get("blocking").is_none());
    let text = place.linked(&format!("{link} --block lsh:0.95 --json x.json"));
    assert!(text.contains("bands of") && text.contains("of pairs at the threshold"), "{text}");
    let report = read(&place.path("x.json"));
    let told = &report["blocking"];
    assert_eq!((&told["by"], &told["lsh"]["asked_completeness"]), (&"lsh".into(), &0.95.into()));
    assert!(told["lsh"]["expected_completeness"].as_f64().unwrap() >= 0.95);
    // The sample is everything here: what it finds is what there is.
    assert_eq!(told["sample_pairs"], exact["candidate_pairs"]);
    assert_eq!(told["sample_found"], report["candidate_pairs"]);
    assert!(told["measured_completeness"].as_f64().unwrap() > 0.9, "{told}");
}

#[test]
fn keys_compare_what_shares_one_and_bad_ones_are_refused() {
    let place = Place::new();
    place.clks("a.json", &filters(4));
    place.clks("b.json", &filters(4));
    place.write("keys.csv", "source,row,key\n0,0,x\n1,0,x\n0,1,y\n1,2,y\n0,3,z\n1,3,z\n1,1,z\n");
    let link = "--input a.json --input b.json --threshold 1 --output x.csv --overwrite";
    place.linked(&format!("{link} --block keys:keys.csv --json x.json"));
    assert_eq!(groups(&place.text("x.csv")), [[(0, 0), (1, 0)], [(0, 3), (1, 3)]]);
    let report = read(&place.path("x.json"));
    assert_eq!(report["compared"], 4);
    assert_eq!(report["blocking"]["blocks"], 3);
    let told =
        ["sample_pairs", "sample_found"].map(|own| report["blocking"][own].as_u64().unwrap());
    assert_eq!(told, [4, 2]);

    place.linked(&format!("{link} --block keys:keys.csv --most-in-block 2 --json x.json"));
    let report = read(&place.path("x.json"));
    assert_eq!(report["blocking"]["dropped_blocks"], 1);
    assert!(report["warnings"].to_string().contains("--most-in-block"));
    assert_eq!(groups(&place.text("x.csv")), [[(0, 0), (1, 0)]]);

    for (name, text, words) in [
        ("row.csv", "0,0,x\n0,4,x\n", "line 2: source 0 has no row 4"),
        ("source.csv", "2,0,x\n", "no source 2"),
        ("word.csv", "a,0,x\n", "whole numbers"),
        ("short.csv", "0,0\n", "source,row,key expected"),
        ("empty-key.csv", "0,0,\n", "1 to 128 bytes"),
        ("none.csv", "source,row,key\n", "no key"),
    ] {
        place.write(name, text);
        let error = place.refused(&format!(
            "--input a.json --input b.json --threshold 1 --output y.csv --block keys:{name}"
        ));
        assert!(error.contains(words), "{name}: {error}");
    }
    for wrong in ["lsh:1", "lsh:0", "key:keys.csv", "keys:absent.csv"] {
        place.refused(&format!(
            "--input a.json --input b.json --threshold 1 --output y.csv --block {wrong}"
        ));
    }
}
