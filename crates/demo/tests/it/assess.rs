//! The recommended threshold against the truth of a small county.

use demo::county::Settings;
use demo::{AssessSettings, assess};

#[test]
fn the_recommended_threshold_loses_at_most_a_hundredth() {
    for seed in [2, 5] {
        let county = Settings { persons: 6_000, seed, dirty_per_mille: 350, quarters: 1 };
        for own in assess(&AssessSettings { county, json: false }).unwrap() {
            assert!(own.best_f1 > 0.95, "{}", own.best_f1);
            assert!(own.best_f1 - own.true_f1 <= 0.01, "{} against {}", own.true_f1, own.best_f1);
            let (estimated, real) = (own.matches, own.true_matches as f64);
            assert!((estimated - real).abs() <= 0.1 * real, "{estimated} of {real} matches");
        }
    }
}
