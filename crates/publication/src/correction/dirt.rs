//! How often links are missed in a county whose records are as dirty as its bands say.
//!
//! Where records have errors, links are weaker: the share of linked persons below the topmost band
//! tells how dirty a county's records are, and that share was released. Over synthetic counties the
//! rate of misses is a straight line in it.

use crate::quality::{Classes, float, student_over_z};
use crate::{Calibration, PairCount};

/// How many times the usual rate of misses a county has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) value: f64,
    /// In units where 1.96 standard deviations make 95 %.
    pub(super) variance: f64,
}

/// A synthetic county between the services asked about.
struct Point {
    /// Share of linked persons below the topmost band.
    weak: f64,
    /// Misses, in multiples of what the usual rates would make.
    times: f64,
    /// Those misses.
    expected: f64,
}

impl Scale {
    /// Of a county with these released classes, between the `pairs` of services.
    ///
    /// A line through the synthetic counties, each weighted by its expected misses; counts of
    /// misses scatter as Poisson's do, times a dispersion of one at least (McCullagh and Nelder
    /// 1989, section 6.2). The variance is that of one more county at this place of the line.
    pub(super) fn of(classes: &Classes, calibration: &Calibration, pairs: &[usize]) -> Self {
        let points = points(calibration, pairs);
        let weight: f64 = points.iter().map(|own| own.expected).sum();
        if points.len() < 3 || weight <= 0.0 {
            return Self { value: 1.0, variance: 1.0 };
        }
        let mean = |of: &dyn Fn(&Point) -> f64| -> f64 {
            points.iter().map(|own| own.expected * of(own)).sum::<f64>() / weight
        };
        let (weak, times) = (mean(&|own| own.weak), mean(&|own| own.times));
        let spread = mean(&|own| (own.weak - weak).powi(2));
        let common = mean(&|own| (own.weak - weak) * (own.times - times));
        // Dirtier records are not missed less; what looks so is chance.
        let slope = if spread > LEAST_SPREAD { (common / spread).max(0.0) } else { 0.0 };
        let line = |at: f64| (times + slope * (at - weak)).max(LEAST_TIMES);
        let (at, at_variance) = classes.weak();
        let value = line(at);
        let freedom = float(points.len() as u64) - 2.0;
        let chi: f64 = points
            .iter()
            .map(|own| own.expected * (own.times - line(own.weak)).powi(2) / line(own.weak))
            .sum();
        let dispersion = (chi / freedom).max(1.0);
        let another = (dispersion - 1.0) * value * float(points.len() as u64) / weight;
        let lever = if slope > 0.0 { (at - weak).powi(2) / spread } else { 0.0 };
        let of_line = dispersion * value / weight * (1.0 + lever);
        let of_place = slope * slope * at_variance;
        let variance = (another + of_line) * student_over_z(freedom).powi(2) + of_place;
        Self { value, variance }
    }
}

/// Below it the counties are all equally dirty, and no line goes through them.
const LEAST_SPREAD: f64 = 1e-6;
/// Nobody misses nothing.
const LEAST_TIMES: f64 = 0.05;

