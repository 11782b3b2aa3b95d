//! Whether the time of an answer tells how great its noise is.

use serde::Serialize;

use super::bed::Bed;
use super::odds::{Correlation, pearson, spearman};
use super::place::{Place, Row};
use super::policies::{Agreement, NARROW_SLOT, Question, YEARS, rho_of};
use super::{Campaign, Fault};

/// Most indicators of the agreement; about each, every year of every snapshot can be asked once.
const ASKS: usize = 200;
/// Persons counted.
const EXACT: f64 = 1.0;
/// What all questions together may cost, in 1e-9 rho; the cap is 100.
const MOST: u64 = 99_000_000_000;

/// What a client at the socket measured.
#[derive(Serialize)]
pub(crate) struct Timing {
    pub(crate) releases: u64,
    pub(crate) parameter: f64,
    /// Milliseconds: median, and where 95 of 100 are below.
    pub(crate) median_ms: f64,
    pub(crate) slow_ms: f64,
    pub(crate) pearson: Correlation,
    pub(crate) spearman: Correlation,
    pub(crate) passed: bool,
}

/// Asks many times for a count and compares the size of its noise with the time of the answer.
pub(crate) fn time(campaign: &Campaign) -> anyhow::Result<Timing> {
    let releases = campaign.releases.max(100) as usize;
    let years = YEARS.count();
    let asks = ASKS.min(releases.div_ceil(years));
    let bed = Bed::single();
    let agreement = Agreement {
        areas: bed.areas(),
        asks,
        slot_millis: campaign.patience * NARROW_SLOT,
        questions: vec![Question {
            id: "time".into(),
            compute: "{ kind = \"persons\", datasets = [\"wohngeld\"] }".into(),
            group_by: Vec::new(),
            households: false,
            laplace: false,
            rho_nano: rho_of(3.0).min(MOST / releases as u64),
        }],
    };
    let mut place = Place::start(&agreement)?;
    let every_year =
        |dataset| YEARS.map(move |year| Row { year, ..bed.row(0, dataset, dataset, 0) });
    place.deliver(&every_year(0).chain(every_year(1)).collect::<Vec<_>>())?;
    let bar = campaign.bar("time", releases as u64);
    let (mut sizes, mut times) = (Vec::new(), Vec::new());
    let parameter = 'all: loop {
        let snapshot = place.accept()?;
        for year in YEARS {
            for ask in 1..=asks {
                let answer = place.ask(snapshot, &format!("time-{ask}"), year)?;
                let value = answer.document.cells.iter().find_map(|cell| cell.value);
                let size = (value.unwrap_or(EXACT) - EXACT).abs();
                sizes.push(size);
                times.push(answer.time.as_secs_f64() * 1e3);
                bar.inc(1);
                if sizes.len() == releases {
                    break 'all answer.document.law(0)?.parameter();
                }
            }
        }
    };
    bar.finish_and_clear();
    if campaign.plant == Some(Fault::SlowNoise) {
        slow(&sizes, &mut times);
    }
    Ok(judge(&sizes, &times, parameter, campaign.share(2)))
}

fn judge(sizes: &[f64], times: &[f64], parameter: f64, wrong: f64) -> Timing {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (linear, ranked) = (pearson(sizes, times, wrong), spearman(sizes, times, wrong));
    Timing {
        releases: times.len() as u64,
        parameter,
        median_ms: sorted[sorted.len() / 2],
        slow_ms: sorted[sorted.len() * 95 / 100],
        pearson: linear,
        spearman: ranked,
        passed: linear.may_be_none() && ranked.may_be_none(),
    }
}

/// The planted fault: an answer takes longer by a twentieth of the median for each unit of noise.
fn slow(sizes: &[f64], times: &mut [f64]) {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    for (time, size) in times.iter_mut().zip(sizes) {
        *time += 0.05 * median * size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes and times that know nothing of each other: remainders of two different steps.
    fn numbers() -> (Vec<f64>, Vec<f64>) {
        let of =
            |step: u32, below: u32| (0..2_000_u32).map(move |own| f64::from(own * step % below));
        (of(7, 11).collect(), of(5, 13).map(|own| 4.0 + own / 10.0).collect())
    }

    #[test]
    fn answers_that_are_slower_with_more_noise_are_found() {
        let (sizes, mut times) = numbers();
        assert!(judge(&sizes, &times, 3.0, 1e-6).passed);
        slow(&sizes, &mut times);
        let found = judge(&sizes, &times, 3.0, 1e-6);
        assert!(!found.passed && found.pearson.low > 0.0 && found.spearman.low > 0.0);
    }
}
