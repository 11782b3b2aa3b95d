//! Released cells beside the noiseless and the true ones.

use policy::{Plan, PlanKind};
use publication::{Amount, Document};

use crate::county::{County, Dataset, truth};
use crate::oracle::Exact;
use crate::run::YEAR;
use crate::summary::CellSummary;

/// The truth of a plan's cells, in its order; the demo's kinds of table.
pub(crate) fn truth(county: &County, quarter: u8, plan: &Plan) -> anyhow::Result<Vec<Exact>> {
    let year = i16::try_from(YEAR)?;
    let datasets: Vec<Dataset> =
        plan.datasets().iter().filter_map(|name| Dataset::from_code(name.as_str())).collect();
    let key = |position: usize| plan.cells[position].keys.first().map_or("", String::as_str);
    let positions = 0..plan.cells.len();
    Ok(match plan.kind {
        PlanKind::Persons { .. } => {
            let people = truth::children_in_benefits(county, quarter, year, &datasets)?;
            positions.map(|at| Exact::Count(people.get(key(at)).copied().unwrap_or(0))).collect()
        }
        PlanKind::Overlap { .. } => {
            let people = truth::overlap(county, quarter, year, &datasets)?;
            let mask = |at: usize| u8::try_from(at + 1).unwrap_or(u8::MAX);
            positions.map(|at| Exact::Count(people.get(&mask(at)).copied().unwrap_or(0))).collect()
        }
        PlanKind::Mean { .. } => {
            let means = match datasets.as_slice() {
                [Dataset::Kita] => truth::mean_hours(county, quarter, year)?,
                [Dataset::Sgb2] => truth::mean_housing(county, quarter, year)?,
                _ => anyhow::bail!("the demo knows no true mean of this table"),
            };
            let mean = |at: usize| {
                let (sum, count) = means.get(key(at)).copied().filter(|(_, count)| *count > 0)?;
                Some(sum as f64 / count as f64)
            };
            positions.map(|at| Exact::Mean(mean(at))).collect()
        }
        PlanKind::LinkQuality { .. } => positions.map(|_| Exact::Unknown).collect(),
        _ => anyhow::bail!("the demo knows no truth of this kind of table"),
    })
}

/// One line per cell: released, linked, true.
pub(crate) fn cells(
    plan: &Plan,
    document: &Document,
    linked: &[Exact],
    truth: &[Exact],
) -> Vec<CellSummary> {
    let exact = |value: &Exact| match value {
        Exact::Count(count) => Some(*count as f64),
        Exact::Mean(mean) => *mean,
        Exact::Unknown => None,
    };
    let rows = plan.cells.iter().zip(&document.cells).zip(linked.iter().zip(truth));
    rows.map(|((cell, released), (linked, truth))| {
        let datasets: Vec<&str> = cell.datasets.iter().map(policy::Name::as_str).collect();
        let part = |own: &[String], datasets: String| match (own.is_empty(), datasets.is_empty()) {
            (true, _) => datasets,
            (false, true) => own.join(" / "),
            (false, false) => format!("{} / {datasets}", own.join(" / ")),
        };
        CellSummary {
            key: part(&cell.keys, datasets.join("+")),
            label: part(&cell.labels, datasets.join(" + ")),
            value: released.numbers.map(|numbers| number(numbers.value)),
            low: released.numbers.map(|numbers| number(numbers.low)),
            high: released.numbers.map(|numbers| number(numbers.high)),
            linked: exact(linked),
            truth: exact(truth),
        }
    })
    .collect()
}

fn number(amount: Amount) -> f64 {
    match amount {
        Amount::Whole(count) => count as f64,
        Amount::Decimal(number) | Amount::Rate(number, _) => number,
    }
}
