//! A lower bound of what releases give away about one person, found by attacking them.
//!
//! Two inputs that differ in one person or record are released many times. Half of the releases
//! teach the attacker where the two differ and which threshold tells them apart best; the other half
//! says how well it does. (Jagielski, Ullman, Oprea 2020, "Auditing differentially private machine
//! learning: how private is private SGD?", section 3: Clopper-Pearson bounds of the two error
//! rates. Nasr et al. 2023, "Tight auditing of differentially private machine learning", section 4:
//! the same under the trade-off of the Gaussian.) The attacker knows the stated noise and nothing
//! about the code. Small counties of one release share one call of the sampler; that their noises
//! are independent is an assumption here, which [`fit`](super::fit) puts to a test of its own. The
//! halves are whole releases, so the second owes nothing to the first.

use anyhow::{Context, ensure};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::Campaign;
use super::bed::Bed;
use super::frontier;
use super::law::Law;
use super::odds::{bounds, normal_point};
use super::pairs::Pair;
use super::place::Place;
use super::policies::{Agreement, WIDE_SLOT, YEARS};
use super::reading::Document;

/// Deltas at which an epsilon is bounded.
const DELTAS: [f64; 4] = [1e-6, 1e-3, 1e-2, 1e-1];
/// Thresholds that are tried on the first half.
const THRESHOLDS: usize = 400;
/// Standard errors by which a number must differ to be taken for a difference.
const NOTICED: f64 = 5.0;
/// The part of the stated separation that an attack has to reach to say anything.
const LEAST_POWER: f64 = 0.4;

/// What an attack on one pair of inputs found.
#[derive(Serialize)]
pub(crate) struct Bound {
    pub(crate) pair: &'static str,
    pub(crate) draws: u64,
    pub(crate) parameters: Vec<f64>,
    /// What the release says that the difference costs.
    pub(crate) rho: f64,
    /// Where and by how much the attacker saw a difference.
    pub(crate) learned: Vec<f64>,
    /// The least separation in standard deviations that explains the attack's success.
    pub(crate) mu_lower: f64,
    /// √(2·rho).
    pub(crate) mu_stated: f64,
    /// The same on the corners of the discrete law.
    pub(crate) mu_allowed: f64,
    pub(crate) epsilons: Vec<Epsilon>,
    pub(crate) passed: bool,
    /// Whether the attack was good enough to mean something.
    pub(crate) powered: bool,
}

/// Epsilon at one delta.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Epsilon {
    pub(crate) delta: f64,
    /// The least that explains the attack's success.
    pub(crate) lower: f64,
    /// What the stated rho allows.
    pub(crate) allowed: f64,
}

/// The noised numbers of both inputs.
#[derive(Default)]
struct Seen {
    /// First input, second input.
    arms: [Vec<Vec<f64>>; 2],
}

/// Attacks every pair.
pub(crate) fn bound(campaign: &Campaign) -> anyhow::Result<Vec<Bound>> {
    Pair::touched_by(campaign.plant).into_iter().map(|pair| attack(pair, campaign)).collect()
}

fn attack(pair: Pair, campaign: &Campaign) -> anyhow::Result<Bound> {
    // Every answer waits for its slot, so a small audit asks fewer and wider questions.
    let least = if campaign.draws < 100_000 { 6 } else { 20 };
    let bed = Bed::for_draws(campaign.draws, least, pair.most_side());
    // Two halves of whole releases.
    let releases = bed.releases(campaign.draws).next_multiple_of(2);
    let mut question = pair.question();
    question.rho_nano = campaign.price(question.rho_nano);
    let agreement = Agreement {
        areas: bed.areas(),
        asks: releases,
        slot_millis: campaign.patience * WIDE_SLOT,
        questions: vec![question],
    };
    let mut place = Place::start(&agreement)?;
    let mut coin = ChaCha8Rng::seed_from_u64(campaign.seed);
    let second: Vec<bool> = (0..bed.counties()).map(|_| coin.random_bool(0.5)).collect();
    let rows = second.iter().enumerate();
    let rows = rows.flat_map(|(county, second)| pair.rows(bed, county, *second, campaign.plant));
    place.deliver(&rows.collect::<Vec<_>>())?;
    let snapshot = place.accept()?;
    let bar = campaign.bar(pair.name(), releases as u64);
    let mut halves = [Seen::default(), Seen::default()];
    let mut stated: Option<Document> = None;
    for ask in 1..=releases {
        let document = place.ask(snapshot, &format!("pair-{ask}"), *YEARS.end())?.document;
        let document = campaign.as_stated(document);
        for (numbers, second) in pair.read(&document, bed)?.into_iter().zip(&second) {
            halves[ask % 2].arms[usize::from(*second)].push(numbers);
        }
        stated.get_or_insert(document);
        bar.inc(1);
    }
    bar.finish_and_clear();
    judge(pair, &stated.context("nothing was released")?, &halves, campaign)
}