fn points(calibration: &Calibration, pairs: &[usize]) -> Vec<Point> {
    let mut points = Vec::new();
    for run in calibration.runs() {
        let (mut missed, mut expected) = (0.0, 0.0);
        for pair in pairs {
            let PairCount { real, found } = calibration.pair_total(*pair);
            let own = run.pairs.get(*pair).copied().unwrap_or_default();
            missed += float(own.real - own.found);
            expected += float(own.real) * float(real - found) / float(real.max(1));
        }
        let linked: u64 = run.classes.iter().skip(1).map(|own| own.persons).sum();
        let top = run.classes.last().map_or(0, |own| own.persons);
        // A county without such people, as one without a job centre, says nothing.
        if expected > 0.5 && linked > 0 {
            let weak = 1.0 - float(top) / float(linked);
            points.push(Point { weak, times: missed / expected, expected });
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClassCount, Document, RecordCount, Run};

    /// A county of which so many in a thousand linked persons are below the topmost band.
    fn run(weak: u64, missed: u64) -> Run {
        let class = |persons| ClassCount { persons, right: persons, links: 0, right_links: 0 };
        let mut classes = vec![class(5_000), class(weak)];
        classes.extend([class(0); 6]);
        classes.push(class(1_000 - weak));
        Run {
            county: "06432".into(),
            residents: 60_000,
            seed: 1,
            dirty_per_mille: 350,
            records: 9_000,
            classes,
            pairs: vec![PairCount { real: 10_000, found: 10_000 - missed }],
            repeated: vec![RecordCount { persons: 10_000, records: 10_000 }; 2],
        }
    }

    fn scale(runs: Vec<Run>, weak: i64) -> Scale {
        let names = ["a", "b"].map(str::to_owned).to_vec();
        let schema = ("s".to_owned(), "0".repeat(64));
        let calibration = Calibration::new(schema, "test".into(), names, runs).unwrap();
        let keys = ["single", "0", "1", "2", "3", "4", "5", "6", "7"];
        let counts = [5_000, weak, 0, 0, 0, 0, 0, 0, 1_000 - weak];
        let cell = |(key, n): (&str, i64)| {
            serde_json::json!({"keys": [key], "labels": [key], "value": n, "low": n - 4,
                "high": n + 4, "withheld": false})
        };
        let document = serde_json::json!({
            "format": Document::FORMAT, "project": "p", "purpose": "p", "indicator": "i",
            "label": "l", "snapshot": "s", "linkage_schema": "0".repeat(64), "year": 2025,
            "kind": "link_quality", "dimensions": ["band"], "confidence": 0.95,
            "cells": keys.into_iter().zip(counts).map(cell).collect::<Vec<_>>(),
            "half_width": {"kind": "exact", "half_width": 4}, "mechanism": "m", "rho_nano": 1,
            "eps": 1.0, "delta_conv_femto": 1, "guarantee": {"kind": "cluster", "text": "t"},
            "policy_digest": "0".repeat(64), "ledger": {"sequence": 1, "head": "0".repeat(64)},
            "separation": "s"
        });
        let document = Document::read(&serde_json::to_vec(&document).unwrap()).unwrap();
        Scale::of(&Classes::of(&document, &calibration).unwrap(), &calibration, &[0])
    }

    #[test]
    fn a_cleaner_county_misses_less_by_the_line_through_the_others() {
        // 50, 100 and 150 missed at .35, .5 and .65: the usual rate at .5.
        let runs = || vec![run(350, 50), run(500, 100), run(650, 150)];
        for (weak, times) in [(500, 1.0), (350, 0.5), (650, 1.5), (800, 2.0)] {
            let own = scale(runs(), weak);
            assert!((own.value - times).abs() < 0.01, "{weak}: {own:?}");
            assert!(own.variance > 0.0);
        }
        assert!(scale(runs(), 900).variance > scale(runs(), 500).variance, "farther, less sure");
        assert!(scale(runs(), 0).value >= LEAST_TIMES, "nobody misses nothing");
    }

    #[test]
    fn equally_dirty_counties_give_their_mean_and_their_spread() {
        let alike = scale(vec![run(500, 100), run(500, 101), run(500, 99)], 700);
        assert!((alike.value - 1.0).abs() < 0.01, "{alike:?}");
        let apart = scale(vec![run(500, 40), run(500, 160), run(500, 100)], 700);
        assert!(apart.variance > 4.0 * alike.variance, "{apart:?} {alike:?}");
    }

    #[test]
    fn dirt_does_not_make_links_better() {
        let falling = scale(vec![run(350, 150), run(500, 100), run(650, 50)], 650);
        assert!((falling.value - 1.0).abs() < 0.01, "{falling:?}");
    }
}
