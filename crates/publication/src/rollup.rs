//! Sums and means of released cells. They are computed from what was released and cost nothing.
//!
//! The intervals follow from the noise that the documents state: noises of different cells and of
//! different documents are independent, so their variances add up; cells of a table with totals are
//! not, and have the covariance that their adjustment left (`docs/formats/release.md`, „Margins“).
//! What cannot be told like this is refused with what to do instead.

mod axes;
mod choice;
mod request;
mod variance;

use serde::Serialize;

use crate::document::Form;
use crate::{Document, Error, Kind, Withholding};
use axes::{Axes, Line};
pub use request::{Over, RollupRequest, RollupText};
use variance::Noises;

/// Released cells rolled up: `milchglas/rollup/v1`, `docs/formats/rollup.md`.
#[derive(Serialize, Debug)]
#[non_exhaustive]
pub struct Rollup {
    /// Name and version of the format.
    pub format: &'static str,
    /// The project.
    pub project: String,
    /// The purpose that allowed the documents.
    pub purpose: String,
    /// The indicator.
    pub indicator: String,
    /// What a reader sees.
    pub label: String,
    /// The event years, ascending; of several years each number is the mean.
    pub years: Vec<u16>,
    /// What the keys of a cell are.
    pub dimensions: Vec<String>,
    /// The cells.
    pub cells: Vec<RolledCell>,
    /// Probability with which an interval holds the value before the noise.
    pub confidence: f64,
    /// What it was computed from.
    pub sources: Vec<RolledDocument>,
    /// What it cost: nothing.
    pub rho_nano: u64,
}

/// One cell.
#[derive(Serialize, Debug)]
#[non_exhaustive]
pub struct RolledCell {
    /// Key per dimension.
    pub keys: Vec<String>,
    /// Label per dimension.
    pub labels: Vec<String>,
    /// The value; a whole number for one year.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// How many released cells of each document it is made of.
    pub parts: usize,
    /// Whether the purpose withholds intervals as wide as this one, or the only part is withheld.
    pub withheld: bool,
}

/// A document that was used.
#[derive(Serialize, Debug)]
#[non_exhaustive]
pub struct RolledDocument {
    /// Its event year.
    pub year: u16,
    /// Its snapshot.
    pub snapshot: String,
    /// Number of the log entry of its charge.
    pub sequence: u64,
}

impl Rollup {
    /// Name and version of the format.
    pub const FORMAT: &'static str = "milchglas/rollup/v1";
    /// Most event years of a mean.
    pub const MAX_YEARS: usize = 20;
}

pub(crate) fn refuse<T>(why: impl Into<String>) -> Result<T, Error> {
    Err(Error::Rollup(why.into()))
}

/// Rolls up the newest documents that `request` names, one per event year.
///
/// # Errors
/// [`Error::Rollup`] with what to do instead: for a document or a key that is not there, for means,
/// shares and quantiles, for noise that is not Gaussian, for keys under which a person counts more
/// than once, for quarters beside their year, and for sums with a withheld part.
pub fn rollup(documents: &[Document], request: &RollupRequest) -> Result<Rollup, Error> {
    let chosen = choice::choose(documents, request)?;
    let Some((first, others)) = chosen.split_first() else { return refuse("no document") };
    check_kind(first)?;
    let axes = Axes::of(first)?;
    for other in others {
        if !axes.fit(other) || other.form != first.form || other.counted != first.counted {
            return refuse(format!(
                "the documents of {} and {} have other cells; roll up each year by itself",
                first.year, other.year
            ));
        }
        check_kind(other)?;
    }
    let lines = axes.lines(first, &request.over)?;
    let noises: Vec<Noises> =
        chosen.iter().map(|own| Noises::of(own, &axes)).collect::<Result<_, _>>()?;
    let cells = lines.iter().map(|line| cell(line, &chosen, &axes, &noises));
    Ok(Rollup {
        format: Rollup::FORMAT,
        project: first.project.clone(),
        purpose: first.purpose.clone(),
        indicator: first.indicator.clone(),
        label: first.label.clone(),
        years: chosen.iter().map(|own| own.year).collect(),
        dimensions: axes.dimensions(&request.over),
        cells: cells.collect::<Result<_, _>>()?,
        confidence: first.confidence,
        sources: chosen.iter().map(|own| source(own)).collect(),
        rho_nano: 0,
    })
}

fn source(document: &Document) -> RolledDocument {
    RolledDocument {
        year: document.year,
        snapshot: document.snapshot.clone(),
        sequence: document.ledger.sequence,
    }
}

fn check_kind(document: &Document) -> Result<(), Error> {
    let what = match document.form {
        Form::Mean => "a mean",
        Form::Share | Form::PriorContact => "a share",
        Form::Quantiles => "a quantile",
        Form::LinkQuality => "a judgement of links",
        _ => {
            let gaussian = document.mechanism == "discrete_gaussian";
            if gaussian && document.noise.iter().all(|own| own.sigma.is_some()) {
                return Ok(());
            }
            return refuse(
                "its noise is not Gaussian or not stated, so the interval of a sum is not known; \
                 ask for the coarser grouping",
            );
        }
    };
    refuse(format!("{what} cannot be added up or averaged; ask for the coarser grouping"))
}

/// Value and interval over all documents.
fn cell(
    line: &Line,
    documents: &[&Document],
    axes: &Axes,
    noises: &[Noises],
) -> Result<RolledCell, Error> {
    let empty = |parts: usize| RolledCell {
        keys: line.keys(),
        labels: line.labels(),
        value: None,
        low: None,
        high: None,
        parts,
        withheld: true,
    };
    let (mut sum, mut variance, mut parts) = (0.0, 0.0, 0);
    let mut own_width = None;
    for (document, noises) in documents.iter().zip(noises) {
        let places = axes.parts(document, line)?;
        parts = places.len();
        for place in &places {
            let Some(numbers) = document.cells.get(*place).and_then(|cell| cell.numbers) else {
                if parts == 1 {
                    return Ok(empty(parts));
                }
                return refuse(format!(
                    "a part of `{}` is withheld in the document of {}, so its sum is not known; \
                     name groups of keys without it, or ask with `margins` for the total",
                    line.name(),
                    document.year
                ));
            };
            sum += numbers.value.position();
            own_width = Some(numbers.high.position() - numbers.value.position());
        }
        variance += noises.variance(line, places.len());
    }
    let years = documents.len() as f64;
    // A cell that was released as it stands keeps the interval that it was released with.
    let half = match own_width.filter(|_| parts == 1 && documents.len() == 1) {
        Some(own) => own,
        None => variance::half_width(variance),
    };
    let (value, half) = (sum / years, half / years);
    let counts = |own: &&Document| own.kind != Kind::Sum && own.form != Form::SubjectSum;
    let counts = documents.first().is_some_and(counts);
    let rule = documents.iter().find_map(|own| own.withholding);
    if rule.is_some_and(|rule| !rule.admits(counts, value, half)) {
        return Ok(empty(parts));
    }
    Ok(RolledCell {
        value: Some(value),
        low: Some(value - half),
        high: Some(value + half),
        withheld: false,
        ..empty(parts)
    })
}

impl Withholding {
    /// Whether a number with that half-width may be told; `counts` for persons and households.
    #[must_use]
    pub(crate) fn admits(self, counts: bool, value: f64, half_width: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "limits are at most 1e6 persons")]
        let persons = self.half_width.filter(|_| counts).is_none_or(|own| half_width <= own as f64);
        let share = |own: u32| half_width * 100.0 <= value.max(0.0) * f64::from(own);
        persons && self.percent.is_none_or(share)
    }
}
