//! Which numbers changed from one year, or quarter, to the next, and which only seem to.
//!
//! Post-processing of what was released: it looks at noised numbers and at what their documents say
//! of the noise, costs no budget, and decides nothing but a word for a reader. So floats are fine
//! here; no charge, bound or threshold of a release comes from them.
//!
//! What is tested is whether the noise alone explains a difference. It says nothing of why a number
//! changed, of ordinary ups and downs from year to year, or of errors of linkage.

mod pairs;
mod scatter;
mod significance;
mod words;

use crate::{Amount, Cell, Document, Error, Kind, Names, Numbers, Tolerance};
use pairs::{Pair, Series};
pub(crate) use pairs::{check, newest, timelines};
use scatter::{Scatter, half_width};

pub use words::MEANING;

/// How changes are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangeRule {
    /// From what to what.
    pub step: Step,
    /// What is too uncertain to be compared.
    pub tolerance: Tolerance,
}

/// From what to what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// From an event year to the next one that was released; a quarter to the same one of it.
    Year,
    /// From a quarter to the next one; only for entries and stocks per quarter.
    Quarter,
}

/// When a number is from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment {
    /// The event year.
    pub year: u16,
    /// 1 to 4 where the number is of a quarter.
    pub quarter: Option<u8>,
}

/// What changed between released documents.
#[derive(Debug)]
#[non_exhaustive]
pub struct Changes {
    /// What a reader sees for the question.
    pub label: String,
    /// What the numbers are, such as `Personen` or `Personen je 100 Einwohner unter 15`.
    pub quantity: String,
    /// When numbers are from, ascending.
    pub moments: Vec<Moment>,
    /// All pairs that were compared, the strongest first.
    pub changes: Vec<Change>,
    /// Pairs of which one number is withheld, or has no rate.
    pub withheld: usize,
    /// Pairs that are too uncertain to be compared.
    pub uncertain: usize,
    /// Cells that not every document has.
    pub unmatched: usize,
    /// Whether records were compared by different linkage schemas, so that a change may come from
    /// there.
    pub linked_differently: bool,
}

/// One cell from one moment to another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// Key per dimension; of quarters without the period.
    pub keys: Vec<String>,
    /// What stands at the cell's row.
    pub row: String,
    /// Whether it is a total.
    pub is_total: bool,
    /// When the earlier number is from.
    pub from: Moment,
    /// When the later number is from.
    pub to: Moment,
    /// The earlier number.
    pub before: Numbers,
    /// The later number.
    pub after: Numbers,
    /// Later less earlier, with an interval for this cell by itself.
    pub difference: Numbers,
    /// How often the noise alone gives a difference as great as this one; at most that often.
    pub p: f64,
    /// How many standard deviations of the noise the difference is wide.
    pub strength: f64,
    /// The word for it.
    pub verdict: Verdict,
}

/// What can be said of a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The noise does not explain it: it is among those of which, on average, at most 5 % are false.
    Clear,
    /// The noise may explain it.
    Unclear,
}

/// Greatest expected share of false ones among the clear changes, in per cent.
pub const FALSE_DISCOVERIES_PERCENT: u32 = 5;
/// Most documents that are compared.
pub const MAX_MOMENTS: usize = 40;

