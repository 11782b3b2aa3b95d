//! A share and how sure it is.

use statrs::distribution::{Beta, ContinuousCDF as _};

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Hits.
    pub hits: u64,
    /// Trials.
    pub of: u64,
}

impl Rate {
    /// Hits among trials; 0 without trials.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hits as f64 / self.of as f64 }
    }

    /// The interval of 95 % of Clopper and Pearson (1934).
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let (hits, misses) = (self.hits as f64, (self.of - self.hits.min(self.of)) as f64);
        let quantile =
            |a: f64, b: f64, at: f64| Beta::new(a, b).map_or(0.0, |beta| beta.inverse_cdf(at));
        let low = if self.hits == 0 { 0.0 } else { quantile(hits, misses + 1.0, 0.025) };
        let high = if misses == 0.0 { 1.0 } else { quantile(hits + 1.0, misses, 0.975) };
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // R 4.3, binom.test(x, n)$conf.int.
        for (hits, of, low, high) in [
            (0, 600, 0.0, 0.006_129_3),
            (6, 600, 0.003_680_4, 0.021_632_1),
            (10, 10, 0.691_502_9, 1.0),
        ] {
            let (found_low, found_high) = Rate { hits, of }.interval();
            assert!((found_low - low).abs() < 1e-4, "{found_low} {low}");
            assert!((found_high - high).abs() < 1e-4, "{found_high} {high}");
        }
    }
}
