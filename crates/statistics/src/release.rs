//! The noised document, the only thing that leaves the statistics unit.

use std::collections::BTreeMap;

use policy::{
    Cell, Digest, Femto, GroupKeys, Name, NanoRho, Plan, PlanKind, PooledKeys, Withholding,
    canonical_json,
};
use serde::Serialize;

use crate::{
    Error,
    account::{Grant, Receipt},
    aggregate::{Aggregate, check_shape},
    answer::{Answer, Number, Numbers, answer},
    charge::{Charge, Part},
    consistency::Margins,
    guarantee::Guarantee,
    interval::CONFIDENCE,
    price::{HalfWidth, Noise, Price, Quantity},
    withhold::withheld,
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
    /// Which cells the purpose does not let out.
    pub withholding: Option<Withholding>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    linkage_schema: Option<Digest>,
    year: u16,
    years: Vec<u16>,
    kind: &'static str,
    unit: &'static str,
    filter: BTreeMap<Name, Vec<String>>,
    dimensions: Vec<Name>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pooled: BTreeMap<Name, ReleasedPooling>,
    cells: Vec<ReleasedCell>,
    confidence: f64,
    half_width: HalfWidth,
    #[serde(skip_serializing_if = "Option::is_none")]
    margins: Option<Margins>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    withholding: Option<Withholding>,
}

#[derive(Serialize)]
struct ReleasedCell {
    keys: Vec<String>,
    labels: Vec<String>,
    datasets: Vec<Name>,
    value: Option<Number>,
    low: Option<Number>,
    high: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    non_negative: Option<Option<i64>>,
    withheld: bool,
}

/// What the groups of a pooled dimension stand for.
#[derive(Serialize)]
struct ReleasedPooling {
    of: Name,
    groups: BTreeMap<String, Vec<String>>,
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
        let schema = aggregate.schema;
        let answer = answer(aggregate.vectors, plan, part.price())?;
        let cells = filled(plan, part.price(), answer, context.withholding);
        let entry = plan_entry(&charge, position)?;
        let about = About { plan, schema, context, entry };
        releases.push(build(&charge, part, &receipt, about, cells)?);
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

/// The cells as they leave; what a rule withholds is decided here, on noised numbers.
fn filled(
    plan: &Plan,
    price: &Price,
    answer: Answer,
    rule: Option<Withholding>,
) -> Vec<ReleasedCell> {
    let Answer { cells, non_negative } = answer;
    // A count that passed a threshold is judged by that alone; its interval has no upper end.
    let sparse = matches!(plan.kind, PlanKind::Sparse { .. });
    let counts = price.noise().iter().all(|noise| noise.quantity() == Quantity::Count);
    let cells = withheld(cells, rule.filter(|_| !sparse), counts);
    let per_cell = non_negative.into_iter().flatten().map(Some).chain(std::iter::repeat(None));
    let numbered = plan.cells.iter().zip(cells).zip(per_cell);
    let cells = numbered.map(|((cell, numbers), number)| fill(cell, numbers, number));
    // What did not pass a threshold is not there, withheld or otherwise.
    cells.filter(|cell| !sparse || !cell.withheld).collect()
}

/// `non_negative` is `None` for kinds without such a table.
fn fill(cell: &Cell, numbers: Numbers, non_negative: Option<i64>) -> ReleasedCell {
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
        non_negative: non_negative.map(|own| Some(own).filter(|_| !withheld)),
        withheld,
    }
}

/// What a release says beyond its numbers and its charge.
struct About<'a> {
    plan: &'a Plan,
    schema: Option<Digest>,
    context: Context,
    entry: Option<PlanEntry>,
}

fn build(
    charge: &Charge,
    part: &Part,
    receipt: &Receipt,
    About { plan, schema, context, entry }: About<'_>,
    cells: Vec<ReleasedCell>,
) -> Result<Release, Error> {
    let price = part.price();
    Ok(Release {
        format: Release::FORMAT,
        project: charge.project().clone(),
        purpose: charge.purpose().clone(),
        indicator: context.indicator,
        label: context.label,
        snapshot: charge.snapshot().clone(),
        linkage_schema: schema,
        year: charge.year(),
        years: plan.event_years(charge.year()),
        kind: plan.kind_name(),
        unit: plan.unit_name(),
        filter: plan.filter.iter().map(|own| (own.dimension.clone(), own.keys.clone())).collect(),
        dimensions: plan.dimensions(),
        pooled: plan.group_by.iter().filter_map(pooling).collect(),
        cells,
        confidence: CONFIDENCE,
        half_width: price.half_width(),
        margins: price.margins().cloned(),
        mechanism: price.mechanism(),
        noise: price.noise().to_vec(),
        rho_nano: price.rho(),
        delta_femto: price.delta(),
        eps: price.eps(),
        delta_conv_femto: price.delta_conv(),
        guarantee: Guarantee::of(price)?,
        plan: entry,
        policy_digest: context.policy,
        query_digest: part.query_digest(),
        ledger: LedgerEntry { sequence: receipt.sequence, head: receipt.head },
        separation: context.separation,
        withholding: context.withholding,
    })
}

fn pooling(keys: &GroupKeys) -> Option<(Name, ReleasedPooling)> {
    let PooledKeys { of, groups } = keys.pooled.as_ref()?;
    let groups = groups.iter().map(|own| (own.key.clone(), own.keys.clone())).collect();
    Some((keys.dimension.clone(), ReleasedPooling { of: of.clone(), groups }))
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