fn judge(
    pair: Pair,
    document: &Document,
    halves: &[Seen; 2],
    campaign: &Campaign,
) -> anyhow::Result<Bound> {
    let changes = pair.changes();
    let laws: Vec<Law> =
        changes.iter().map(|(_, vector)| document.law(*vector)).collect::<Result<_, _>>()?;
    let rho = pair.stated(document) as f64 / 1e9;
    let meant: Vec<(f64, Law)> =
        changes.iter().zip(&laws).map(|((change, _), law)| (*change, *law)).collect();
    let eps = frontier::epsilon(document.rho_nano as f64 / 1e9, document.delta_conv());
    ensure!((eps / document.eps - 1.0).abs() < 1e-3, "the release states another epsilon");
    let cost = document.rho_of_noise()? * 1e9 / document.rho_nano as f64;
    ensure!((cost - 1.0).abs() < 1e-4, "the stated rho is not that of the stated noise");

    let learned = learn(&halves[0], &laws);
    let score = |numbers: &Vec<f64>| -> f64 {
        let parts = numbers.iter().zip(&learned).zip(&laws);
        parts.map(|((x, change), law)| x * change / law.parameter().powi(2)).sum()
    };
    let scores = |seen: &Seen| -> [Vec<f64>; 2] {
        seen.arms.each_ref().map(|arm| {
            let mut own: Vec<f64> = arm.iter().map(score).collect();
            own.sort_by(f64::total_cmp);
            own
        })
    };
    let (first, second) = (scores(&halves[0]), scores(&halves[1]));
    // Per pair one bound of mu and one of epsilon per delta, each of two probabilities.
    let wrong = campaign.share(Pair::ALL.len() * (1 + DELTAS.len()) * 2);
    let separated = |at: f64, own: &[Vec<f64>; 2]| rates(at, own, wrong).separation();
    let mu_lower = separated(best(&first, |at| separated(at, &first)), &second).max(0.0);
    let epsilons: Vec<Epsilon> = DELTAS
        .iter()
        .map(|delta| {
            let lost = |at: f64, own: &[Vec<f64>; 2]| rates(at, own, wrong).epsilon(*delta);
            let lower = lost(best(&first, |at| lost(at, &first)), &second).max(0.0);
            Epsilon { delta: *delta, lower, allowed: frontier::epsilon(rho, *delta) }
        })
        .collect();
    let (mu_stated, mu_allowed) = ((2.0 * rho).sqrt(), frontier::separation(&meant)?);
    Ok(Bound {
        pair: pair.name(),
        draws: halves.iter().flat_map(|half| &half.arms).map(|arm| arm.len() as u64).sum(),
        parameters: laws.iter().map(|law| law.parameter()).collect(),
        rho,
        learned,
        mu_lower,
        mu_stated,
        mu_allowed,
        passed: mu_lower <= mu_allowed && epsilons.iter().all(|own| own.lower <= own.allowed),
        powered: mu_lower >= LEAST_POWER * mu_stated,
        epsilons,
    })
}

