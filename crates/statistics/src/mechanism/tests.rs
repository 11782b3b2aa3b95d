mod timing;

use super::*;
use crate::interval::{half_width, ratio};

/// Standard normal quantile of a one-sided false-alarm rate of 1e-6.
const Z: f64 = 4.753_424;

fn scale(l2_squared: u64, nano: u64) -> Scale {
    Scale::calibrate(l2_squared, NanoRho::new(nano).unwrap()).unwrap().0
}

fn draws(value: i64, number: usize, scale: Scale) -> Vec<i64> {
    draw(Exact::new(vec![value; number]), scale).unwrap()
}

/// The probability mass function, definition 1 of the paper, at −reach to reach.
fn mass(sigma: f64, reach: i64) -> Vec<f64> {
    let weight = |x: i64| (-((x as f64) / sigma).powi(2) / 2.0).exp();
    let total: f64 = (-60 * reach..=60 * reach).map(weight).sum();
    (-reach..=reach).map(|x| weight(x) / total).collect()
}

/// Chi-square of draws against the mass function, both tails pooled, as a standard normal
/// deviate. (Wilson and Hilferty 1931, "The distribution of chi-square".)
fn deviate(draws: &[i64], sigma: f64) -> f64 {
    let reach = (2.5 * sigma).floor() as i64;
    let mut expected = mass(sigma, reach);
    let tail = (1.0 - expected.iter().sum::<f64>()) / 2.0;
    expected.insert(0, tail);
    expected.push(tail);
    let mut seen = vec![0_u32; expected.len()];
    for draw in draws {
        let place = (*draw).clamp(-reach - 1, reach + 1) + reach + 1;
        seen[usize::try_from(place).unwrap()] += 1;
    }
    let number = draws.len() as f64;
    let chi: f64 = expected
        .iter()
        .zip(seen)
        .map(|(p, seen)| (f64::from(seen) - p * number).powi(2) / (p * number))
        .sum();
    let freedom = (expected.len() - 1) as f64;
    let spread = 2.0 / (9.0 * freedom);
    ((chi / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

#[test]
fn draws_follow_the_discrete_gaussian() {
    // rho = .05 gives sigma = 3.16..., rho = 1 gives .707...
    for (nano, number) in [(50_000_000, 20_000), (1_000_000_000, 5_000)] {
        let scale = scale(1, nano);
        let draws = draws(0, number, scale);
        let deviate_at = |factor: f64| deviate(&draws, scale.sigma() * factor);
        assert!(deviate_at(1.0) < Z, "{}", deviate_at(1.0));
        // The test can tell: other scales are noticed.
        assert!(deviate_at(1.1) > Z && deviate_at(0.9) > Z);
    }
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    let scale = scale(1, 5_000_000);
    assert!(scale.sigma() >= 10.0);
    let width = i64::try_from(half_width(scale).unwrap()).unwrap();
    let stated: f64 = mass(scale.sigma(), width).iter().sum();
    assert!((0.95..=0.965).contains(&stated), "{stated}");
    let number = 4_000;
    let covered = draws(700, number, scale).iter().filter(|x| (700 - **x).abs() <= width).count();
    let spread = (stated * (1.0 - stated) / number as f64).sqrt();
    assert!((covered as f64 / number as f64 - stated).abs() < Z * spread, "{covered}");
}

#[test]
fn half_widths_are_the_smallest_that_cover() {
    for nano in [1_000_000, 5_000_000, 50_000_000, 400_000_000, 2_000_000_000] {
        let scale = scale(1, nano);
        let width = i64::try_from(half_width(scale).unwrap()).unwrap();
        let cover = |width: i64| {
            mass(scale.sigma(), width.max(1) * 3)
                .iter()
                .skip(usize::try_from(width.max(1) * 3 - width).unwrap())
                .take(usize::try_from(2 * width + 1).unwrap())
                .sum::<f64>()
        };
        assert!(cover(width) >= 0.95, "sigma {}", scale.sigma());
        assert!(width == 0 || cover(width - 1) < 0.95, "sigma {}", scale.sigma());
    }
}

#[test]
fn half_widths_of_large_scales_continue_those_of_small_ones() {
    let mut last = 0.0;
    for l2 in [1_000_u64, 1_297, 4_000, 100_000, 500_000_000] {
        let scale = scale(l2 * l2, 50_000_000);
        let relative = half_width(scale).unwrap() as f64 / scale.sigma();
        assert!((1.9599..1.9605).contains(&relative), "{relative}");
        assert!(scale.sigma() > last);
        last = scale.sigma();
    }
}

#[test]
fn fiellers_interval_covers_the_mean() {
    // 400 persons with a centred mean of 150 of at most 401, half of rho = .05 each.
    let (sums, counts) = (scale(401 * 401, 25_000_000), scale(1, 25_000_000));
    let widths = (half_width(sums).unwrap(), half_width(counts).unwrap());
    let number = 3_000;
    let (noisy_sums, noisy_counts) = (draws(60_000, number, sums), draws(400, number, counts));
    let covered = noisy_sums
        .iter()
        .zip(&noisy_counts)
        .filter(|(sum, count)| {
            let ratio = ratio(**sum, **count, widths.0, widths.1).unwrap().unwrap();
            (ratio.low..=ratio.high).contains(&150.0)
        })
        .count();
    let spread = (0.05 * 0.95 / number as f64).sqrt();
    let share = covered as f64 / number as f64;
    assert!((0.95 - Z * spread..0.96 + Z * spread).contains(&share), "{share}");
}

/// The value is opendp's own, from its test `test_zCDP_to_approxDP_nontrivial` (release 0.16.0):
/// sigma = 4, sensitivity 1, delta = 1e-3.
#[test]
fn epsilon_is_opendps_and_not_below_it() {
    let eps =
        epsilon(NanoRho::new(31_250_000).unwrap(), Femto::new(1_000_000_000_000).unwrap()).unwrap();
    assert!((0.688_002_455_487_808_5..0.688_002_455_5).contains(&eps), "{eps}");
}

/// opendp draws from OpenSSL only with its feature `use-openssl`; without it the noise would come
/// from another generator and nothing would say so. The library is mapped only where something
/// in this test's program calls it, and nothing but opendp does.
#[cfg(target_os = "linux")]
#[test]
fn randomness_comes_from_openssl() {
    draws(0, 1, scale(1, 50_000_000));
    let mapped = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(mapped.contains("libcrypto"), "opendp lacks its feature use-openssl");
}
