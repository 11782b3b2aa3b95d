//! Records per second on one core, by family of encodings.
//!
//! `cargo bench -p benches --bench encode -- --family clkhash [--records N] [--rounds N]`. Each
//! family is a module beside this file with one function `measure`; people come from
//! `benches::table`.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run should say so and stop")]

mod clkhash;

use std::time::{Duration, Instant};

/// What the command line asks for.
struct Settings {
    /// Rows of a round.
    records: usize,
    /// Rounds; the fastest counts.
    rounds: usize,
}

fn main() {
    let mut settings = Settings { records: 100_000, rounds: 5 };
    let mut families = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--records" => settings.records = number(),
            "--rounds" => settings.rounds = number(),
            "--family" => families.push(arguments.next().expect("a family")),
            // Cargo adds it.
            "--bench" => {}
            other => {
                eprintln!("{other}: use --family clkhash, --records N, --rounds N");
                std::process::exit(2);
            }
        }
    }
    let wanted = |name: &str| families.is_empty() || families.iter().any(|own| own == name);
    if wanted("clkhash") {
        clkhash::measure(&settings);
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
    let rate = settings.records as f64 / best.as_secs_f64();
    println!("{family:10} {what:24} {rate:>12.0} records/s on one core   (bits set: {sum})");
}
