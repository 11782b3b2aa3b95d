//! Whether the sampler alone takes longer for greater noise. `cargo test --release -p statistics --
//! --ignored --nocapture the_time_of_a_draw`
//!
//! Nobody outside sees this time: answers leave a unit after a commit to disk. It is what
//! `milchglas-demo noise` at the socket is compared with.

use std::time::Instant;

use super::*;

const DRAWS: usize = 100_000;

/// Pearson's correlation.
fn correlation(first: &[f64], second: &[f64]) -> f64 {
    let mean = |own: &[f64]| own.iter().sum::<f64>() / own.len() as f64;
    let (a, b) = (mean(first), mean(second));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        first.iter().zip(second).map(|(x, y)| of(x - a, y - b)).sum()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
#[ignore = "measures; has nothing to add to the other tests"]
fn the_time_of_a_draw_beside_its_noise() {
    for nano in [500_000_000, 50_000_000, 5_000_000, 50_000] {
        let (scale, _) = Scale::calibrate(1, policy::NanoRho::new(nano).unwrap()).unwrap();
        let (mut sizes, mut times) = (Vec::new(), Vec::new());
        for _ in 0..DRAWS {
            let exact = Exact::new(vec![0]);
            let begun = Instant::now();
            let drawn = draw(exact, scale).unwrap();
            times.push(begun.elapsed().as_secs_f64() * 1e6);
            sizes.push(drawn[0].unsigned_abs() as f64);
        }
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        // Interruptions are no property of the sampler.
        let limit = sorted[DRAWS * 99 / 100];
        let (kept_sizes, kept_times): (Vec<f64>, Vec<f64>) =
            sizes.iter().zip(&times).filter(|own| *own.1 <= limit).unzip();
        eprintln!(
            "sigma {:.3}: median {:.1} us; |noise| and time r = {:.4}, without the slowest \
             hundredth {:.4}",
            scale.sigma(),
            sorted[DRAWS / 2],
            correlation(&sizes, &times),
            correlation(&kept_sizes, &kept_times),
        );
    }
}
