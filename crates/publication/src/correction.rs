//! Overlaps corrected for links that were missed or wrong: a model, marked as one.
//!
//! Post-processing of released numbers and public counts. A missed link makes a person in two
//! services look like one in each; what was released is, on average, a linear map of what is true.
//! Inverted it says what would have been released if nothing had been missed, provided that the
//! county's records err as those of the synthetic counties do.

mod dirt;
mod model;

use crate::quality::{Classes, Z, float};
use crate::{Calibration, Document, Estimate, Kind, Numbers, link_quality};
use dirt::Scale;
use model::{Inverse, MOST_SERVICES, Misses, part};

/// What stands beside every corrected number.
pub const MODEL: &str = "Modellrechnung, keine Messung: Die veröffentlichten Zahlen wurden um \
        übersehene und falsche Verbindungen bereinigt, so wie sie bei erfundenen Menschen \
        vorkommen. Irren sich die echten Ämter häufiger, seltener oder anders, dann stimmt auch \
        die Bereinigung nicht. Gebucht wurde dafür nichts; es gelten die veröffentlichten Zahlen.";

/// An overlap with corrected numbers.
#[derive(Debug)]
#[non_exhaustive]
pub struct Correction {
    /// In the order of the document's cells.
    pub cells: Vec<Corrected>,
}

/// A corrected cell; an estimate of people, not of persons as linked.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Corrected {
    /// Expected number of people.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Why nothing can be corrected.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoCorrection {
    /// Not an overlap of persons.
    #[error("only overlaps of services are corrected")]
    Kind,
    /// Cells that no overlap has.
    #[error("the overlap lacks cells or withholds some; ask the statistics unit for it again")]
    Cells,
    /// The other document is about other links.
    #[error("overlap and link quality are of different snapshots or years; take two of the same")]
    Snapshot,
    /// No estimate of precision.
    #[error("link quality: {0}")]
    Quality(#[from] crate::NoEstimate),
    /// Never seen together.
    #[error(
        "the calibration has fewer than {least} synthetic people in both `{one}` and `{other}`"
    )]
    Unseen {
        /// A service.
        one: String,
        /// Another one.
        other: String,
        /// How many it takes.
        least: u64,
    },
}

/// Fewest synthetic people in two services from which a rate is taken.
const LEAST_PEOPLE: u64 = 100;

/// Corrects the cells of an overlap for missed and wrong links.
///
/// `quality` is the table of kind `link_quality` of the same snapshot and year: it gives the share
/// of wrong persons, tells how dirty records are, and which linkage schema it is. Missed links are
/// those of the calibration, times what a county that dirty has more or fewer of them. Each group
/// of the overlap is corrected by itself.
///
/// The variance of a cell adds up: noise, through the inverted map; who is missed and who is wrong
/// by chance; and, by the delta method, what is not known of the precision, of each pair's rate and
/// of how often one more county misses.
///
/// # Errors
/// [`NoCorrection`].
pub fn correct(
    overlap: &Document,
    quality: &Document,
    calibration: &Calibration,
) -> Result<Correction, NoCorrection> {
    let services = services(overlap)?;
    let same = |own: fn(&Document) -> &String| own(overlap) == own(quality);
    if !same(|own| &own.snapshot) || !same(|own| &own.project) || overlap.year != quality.year {
        return Err(NoCorrection::Snapshot);
    }
    let classes = Classes::of(quality, calibration)?;
    let precision = link_quality(quality, calibration)?.precision;
    let usual = Usual::of(&services, calibration)?;
    let scale = Scale::of(&classes, calibration, &pairs(&services, calibration));
    let model = Model::of(&usual, scale, precision);
    let size = (1_usize << services.len()) - 1;
    let mut cells = Vec::with_capacity(overlap.cells.len());
    for group in overlap.cells.chunks(size) {
        let numbers = numbers(group, &services).ok_or(NoCorrection::Cells)?;
        cells.extend(model.correct(&numbers));
    }
    Ok(Correction { cells })
}

/// The services of an overlap: those of its largest cell.
fn services(overlap: &Document) -> Result<Vec<String>, NoCorrection> {
    if overlap.kind != Kind::Overlap {
        return Err(NoCorrection::Kind);
    }
    let largest = overlap.cells.iter().map(|cell| &cell.datasets).max_by_key(|own| own.len());
    let services = largest.filter(|own| (2..=MOST_SERVICES).contains(&own.len()));
    services.cloned().ok_or(NoCorrection::Cells)
}

/// The numbers of one group by combination; `None` where one is missing, doubled or withheld.
fn numbers(group: &[crate::Cell], services: &[String]) -> Option<Vec<Numbers>> {
    let mut found: Vec<Option<Numbers>> = vec![None; (1_usize << services.len()) - 1];
    for (at, cell) in group.iter().enumerate() {
        let bits = cell.datasets.iter().map(|own| services.iter().position(|name| name == own));
        let mask = bits.collect::<Option<Vec<_>>>()?.iter().fold(0, |mask, bit| mask | 1 << bit);
        // Documents number combinations as the model does.
        if mask != at + 1 {
            return None;
        }
        *found.get_mut(at)? = cell.numbers;
    }
    found.into_iter().collect()
}

