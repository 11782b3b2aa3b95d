//! Programs that leak must not compile, and each for its own reason.

#[expect(dead_code, reason = "that it compiles is the test")]
#[path = "../leaks/passes/control.rs"]
mod control;

use std::path::{Path, PathBuf};

/// What a leak is refused for: a trait that is missing, a value that was moved, a method or field
/// that is not there or not public, a result that must be used. An unknown crate or type is not
/// among them: it would refuse every program.
const REASONS: &[&str] = &[
    "E0277", // trait not implemented
    "E0308", // `clone` of something without `Clone` copies the reference
    "E0369", // operator not defined
    "E0382", // used after move
    "E0423", // constructor with a private field
    "E0451", // private field in a literal
    "E0599", // no such method
    "E0609", // no such field
    "E0614", // cannot be dereferenced
    "E0616", // private field
    "E0624", // private method
];

#[test]
fn leaks_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/leaks/*.rs");
}

#[test]
fn each_leak_is_refused_for_a_reason_of_its_own() {
    let programs = files_ending_in("rs");
    assert!(programs.len() >= 16, "only {} programs found", programs.len());
    for program in programs {
        let expected = std::fs::read_to_string(program.with_extension("stderr")).unwrap();
        let errors: Vec<&str> = expected.lines().filter(|line| line.starts_with("error")).collect();
        assert!(!errors.is_empty(), "{} names no error", program.display());
        for error in errors {
            let known = REASONS.iter().any(|code| error.starts_with(&format!("error[{code}]")))
                || error == "error: unused `Grant` that must be used";
            assert!(known, "{}: {error}", program.display());
        }
    }
}

#[test]
fn no_expectation_has_lost_its_program() {
    for expectation in files_ending_in("stderr") {
        assert!(expectation.with_extension("rs").exists(), "{}", expectation.display());
    }
}

fn files_ending_in(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/leaks");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == extension))
        .collect();
    files.sort();
    files
}