/// Where the two inputs differ, in whole numbers; zero where nothing is noticed.
fn learn(seen: &Seen, laws: &[Law]) -> Vec<f64> {
    let mean = |arm: &[Vec<f64>], place: usize| {
        arm.iter().map(|own| own[place]).sum::<f64>() / arm.len().max(1) as f64
    };
    let [null, other] = &seen.arms;
    let spread = (1.0 / null.len().max(1) as f64 + 1.0 / other.len().max(1) as f64).sqrt();
    let change = |(place, law): (usize, &Law)| {
        let own = mean(other, place) - mean(null, place);
        if own.abs() > NOTICED * law.parameter() * spread { own.round() } else { 0.0 }
    };
    laws.iter().enumerate().map(change).collect()
}

/// The threshold at which `worth` is greatest.
fn best(scores: &[Vec<f64>; 2], worth: impl Fn(f64) -> f64) -> f64 {
    let mut tried: Vec<f64> = Vec::new();
    for arm in scores.iter().filter(|arm| !arm.is_empty()) {
        tried.extend((0..THRESHOLDS).map(|step| arm[step * arm.len() / THRESHOLDS]));
        // The far ends, where events are rare.
        tried.extend(
            arm.iter().take(THRESHOLDS).chain(arm.iter().rev().take(THRESHOLDS)).step_by(8),
        );
    }
    tried.sort_by(f64::total_cmp);
    tried.dedup();
    let mut most = (f64::NEG_INFINITY, 0.0);
    for at in tried {
        let own = worth(at);
        if own > most.0 {
            most = (own, at);
        }
    }
    most.1
}

/// Bounds of the probabilities that the score is at least `at`, under both inputs.
struct Rates {
    null: (f64, f64),
    other: (f64, f64),
}

fn rates(at: f64, scores: &[Vec<f64>; 2], wrong: f64) -> Rates {
    let [null, other] = scores.each_ref().map(|arm| {
        let below = arm.partition_point(|own| *own < at);
        bounds((arm.len() - below) as u64, arm.len() as u64, wrong)
    });
    Rates { null, other }
}

impl Rates {
    /// A lower bound of mu.
    fn separation(&self) -> f64 {
        normal_point(self.null.1.clamp(1e-300, 1.0 - 1e-15))
            - normal_point(self.other.0.clamp(1e-300, 1.0 - 1e-15))
    }

    /// A lower bound of epsilon at `delta`, by the better of the event and its opposite.
    fn epsilon(&self, delta: f64) -> f64 {
        let lost = |much: f64, little: f64| {
            if much > delta { ((much - delta) / little.max(1e-300)).ln() } else { 0.0 }
        };
        lost(self.other.0, self.null.1).max(lost(1.0 - self.null.1, 1.0 - self.other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two inputs far apart are told apart, equal ones are not, and the bound stays below the truth.
    #[test]
    fn a_bound_is_below_the_truth_and_near_it() {
        let mut coin = ChaCha8Rng::seed_from_u64(7);
        let mut draw = |shift: f64| {
            // The sum of twelve uniform numbers is nearly normal. (Irwin 1927; Hall 1927.)
            let sum: f64 = (0..12).map(|_| coin.random_range(0.0..1.0)).sum();
            sum - 6.0 + shift
        };
        let mut sorted = |shift: f64| {
            let mut own: Vec<f64> = (0..20_000).map(|_| draw(shift)).collect();
            own.sort_by(f64::total_cmp);
            own
        };
        let apart = [sorted(0.0), sorted(1.0)];
        let at = best(&apart, |at| rates(at, &apart, 1e-6).separation());
        let mu = rates(at, &apart, 1e-6).separation();
        assert!((0.85..1.0).contains(&mu), "{mu}");
        let same = [sorted(0.0), sorted(0.0)];
        let at = best(&same, |at| rates(at, &same, 1e-6).separation());
        assert!(rates(at, &same, 1e-6).separation() < 0.0);
        assert!(rates(0.0, &same, 1e-6).epsilon(0.1) < 1e-3);
    }
}
