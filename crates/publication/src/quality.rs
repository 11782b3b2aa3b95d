//! How good links are, estimated from what was released and from synthetic counties.
//!
//! Post-processing: it reads a released document and public counts, and costs no budget. The exact
//! report of a linkage run has no way in.

mod picture;
mod words;

use crate::{Calibration, Document, Kind, PairCount, Run};

pub use picture::quality_picture;
pub use words::QualityWords;

/// The 97.5 % point of the normal distribution.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// How good the links of a snapshot are.
#[derive(Debug)]
#[non_exhaustive]
pub struct LinkQuality {
    /// Of the persons with several records, the share all of whose records are one human being's.
    pub precision: Estimate,
    /// Of all persons counted, the share with several records.
    pub linked: Estimate,
    /// What was found of those who are in several datasets: of synthetic counties only.
    pub recall: Recall,
}

/// An estimated share with its interval, as parts of 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Standard error.
    pub(crate) error: f64,
}

/// Recall over pairs of datasets, on synthetic counties.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Recall {
    /// All counties and pairs together, as a part of 1.
    pub value: f64,
    /// The county with the least.
    pub low: f64,
    /// The county with the most.
    pub high: f64,
}

/// Why there is no estimate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoEstimate {
    /// The document counts something else.
    #[error("the document does not count persons by the strength of their links")]
    Kind,
    /// The classes of a part of the people only.
    #[error("links are judged for all persons together; ask without grouping")]
    Grouped,
    /// Nothing says how the snapshot was linked.
    #[error("the document does not name its linkage schema; ask the statistics unit anew")]
    NoSchema,
    /// Measured under other rules.
    #[error("the calibration is of another linkage schema; calibrate under the one in force")]
    OtherSchema,
    /// Noise leaves nothing to say.
    #[error("too few persons were linked for an estimate: fewer than ten half-widths")]
    TooFew,
}

/// Estimates the precision of a snapshot's links from a released table of kind `link_quality`.
///
/// With n_b the noised number of persons of band b and π_b the share of right ones among such
/// persons in synthetic counties, precision is Σ n_b·π_b / Σ n_b. Its variance has three parts:
/// noise, Σ s_b²·(π_b − p)² / n² (delta method); chance in this snapshot, p(1 − p)/n; and what
/// another county may be like: the same estimate with each synthetic county's own π_b, their
/// variance (1 + 1/g) with Student's t for g counties.
///
/// # Errors
/// [`NoEstimate`].
pub fn link_quality(
    document: &Document,
    calibration: &Calibration,
) -> Result<LinkQuality, NoEstimate> {
    let Classes { single, bands, linked, variance } = &Classes::of(document, calibration)?;
    let (linked, variance) = (*linked, *variance);
    let of = |shares: &[f64]| -> f64 {
        bands.iter().zip(shares).map(|(own, share)| own.count * share).sum::<f64>() / linked
    };
    let pooled = pooled(calibration.runs());
    let value = of(&pooled).clamp(0.0, 1.0);
    let noise: f64 = bands
        .iter()
        .zip(&pooled)
        .map(|(own, share)| (own.error * (share - value) / linked).powi(2))
        .sum();
    let chance = value * (1.0 - value) / linked;
    let each: Vec<f64> =
        calibration.runs().iter().map(|run| of(&shares(run, &pooled)).clamp(0.0, 1.0)).collect();
    let error = (noise + chance + between(&each)).sqrt();
    let whole = linked + single.count;
    let share = (linked / whole).clamp(0.0, 1.0);
    let share_error = ((single.count / whole).powi(2) * variance
        + (linked / whole).powi(2) * single.error.powi(2))
    .sqrt()
        / whole;
    Ok(LinkQuality {
        precision: Estimate::of(value, error),
        linked: Estimate::of(share, share_error),
        recall: recall(calibration),
    })
}

impl Estimate {
    fn of(value: f64, error: f64) -> Self {
        let end = |sign: f64| (value + sign * Z * error).clamp(0.0, 1.0);
        Self { value, low: end(-1.0), high: end(1.0), error }
    }
}

/// A released cell with the standard deviation of its noise.
struct Class {
    count: f64,
    error: f64,
}

/// A released table of link quality that a calibration fits.
pub(crate) struct Classes {
    single: Class,
    bands: Vec<Class>,
    /// Persons with several records.
    linked: f64,
    /// Of the noise in them.
    variance: f64,
}

impl Classes {
    pub(crate) fn of(document: &Document, calibration: &Calibration) -> Result<Self, NoEstimate> {
        let mut classes = classes(document)?.into_iter();
        let schema = document.linkage_schema.as_deref().ok_or(NoEstimate::NoSchema)?;
        if schema != calibration.linkage_schema() {
            return Err(NoEstimate::OtherSchema);
        }
        let single = classes.next().ok_or(NoEstimate::Kind)?;
        let bands: Vec<Class> = classes.collect();
        let linked: f64 = bands.iter().map(|own| own.count).sum();
        let variance: f64 = bands.iter().map(|own| own.error * own.error).sum();
        if linked < 10.0 * Z * variance.sqrt() {
            return Err(NoEstimate::TooFew);
        }
        Ok(Self { single, bands, linked, variance })
    }