/// The usual rates of misses, by pair of services.
struct Usual {
    services: usize,
    /// Pair, rate, and the variance of the rate.
    rates: Vec<((usize, usize), f64, f64)>,
}

impl Usual {
    fn of(services: &[String], calibration: &Calibration) -> Result<Self, NoCorrection> {
        let mut rates = Vec::new();
        for (a, one) in services.iter().enumerate() {
            for (b, other) in services.iter().enumerate().skip(a + 1) {
                let pair = calibration.pair(one, other);
                let total = pair.map(|pair| calibration.pair_total(pair)).unwrap_or_default();
                if total.real < LEAST_PEOPLE {
                    let (one, other) = (one.clone(), other.clone());
                    return Err(NoCorrection::Unseen { one, other, least: LEAST_PEOPLE });
                }
                // Half a missed and half a found one more: Jeffreys' prior.
                let people = float(total.real) + 1.0;
                let rate = (float(total.real - total.found) + 0.5) / people;
                rates.push(((a, b), rate, rate * (1.0 - rate) / people));
            }
        }
        Ok(Self { services: services.len(), rates })
    }

    /// Misses at so many times the usual rates; one pair's rate changed by `step`.
    fn misses(&self, times: f64, changed: Option<(usize, f64)>) -> Misses {
        let rates = self.rates.iter().enumerate().map(|(at, (pair, rate, variance))| {
            let step = changed.filter(|own| own.0 == at).map_or(0.0, |own| own.1);
            // Weighted by what is known: the inverse of the variance.
            (*pair, times * rate + step, variance.recip())
        });
        Misses::fit(self.services, rates)
    }
}

/// The inverted map, and what is not known about it.
struct Model {
    inverse: Inverse,
    /// Changed maps: the step and its variance.
    changed: Vec<(Inverse, f64, f64)>,
    wrong: f64,
    wrong_variance: f64,
}

impl Model {
    fn of(usual: &Usual, scale: Scale, precision: Estimate) -> Self {
        const STEP: f64 = 1e-4;
        let map = |times: f64, changed| Inverse::of(&usual.misses(times, changed));
        let mut changed = vec![(map(scale.value + STEP, None), STEP, scale.variance)];
        for (at, (_, _, variance)) in usual.rates.iter().enumerate() {
            let of_rate = variance * scale.value * scale.value;
            changed.push((map(scale.value, Some((at, STEP))), STEP, of_rate));
        }
        Self {
            inverse: map(scale.value, None),
            changed,
            wrong: 1.0 - precision.value,
            wrong_variance: precision.error * precision.error,
        }
    }

    fn correct(&self, numbers: &[Numbers]) -> Vec<Corrected> {
        let seen: Vec<f64> = numbers.iter().map(|own| own.value.position()).collect();
        let parted = part(&seen, self.wrong);
        let people = self.inverse.backward(&parted);
        let mut variance = self.inverse.variance(&people);
        let mut add = |vector: &[f64], times: f64| {
            for (own, part) in variance.iter_mut().zip(vector) {
                *own += times * part * part;
            }
        };
        for (at, own) in numbers.iter().enumerate() {
            let mut one = vec![0.0; seen.len()];
            if let Some(cell) = one.get_mut(at) {
                *cell = 1.0;
            }
            add(&self.inverse.backward(&part(&one, self.wrong)), own.error().powi(2));
            // A wrong person more or less, by chance.
            let moved = self.inverse.backward(&moved(&one));
            add(&moved, self.wrong * own.value.position().max(0.0));
        }
        add(&self.inverse.backward(&moved(&seen)), self.wrong_variance);
        for (inverse, step, of_step) in &self.changed {
            let other = inverse.backward(&parted);
            let slope: Vec<f64> = other.iter().zip(&people).map(|(a, b)| (a - b) / step).collect();
            add(&slope, *of_step);
        }
        let corrected = people.iter().zip(variance).map(|(value, variance)| {
            let half = Z * variance.sqrt();
            Corrected { value: *value, low: value - half, high: value + half }
        });
        corrected.collect()
    }
}

/// What taking every linked person apart would change; parting is linear in the share of wrong.
fn moved(seen: &[f64]) -> Vec<f64> {
    part(seen, 1.0).iter().zip(seen).map(|(a, b)| a - b).collect()
}
/// The positions of all pairs of services.
fn pairs(services: &[String], calibration: &Calibration) -> Vec<usize> {
    let mut pairs = Vec::new();
    for (at, one) in services.iter().enumerate() {
        pairs.extend(services.iter().skip(at + 1).filter_map(|other| calibration.pair(one, other)));
    }
    pairs
}
