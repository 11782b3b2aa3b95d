//! The program: a documented sequence of commands, its exit codes and its two languages.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::{SCHEMA, extract, root};
use crate::facts::private;
use crate::unit::{FakeUnit, TOKEN};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_milchglas-department"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A working folder with policies, keys and settings.
fn department(linkage: &FakeUnit, statistics: &FakeUnit) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for part in ["policies/linkage", "policies/catalogue", "policies/purposes", "keys"] {
        fs::create_dir_all(at(part)).unwrap();
    }
    fs::write(at("policies/linkage/test.json"), SCHEMA).unwrap();
    fs::copy(root().join("policies/catalogue/county.toml"), at("policies/catalogue/county.toml"))
        .unwrap();
    fs::write(at("token"), format!("{TOKEN}\n")).unwrap();
    private(&at("token"));
    for kind in ["linkage", "signing", "register"] {
        let key = format!("keys/{kind}.key");
        let made = run(folder.path(), &["keygen", kind, "--output", &key]);
        assert!(made.status.success(), "{}", err(&made));
    }
    let unit = |fake: &FakeUnit| {
        let unit = fake.unit();
        format!("url = \"{}\"\npublic_key = \"{}\"\ntoken = \"token\"\n", unit.url, unit.public_key)
    };
    let settings = format!(
        "project = \"county-06432\"\nepoch = \"2026\"\ndepartment = \"jugendamt\"\n\
         policies = \"policies\"\nschema = \"test\"\noutbox = \"outbox\"\n\
         [keys]\nlinkage = \"keys/linkage.key\"\nsigning = \"keys/signing.key\"\n\
         register = \"keys/register.key\"\n[units.linkage]\n{}[units.statistics]\n{}",
        unit(linkage),
        unit(statistics)
    );
    fs::write(at("department.toml"), settings).unwrap();
    folder
}

#[test]
fn the_documented_sequence_runs_from_keygen_to_receipt() {
    let (linkage, statistics) = (FakeUnit::start(), FakeUnit::start());
    let folder = department(&linkage, &statistics);
    let mapping = root().join("policies/mappings/hze.toml");
    let (mapping, file) = (mapping.to_str().unwrap(), extract("hze.csv"));
    let common = [file.to_str().unwrap(), "--mapping", mapping, "--period", "2022-01..2025-12"];

    let check = run(folder.path(), &["check", "--json"]);
    let check: Value = serde_json::from_str(&out(&check)).unwrap();
    assert_eq!(check["key_check_value"].as_str().unwrap().len(), 16);

    let profile = run(folder.path(), &[&["profile"][..], &common].concat());
    assert!(out(&profile).contains("Quarantäne nach Grund"), "{}", err(&profile));

    let encoded = run(folder.path(), &[&["encode", "--json"][..], &common].concat());
    assert!(encoded.status.success(), "{}", err(&encoded));
    let encoded: Value = serde_json::from_str(&out(&encoded)).unwrap();
    assert_eq!(encoded["report"]["counts"]["subjects"], 2);
    let batch = encoded["folder"].as_str().unwrap();

    let chunk = format!("{batch}/measures/0000.arrow");
    let shown = run(folder.path(), &["show", &chunk, "--rows", "1", "--json"]);
    let shown: Value = serde_json::from_str(&out(&shown)).unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert!(shown[0]["dimension:hze_form"]["key"].is_string(), "{shown}");

    let sent = run(folder.path(), &["submit", batch]);
    assert!(out(&sent).contains("Quittung Statistikstelle"), "{}", err(&sent));

    // A removal finds the case by the register of the submitted batch.
    fs::write(folder.path().join("cases"), "HZE-1\n").unwrap();
    private(&folder.path().join("cases"));
    let withdraw = ["withdraw", "--cases", "cases", "--mapping", mapping, "--period"];
    let removed = run(folder.path(), &[&withdraw[..], &["2022-01..2025-12", "--json"]].concat());
    let removed: Value = serde_json::from_str(&out(&removed)).unwrap();
    assert_eq!(removed["report"]["withdrawn"], 1);
}

