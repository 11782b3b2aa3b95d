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
