//! What linkage makes of people, as a linear map of the cells of an overlap.
//!
//! A cell is a set of services, numbered by its bits; position `mask − 1`. People in the services
//! `t` become, with probabilities that follow from the calibration, persons of the parts of `t`:
//!
//! - in two services a and b: one person with probability r_ab, else one in a and one in b;
//! - in more: each record of service d fails to join the others with probability e_d, by itself;
//!   those that join are one person. The e_d are fitted to the pairs, 1 − r_ab ≈ e_a + e_b.
//!
//! A linked person who is wrong holds two people's records; one of its services, each equally
//! likely, belongs to somebody else.

/// Most services of an overlap.
pub(super) const MOST_SERVICES: usize = 8;

/// How often links are missed between the services of an overlap.
pub(super) struct Misses {
    services: usize,
    /// By pair (a, b), a < b, at `a * services + b`.
    pairs: Vec<f64>,
    /// By service.
    single: Vec<f64>,
}

impl Misses {
    /// From pairs: services, probability to be missed, and weight of that.
    pub(super) fn fit(
        services: usize,
        rates: impl Iterator<Item = ((usize, usize), f64, f64)>,
    ) -> Self {
        let mut pairs = vec![0.0; services * services];
        let mut weights = vec![0.0; services * services];
        for ((a, b), missed, weight) in rates {
            for at in [a * services + b, b * services + a] {
                if let (Some(pair), Some(own)) = (pairs.get_mut(at), weights.get_mut(at)) {
                    (*pair, *own) = (missed.clamp(0.0, MOST_MISSED), weight);
                }
            }
        }
        let single = fit_single(services, &pairs, &weights);
        Self { services, pairs, single }
    }

    /// What people in the services `whole` become: probability, and the cells that gain one.
    fn outcomes(&self, whole: usize) -> Vec<(f64, Vec<usize>)> {
        let members: Vec<usize> = (0..self.services).filter(|bit| whole >> bit & 1 == 1).collect();
        let alone =
            |set: usize| members.iter().map(|bit| 1 << bit).filter(move |one| set & one != 0);
        match members.as_slice() {
            [] | [_] => vec![(1.0, vec![whole])],
            [a, b] => {
                let missed = self.pairs.get(a * self.services + b).copied().unwrap_or(0.0);
                vec![(1.0 - missed, vec![whole]), (missed, alone(whole).collect())]
            }
            _ => {
                let mut found = Vec::new();
                for apart in (0..=whole).filter(|set| set & !whole == 0) {
                    let chance = members.iter().map(|bit| {
                        let missed = self.single.get(*bit).copied().unwrap_or(0.0);
                        if apart >> bit & 1 == 1 { missed } else { 1.0 - missed }
                    });
                    let joined = whole & !apart;
                    let mut cells: Vec<usize> = alone(apart).collect();
                    cells.extend((joined != 0).then_some(joined));
                    found.push((chance.product(), cells));
                }
                found
            }
        }
    }
}

/// A chance above this would leave nothing to infer from.
const MOST_MISSED: f64 = 0.4;

/// Least squares of e_a + e_b = missed(a, b), weighted by people, with e ≥ 0: one service after the
/// other is set to its best value until nothing moves (Gauss and Seidel; the sum of squares falls
/// with every step).
fn fit_single(services: usize, pairs: &[f64], weights: &[f64]) -> Vec<f64> {
    const STEPS: usize = 200;
    let mut single = vec![0.0_f64; services];
    for _ in 0..STEPS {
        for a in 0..services {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (b, other) in single.iter().enumerate().filter(|(b, _)| *b != a) {
                let at = a * services + b;
                let own = weights.get(at).copied().unwrap_or(0.0);
                sum += own * (pairs.get(at).copied().unwrap_or(0.0) - other);
                weight += own;
            }
            if let Some(best) = single.get_mut(a) {
                *best = if weight > 0.0 { (sum / weight).clamp(0.0, MOST_MISSED) } else { 0.0 };
            }
        }
    }
    single
}

/// The map from released cells to those of people, and what chance does to it.
pub(super) struct Inverse {
    cells: usize,
    /// By true cell: its outcomes.
    outcomes: Vec<Vec<(f64, Vec<usize>)>>,
}

impl Inverse {
    pub(super) fn of(misses: &Misses) -> Self {
        let cells = (1_usize << misses.services.min(MOST_SERVICES)) - 1;
        Self { cells, outcomes: (1..=cells).map(|whole| misses.outcomes(whole)).collect() }
    }

    /// What is expected of people in these cells.
    #[cfg(test)]
    pub(super) fn forward(&self, people: &[f64]) -> Vec<f64> {
        let mut seen = vec![0.0; self.cells];
        for (number, outcomes) in people.iter().zip(&self.outcomes) {
            for (chance, cells) in outcomes {
                add(&mut seen, cells, number * chance);
            }
        }
        seen
    }

    /// The people of whom these cells are expected: from the largest sets down, each explains what
    /// falls into its own parts.
    pub(super) fn backward(&self, seen: &[f64]) -> Vec<f64> {
        let mut left = seen.to_vec();
        left.resize(self.cells, 0.0);
        let mut people = vec![0.0; self.cells];
        let mut order: Vec<usize> = (1..=self.cells).collect();
        order.sort_by_key(|whole| std::cmp::Reverse(whole.count_ones()));
        for whole in order {
            let Some(outcomes) = self.outcomes.get(whole - 1) else { continue };
            let stays: f64 =
                outcomes.iter().filter(|own| own.1.as_slice() == [whole]).map(|own| own.0).sum();
            let number = left.get(whole - 1).copied().unwrap_or(0.0) / stays.max(f64::EPSILON);
            for (chance, cells) in outcomes {
                add(&mut left, cells, -number * chance);
            }
            if let Some(own) = people.get_mut(whole - 1) {
                *own = number;
            }
        }
        people
    }

