//! How the linkage engine behaves at the sizes of counties: the bars, throughput against size
//! and threshold, and what a large run takes.
//!
//! `cargo bench -p benches --bench scale`, with `-- --large` also what takes minutes, and with
//! `-- --images docs/images` the plots of `docs/performance.md`. Tables are Markdown. Rates of
//! one thread are per second of the processor, so that neighbours count less; those of two
//! are by the clock.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run should say so and stop")]

mod plot;
mod runs;

use std::path::PathBuf;

use benches::people::{self, Family};
use linkage::{Kernel, Measure};

use self::plot::{Line, plot};
use self::runs::{Run, gibibytes, limit, share_nothing, solve};

struct Asked {
    large: bool,
    images: Option<PathBuf>,
}

fn asked() -> Asked {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let images = arguments.iter().position(|own| own == "--images");
    Asked {
        large: arguments.iter().any(|own| own == "--large"),
        images: images.and_then(|place| arguments.get(place + 1)).map(PathBuf::from),
    }
}

fn main() {
    let asked = asked();
    println!("instructions: {}\n", Kernel::detect());
    bars();
    let by_size = by_size();
    let by_threshold = by_threshold();
    if let Some(folder) = &asked.images {
        let size = ("records of each of two sources", true);
        plot(&folder.join("link-size.svg"), size, &by_size).expect("a plot");
        let threshold = ("threshold", false);
        plot(&folder.join("link-threshold.svg"), threshold, &by_threshold).expect("a plot");
    }
    if asked.large {
        large();
    }
}

/// What is held against a limit of the processor, each beside it in one run.
fn bars() {
    let limit = limit();
    println!("| run | M pairs/s | of the register limit |\n|---|---|---|");
    println!("| registers alone | {limit:.0} | 1.00 |");
    let line = |name: &str, rate: f64| println!("| {name} | {rate:.0} | {:.2} |", rate / limit);
    let random = people::sources(Family::Random, 1, &[10_000, 10_000], 1);
    let unpruned = Run::new(&random, Measure::Hamming, "0.58").on(1);
    line("unpruned, one thread", unpruned.rate);
    let two_views = people::sources(Family::Random, 2, &[10_000, 10_000], 3);
    for threshold in ["0.6", "0.7", "0.8"] {
        let run = Run::new(&two_views, Measure::Hamming, threshold).on(1);
        line(&format!("two views by Hamming at {threshold}, one thread"), run.rate);
    }
    let together = Run::new(&random, Measure::Hamming, "0.58").on(2);
    let apart = share_nothing(&random, Measure::Hamming, "0.58");
    println!(
        "\ntwo threads {:.0} M pairs/s by the clock, share-nothing {apart:.0}: {:.3} of it\n",
        together.rate,
        together.rate / apart
    );
}

fn by_size() -> Vec<Line> {
    println!("| records | plain by Dice at 0.8 | two views by Hamming at 0.7 |\n|---|---|---|");
    let mut lines =
        vec![Line::new("plain filters, Dice at 0.8"), Line::new("two views, Hamming at 0.7")];
    for rows in [2_000, 5_000, 10_000, 20_000] {
        let plain = people::sources(Family::Plain, 1, &[rows, rows], 2);
        let two = people::sources(Family::Random, 2, &[rows, rows], 3);
        let rates = [
            Run::new(&plain, Measure::Dice, "0.8").on(1).rate,
            Run::new(&two, Measure::Hamming, "0.7").on(1).rate,
        ];
        println!("| {rows} | {:.0} | {:.0} |", rates[0], rates[1]);
        for (line, rate) in lines.iter_mut().zip(rates) {
            line.points.push((rows as f64, rate));
        }
    }
    println!();
    lines
}

fn by_threshold() -> Vec<Line> {
    println!("| threshold | plain by Dice | two views by Hamming |\n|---|---|---|");
    let mut lines = vec![Line::new("plain filters, Dice"), Line::new("two views, Hamming")];
    let plain = people::sources(Family::Plain, 1, &[10_000, 20_000], 2);
    let two = people::sources(Family::Random, 2, &[10_000, 10_000], 3);
    for hundredths in (60..=95).step_by(5) {
        let threshold = format!("0.{hundredths}");
        let rates = [
            // Below, one pair in ten is a candidate.
            (hundredths >= 70).then(|| Run::new(&plain, Measure::Dice, &threshold).on(1).rate),
            Some(Run::new(&two, Measure::Hamming, &threshold).on(1).rate),
        ];
        let shown = rates.map(|own| own.map_or(String::new(), |own| format!("{own:.0}")));
        println!("| {threshold} | {} | {} |", shown[0], shown[1]);
        for (line, rate) in lines.iter_mut().zip(rates) {
            line.points.extend(rate.map(|rate| (f64::from(hundredths) / 100.0, rate)));
        }
    }
    println!();
    lines
}

/// What takes minutes: whole counties on all cores, with what they need of memory.
fn large() {
    println!("| run | seconds | M pairs/s | candidate pairs | peak memory | bar of memory |");
    println!("|---|---|---|---|---|---|");
    let runs: [(&str, Family, usize, &[usize], Measure, &str); 4] = [
        ("72,000 x 72,000, two views", Family::Random, 2, &[72_000; 2], Measure::Hamming, "0.7"),
        ("300,000 x 300,000, two views", Family::Random, 2, &[300_000; 2], Measure::Hamming, "0.7"),
        ("1 M x 1 M", Family::Random, 1, &[1_000_000; 2], Measure::Hamming, "0.85"),
        ("5 x 200,000", Family::Random, 1, &[200_000; 5], Measure::Hamming, "0.85"),
    ];
    for (name, family, views, rows, measure, threshold) in runs {
        let sources = people::sources(family, views, rows, 5);
        let run = Run::new(&sources, measure, threshold).on_all();
        let packed = rows.iter().sum::<usize>() * views * 128;
        let bar = packed as f64 * 1.3 + 24.0 * run.pairs.pairs().len() as f64;
        println!(
            "| {name} | {:.1} | {:.0} | {} | {} | {} |",
            run.wall.as_secs_f64(),
            run.rate,
            run.pairs.pairs().len(),
            gibibytes(run.memory as f64),
            gibibytes(bar)
        );
        let sizes: Vec<u32> = rows.iter().map(|own| *own as u32).collect();
        let (seconds, clusters) = solve(&run.pairs, &sizes, threshold);
        println!("| its links, greedy | {seconds:.1} | | {clusters} clusters | | |");
    }
}
