//! Released cells beside the noiseless and the true ones.

use policy::{Plan, PlanKind};
use publication::{Amount, Document};

use crate::reading::Exact;
use crate::summary::CellSummary;

/// The numbers that a release of exact vectors would show, in the plan's order: shares in per cent,
/// `None` where there is nobody.
pub(crate) fn values(plan: &Plan, exact: &Exact) -> Vec<Option<f64>> {
    let whole = |numbers: &[i64]| numbers.iter().map(|own| Some(*own as f64)).collect();
    let ratio = |part: i64, all: i64| (all > 0).then(|| part as f64 / all as f64);
    match &plan.kind {
        PlanKind::Sum { .. } => whole(&exact.sums),
        PlanKind::Mean { .. } => {
            let cells = exact.sums.iter().zip(&exact.counts);
            cells.map(|(sum, count)| ratio(*sum, *count)).collect()
        }
        PlanKind::Share { .. } | PlanKind::PriorContact { .. } => {
            let cells = exact.counts.chunks(2);
            cells.map(|own| ratio(100 * own[0], own[0] + own[1])).collect()
        }
        PlanKind::Quantiles { edges, per_mille, .. } => {
            let groups = exact.counts.chunks(edges.len() - 1);
            let own = groups.flat_map(|own| per_mille.iter().map(|at| quantile(own, edges, *at)));
            own.collect()
        }
        _ => whole(&exact.counts),
    }
}

/// A quantile of counts per class, interpolated within its class.
pub(crate) fn quantile(counts: &[i64], edges: &[i64], per_mille: u16) -> Option<f64> {
    let all: i64 = counts.iter().sum();
    let wanted = all as f64 * f64::from(per_mille) / 1_000.0;
    let mut below = 0.0;
    for (count, ends) in counts.iter().zip(edges.windows(2)) {
        let next = below + *count as f64;
        if *count > 0 && next >= wanted {
            let part = (wanted - below) / *count as f64;
            return Some(ends[0] as f64 + part * (ends[1] - ends[0]) as f64);
        }
        below = next;
    }
    None
}

/// One line per cell: released, linked, true.
pub(crate) fn cells(
    plan: &Plan,
    document: &Document,
    linked: &[Option<f64>],
    truth: &[Option<f64>],
) -> Vec<CellSummary> {
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
            linked: *linked,
            truth: *truth,
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