    /// Variance of [`Inverse::backward`] that comes from who of `people` is missed by chance.
    pub(super) fn variance(&self, people: &[f64]) -> Vec<f64> {
        let mut variance = vec![0.0; self.cells];
        for (number, outcomes) in people.iter().zip(&self.outcomes) {
            if *number <= 0.0 || outcomes.len() < 2 {
                continue;
            }
            // Backwards each outcome is a vector; its mean is the person itself.
            let mut square = vec![0.0; self.cells];
            let mut mean = vec![0.0; self.cells];
            for (chance, cells) in outcomes {
                let mut one = vec![0.0; self.cells];
                add(&mut one, cells, 1.0);
                for ((square, mean), own) in
                    square.iter_mut().zip(&mut mean).zip(self.backward(&one))
                {
                    *square += chance * own * own;
                    *mean += chance * own;
                }
            }
            for ((own, square), mean) in variance.iter_mut().zip(square).zip(mean) {
                *own += number * (square - mean * mean).max(0.0);
            }
        }
        variance
    }
}

/// What becomes of released cells when the share `wrong` of linked persons is taken apart.
pub(super) fn part(seen: &[f64], wrong: f64) -> Vec<f64> {
    let mut cells = seen.to_vec();
    for (whole, number) in (1_usize..).zip(seen) {
        let size = whole.count_ones();
        if size < 2 {
            continue;
        }
        let moved = number * wrong;
        add(&mut cells, &[whole], -moved);
        for one in (0..MOST_SERVICES).map(|bit| 1_usize << bit).filter(|one| whole & one != 0) {
            add(&mut cells, &[one, whole & !one], moved / f64::from(size));
        }
    }
    cells
}

fn add(to: &mut [f64], cells: &[usize], amount: f64) {
    for cell in cells {
        if let Some(own) = cell.checked_sub(1).and_then(|at| to.get_mut(at)) {
            *own += amount;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(services: usize, rate: impl Fn(usize, usize) -> f64) -> Misses {
        let all = (0..services).flat_map(|a| (a + 1..services).map(move |b| (a, b)));
        Misses::fit(services, all.map(|(a, b)| ((a, b), rate(a, b), (1 + a + b) as f64)))
    }

    fn misses(services: usize) -> Misses {
        fit(services, |a, b| 0.01 * (1 + a + b) as f64)
    }

    #[test]
    fn backward_undoes_forward() {
        for services in 2..=5 {
            let inverse = Inverse::of(&misses(services));
            let people: Vec<f64> = (1..1 << services).map(|own| f64::from(own * 7 % 50)).collect();
            let back = inverse.backward(&inverse.forward(&people));
            for (own, back) in people.iter().zip(back) {
                assert!((own - back).abs() < 1e-9, "{own} {back}");
            }
        }
    }

    #[test]
    fn two_services_are_corrected_as_on_paper() {
        // 1000 in both of whom 2 % are missed: 980 remain, 20 more stand in each.
        let inverse = Inverse::of(&fit(2, |_, _| 0.02));
        let seen = inverse.forward(&[100.0, 200.0, 1_000.0]);
        assert!(seen.iter().zip([120.0, 220.0, 980.0]).all(|(a, b)| (a - b).abs() < 1e-9));
        // Of 980 linked persons 1 % are wrong: 9.8 are two people each.
        let parted = part(&seen, 0.01);
        assert!(parted.iter().zip([129.8, 229.8, 970.2]).all(|(a, b)| (a - b).abs() < 1e-9));
        // By chance 1000 · .02 · .98 are missed more or less; backwards that is 1/.98 as many.
        let variance = inverse.variance(&[100.0, 200.0, 1_000.0]);
        assert!((variance[2] - 1_000.0 * 0.02 * 0.98 / 0.98 / 0.98).abs() < 1e-9);
    }

    #[test]
    fn services_are_fitted_to_pairs_that_agree() {
        let errors = [0.01, 0.02, 0.005, 0.03];
        let fitted = fit(4, |a, b| errors[a] + errors[b]).single;
        assert!(fitted.iter().zip(errors).all(|(a, b)| (a - b).abs() < 1e-6), "{fitted:?}");
    }

    #[test]
    fn taking_apart_keeps_every_record() {
        // Persons times services is what departments delivered; links only group it.
        let seen: Vec<f64> = (1..16).map(|own| f64::from(own * 3 % 11)).collect();
        let records = |cells: &[f64]| -> f64 {
            (1_u32..).zip(cells).map(|(set, own)| f64::from(set.count_ones()) * own).sum()
        };
        assert!((records(&seen) - records(&part(&seen, 0.1))).abs() < 1e-9);
        let inverse = Inverse::of(&misses(4));
        assert!((records(&seen) - records(&inverse.forward(&seen))).abs() < 1e-9);
        assert!((records(&seen) - records(&inverse.backward(&seen))).abs() < 1e-9);
    }
}
