//! `milchglas-department station`, and what it survives.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Office, people};

fn command(office: &Office, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_milchglas-department"));
    command.arg("station").args(arguments).current_dir(office.folder.path());
    command
}

fn run(office: &Office, arguments: &[&str]) -> Output {
    command(office, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Quick enough for a test, with the system's own clock.
fn quick(office: &Office) {
    office.configure("settle_seconds = 0\ninterval_seconds = 1");
    for folder in ["share/Eingang/Nachtrag", "share/Eingang/Löschung"] {
        std::fs::create_dir_all(office.at(folder)).unwrap();
    }
}

#[test]
fn once_processes_what_is_there_and_its_exit_code_tells() {
    let office = Office::new();
    quick(&office);
    assert_eq!(run(&office, &["--once"]).status.code(), Some(0));
    office.lay("Müller Auszug 2022-01..2025-12.csv", &people(&[("Adler", "1")]));
    let output = run(&office, &["--once", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let look: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(look["delivered"], 1);
    // The log has a number and a dataset, never the name.
    let log = text(&output.stderr);
    assert!(!log.contains("Müller") && !log.contains("Adler"), "{log}");
    let submitted = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(submitted.into_iter().any(|e| e["event"] == "submitted" && e["dataset"] == "but"));

    office.lay("x.csv", "a;b\n1;2\n");
    assert_eq!(run(&office, &["--once"]).status.code(), Some(3));
    office.linkage.state.lock().unwrap().refuse = Some(submission::ProblemCode::KeyDiffers);
    office.lay("y-2022-01..2025-12.csv", &people(&[("Adler", "2")]));
    assert_eq!(run(&office, &["--once"]).status.code(), Some(6));
    office.linkage.state.lock().unwrap().busy = u32::MAX;
    office.lay("z-2022-01..2025-12.csv", &people(&[("Adler", "3")]));
    let waiting = run(&office, &["--once"]);
    assert_eq!(waiting.status.code(), Some(7), "{}", text(&waiting.stderr));

    let status = run(&office, &["--status", "--json"]);
    let status: Value = serde_json::from_str(&text(&status.stdout)).unwrap();
    let states: Vec<&str> =
        status.as_array().unwrap().iter().map(|job| job["step"].as_str().unwrap()).collect();
    assert_eq!(states, ["prepared", "filed", "filed", "filed"]);
    assert_eq!(status[0]["code"], "unit-unreachable");
    let table = text(&run(&office, &["--status"]).stdout);
    assert!(table.contains("Müller Auszug") && table.contains("refused-by-unit"), "{table}");
}

#[test]
fn settings_that_do_not_fit_are_refused_at_the_start() {
    let office = Office::new();
    for (lines, words) in [
        ("interval_seconds = 0", "1 to 3600"),
        ("period = \"immer\"", "36 Monate"),
        ("farbe = \"rot\"", "farbe"),
    ] {
        office.configure(lines);
        let output = run(&office, &["--once"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
    let without = office.read("department.toml");
    let without = without.split("[station]").next().unwrap().to_owned();
    office.write("department.toml", &without);
    assert!(text(&run(&office, &[]).stderr).contains("add [station]"));
}

/// Whatever lies in the work folder, the outbox and the folder of filed files.
fn traces(office: &Office) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> =
        ["work", "outbox", "share/Erledigt"].map(|folder| office.at(folder)).to_vec();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("receipts") {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn killing_the_program_again_and_again_delivers_once() {
    let office = Office::new();
    quick(&office);
    let file = "but-2022-01..2025-12.csv";
    let names: Vec<(String, String)> =
        (0..400).map(|n| (format!("Person{n}"), n.to_string())).collect();
    let rows: Vec<(&str, &str)> = names.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let content = people(&rows);
    office.lay(file, &content);
    // Each round ends the moment that something new lies on the disk; then once more at any moment.
    let mut seen = traces(&office);
    let mut rounds = 0;
    for round in 0..40_u64 {
        let mut child =
            command(&office, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while traces(&office) == seen && begun.elapsed() < Duration::from_millis(1500) {}
        std::thread::sleep(Duration::from_millis(round * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        rounds += u64::from(traces(&office) != seen);
        seen = traces(&office);
        if office.at(&format!("share/Erledigt/{file}.bericht.html")).exists() {
            break;
        }
    }
    assert!(rounds >= 5, "only {rounds} deaths in the middle of the work");
    let output = run(&office, &["--once"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(office.batches(), 1);
    assert_eq!(office.read(&format!("share/Erledigt/{file}")), content);
    assert_eq!(office.files("share/Erledigt").len(), 2);
    assert_eq!(office.files("share/Eingang"), ["Löschung", "Nachtrag"]);
    assert_eq!(office.files("outbox").len(), 1);
}