#[test]
fn exit_codes_are_stable_and_messages_name_nobody() {
    let (linkage, statistics) = (FakeUnit::start(), FakeUnit::start());
    let folder = department(&linkage, &statistics);
    let mapping = root().join("policies/mappings/hze.toml");
    let mapping = mapping.to_str().unwrap();
    let golden = extract("hze.csv");
    let golden = golden.to_str().unwrap();
    fs::write(folder.path().join("bad.csv"), "Kanariski;Lea\n1;2\n").unwrap();
    let period = "2022-01..2025-12";
    let cases: [(&[&str], i32, &str); 7] = [
        (&["encode"], 2, "required"),
        (&["encode", golden, "--mapping", mapping, "--period", "2025-12..2022-01"], 2, "yyyy-mm"),
        (&["keygen", "signing", "--output", "keys/signing.key"], 2, "nichts überschrieben"),
        (&["encode", "bad.csv", "--mapping", mapping, "--period", period], 3, "Kopfzeile"),
        (&["encode", golden, "--mapping", "department.toml", "--period", period], 5, "Zuordnung"),
        (&["check", "--settings", "nix.toml"], 2, "Einstellungen nix.toml"),
        (&["submit", "keys"], 3, "kein vollständiger Ordner"),
    ];
    for (arguments, code, words) in cases {
        let output = run(folder.path(), arguments);
        let text = err(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(words), "{words}: {text}");
        assert!(!text.contains("Kanariski") && !text.contains("Lea"), "{text}");
    }
    use std::os::unix::fs::PermissionsExt;
    let key = folder.path().join("keys/linkage.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let output = run(folder.path(), &["check", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(err(&output).contains("error: ") && err(&output).contains("chmod 600"));
}

#[test]
fn refused_and_unreachable_units_have_their_own_codes() {
    let (linkage, statistics) = (FakeUnit::start(), FakeUnit::start());
    let folder = department(&linkage, &statistics);
    let mapping = root().join("policies/mappings/hze.toml");
    let file = extract("hze.csv");
    let arguments =
        ["encode", file.to_str().unwrap(), "--json", "--mapping", mapping.to_str().unwrap()];
    let encoded = run(folder.path(), &[&arguments[..], &["--period", "2022-01..2025-12"]].concat());
    let encoded: Value = serde_json::from_str(&out(&encoded)).unwrap();
    let batch = encoded["folder"].as_str().unwrap();
    linkage.state.lock().unwrap().refuse = Some(submission::ProblemCode::KeyDiffers);
    let output = run(folder.path(), &["submit", batch]);
    assert_eq!(output.status.code(), Some(6), "{}", err(&output));
    assert!(err(&output).contains("Schlüsselstelle"));
}

#[test]
fn a_mapping_is_guessed_saved_and_refused_until_it_is_decided() {
    let folder = tempfile::tempdir().unwrap();
    let policies = root().join("policies");
    let file = extract("guess/kita.csv");
    let arguments = ["mapping", "guess", file.to_str().unwrap(), "--policies"];
    let arguments = [&arguments[..], &[policies.to_str().unwrap()]].concat();
    let shown = out(&run(folder.path(), &arguments));
    assert!(shown.starts_with("# Vorschlag für kita") && shown.contains("[columns]"), "{shown}");
    let json: Value =
        serde_json::from_str(&out(&run(folder.path(), &[&arguments[..], &["--json"]].concat())))
            .unwrap();
    assert_eq!((json["dataset"].as_str(), json["mapping"].as_str()), (Some("kita"), Some(&*shown)));
    let saving = [&arguments[..], &["--output", "kita.toml"]].concat();
    assert!(out(&run(folder.path(), &saving)).contains("betreuungsart: 1 codes"));
    assert_eq!(run(folder.path(), &saving).status.code(), Some(2), "nothing is overwritten");
    let profile = ["profile", file.to_str().unwrap(), "--mapping", "kita.toml", "--policies"];
    let profile = [&profile[..], &[policies.to_str().unwrap(), "--period", "2022-01..2025-12"]];
    let output = run(folder.path(), &profile.concat());
    assert_eq!(output.status.code(), Some(5));
    assert!(err(&output).contains("noch zu entscheiden"), "{}", err(&output));
    let unknown = run(folder.path(), &[&arguments[..], &["--dataset", "schach"]].concat());
    assert_eq!(unknown.status.code(), Some(5), "{}", err(&unknown));
}

#[test]
fn a_database_is_exported_by_its_description() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("q.toml"),
        "query = \"SELECT 1 AS a\"\n[database]\nurl = \"sqlite:no.db\"\n",
    )
    .unwrap();
    let output = run(folder.path(), &["export", "q.toml", "--output", "a.csv"]);
    assert_eq!(output.status.code(), Some(7), "{}", err(&output));
    assert!(err(&output).contains("Quelle q.toml: die Datenbank ist nicht erreichbar"));
    assert!(!folder.path().join("a.csv").exists());
}

#[test]
fn help_speaks_both_languages_and_gives_an_example_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    for command in
        ["keygen", "check", "profile", "encode", "withdraw", "submit", "show", "station", "export"]
    {
        let german = out(&run(folder.path(), &[command, "--help"]));
        let english = out(&run(folder.path(), &["--lang", "en", command, "--help"]));
        assert!(
            german.contains("Beispiel:\n  milchglas-department ") && german.contains("Aufruf:"),
            "{german}"
        );
        assert!(
            english.contains("Example:\n  milchglas-department ") && english.contains("Usage:"),
            "{english}"
        );
    }
    let all = out(&run(folder.path(), &["--help"]));
    assert!(all.contains("7 Stelle nicht") && all.contains("Befehle"), "{all}");
}
