//! Whether released noise has the probabilities that the release states.

use anyhow::ensure;
use serde::Serialize;

use super::Campaign;
use super::bed::Bed;
use super::law::{Law, Mass};
use super::odds::{Correlation, chi_square_above, pearson};
use super::place::{Place, Row};
use super::policies::{Agreement, Question, WIDE_SLOT, YEARS, rho_of};

/// Parameters of a count's noise at which it is looked at, and whether it is discrete Laplace.
const PRICES: [(f64, bool); 7] = [
    (0.5, false),
    (1.0, false),
    (3.0, false),
    (10.0, false),
    (100.0, false),
    (1.0, true),
    (10.0, true),
];
/// Least number that is expected in a class.
const LEAST: f64 = 5.0;
/// Classes that are formed at most, about.
const CLASSES: f64 = 200.0;
/// Cells of a small county, and the persons in each.
const EXACT: [f64; 2] = [1.0, 1.0];

/// The noise of one price beside its stated law.
#[derive(Serialize)]
pub(crate) struct Fit {
    pub(crate) law: String,
    pub(crate) parameter: f64,
    pub(crate) draws: u64,
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
    pub(crate) chi_square: f64,
    pub(crate) freedom: usize,
    /// How probable so great a difference is if the statement is true.
    pub(crate) p: f64,
    /// Between neighbouring cells of one vector.
    pub(crate) neighbours: Correlation,
    pub(crate) passed: bool,
}

/// Compares the noise of releases with what they state, at several prices.
pub(crate) fn fit(campaign: &Campaign) -> anyhow::Result<Vec<Fit>> {
    let draws = (campaign.draws / 2).max(1_000);
    // A small county gives two draws, one per cell.
    // Every answer waits for its slot, so a small audit asks fewer and wider questions.
    let bed = Bed::for_draws(draws / 2, if draws < 100_000 { 2 } else { 8 }, 100);
    let releases = bed.releases(draws / 2);
    let questions =
        (0..).zip(PRICES).map(|(place, (parameter, laplace)): (usize, (f64, bool))| Question {
            id: format!("fit-{place}"),
            compute: "{ kind = \"persons\", datasets = [\"wohngeld\", \"kita\"] }".into(),
            group_by: vec!["tract", "block", "cell"],
            households: false,
            laplace,
            rho_nano: campaign.price(rho_of(parameter)),
        });
    let agreement = Agreement {
        areas: bed.areas(),
        asks: releases,
        slot_millis: campaign.patience * WIDE_SLOT,
        questions: questions.collect(),
    };
    let mut place = Place::start(&agreement)?;
    place.deliver(&rows(bed))?;
    let snapshot = place.accept()?;
    let bar = campaign.bar("chi-square", (PRICES.len() * releases) as u64);
    let mut found = Vec::new();
    for question in &agreement.questions {
        let mut noise = Vec::new();
        let mut law = None;
        for ask in 1..=releases {
            let indicator = format!("{}-{ask}", question.id);
            let document = place.ask(snapshot, &indicator, *YEARS.end())?.document;
            let document = campaign.as_stated(document);
            let stated = document.law(0)?;
            ensure!(law.replace(stated).is_none_or(|own| own == stated), "the noise changes");
            let values = document.cells.iter().zip(EXACT.iter().cycle());
            noise.extend(values.filter_map(|(cell, exact)| Some(cell.value? - exact)));
            bar.inc(1);
        }
        if let Some(law) = law {
            found.push(judge(&noise, law, campaign.share(2 * PRICES.len()))?);
        }
    }
    bar.finish_and_clear();
    Ok(found)
}

/// One person in each cell of each small county.
fn rows(bed: Bed) -> Vec<Row> {
    let of = |county| [bed.row(county, 0, 2 * county, 0), bed.row(county, 1, 2 * county + 1, 1)];
    (0..bed.counties()).flat_map(of).collect()
}

