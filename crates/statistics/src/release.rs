//! The noised document, the only thing that leaves the statistics unit.

use policy::{Cell, Digest, Femto, Name, NanoRho, Plan, PlanKind, canonical_json};
use serde::Serialize;

use crate::{
    Error,
    account::{Grant, Receipt},
    aggregate::{Aggregate, Values, check_shape},
    bounds::Centre,
    charge::{Charge, Part},
    interval::{CONFIDENCE, ratio},
    mechanism::draw,
    price::{HalfWidth, Losses, Noise, Price},
};

/// The stored answer of every charge that failed or was found half drawn after a crash.
///
/// It is the same for all causes, so that a failure tells nothing about the data. The charge
/// stays.
pub const FAILED_ANSWER: &str = r#"{"error":"the answer could not be given; the charge stays","format":"milchglas/failure/v1"}"#;

/// What a release says about itself beyond plan and charge.
pub struct Context {
    /// The indicator's name.
    pub indicator: Name,
    /// What a reader sees.
    pub label: String,
    /// Digest of all policies in force when it was allowed.
    pub policy: Digest,
    /// How the two units were separated when it was made, in a sentence.
    pub separation: String,
}

/// Noised numbers with everything a reader needs to judge them: `docs/formats/release.md`.
///
/// Missing on purpose: `Deserialize`, a public constructor, setters, arithmetic. What was read
/// back from a file is a document, not a release.
#[derive(Serialize)]
pub struct Release {
    format: &'static str,
    project: Name,
    purpose: Name,
    indicator: Name,
    label: String,
    snapshot: Name,
    year: u16,
    kind: &'static str,
    dimensions: Vec<Name>,
    cells: Vec<ReleasedCell>,
    confidence: f64,
    half_width: HalfWidth,
    mechanism: &'static str,
    noise: Vec<Noise>,
    rho_nano: NanoRho,
    delta_femto: Femto,
    eps: f64,
    delta_conv_femto: Femto,
    guarantee: Guarantee,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanEntry>,
    policy_digest: Digest,
    query_digest: Digest,
    ledger: LedgerEntry,
    separation: String,
}

#[derive(Serialize)]
struct ReleasedCell {
    keys: Vec<String>,
    labels: Vec<String>,
    datasets: Vec<Name>,
    value: Option<Number>,
    low: Option<Number>,
    high: Option<Number>,
    withheld: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Persons(i64),
    Mean(f64),
}

/// Against what a release protects, and what remains.
#[derive(Serialize)]
struct Guarantee {
    kind: GuaranteeKind,
    text: String,
    losses_rho_nano: Losses,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum GuaranteeKind {
    Cluster,
}

#[derive(Serialize)]
struct LedgerEntry {
    sequence: u64,
    head: Digest,
}

/// The run of a release plan to which a release belongs.
#[derive(Serialize)]
struct PlanEntry {
    id: Name,
    digest: Digest,
    period: Name,
    position: usize,
    tables: usize,
    rho_nano: NanoRho,
}

/// One table on its way out: its exact answer, its plan, and what it says about itself.
pub struct Table<'a> {
    /// The exact answer.
    pub aggregate: Aggregate,
    /// The plan that it answers.
    pub plan: &'a Plan,
    /// What the release says beyond plan and charge.
    pub context: Context,
}

/// Draws the noise that `grant` was given for and builds the release of every table of its charge,
/// in the order of the charge.
///
/// All tables or none: nothing is drawn where one of them does not belong to its part of the
/// charge, and nothing is returned where one draw fails. A failure is final: the charge stays and
/// the stored answer is [`FAILED_ANSWER`].
///
/// # Errors
/// [`Error::Mismatch`] where tables and grant are of different questions, [`Error::Random`] where
/// no noise could be drawn.
pub fn release(grant: Grant, tables: Vec<Table<'_>>) -> Result<Vec<Release>, Error> {
    let (charge, receipt) = grant.into_parts();
    if tables.len() != charge.parts().len() {
        return Err(Error::Mismatch("the grant is for another number of tables"));
    }
    for (table, part) in tables.iter().zip(charge.parts()) {
        check(table, part, &charge)?;
    }
    let mut releases = Vec::with_capacity(tables.len());
    for (position, (table, part)) in tables.into_iter().zip(charge.parts()).enumerate() {
        let Table { aggregate, plan, context } = table;
        let numbers = noised(aggregate.values, plan, part.price())?;
        // Equal digests mean equal plans, so there are as many numbers as cells.
        let cells = plan.cells.iter().zip(numbers).map(|(cell, numbers)| fill(cell, numbers));
        let entry = plan_entry(&charge, position)?;
        releases.push(build(&charge, part, &receipt, entry, plan, context, cells.collect()));
    }
    Ok(releases)
}

fn check(table: &Table<'_>, part: &Part, charge: &Charge) -> Result<(), Error> {
    let digest = Digest::of_json(table.plan)?;
    if digest != part.price().plan() || digest != table.aggregate.plan {
        return Err(Error::Mismatch("aggregate, grant and plan are of different questions"));
    }
    if table.aggregate.snapshot != *charge.snapshot() || table.aggregate.year != charge.year() {
        return Err(Error::Mismatch("the grant is for another snapshot or year"));
    }
    check_shape(table.plan)
}

