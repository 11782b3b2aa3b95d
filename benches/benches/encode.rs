//! How fast people become encodings, family by family.
//!
//! `cargo bench -p benches --bench encode -- --family milchglas [--records N] [--folder FOLDER]`
#![expect(clippy::expect_used, clippy::panic, reason = "what cannot run should say so and stop")]

use std::path::PathBuf;

use benches::encode_milchglas;

fn main() {
    let mut family = None;
    let mut records = 1_000_000;
    let mut folder = std::env::temp_dir();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value after each option");
        match argument.as_str() {
            "--family" => family = Some(value()),
            "--records" => records = value().parse().expect("a number of records"),
            "--folder" => folder = PathBuf::from(value()),
            // Cargo says that this is a benchmark.
            "--bench" => {}
            other => panic!("{other} is no option"),
        }
    }
    match family.as_deref() {
        Some("milchglas") => encode_milchglas::run(records, &folder),
        _ => panic!("--family milchglas"),
    }
}