/// Pearson's chi-square over classes of about equal probability.
fn judge(noise: &[f64], law: Law, wrong: f64) -> anyhow::Result<Fit> {
    let mass = law.mass()?;
    let number = noise.len() as f64;
    let (chi_square, freedom) = chi_square(noise, &mass);
    let p = chi_square_above(chi_square, freedom);
    let mean = noise.iter().sum::<f64>() / number;
    let variance = noise.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / number;
    let neighbours = pearson(noise, noise.get(1..).unwrap_or_default(), wrong);
    Ok(Fit {
        law: match law {
            Law::Gaussian { .. } => "discrete_gaussian".into(),
            Law::Laplace { .. } => "discrete_laplace".into(),
        },
        parameter: law.parameter(),
        draws: noise.len() as u64,
        mean,
        deviation: variance.sqrt(),
        chi_square,
        freedom,
        p,
        neighbours,
        passed: p >= wrong && neighbours.may_be_none(),
    })
}

/// The sum over classes of (seen − expected)² / expected, and the degrees of freedom.
fn chi_square(noise: &[f64], mass: &Mass) -> (f64, usize) {
    let number = noise.len() as f64;
    let least = LEAST.max(number / CLASSES);
    // The last number of each class; what lies beyond the ends belongs to the outer classes.
    let (mut ends, mut expected) = (Vec::new(), Vec::new());
    let mut open = 0.0;
    for x in -mass.reach()..=mass.reach() {
        open += number * mass.at(x);
        let rest = number * mass.from(x + 1);
        if open >= least && rest >= LEAST {
            ends.push(x as f64);
            expected.push(open);
            open = 0.0;
        }
    }
    expected.push(open);
    let mut seen = vec![0_u64; expected.len()];
    for x in noise {
        seen[ends.partition_point(|end| end < x)] += 1;
    }
    let parts = expected.iter().zip(&seen).map(|(e, s)| (*s as f64 - e).powi(2) / e);
    (parts.sum(), expected.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws by inversion from a fixed sequence of equidistant numbers, so that they fit too well
    /// rather than by chance.
    fn even(mass: &Mass, number: usize) -> Vec<f64> {
        let mut x = -mass.reach();
        (0..number)
            .map(|step| {
                let below = (step as f64 + 0.5) / number as f64;
                while 1.0 - mass.from(x + 1) < below {
                    x += 1;
                }
                x as f64
            })
            .collect()
    }

    #[test]
    fn the_right_law_fits_and_one_of_another_width_does_not() {
        for sigma in [0.5, 3.0, 100.0] {
            let mass = Law::Gaussian { sigma }.mass().unwrap();
            let noise = even(&mass, 20_000);
            let (right, freedom) = chi_square(&noise, &mass);
            assert!(right < freedom as f64, "sigma {sigma}: {right} of {freedom}");
            let wide = Law::Gaussian { sigma: sigma * 1.1 }.mass().unwrap();
            let (wrong, freedom) = chi_square(&noise, &wide);
            assert!(chi_square_above(wrong, freedom) < 1e-9, "sigma {sigma}: {wrong} of {freedom}");
        }
        let laplace = Law::Laplace { scale: 3.0 / 2.0_f64.sqrt() }.mass().unwrap();
        let (wrong, freedom) =
            chi_square(&even(&laplace, 20_000), &Law::Gaussian { sigma: 3.0 }.mass().unwrap());
        assert!(chi_square_above(wrong, freedom) < 1e-9, "another shape of the same variance");
    }

    #[test]
    fn every_class_is_expected_often_enough() {
        for number in [100, 5_000, 200_000] {
            let mass = Law::Gaussian { sigma: 10.0 }.mass().unwrap();
            let (_, freedom) = chi_square(&even(&mass, number), &mass);
            assert!((5..=2 * CLASSES as usize).contains(&freedom), "{number}: {freedom}");
        }
    }
}
