//! The key ceremony by the program's commands: from the custodian's master key to the same
//! key-check value in two departments, and what each step refuses.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::{SCHEMA, root};

/// A working folder with one custodian and two departments.
struct Ceremony {
    folder: tempfile::TempDir,
}

impl Ceremony {
    fn new() -> Self {
        let ceremony = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(ceremony.at("schema.json"), SCHEMA).unwrap();
        ceremony.done(&["keygen", "master", "--output", "master.key"]);
        for department in ["jugendamt", "jobcenter"] {
            let key = format!("{department}.key");
            ceremony.done(&["keygen", "department", "--output", &key]);
        }
        ceremony.derive("2026");
        ceremony
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_milchglas-department"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs what must be refused, in both languages.
    fn refused(&self, arguments: &[&str], code: i32, german: &str, english: &str) {
        for (language, words) in [("de", german), ("en", english)] {
            let output = self.run(&[arguments, &["--lang", language]].concat());
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
            assert!(text.contains(words), "{words}: {text}");
            assert!(!self.holds_a_secret(&text), "{text}");
        }
    }

    /// Whether a text repeats eight digits of the key or of an identity.
    fn holds_a_secret(&self, text: &str) -> bool {
        ["master.key", "2026.key", "jugendamt.key"].iter().any(|name| {
            let secret = fs::read_to_string(self.at(name)).unwrap_or_default();
            let line = secret.lines().last().unwrap_or_default();
            let tail = line.get(line.len().saturating_sub(40)..).unwrap_or_default();
            tail.as_bytes()
                .windows(8)
                .any(|part| text.as_bytes().windows(8).any(|other| other == part))
        })
    }

    fn derive(&self, epoch: &str) {
        let output = format!("{epoch}.key");
        let common = ["--master", "master.key", "--project", "county-06432"];
        let own = ["--epoch", epoch, "--output", &output];
        self.done(&[&["keys", "derive"][..], &common, &own].concat());
    }

    fn wrap(&self) {
        let to = ["--to", "jugendamt.key.pub", "jobcenter.key.pub", "--output", "versand"];
        let printed = self.done(&[&["keys", "wrap", "--key", "2026.key"][..], &to].concat());
        for department in ["jugendamt", "jobcenter"] {
            let public = fs::read_to_string(self.at(&format!("{department}.key.pub"))).unwrap();
            assert!(printed.contains(public.trim()), "{printed}");
        }
        assert!(printed.contains("am Telefon"), "{printed}");
    }

    fn unwrap(&self, department: &str, output: &str) -> Vec<String> {
        let (identity, input) = (format!("{department}.key"), format!("versand/{department}.age"));
        ["keys", "unwrap", "--identity", &identity, "--input", &input, "--output", output]
            .map(str::to_owned)
            .to_vec()
    }

    fn check_value(&self, key: &str) -> String {
        let arguments = ["keys", "check", "--key", key, "--schema", "schema.json", "--json"];
        let json: Value = serde_json::from_str(&self.done(&arguments)).unwrap();
        json["key_check_value"].as_str().unwrap().to_owned()
    }

    fn permissions(&self, name: &str) -> u32 {
        fs::metadata(self.at(name)).unwrap().permissions().mode() & 0o777
    }

    fn allow(&self, name: &str, mode: u32) {
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn arguments(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}

#[test]
fn one_key_reaches_every_department_and_has_one_check_value() {
    let ceremony = Ceremony::new();
    ceremony.wrap();
    let expected = ceremony.check_value("2026.key");
    for department in ["jugendamt", "jobcenter"] {
        let output = format!("{department}-linkage.key");
        ceremony.done(&arguments(&ceremony.unwrap(department, &output)));
        assert_eq!(ceremony.check_value(&output), expected);
        assert_eq!(
            fs::read(ceremony.at(&output)).unwrap(),
            fs::read(ceremony.at("2026.key")).unwrap()
        );
        assert_eq!(ceremony.permissions(&output), 0o600);
    }
    for name in ["master.key", "2026.key", "jugendamt.key", "versand/jugendamt.age"] {
        assert_eq!(ceremony.permissions(name), 0o600, "{name}");
    }
    assert_ne!(
        fs::read(ceremony.at("versand/jugendamt.age")).unwrap(),
        fs::read(ceremony.at("versand/jobcenter.age")).unwrap(),
        "wrapped to each separately"
    );
    // A lost file is derived again; another epoch has another key and value.
    fs::rename(ceremony.at("2026.key"), ceremony.at("lost.key")).unwrap();
    ceremony.derive("2026");
    assert_eq!(ceremony.check_value("2026.key"), expected);
    ceremony.derive("2027");
    assert_ne!(ceremony.check_value("2027.key"), expected);
}

/// The value that a department's `check` shows is the one that the custodian registers.
#[test]
fn the_custodian_and_the_department_see_the_same_value() {
    let ceremony = Ceremony::new();
    ceremony.wrap();
    ceremony.done(&arguments(&ceremony.unwrap("jugendamt", "linkage.key")));
    for kind in ["signing", "register"] {
        ceremony.done(&["keygen", kind, "--output", &format!("{kind}.key")]);
    }
    for part in ["linkage", "catalogue", "purposes"] {
        fs::create_dir_all(ceremony.at(&format!("policies/{part}"))).unwrap();
    }
    fs::write(ceremony.at("policies/linkage/test.json"), SCHEMA).unwrap();
    let catalogue = "policies/catalogue/county.toml";
    fs::copy(root().join(catalogue), ceremony.at(catalogue)).unwrap();
    let settings = "project = \"county-06432\"\nepoch = \"2026\"\ndepartment = \"jugendamt\"\n\
                    policies = \"policies\"\nschema = \"test\"\noutbox = \"outbox\"\n[keys]\n\
                    linkage = \"linkage.key\"\nsigning = \"signing.key\"\nregister = \"register.key\"\n";
    fs::write(ceremony.at("department.toml"), settings).unwrap();
    let check: Value = serde_json::from_str(&ceremony.done(&["check", "--json"])).unwrap();
    let custodian: Value = serde_json::from_str(&ceremony.done(&[
        "keys",
        "check",
        "--key",
        "2026.key",
        "--schema",
        "schema.json",
        "--json",
    ]))
    .unwrap();
    assert_eq!(check["key_check_value"], custodian["key_check_value"]);
    assert_eq!(check["schema"], custodian["schema"]);
}

#[test]
fn a_rotation_says_what_to_do_next_and_refuses_to_keep_the_key() {
    let ceremony = Ceremony::new();
    let rotate = |epoch, output| {
        vec![
            "keys",
            "rotate",
            "--master",
            "master.key",
            "--project",
            "county-06432",
            "--epoch",
            epoch,
            "--previous",
            "2026.key",
            "--schema",
            "schema.json",
            "--output",
            output,
        ]
    };
    let printed = ceremony.done(&rotate("2027", "2027.key"));
    let value = ceremony.check_value("2027.key");
    for words in [value.as_str(), "milchglas epoch --epoch 2027", "keys wrap", "liefert neu"] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    assert_ne!(value, ceremony.check_value("2026.key"));
    ceremony.refused(&rotate("2026", "x"), 4, "denselben Schlüssel", "the same key");
    assert!(!ceremony.at("x").exists());
    ceremony.refused(&rotate("2028", "2027.key"), 2, "nichts überschrieben", "exists already");
}

#[test]
fn what_is_not_for_this_department_or_was_altered_does_not_open() {
    let ceremony = Ceremony::new();
    ceremony.wrap();
    let file = ceremony.at("versand/jugendamt.age");
    let whole = fs::read(&file).unwrap();
    let open = ceremony.unwrap("jugendamt", "new.key");
    let mut other = open.clone();
    other[3] = "jobcenter.key".into();
    ceremony.refused(&arguments(&other), 4, "anderes Amt", "another department");

    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    for bytes in [altered, whole[..whole.len() - 1].to_vec(), whole[..80].to_vec()] {
        fs::write(&file, bytes).unwrap();
        ceremony.refused(&arguments(&open), 4, "abgeschnitten", "altered or cut off");
    }
    for other in [&b""[..], b"PK\x03\x04", &[b'x'; 100_000]] {
        fs::write(&file, other).unwrap();
        ceremony.refused(&arguments(&open), 4, "kein verpackter", "not a wrapped");
    }
    assert!(!ceremony.at("new.key").exists(), "nothing half-opened stays");
    assert!(!ceremony.at(".new.key.partial").exists());
}

#[test]
fn files_that_others_may_read_and_links_are_refused() {
    let ceremony = Ceremony::new();
    ceremony.wrap();
    let open = ceremony.unwrap("jugendamt", "new.key");
    let derive = [
        "keys",
        "derive",
        "--master",
        "master.key",
        "--project",
        "p",
        "--epoch",
        "e",
        "--output",
        "new.key",
    ];
    let wrap = ["keys", "wrap", "--key", "2026.key", "--to", "jugendamt.key.pub", "--output", "w"];
    let cases: [(&str, Vec<&str>); 3] = [
        ("master.key", derive.to_vec()),
        ("2026.key", wrap.to_vec()),
        ("jugendamt.key", arguments(&open)),
    ];
    for (name, command) in &cases {
        for mode in [0o644, 0o640, 0o604] {
            ceremony.allow(name, mode);
            ceremony.refused(command, 4, "chmod 600", "chmod 600");
        }
        ceremony.allow(name, 0o600);
        let real = format!("{name}.real");
        fs::rename(ceremony.at(name), ceremony.at(&real)).unwrap();
        symlink(&real, ceremony.at(name)).unwrap();
        ceremony.refused(command, 4, "symbolischer Link", "symbolic link");
        fs::remove_file(ceremony.at(name)).unwrap();
        fs::create_dir(ceremony.at(name)).unwrap();
        ceremony.refused(command, 4, "keine Datei", "not a file");
        fs::remove_dir(ceremony.at(name)).unwrap();
        ceremony.refused(command, 3, "ob es die Datei gibt", "check that the file exists");
        fs::rename(ceremony.at(&real), ceremony.at(name)).unwrap();
    }
    assert!(!ceremony.at("new.key").exists() && !ceremony.at("w").exists());
    // A link in the place of the new file is not followed either.
    symlink("elsewhere", ceremony.at("new.key")).unwrap();
    ceremony.refused(&derive, 2, "gibt es schon", "exists already");
    assert!(!ceremony.at("elsewhere").exists());
}

#[test]
fn secrets_that_can_be_guessed_or_have_another_form_are_refused() {
    let ceremony = Ceremony::new();
    let derive = [
        "keys",
        "derive",
        "--master",
        "m",
        "--project",
        "p",
        "--epoch",
        "e",
        "--output",
        "new.key",
    ];
    let master = |digits: &str| format!("milchglas-master-key-1 {digits}\n");
    let linkage = fs::read_to_string(ceremony.at("2026.key")).unwrap();
    for (text, german, english) in [
        (master("0123456789abcdef"), "nur 64 Bit", "only 64 bits"),
        (master(&"00".repeat(32)), "Platzhalter", "placeholder"),
        (master(&"01".repeat(31)), "keygen master", "keygen master"),
        (linkage, "keygen master", "keygen master"),
    ] {
        let _ = fs::remove_file(ceremony.at("m"));
        fs::write(ceremony.at("m"), text).unwrap();
        ceremony.allow("m", 0o600);
        ceremony.refused(&derive, 4, german, english);
    }
    // Nor is a master key taken for a linkage key and sent to the departments.
    let wrap =
        ["keys", "wrap", "--key", "master.key", "--to", "jugendamt.key.pub", "--output", "w"];
    ceremony.refused(&wrap, 4, "keygen linkage", "keygen linkage");
}

#[test]
fn recipients_are_public_keys_and_each_is_named_once() {
    let ceremony = Ceremony::new();
    let wrap = |to: &[&str]| {
        let mut arguments = vec!["keys", "wrap", "--key", "2026.key", "--output", "w", "--to"];
        arguments.extend(to);
        arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>()
    };
    fs::copy(ceremony.at("jugendamt.key.pub"), ceremony.at("again.pub")).unwrap();
    fs::create_dir(ceremony.at("other")).unwrap();
    fs::copy(ceremony.at("jobcenter.key.pub"), ceremony.at("other/jugendamt.pub")).unwrap();
    let cases: [(&[&str], i32, &str, &str); 4] = [
        (&["schema.json"], 4, "kein öffentlicher Schlüssel", "public key"),
        (&["jugendamt.key"], 4, "kein öffentlicher Schlüssel", "public key"),
        (&["jugendamt.key.pub", "again.pub"], 4, "schon genannt", "second time"),
        (&["jugendamt.key.pub", "other/jugendamt.pub"], 2, "gibt es schon", "exists already"),
    ];
    for (to, code, german, english) in cases {
        ceremony.refused(&arguments(&wrap(to)), code, german, english);
        assert!(!ceremony.at("w").exists(), "all or none");
    }
    ceremony.done(&arguments(&wrap(&["jugendamt.key.pub"])));
    let again = wrap(&["jobcenter.key.pub", "jugendamt.key.pub"]);
    ceremony.refused(&arguments(&again), 2, "nichts überschrieben", "exists already");
    assert!(!ceremony.at("w/jobcenter.age").exists(), "all or none");
}

/// No option takes a secret, and no name in the environment is read.
#[test]
fn no_key_is_an_argument_or_comes_from_the_environment() {
    let ceremony = Ceremony::new();
    let secret = fs::read_to_string(ceremony.at("master.key")).unwrap();
    let command = ["keys", "derive", "--master", secret.trim(), "--project", "p", "--epoch", "e"];
    let output = ceremony.run(&[&command[..], &["--output", "new.key"]].concat());
    assert_eq!(output.status.code(), Some(3), "taken for the name of a file");
    for kind in ["derive", "wrap", "unwrap", "check", "rotate"] {
        let help = ceremony.done(&["keys", kind, "--help"]);
        assert!(help.contains("Aufruf:") && !help.contains("env:"), "{help}");
    }
}

#[test]
fn an_old_epochs_key_file_of_the_first_version_still_works() {
    let ceremony = Ceremony::new();
    let text = "milchglas-linkage-key-1 \
                000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    fs::write(ceremony.at("old.key"), text).unwrap();
    ceremony.allow("old.key", 0o600);
    assert_eq!(ceremony.check_value("old.key").len(), 16);
    ceremony.done(&["keygen", "linkage", "--output", "own.key"]);
    assert_ne!(ceremony.check_value("own.key"), ceremony.check_value("old.key"));
    assert!(Path::new(&ceremony.at("own.key")).is_file());
}