    /// Share of linked persons below the topmost band, and its variance by noise and chance.
    pub(crate) fn weak(&self) -> (f64, f64) {
        let (top, error) = self.bands.last().map_or((0.0, 0.0), |own| (own.count, own.error));
        let share = (1.0 - top / self.linked).clamp(0.0, 1.0);
        let others = (self.variance - error * error).max(0.0);
        let noise = (share * error).powi(2) + (1.0 - share).powi(2) * others;
        let chance = share * (1.0 - share) / self.linked;
        (share, noise / (self.linked * self.linked) + chance)
    }
}

fn classes(document: &Document) -> Result<Vec<Class>, NoEstimate> {
    if document.kind != Kind::LinkQuality {
        return Err(NoEstimate::Kind);
    }
    if document.dimensions != ["band"] || document.cells.len() != Calibration::CLASSES {
        return Err(NoEstimate::Grouped);
    }
    let keys = ["single", "0", "1", "2", "3", "4", "5", "6", "7"];
    let cells = document.cells.iter().zip(keys);
    let class = |(cell, key): (&crate::Cell, &str)| {
        let numbers = cell.numbers.filter(|_| cell.keys == [key]).ok_or(NoEstimate::Kind)?;
        Ok(Class { count: numbers.value.position(), error: numbers.error() })
    };
    cells.map(class).collect()
}

/// Share of right persons per band, all synthetic counties together; half a right and half a wrong
/// person are added, so that few persons do not make certainty (Jeffreys' prior).
fn pooled(runs: &[Run]) -> Vec<f64> {
    let band = |at: usize| {
        let of = runs.iter().filter_map(|run| run.classes.get(at));
        let (right, persons) = of.fold((0, 0), |sum, own| (sum.0 + own.right, sum.1 + own.persons));
        (float(right) + 0.5) / (float(persons) + 1.0)
    };
    (1..Calibration::CLASSES).map(band).collect()
}

/// The same of one county, drawn to all of them by the weight of one person.
fn shares(run: &Run, pooled: &[f64]) -> Vec<f64> {
    let bands = run.classes.iter().skip(1).zip(pooled);
    bands.map(|(own, share)| (float(own.right) + share) / (float(own.persons) + 1.0)).collect()
}

fn recall(calibration: &Calibration) -> Recall {
    let of = |pairs: &[PairCount]| {
        let sum = pairs.iter().fold((0, 0), |sum, own| (sum.0 + own.found, sum.1 + own.real));
        if sum.1 == 0 { 1.0 } else { float(sum.0) / float(sum.1) }
    };
    let each: Vec<f64> = calibration.runs().iter().map(|run| of(&run.pairs)).collect();
    let all: Vec<PairCount> = calibration.runs().iter().flat_map(|run| run.pairs.clone()).collect();
    Recall {
        value: of(&all),
        low: each.iter().copied().fold(1.0, f64::min),
        high: each.iter().copied().fold(0.0, f64::max),
    }
}

/// Variance of a further draw around the mean of these, in units where [`Z`] standard deviations
/// make 95 %: s²·(1 + 1/g)·(t/z)² with Student's t of g − 1 degrees of freedom.
pub(crate) fn between(each: &[f64]) -> f64 {
    if each.len() < 2 {
        return 0.0;
    }
    let number = float(each.len() as u64);
    let mean = each.iter().sum::<f64>() / number;
    let variance = each.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / (number - 1.0);
    variance * (1.0 + 1.0 / number) * student_over_z(number - 1.0).powi(2)
}

/// By how much Student's interval of 95 % is wider than the normal one.
pub(crate) fn student_over_z(freedom: f64) -> f64 {
    student(freedom.max(1.0)) / Z
}

/// The 97.5 % point of Student's t (Abramowitz and Stegun 1964, 26.7.5); from four degrees of
/// freedom on less than 1 % off, of two 3 % too small.
fn student(freedom: f64) -> f64 {
    let z = Z;
    z + (z.powi(3) + z) / (4.0 * freedom)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * freedom.powi(2))
        + (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z)
            / (384.0 * freedom.powi(3))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a calibration are below 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn students_t_is_that_of_the_tables() {
        for (freedom, table) in [(4.0, 2.776), (8.0, 2.306), (17.0, 2.110), (100.0, 1.984)] {
            assert!((student(freedom) / table - 1.0).abs() < 0.01, "{freedom}");
        }
    }

    #[test]
    fn the_spread_of_counties_is_that_of_one_more() {
        // 1, 2, 3: variance 1, one more of four; t with two degrees is 4.303.
        let expected = 4.0 / 3.0 * (4.303_f64 / Z).powi(2);
        assert!((between(&[1.0, 2.0, 3.0]) / expected - 1.0).abs() < 0.07);
        assert!(between(&[5.0]).abs() < f64::EPSILON);
    }
}
