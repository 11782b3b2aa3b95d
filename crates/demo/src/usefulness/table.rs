//! One table under one of its groupings.

use policy::{Indicator, Name, NanoRho, Plan, PlanKind, PolicySet, Purpose};
use serde::Serialize;
use statistics::Price;

use super::planned;
use super::widths::{Shown, cells};
use crate::reading::{Exact, Reading};
use crate::run::{FIRST_YEAR, YEAR};

/// Budgets tried, in thousandths of rho; the last is the greatest of one answer.
const TRIED: [u64; 20] =
    [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 800, 1_200, 2_000];
/// Share of the cells that have to pass.
const ENOUGH: f64 = 0.8;
/// Years that a longer mean adds up.
const YEARS: u16 = 3;

/// What was measured of one table.
#[derive(Serialize)]
pub(super) struct TableFigures {
    pub(super) indicator: String,
    pub(super) label: String,
    pub(super) group_by: Vec<String>,
    /// Whether it is the grouping that is taken where nobody names one.
    pub(super) usual: bool,
    /// The plan that releases it by itself.
    pub(super) plan: Option<String>,
    pub(super) kind: &'static str,
    /// Event years that one answer reads and charges.
    pub(super) years: usize,
    pub(super) cells: usize,
    /// Cells in which nobody is; they cannot pass.
    pub(super) empty: usize,
    pub(super) withheld: usize,
    /// What one answer costs by default.
    pub(super) rho: f64,
    /// Middle one over the cells that are shown.
    pub(super) value: Option<f64>,
    pub(super) half_width: Option<f64>,
    /// Share of the cells whose half-width is at most a quarter of the value.
    pub(super) passes: f64,
    /// The same for the sum or mean of three years; `None` where it would read years before the
    /// window.
    pub(super) three_years: Option<f64>,
    /// Least budget tried at which four fifths pass.
    pub(super) rho_needed: Option<f64>,
    pub(super) rho_needed_three_years: Option<f64>,
}

/// Every permitted grouping of every indicator.
pub(super) fn all(
    reading: &Reading<'_>,
    policies: &PolicySet,
    purpose: &Purpose,
) -> anyhow::Result<Vec<TableFigures>> {
    let mut tables = Vec::new();
    for indicator in &purpose.indicators {
        let usual = std::iter::once(&indicator.query.group_by);
        for (place, group_by) in usual.chain(&indicator.groupings).enumerate() {
            let query = indicator.grouped(Some(group_by))?;
            let plan = purpose.plan(&query, &policies.catalogue)?;
            // Nobody is linked here.
            if matches!(plan.kind, PlanKind::LinkQuality { .. }) {
                continue;
            }
            let mut own = measure(reading, (policies, purpose, indicator), group_by, &plan)?;
            own.usual = place == 0;
            tables.push(own);
        }
        eprintln!("  {}", indicator.id);
    }
    Ok(tables)
}

/// The exact answer of each year that is added up.
struct Years {
    one: Exact,
    three: Option<Exact>,
}

fn measure(
    reading: &Reading<'_>,
    (policies, purpose, indicator): (&PolicySet, &Purpose, &Indicator),
    group_by: &[Name],
    plan: &Plan,
) -> anyhow::Result<TableFigures> {
    let release = planned(policies, purpose, indicator, group_by);
    let rho = release.as_ref().map_or(indicator.rho_nano, |own| own.rho);
    let price = |rho: NanoRho| Price::of(plan, rho, purpose.budget.delta_conv_femto);
    let years = exact(reading, plan)?;
    let default = price(rho)?;
    let one = cells(plan, &years.one, &default, 1)?;
    let three = years.three.as_ref().map(|own| cells(plan, own, &default, 3)).transpose()?;
    let needed = |exact: &Exact, years: u8| -> anyhow::Result<Option<f64>> {
        for milli in TRIED {
            let rho = NanoRho::new(milli * 1_000_000)?;
            if passing(&cells(plan, exact, &price(rho)?, years)?) >= ENOUGH {
                return Ok(Some(rho.as_rho()));
            }
        }
        Ok(None)
    };
    let shown: Vec<Shown> = one.iter().flatten().copied().collect();
    let rho_needed_three_years = match &years.three {
        Some(own) => needed(own, 3)?,
        None => None,
    };
    Ok(TableFigures {
        indicator: indicator.id.to_string(),
        label: indicator.label.clone(),
        group_by: group_by.iter().map(Name::to_string).collect(),
        usual: false,
        plan: release.map(|own| own.plan.id.to_string()),
        kind: plan.kind_name(),
        years: plan.event_years(YEAR).len(),
        cells: one.len(),
        empty: shown.iter().filter(|own| own.value == 0.0).count(),
        withheld: one.iter().filter(|own| own.is_none()).count(),
        rho: default.rho().as_rho(),
        value: median(shown.iter().map(|own| own.value)),
        half_width: median(shown.iter().map(|own| own.half_width)),
        passes: passing(&one),
        three_years: three.as_deref().map(passing),
        rho_needed: needed(&years.one, 1)?,
        rho_needed_three_years,
    })
}

fn exact(reading: &Reading<'_>, plan: &Plan) -> anyhow::Result<Years> {
    let one = reading.answer(plan, YEAR)?;
    let from = YEAR + 1 - YEARS;
    if plan.event_years(from).first().is_none_or(|first| *first < FIRST_YEAR) {
        return Ok(Years { one, three: None });
    }
    let mut three = Exact { counts: one.counts.clone(), sums: one.sums.clone() };
    for year in from..YEAR {
        let other = reading.answer(plan, year)?;
        let both = three.counts.iter_mut().zip(&other.counts);
        both.chain(three.sums.iter_mut().zip(&other.sums)).for_each(|(sum, own)| *sum += own);
    }
    Ok(Years { one, three: Some(three) })
}

fn passing(cells: &[Option<Shown>]) -> f64 {
    let passed = cells.iter().flatten().filter(|own| own.passes()).count();
    passed as f64 / cells.len() as f64
}

fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}
