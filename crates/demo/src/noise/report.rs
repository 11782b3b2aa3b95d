//! What the audit found, as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;
use submission::Clock;

use super::bound::Bound;
use super::coverage::Coverage;
use super::fit::Fit;
use super::odds::Correlation;
use super::time::Timing;
use super::{Fault, NoiseSettings};

/// The result of an audit.
#[derive(Serialize)]
pub struct Report {
    date: String,
    pub(super) false_alarm: f64,
    planted: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fit: Option<Vec<Fit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bound: Option<Vec<Bound>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) coverage: Option<Vec<Coverage>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<Timing>,
    failures: Vec<String>,
}

impl Report {
    pub(super) fn new(settings: &NoiseSettings) -> Self {
        Self {
            date: Clock::System.today().to_string(),
            false_alarm: settings.false_alarm,
            planted: settings.plant.map(|fault| match fault {
                Fault::HalfNoise => "half of the stated noise",
                Fault::TwoCells => "a person in two cells",
                Fault::SlowNoise => "answers slower with more noise",
            }),
            fit: None,
            bound: None,
            coverage: None,
            time: None,
            failures: Vec::new(),
        }
    }

    /// What did not hold, in a sentence each.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    pub(super) fn judge(&mut self) {
        let mut failures = Vec::new();
        for own in self.fit.iter().flatten().filter(|own| !own.passed) {
            failures.push(format!(
                "noise of {}: it is not the stated {} (p = {:.1e}, neighbours r = {:.4})",
                own.parameter, own.law, own.p, own.neighbours.r
            ));
        }
        for own in self.bound.iter().flatten() {
            if !own.passed {
                failures.push(format!(
                    "{}: it shows more than the stated rho = {} allows (separation {:.3} of {:.3})",
                    own.pair, own.rho, own.mu_lower, own.mu_allowed
                ));
            }
            if !own.powered {
                failures.push(format!(
                    "{}: the attack was too weak to say anything; ask for more draws",
                    own.pair
                ));
            }
        }
        for own in self.coverage.iter().flatten().filter(|own| !own.passed) {
            failures.push(format!(
                "{} at sigma {:.1}: {:.2} % of the intervals cover",
                own.kind,
                own.sigma,
                100.0 * own.covered
            ));
        }
        for own in self.time.iter().filter(|own| !own.passed) {
            failures.push(format!(
                "the time of an answer goes with its noise (r = {:.4}, ranks {:.4})",
                own.pearson.r, own.spearman.r
            ));
        }
        self.failures = failures;
    }

    /// The report as text, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let mut text = format!(
            "# Audit of the noise\n\nMade by `milchglas-demo noise` on {}. The audit plays an analyst \
             at the socket of a statistics unit, knows every invented person and reads released \
             documents only. All tests together fail by chance with a probability of at most {:e}.\n",
            self.date, self.false_alarm
        );
        if let Some(planted) = self.planted {
            let _ = write!(text, "\n**A fault was planted: {planted}.**\n");
        }
        text.push_str(&self.summary());
        self.show_fit(&mut text);
        self.show_bound(&mut text);
        self.show_coverage(&mut text);
        self.show_time(&mut text);
        text.push_str("\n## Result\n\n");
        if self.failures.is_empty() {
            text.push_str("Every test passed.\n");
        }
        for failure in &self.failures {
            let _ = writeln!(text, "- FAILED: {failure}");
        }
        text
    }

    fn show_fit(&self, text: &mut String) {
        let Some(rows) = &self.fit else { return };
        text.push_str(
            "\n## Probabilities of the noise\n\nReleased minus true value, against the exact \
             probabilities of the stated law: Pearson's chi-square over classes of at least five \
             expected. *Neighbours* is the correlation of neighbouring cells of a vector, with its \
             interval.\n\n\
             | law | parameter | draws | mean | deviation | chi-square / freedom | p | neighbours |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for own in rows {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:.4} | {:.4} | {:.1} / {} | {:.3} | {} |",
                own.law,
                own.parameter,
                own.draws,
                own.mean,
                own.deviation,
                own.chi_square,
                own.freedom,
                own.p,
                shown(own.neighbours)
            );
        }
    }

    fn show_bound(&self, text: &mut String) {
        let Some(rows) = &self.bound else { return };
        text.push_str(
            "\n## What one person shows\n\nNeighbouring inputs are released many times; an attacker \
             who knows the stated noise learns on one half of the releases and is judged on the \
             other (Clopper-Pearson). *Separation* is in standard deviations, the least that \
             explains the attacker's success beside what the stated rho gives, √(2·rho), and what \
             the corners of the discrete law add. *Epsilon* likewise at four deltas: shown / \
             allowed by rho. A draw is one small county of a release: persons and cells of its \
             own, one call of the sampler for all of a release.\n\n\
             | inputs differ in | draws | rho | difference found | separation shown | stated | allowed \
             | epsilon at 1e-6 | 1e-3 | 1e-2 | 1e-1 |\n\
             |---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for own in rows {
            let epsilons: Vec<String> = own
                .epsilons
                .iter()
                .map(|own| format!("{:.3} / {:.3}", own.lower, own.allowed))
                .collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:?} | {:.4} | {:.4} | {:.4} | {} |",
                own.pair,
                own.draws,
                own.rho,
                own.learned,
                own.mu_lower,
                own.mu_stated,
                own.mu_allowed,
                epsilons.join(" | ")
            );
        }
    }

    fn show_coverage(&self, text: &mut String) {
        let Some(rows) = &self.coverage else { return };
        text.push_str(
            "\n## Intervals\n\nHow often the 95 % interval of a cell holds the noiseless value over \
             the links. Asked: 94 % at least, and 96 % at most from sigma 10 on; intervals of \
             quantiles are hulls of whole classes and may cover more. A test fails where the \
             Clopper-Pearson interval lies outside.\n\n\
             | kind | narrowest sigma | intervals | withheld | covered | interval |\n\
             |---|---|---|---|---|---|\n",
        );
        for own in rows {
            let _ = writeln!(
                text,
                "| {} | {:.2} | {} | {} | {:.2} % | {:.2} to {:.2} % |",
                own.kind,
                own.sigma,
                own.intervals,
                own.withheld,
                100.0 * own.covered,
                100.0 * own.low,
                100.0 * own.high
            );
        }
    }

    fn show_time(&self, text: &mut String) {
        let Some(own) = &self.time else { return };
        let _ = write!(
            text,
            "\n## Time and noise\n\n{} releases of one count with sigma {:.3}, one after the other, \
             timed by the client from the first byte sent to the last one read: median {:.2} ms, \
             95 of 100 below {:.2} ms. Correlation of |noise| and time: Pearson {}, of ranks \
             (Spearman) {}.\n",
            own.releases,
            own.parameter,
            own.median_ms,
            own.slow_ms,
            shown(own.pearson),
            shown(own.spearman)
        );
    }
}

fn shown(own: Correlation) -> String {
    format!("{:.4} ({:.4} to {:.4})", own.r, own.low, own.high)
}
