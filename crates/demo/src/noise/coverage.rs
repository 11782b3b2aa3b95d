//! How often intervals hold the noiseless value over the links as they were.

use anyhow::ensure;
use serde::Serialize;

use super::Campaign;
use super::bed::Bed;
use super::kinds::Kind;
use super::odds::bounds;
use super::place::Place;
use super::policies::{Agreement, WIDE_SLOT, YEARS};

/// Parameters of the narrowest noise of a release.
const SIGMAS: [f64; 3] = [1.2, 3.0, 10.0];
/// From here on intervals must not be too wide either.
const WIDE: f64 = 10.0;
/// What is asked of them.
const LEAST: f64 = 0.94;
const MOST: f64 = 0.96;

/// The intervals of one kind of answer at one price.
#[derive(Serialize)]
pub(crate) struct Coverage {
    pub(crate) kind: &'static str,
    /// The narrowest noise of the release.
    pub(crate) sigma: f64,
    pub(crate) intervals: u64,
    pub(crate) withheld: u64,
    pub(crate) covered: f64,
    /// In which the true rate lies, but for the false-alarm rate.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Whether an upper limit applies: intervals on a coarse grid may be wider than they need be.
    pub(crate) two_sided: bool,
    pub(crate) passed: bool,
}

/// Counts intervals that cover, per kind and price.
pub(crate) fn coverage(campaign: &Campaign) -> anyhow::Result<Vec<Coverage>> {
    let mut found = Vec::new();
    for sigma in SIGMAS {
        found.extend(at(sigma, campaign)?);
    }
    Ok(found)
}

fn at(sigma: f64, campaign: &Campaign) -> anyhow::Result<Vec<Coverage>> {
    // Wide noise needs more persons in each small county and fewer counties, narrow noise costs more
    // of the cap and fewer releases; a small audit has few of both.
    let least = match (campaign.coverage < 5_000, sigma < WIDE / 4.0) {
        (true, _) => 3,
        (_, true) => 12,
        _ => 40,
    };
    let bed = Bed::for_draws(campaign.coverage, least, 42);
    let releases = bed.releases(campaign.coverage);
    let questions = Kind::ALL.iter().map(|kind| {
        let mut question = kind.question(sigma);
        question.rho_nano = campaign.price(question.rho_nano);
        question
    });
    let agreement = Agreement {
        areas: bed.areas(),
        asks: releases,
        slot_millis: campaign.patience * WIDE_SLOT,
        questions: questions.collect(),
    };
    let mut place = Place::start(&agreement)?;
    let persons = Kind::persons_at(sigma);
    let rows: Vec<_> = (0..bed.counties()).flat_map(|own| Kind::rows(bed, own, persons)).collect();
    place.deliver(&rows)?;
    let snapshot = place.accept()?;
    let bar = campaign.bar("coverage", (Kind::ALL.len() * releases) as u64);
    let wrong = campaign.share(2 * Kind::ALL.len() * SIGMAS.len());
    let mut found = Vec::new();
    for (kind, question) in Kind::ALL.into_iter().zip(&agreement.questions) {
        let exact = kind.exact(persons);
        let mut tally = Tally::default();
        for ask in 1..=releases {
            let indicator = format!("{}-{ask}", question.id);
            let document = place.ask(snapshot, &indicator, *YEARS.end())?.document;
            let document = campaign.as_stated(document);
            ensure!(
                document.cells.len() == exact.len() * bed.counties(),
                "{}: the release has other cells",
                question.id
            );
            for (place, _) in document.noise.iter().enumerate() {
                let own = document.law(place)?.parameter();
                tally.sigma = if tally.sigma > 0.0 { tally.sigma.min(own) } else { own };
            }
            for (cell, exact) in document.cells.iter().zip(exact.iter().cycle()) {
                tally.add(kind.holds(cell, exact, &document));
            }
            bar.inc(1);
        }
        found.push(tally.judge(kind, wrong));
    }
    bar.finish_and_clear();
    Ok(found)
}

#[derive(Default)]
struct Tally {
    sigma: f64,
    covered: u64,
    missed: u64,
    withheld: u64,
}

impl Tally {
    fn add(&mut self, held: Option<bool>) {
        match held {
            Some(true) => self.covered += 1,
            Some(false) => self.missed += 1,
            None => self.withheld += 1,
        }
    }

    fn judge(&self, kind: Kind, wrong: f64) -> Coverage {
        let intervals = self.covered + self.missed;
        let (low, high) = bounds(self.covered, intervals, wrong);
        // Half a step on the grid of scales.
        let two_sided = kind.is_tight() && self.sigma >= WIDE - 1e-3;
        Coverage {
            kind: kind.name(),
            sigma: self.sigma,
            intervals,
            withheld: self.withheld,
            covered: self.covered as f64 / intervals.max(1) as f64,
            low,
            high,
            two_sided,
            passed: intervals > 0 && high >= LEAST && (!two_sided || low <= MOST),
        }
    }
}
