//! How fast people become encodings, family by family.
//!
//! `cargo bench -p benches --bench encode -- --family clkhash|milchglas [--records N] [--rounds N]
//! [--folder FOLDER]`; without a family both. clkhash is measured on one core, as its peer is
//! (`benches/peers/encode`); milchglas also on all, from CSV to file.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run should say so and stop")]

mod clkhash;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What the command line asks for.
struct Settings {
    /// Rows of a round; each family has its usual number.
    records: Option<usize>,
    /// Rounds; the fastest counts.
    rounds: usize,
    /// Where files are written.
    folder: PathBuf,
}

fn main() {
    let mut settings = Settings { records: None, rounds: 5, folder: std::env::temp_dir() };
    let mut families = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value after each option");
        match argument.as_str() {
            "--records" => settings.records = Some(value().parse().expect("a number of records")),
            "--rounds" => settings.rounds = value().parse().expect("a number of rounds"),
            "--folder" => settings.folder = PathBuf::from(value()),
            "--family" => families.push(value()),
            // Cargo adds it.
            "--bench" => {}
            other => {
                eprintln!(
                    "{other}: use --family clkhash or milchglas, --records N, --rounds N, --folder F"
                );
                std::process::exit(2);
            }
        }
    }
    let wanted = |name: &str| families.is_empty() || families.iter().any(|own| own == name);
    if wanted("clkhash") {
        clkhash::measure(&settings);
    }
    if wanted("milchglas") {
        let records = settings.records.map_or(1_000_000, |records| records as u64);
        benches::encode_milchglas::run(records, &settings.folder);
    }
}

/// Runs `round` so often and prints the rate of the fastest.
fn report(family: &str, what: &str, settings: &Settings, mut round: impl FnMut() -> u64) {
    let mut best = Duration::MAX;
    let mut sum = 0;
    for _ in 0..settings.rounds.max(1) {
        let start = Instant::now();
        sum = round();
        best = best.min(start.elapsed());
    }
    let rate = settings.records.unwrap_or(clkhash::RECORDS) as f64 / best.as_secs_f64();
    println!("{family:10} {what:24} {rate:>12.0} records/s on one core   (bits set: {sum})");
}