/// Compares the cells of documents of one question, each with itself at the next moment.
///
/// Of several documents of a year the newest counts: two releases of the same year differ by their
/// noise and by what was delivered later, so they are never a pair. Numbers are those that readers
/// see in the first place: rates where all documents have them, per the same number of residents.
///
/// **Standard errors.** The difference of two independent noises has the sum of their variances.
/// Counts and sums have σ² where their document states it (quarters that were made to agree with
/// their year what that left), else what the half-width h of their cell implies, (h + 1/2)/1.96,
/// which is no less: half-widths are rounded up. Fieller's intervals of means and shares are not
/// symmetric; the longer side, over 1.96, is taken as their standard error, which is too great on
/// the other side and so finds less, never more.
///
/// **Selection.** A pair is compared if the mean of its two numbers, weighted by precision, passes
/// the tolerance with the wider of the two intervals. That mean is independent of the difference, so
/// the choice makes no difference look greater (Bourgon, Gentleman and Huber 2010, „Independent
/// filtering increases detection power for high-throughput experiments“, PNAS 107). A cell that
/// falls from many to nearly none is compared; one that was always tiny is not.
///
/// **Verdicts.** Two-sided tests with a correction for whole numbers, all pairs together by Benjamini
/// and Hochberg (1995, „Controlling the false discovery rate“, JRSS B 57, section 3) at
/// [`FALSE_DISCOVERIES_PERCENT`]. Pairs that share a year, and totals with their parts, depend on
/// each other; for such two-sided tests the rate holds too (Reiner-Benaim 2007, Biometrical Journal
/// 49), and `tests/it/change.rs` simulates it.
///
/// # Errors
/// [`Error::Changes`] for documents of different questions, fewer than two moments, keys above a
/// threshold, quantiles, link quality, and noise that is not Gaussian.
pub fn changes(
    documents: &[&Document],
    rule: &ChangeRule,
    names: &Names,
) -> Result<Changes, Error> {
    let newest = newest(documents);
    let Some(first) = check(&newest)? else { return refuse("no document") };
    let scatters: Vec<Scatter> =
        newest.iter().map(|own| Scatter::of(own, rule.step)).collect::<Result<_, _>>()?;
    let by_rate = rated(&newest);
    let series = Series::of(&newest, rule.step)?;
    let mut found = Changes {
        label: first.label.clone(),
        quantity: if by_rate { names.lead_quantity(first) } else { names.quantity(first) },
        moments: series.moments.clone(),
        changes: Vec::new(),
        withheld: 0,
        uncertain: 0,
        unmatched: series.unmatched,
        linked_differently: newest.iter().any(|own| own.linkage_schema != first.linkage_schema),
    };
    for pair in &series.pairs {
        let numbers = |cell: &Cell| if by_rate { cell.known_rate() } else { cell.numbers };
        let (Some(before), Some(after)) = (numbers(pair.before.1), numbers(pair.after.1)) else {
            found.withheld += 1;
            continue;
        };
        let measured = |(document, cell): (usize, &Cell), own: Numbers| {
            Some(Measured::of(cell, own, scatters.get(document)?))
        };
        let (Some(a), Some(b)) = (measured(pair.before, before), measured(pair.after, after))
        else {
            continue;
        };
        if rule.tolerance.admits(Some(between(&a, &b))) {
            found.changes.push(change(pair, &a, &b, first.kind, names));
        } else {
            found.uncertain += 1;
        }
    }
    judge(&mut found.changes);
    Ok(found)
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Error> {
    Err(Error::Changes(why.into()))
}

/// Whether rates of all documents are per the same number of residents.
pub(crate) fn rated(documents: &[&Document]) -> bool {
    let per =
        |own: &&Document| own.rate.as_ref().filter(|_| own.leads_with_rate()).map(|rate| rate.per);
    let first = documents.first().and_then(per);
    first.is_some() && documents.iter().all(|own| per(own) == first)
}

/// A number with what is known of its noise.
struct Measured {
    numbers: Numbers,
    variance: f64,
    /// Steps in which the value moves: 1 for persons, a person's part of a rate; 0 for others.
    step: f64,
}

impl Measured {
    fn of(cell: &Cell, numbers: Numbers, scatter: &Scatter) -> Self {
        let counted = cell.numbers.unwrap_or(numbers);
        // A rate is its count times a public number.
        let scale = match counted.high.position() - counted.low.position() {
            wide if wide > 0.0 => (numbers.high.position() - numbers.low.position()) / wide,
            _ => 1.0,
        };
        let whole = matches!(counted.value, Amount::Whole(_));
        let step = if whole { scale } else { 0.0 };
        Self { numbers, variance: scatter.variance(counted) * scale * scale, step }
    }
}

/// The mean of both, weighted by precision, with the wider interval.
fn between(a: &Measured, b: &Measured) -> Numbers {
    let both = a.variance + b.variance;
    let (first, second) = (a.numbers.value.position(), b.numbers.value.position());
    let mean = if both > 0.0 {
        (first * b.variance + second * a.variance) / both
    } else {
        f64::midpoint(first, second)
    };
    let arm = |own: &Measured| (own.numbers.high.position() - own.numbers.low.position()) / 2.0;
    let arm = arm(a).max(arm(b));
    Numbers {
        value: Amount::Decimal(mean),
        low: Amount::Decimal(mean - arm),
        high: Amount::Decimal(mean + arm),
    }
}

fn change(pair: &Pair<'_>, a: &Measured, b: &Measured, kind: Kind, names: &Names) -> Change {
    let difference = b.numbers.value.position() - a.numbers.value.position();
    let variance = a.variance + b.variance;
    // Whole noise reaches a difference as often as continuous noise reaches half a step less.
    let reach = (difference.abs() - a.step.min(b.step) / 2.0).max(0.0);
    let strength = if variance > 0.0 { reach / variance.sqrt() } else { 0.0 };
    let whole = matches!(a.numbers.value, Amount::Whole(_)) && kind.is_whole();
    let amount = |number: f64| match (a.numbers.value, b.numbers.value) {
        _ if whole => Amount::rounded(number),
        (Amount::Rate(_, first), Amount::Rate(_, second)) => {
            Amount::Rate(number, first.max(second))
        }
        _ => Amount::Decimal(number),
    };
    let arm = half_width(variance, whole);
    Change {
        keys: pair.keys.clone(),
        row: pair.row(names),
        is_total: pair.after.1.is_total,
        from: pair.from,
        to: pair.to,
        before: a.numbers,
        after: b.numbers,
        difference: Numbers {
            value: amount(difference),
            low: amount(difference - arm),
            high: amount(difference + arm),
        },
        p: significance::two_sided(strength),
        strength,
        verdict: Verdict::Unclear,
    }
}

/// Says which are clear, and puts the strongest first; equals stay in the order of the document.
fn judge(changes: &mut [Change]) {
    let p: Vec<f64> = changes.iter().map(|own| own.p).collect();
    let most = significance::greatest_rejected(&p, FALSE_DISCOVERIES_PERCENT);
    for own in changes.iter_mut() {
        if most.is_some_and(|most| own.p <= most) {
            own.verdict = Verdict::Clear;
        }
    }
    changes.sort_by(|a, b| b.strength.total_cmp(&a.strength));
}