fn noised(values: Values, plan: &Plan, price: &Price) -> Result<Vec<Numbers>, Error> {
    match values {
        Values::Counts(exact) => {
            let [count] = price.noise() else {
                return Err(Error::Mismatch("the price is of another kind of answer"));
            };
            counts(&draw(exact, count.scale())?, count.half_width())
        }
        Values::Means { sums, counts } => {
            let [sum, count] = price.noise() else {
                return Err(Error::Mismatch("the price is of another kind of answer"));
            };
            let noisy = (draw(sums, sum.scale())?, draw(counts, count.scale())?);
            means(&noisy.0, &noisy.1, (sum.half_width(), count.half_width()), plan)
        }
    }
}

fn plan_entry(charge: &Charge, position: usize) -> Result<Option<PlanEntry>, Error> {
    let Some(run) = charge.run() else { return Ok(None) };
    Ok(Some(PlanEntry {
        id: run.plan.clone(),
        digest: run.digest,
        period: run.period.clone(),
        position: position.checked_add(1).ok_or(Error::Overflow)?,
        tables: charge.parts().len(),
        rho_nano: charge.rho(),
    }))
}

/// Value, low and high of a cell; `None` where it is withheld.
type Numbers = Option<[Number; 3]>;

/// Negative noisy counts stay as they are: cut at zero they would be biased.
fn counts(noisy: &[i64], half_width: u64) -> Result<Vec<Numbers>, Error> {
    let cell = |value: &i64| {
        let low = value.checked_sub_unsigned(half_width).ok_or(Error::Overflow)?;
        let high = value.checked_add_unsigned(half_width).ok_or(Error::Overflow)?;
        Ok(Some([*value, low, high].map(Number::Persons)))
    };
    noisy.iter().map(cell).collect()
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a mean is shown, nothing is decided by it; the middle is at most 1e9"
)]
fn means(
    sums: &[i64],
    counts: &[i64],
    (sum_width, count_width): (u64, u64),
    plan: &Plan,
) -> Result<Vec<Numbers>, Error> {
    let PlanKind::Mean { lower, upper, .. } = &plan.kind else {
        return Err(Error::Mismatch("the plan computes no mean"));
    };
    let middle = Centre::of(*lower, *upper)?.middle() as f64;
    let cell = |(sum, count): (&i64, &i64)| {
        let ratio = ratio(*sum, *count, sum_width, count_width)?;
        Ok(ratio.map(|ratio| {
            [ratio.value, ratio.low, ratio.high].map(|centred| Number::Mean(middle + centred))
        }))
    };
    sums.iter().zip(counts).map(cell).collect()
}

fn fill(cell: &Cell, numbers: Numbers) -> ReleasedCell {
    let withheld = numbers.is_none();
    let [value, low, high] = match numbers {
        Some(numbers) => numbers.map(Some),
        None => [None, None, None],
    };
    ReleasedCell {
        keys: cell.keys.clone(),
        labels: cell.labels.clone(),
        datasets: cell.datasets.clone(),
        value,
        low,
        high,
        withheld,
    }
}

fn build(
    charge: &Charge,
    part: &Part,
    receipt: &Receipt,
    entry: Option<PlanEntry>,
    plan: &Plan,
    context: Context,
    cells: Vec<ReleasedCell>,
) -> Release {
    let price = part.price();
    Release {
        format: Release::FORMAT,
        project: charge.project().clone(),
        purpose: charge.purpose().clone(),
        indicator: context.indicator,
        label: context.label,
        snapshot: charge.snapshot().clone(),
        year: charge.year(),
        kind: match plan.kind {
            PlanKind::Persons { .. } => "persons",
            PlanKind::Overlap { .. } => "overlap",
            PlanKind::Mean { .. } => "mean",
        },
        dimensions: plan.group_by.iter().map(|group| group.dimension.clone()).collect(),
        cells,
        confidence: CONFIDENCE,
        half_width: price.half_width(),
        mechanism: "discrete_gaussian",
        noise: price.noise().to_vec(),
        rho_nano: price.rho(),
        delta_femto: price.delta(),
        eps: price.eps(),
        delta_conv_femto: price.delta_conv(),
        guarantee: Guarantee::cluster(price),
        plan: entry,
        policy_digest: context.policy,
        query_digest: part.query_digest(),
        ledger: LedgerEntry { sequence: receipt.sequence, head: receipt.head },
        separation: context.separation,
    }
}

impl Release {
    /// Name and version of the document.
    pub const FORMAT: &'static str = "milchglas/release/v1";

    /// The document in canonical form (RFC 8785), as it is stored and sent.
    ///
    /// # Errors
    /// [`Error::Policy`], which a release does not give.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        Ok(canonical_json(self)?)
    }
}

impl Guarantee {
    fn cluster(price: &Price) -> Self {
        let text = format!(
            "One person of the snapshot, as linked, added or removed, changes the distribution \
             of these numbers by at most rho = {} (zero-concentrated differential privacy). The \
             links are taken as given: one record can move the links of others, without bound. \
             One changed record of a person loses up to 2 times as much, a person whose records \
             were linked as two persons up to 4 times, a household of s persons up to s^2 times.",
            price.rho()
        );
        Self { kind: GuaranteeKind::Cluster, text, losses_rho_nano: price.losses() }
    }
}
