//! The program as the data protection officer runs it.

use crate::vector::{PUBLIC_KEY, VECTOR};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_milchglas-audit")).args(arguments).output().unwrap();
    let text = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn write(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_intact_log_ends_with_zero() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path(), "log.jsonl", VECTOR);
    let key = write(directory.path(), "log.pub", &format!("{PUBLIC_KEY}\n"));
    let (code, text) = run(&["verify", &log, "--public-key", &key]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Bestätigt bis Eintrag 2, danach 0 unbestätigt"), "{text}");
    let (code, text) = run(&["verify", &log, "--public-key", PUBLIC_KEY, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["entries"], &json["confirmed"]), (0, &2.into(), &2.into()));
    let (code, text) = run(&["verify", &log, "--lang", "en"]);
    assert!(code == 0 && text.contains("Without a key no signature was checked"), "{text}");
}

#[test]
fn a_broken_log_ends_with_one_and_names_the_entry() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path(), "log.jsonl", &VECTOR.replace("\"rows\":120", "\"rows\":121"));
    let (code, text) = run(&["verify", &log]);
    assert!(code == 1 && text.contains("Gebrochen bei Eintrag 1 (Zeile 2)"), "{text}");
    let (code, text) = run(&["verify", &log, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &json["ok"], &json["entry"]), (1, &false.into(), &1.into()));
    let long = format!("{}\n{}", VECTOR.lines().next().unwrap(), "x".repeat(1 << 20));
    let log = write(directory.path(), "long.jsonl", &long);
    let (code, text) = run(&["verify", &log, "--lang", "en"]);
    assert!(code == 1 && text.contains("longer than 64 KiB"), "{text}");
}

#[test]
fn an_anchor_from_outside_shows_a_cut_log() {
    let directory = tempfile::tempdir().unwrap();
    let cut: String = VECTOR.lines().take(2).map(|line| format!("{line}\n")).collect();
    let log = write(directory.path(), "log.jsonl", &cut);
    assert_eq!(run(&["verify", &log]).0, 0);
    let anchor = "2:802deb5efe13d6c9bc994df9fb915f4d8a22efdcbe038e9cb04598096f1a87b6";
    let (code, text) = run(&["verify", &log, "--anchor", anchor]);
    assert!(code == 1 && text.contains("endet vor Eintrag 2"), "{text}");
}

#[test]
fn wrong_usage_and_unreadable_files_end_with_two() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path(), "log.jsonl", VECTOR);
    let other = write(directory.path(), "other.txt", "Guten Tag\n");
    let bad: [&[&str]; 7] = [
        &[],
        &["verify"],
        &["verify", "/nowhere/log.jsonl"],
        &["verify", &other],
        &["verify", &log, "--public-key", &other],
        &["verify", &log, "--anchor", "2"],
        &["verify", &log, "--lang", "fr"],
    ];
    for arguments in bad {
        let (code, text) = run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(!text.is_empty());
    }
}

#[test]
fn help_has_an_example_in_both_languages() {
    for arguments in [&["--help"][..], &["verify", "--help"]] {
        let (code, text) = run(arguments);
        assert!(code == 0 && text.contains("Beispiel:\n  milchglas-audit verify"), "{text}");
        let (code, text) = run(&[arguments, &["--lang", "en"]].concat());
        assert!(code == 0 && text.contains("Example:\n  milchglas-audit verify"), "{text}");
    }
}

#[test]
fn an_officer_signs_and_keeps_what_was_verified() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path(), "log.jsonl", VECTOR);
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (key, signed, kept) = (at("officer.key"), at("signed.json"), at("anchor.json"));
    let (code, text) = run(&["keygen", "--output", &key, "--lang", "en"]);
    assert_eq!(code, 0, "{text}");
    let public: audit::PublicKey = text.lines().last().unwrap().parse().unwrap();
    assert_eq!(run(&["keygen", "--output", &key]).0, 2, "never overwritten");

    let countersign = |log: &str| {
        run(&["countersign", log, "--name", "dora", "--key", &key, "--output", &signed])
    };
    let broken = write(directory.path(), "bad.jsonl", &VECTOR.replace("120", "121"));
    let (code, text) = countersign(&broken);
    assert!(code == 1 && text.contains("Gebrochen") && !Path::new(&signed).exists(), "{text}");
    assert_eq!(countersign(&log).0, 0);
    let document = fs::read_to_string(&signed).unwrap();
    let document = audit::Countersignature::from_json(document.trim()).unwrap();
    assert!(document.is_signed_by(&public));
    assert_eq!(document.countersigned.head.sequence, 2);

    let (code, text) = run(&["anchor", &log, "--epoch", "2026", "--output", &kept]);
    assert_eq!(code, 0, "{text}");
    let short = text.lines().find_map(|line| line.strip_prefix("Vom Papier: ")).unwrap();
    for anchor in [kept.as_str(), short, &short.to_lowercase()] {
        let (code, text) = run(&["verify", &log, "--anchor", anchor]);
        assert!(code == 0 && text.contains("Bestätigt bis Eintrag 2"), "{anchor}: {text}");
    }
    let cut = VECTOR.lines().take(2).collect::<Vec<_>>().join("\n");
    let cut = write(directory.path(), "cut.jsonl", &cut);
    for anchor in [kept.as_str(), short] {
        assert_eq!(run(&["verify", &cut, "--anchor", anchor]).0, 1, "{anchor}");
        assert_eq!(
            run(&["anchor", &cut, "--anchor", anchor, "--epoch", "e", "--output", "x"]).0,
            1
        );
    }
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let (code, text) = countersign(&log);
    assert!(code == 2 && text.contains("chmod 600"), "{text}");
}
