//! A mixture of matches and strangers, fitted by expectation and maximisation (Dempster,
//! Laird, Rubin 1977) to the pairs that were taken best first and one to one.
//!
//! At each thousandth, of all pairs whose records both had no partner yet the share is
//! `free`. Pairs *taken* are `matches + strangers * free`; pairs *passed over*, in which
//! a record had a better partner, are `further + strangers * (1 - free)`: the second-best
//! baseline. `further` are matches all the same, of persons who are in a source twice.
//!
//! None of the three laws has a formula. Strangers may not get more frequent with
//! similarity, matches not less frequent up to where chance ends, further ones not up to
//! the median of the matches: mixtures of uniform laws (Grenander 1956), whose maximum
//! likelihood step is the pool-adjacent-violators algorithm. A beta or normal law was not
//! taken because matches have several modes (equal, a typing error, another surname,
//! moved), other ones with every schema, and only their lower end decides the threshold.

use super::{BINS, sample::Chance, tally::Tally};

const ROUNDS: usize = 6;
const STEPS: usize = 400;

/// The fitted mixture, by thousandth.
pub(super) struct Fit {
    /// Expected matches among the pairs taken.
    pub(super) matches: Vec<f64>,
    /// Expected strangers among the pairs taken.
    pub(super) strangers: Vec<f64>,
    /// Chance that a pair passed over is a match all the same: a person twice in a source.
    pub(super) again: Vec<f64>,
}

impl Fit {
    /// Chance that a pair taken at this similarity is a match.
    pub(super) fn chance(&self, bin: usize) -> f64 {
        share(self.matches[bin], self.strangers[bin])
    }
}

fn share(part: f64, rest: f64) -> f64 {
    if part + rest > 0.0 { part / (part + rest) } else { 0.0 }
}

/// What is fitted: all sources together, by thousandth.
struct Counts {
    floor: usize,
    taken: Vec<f64>,
    passed: Vec<f64>,
    /// Share of strangers' pairs that were still free to be taken.
    free: Vec<f64>,
}

impl Counts {
    fn new(tallies: &[Tally], floor: usize) -> Self {
        let none = || vec![0.0; BINS];
        let mut counts = Self { floor, taken: none(), passed: none(), free: none() };
        let mut weights = 0.0;
        for tally in tallies {
            // Strangers abound at the floor, so that is where pairs of sources weigh by them.
            let weight = tally.passed[floor..].iter().sum::<u64>() as f64 + 1.0;
            weights += weight;
            for bin in floor..BINS {
                counts.taken[bin] += tally.taken[bin] as f64;
                counts.passed[bin] += tally.passed[bin] as f64;
                counts.free[bin] += weight * tally.free[bin] / tally.all().max(1.0);
            }
        }
        for share in &mut counts.free {
            *share /= weights;
        }
        counts
    }
}

/// The three laws, as expected numbers of pairs by thousandth.
struct Laws {
    /// Matches among the pairs taken.
    matches: Vec<f64>,
    /// Matches among the pairs passed over.
    further: Vec<f64>,
    /// Strangers among all pairs.
    strangers: Vec<f64>,
}

/// Fits the pairs from `floor` thousandths on; `chance` is a first guess of the
/// strangers among all pairs.
pub(super) fn fit(tallies: &[Tally], floor: usize, chance: &Chance) -> Fit {
    let counts = Counts::new(tallies, floor);
    let (none, strangers) = (vec![0.0; BINS], chance.pairs.clone());
    let mut laws = Laws { matches: none.clone(), further: none, strangers };
    let beyond = chance.beyond.max(floor);
    laws.matches[beyond..].copy_from_slice(&counts.taken[beyond..]);
    for _ in 0..ROUNDS {
        let middle = quantile(&laws.matches, 0.5).max(beyond);
        climb(&counts, (beyond, middle), &mut laws);
    }
    let strangers = laws.strangers.iter().zip(&counts.free);
    let again =
        |bin: usize| share(laws.further[bin], laws.strangers[bin] * (1.0 - counts.free[bin]));
    Fit {
        again: (0..BINS).map(again).collect(),
        strangers: strangers.map(|(own, free)| own * free).collect(),
        matches: laws.matches,
    }
}

/// The bin below which a share of the mass lies.
fn quantile(mass: &[f64], share: f64) -> usize {
    let goal = mass.iter().sum::<f64>() * share;
    let mut below = 0.0;
    let place = mass.iter().position(|own| {
        below += own;
        below > 0.0 && below >= goal
    });
    place.unwrap_or(BINS - 1)
}

/// Expectation and maximisation until nothing moves. For one mode the likelihood has a
/// single summit; where it is flat, in a gap without pairs, the start decides.
fn climb(counts: &Counts, (rising, rising_further): (usize, usize), laws: &mut Laws) {
    let floor = counts.floor;
    // Nothing is impossible at first, but a match is likelier than what chance excludes.
    let even = counts.taken[floor..].iter().sum::<f64>() / (BINS - floor) as f64 * 1e-3;
    for bin in floor..BINS {
        laws.matches[bin] = laws.matches[bin].max(even);
        laws.further[bin] = laws.further[bin].max(even * 1e-2);
        laws.strangers[bin] = laws.strangers[bin].max(even * 1e-4);
    }
    for _ in 0..STEPS {
        let mut next =
            Laws { matches: vec![0.0; BINS], further: vec![0.0; BINS], strangers: vec![0.0; BINS] };
        for bin in floor..BINS {
            let (free, strangers) = (counts.free[bin], laws.strangers[bin]);
            let (taken, passed) = (counts.taken[bin], counts.passed[bin]);
            next.matches[bin] = taken * share(laws.matches[bin], strangers * free);
            next.further[bin] = passed * share(laws.further[bin], strangers * (1.0 - free));
            next.strangers[bin] = taken + passed - next.matches[bin] - next.further[bin];
        }
        never_falling(&mut next.matches[floor..=rising]);
        never_falling(&mut next.further[floor..=rising_further]);
        never_rising(&mut next.strangers[floor..]);
        let moves = next.matches.iter().zip(&laws.matches).map(|(new, old)| (new - old).abs());
        let moved = moves.fold(0.0, f64::max);
        *laws = next;
        if moved < 1e-6 {
            break;
        }
    }
}

fn never_rising(values: &mut [f64]) {
    values.reverse();
    never_falling(values);
    values.reverse();
}

/// The nearest sequence that never falls: pool adjacent violators (Ayer et al. 1955).
fn never_falling(values: &mut [f64]) {
    let mut blocks: Vec<(f64, usize)> = Vec::with_capacity(values.len());
    for value in values.iter() {
        let mut block = (*value, 1);
        while let Some(last) = blocks.last() {
            if last.0 * block.1 as f64 <= block.0 * last.1 as f64 {
                break;
            }
            block = (block.0 + last.0, block.1 + last.1);
            blocks.pop();
        }
        blocks.push(block);
    }
    let mut place = values.iter_mut();
    for (sum, length) in blocks {
        for value in place.by_ref().take(length) {
            *value = sum / length as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let mut values = [1.0, 3.0, 2.0, 2.0, 5.0, 4.0];
        never_falling(&mut values);
        assert_eq!(values.map(|v| (v * 6.0_f64).round() as i64), [6, 14, 14, 14, 27, 27]);
        let mut values = [1.0, 3.0];
        never_rising(&mut values);
        assert_eq!(values.map(|v| (v * 6.0_f64).round() as i64), [12, 12]);
    }
}
